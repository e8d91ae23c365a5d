// Every op prints as it parses, and again.
// RUN: nt-opt %s | nt-opt | FileCheck %s

// CHECK-LABEL: chip.program @net device "nt1-tiny" hash "0123456789abcdef" inputs 2
// CHECK-SAME: encoding regular full_scale 1.500000e+00 readout membrane slots 32 digits 3 {
chip.program @net device "nt1-tiny" hash "0123456789abcdef" inputs 2
    encoding regular full_scale 1.5 readout membrane slots 32 digits 3 {
  // CHECK-NEXT: chip.layer "a/b c" neurons 2
  chip.layer "a/b c" neurons 2
  chip.layer "out" neurons 1
  // CHECK: chip.core @first at [0, 1] layer 0 start_slot 1 {
  chip.core @first at [0, 1] layer 0 start_slot 1 {
    // CHECK-NEXT: chip.domain synapse 0 dac 17 volts 0.9937
    chip.domain synapse 0 dac 17 volts 0.99370078740157475
    chip.domain synapse 1 dac 90 volts 1.3960629921259842
    // CHECK: chip.array dense<{{\[\[}}3, -7], [0, 1]]> : tensor<2x2xi8>
    chip.array dense<[[3, -7], [0, 1]]> : tensor<2x2xi8>
    // CHECK-NEXT: chip.neuron_bank neurons dense<[1, 0]> : tensor<2xi32> domains dense<[0, 1]> : tensor<2xi8>
    chip.neuron_bank neurons dense<[1, 0]> : tensor<2xi32>
                     domains dense<[0, 1]> : tensor<2xi8>
  }
  chip.core @second at [1, 1] layer 1 start_slot 2 {
    chip.domain synapse 0 dac 3 volts 0.91653543307086616
    // CHECK: chip.array dense<{{\[\[}}2], [-2]]> : tensor<2x1xi8> sources dense<{{\[\[}}24], [8]]> : tensor<2x1xi32>
    chip.array dense<[[2], [-2]]> : tensor<2x1xi8>
               sources dense<[[24], [8]]> : tensor<2x1xi32>
    chip.neuron_bank neurons dense<0> : tensor<1xi32>
                     domains dense<0> : tensor<1xi8>
  }
  // CHECK: chip.input @first inputs dense<[0, 1]> : tensor<2xi32> axons dense<[1, 0]> : tensor<2xi32>
  chip.input @first inputs dense<[0, 1]> : tensor<2xi32>
                    axons dense<[1, 0]> : tensor<2xi32>
  // CHECK-NEXT: chip.route @first -> @second neurons dense<[0, 1]> : tensor<2xi32> axons dense<[0, 1]> : tensor<2xi32>
  chip.route @first -> @second neurons dense<[0, 1]> : tensor<2xi32>
                               axons dense<[0, 1]> : tensor<2xi32>
  // CHECK-NEXT: chip.readout @second neurons [0] outputs [0]
  chip.readout @second neurons [0] outputs [0]
}

// CHECK: chip.task @target of @net classes [4] {
chip.task @target of @net classes [4] {
  // CHECK-NEXT: chip.modulation @first dac [9, 70] codes dense<[3, -7]> : tensor<2xi8> domains dense<[1, 0]> : tensor<2xi8>
  chip.modulation @first dac [9, 70] codes dense<[3, -7]> : tensor<2xi8>
                                     domains dense<[1, 0]> : tensor<2xi8>
  chip.modulation @second dac [0] codes dense<0> : tensor<1xi8>
                                  domains dense<0> : tensor<1xi8>
}
