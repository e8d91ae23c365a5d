// Cores of pairs: two columns a neuron (rule H8).
// RUN: nt-opt %s --verify-diagnostics --split-input-file | FileCheck %s

// CHECK: chip.core @c0 at [0, 0] layer 0 start_slot 1 paired {
chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 1 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 2
  chip.core @c0 at [0, 0] layer 0 start_slot 1 paired {
    chip.domain synapse 0 dac 0 volts 0.9
    chip.domain synapse 1 dac 127 volts 1.6
    chip.array dense<[[3, -7, 0, 1]]> : tensor<1x4xi8>
    chip.neuron_bank neurons dense<[0, 1]> : tensor<2xi32> domains dense<[1, 0, 1, 0]> : tensor<4xi8>
  }
  chip.input @c0 inputs dense<0> : tensor<1xi32> axons dense<0> : tensor<1xi32>
  chip.readout @c0 neurons [0, 1] outputs [0, 1]
}
chip.task @target of @net classes [4, 5] {
  chip.modulation @c0 dac [9] codes dense<[3, -7]> : tensor<2xi8> domains dense<0> : tensor<2xi8>
}

// -----

chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 1 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 2
  chip.core @c0 at [0, 0] layer 0 start_slot 1 paired {
    chip.domain synapse 0 dac 0 volts 0.9
    chip.array dense<[[3, -7, 0, 1]]> : tensor<1x4xi8>
    // expected-error @+2 {{2 paired neurons but 2 domains}}
    // expected-note @+1 {{compile the network again}}
    chip.neuron_bank neurons dense<[0, 1]> : tensor<2xi32> domains dense<0> : tensor<2xi8>
  }
  chip.input @c0 inputs dense<0> : tensor<1xi32> axons dense<0> : tensor<1xi32>
  chip.readout @c0 neurons [0, 1] outputs [0, 1]
}

// -----

chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 1 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 1
  // expected-error @+2 {{pairs of an array of 3 columns (rule H8)}}
  // expected-note @+1 {{compile the network again}}
  chip.core @c0 at [0, 0] layer 0 start_slot 1 paired {
    chip.domain synapse 0 dac 0 volts 0.9
    chip.array dense<[[3, -7, 0]]> : tensor<1x3xi8>
    chip.neuron_bank neurons dense<0> : tensor<1xi32> domains dense<0> : tensor<2xi8>
  }
  chip.input @c0 inputs dense<0> : tensor<1xi32> axons dense<0> : tensor<1xi32>
  chip.readout @c0 neurons [0] outputs [0]
}
