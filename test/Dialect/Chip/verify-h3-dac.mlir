// Rule H3: a DAC code has the bits of the DAC, in synapse and modulation domains.
// RUN: not nt-opt --chip-verify=device=nt1-tiny %s 2>&1 | FileCheck %s
// RUN: sed 's/dac 128 volts 0.9/dac 0 volts 0.9/' %s | not nt-opt --chip-verify=device=nt1-tiny 2>&1 | FileCheck %s --check-prefix=MODULATION

// CHECK: error: [NT-CHIP-001] {{.*}}: DAC code 128, the DAC has 7 bits (rule H3)
// MODULATION: error: [NT-SIM-003] {{.*}}: modulation domain 1 has DAC code 200, the DAC has 7 bits (rule H3)
chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 2 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 2
  chip.layer "out" neurons 1
  chip.core @c0 at [0, 0] layer 0 start_slot 1 {
    chip.domain synapse 0 dac 128 volts 0.9
    chip.array dense<[[3, -7], [0, 1]]> : tensor<2x2xi8>
    chip.neuron_bank neurons dense<[0, 1]> : tensor<2xi32> domains dense<0> : tensor<2xi8>
  }
  chip.core @c1 at [0, 1] layer 1 start_slot 2 {
    chip.domain synapse 0 dac 127 volts 1.6
    chip.array dense<[[2], [-2]]> : tensor<2x1xi8>
    chip.neuron_bank neurons dense<0> : tensor<1xi32> domains dense<0> : tensor<1xi8>
  }
  chip.input @c0 inputs dense<[0, 1]> : tensor<2xi32> axons dense<[0, 1]> : tensor<2xi32>
  chip.route @c0 -> @c1 neurons dense<[0, 1]> : tensor<2xi32> axons dense<[0, 1]> : tensor<2xi32>
  chip.readout @c1 neurons [0] outputs [0]
}
chip.task @target of @net classes [4] {
  chip.modulation @c0 dac [9, 200] codes dense<[3, -7]> : tensor<2xi8> domains dense<[1, 0]> : tensor<2xi8>
  chip.modulation @c1 dac [0] codes dense<0> : tensor<1xi8> domains dense<0> : tensor<1xi8>
}
