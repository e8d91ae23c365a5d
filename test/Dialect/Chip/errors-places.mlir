// Two cores cannot be in one place.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// Both are named.
chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 2 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 2
  chip.layer "out" neurons 1
  // expected-note @+1 {{by @c0}}
  chip.core @c0 at [0, 0] layer 0 start_slot 1 {
    chip.domain synapse 0 dac 0 volts 0.9
    chip.array dense<[[3, -7], [0, 1]]> : tensor<2x2xi8>
    chip.neuron_bank neurons dense<[0, 1]> : tensor<2xi32> domains dense<0> : tensor<2xi8>
  }
  // expected-error @+2 {{the place [0, 0] is taken}}
  // expected-note @+1 {{compile the network again}}
  chip.core @c1 at [0, 0] layer 1 start_slot 2 {
    chip.domain synapse 0 dac 127 volts 1.6
    chip.array dense<[[2], [-2]]> : tensor<2x1xi8>
    chip.neuron_bank neurons dense<0> : tensor<1xi32> domains dense<0> : tensor<1xi8>
  }
  chip.input @c0 inputs dense<[0, 1]> : tensor<2xi32> axons dense<[0, 1]> : tensor<2xi32>
  chip.route @c0 -> @c1 neurons dense<[0, 1]> : tensor<2xi32> axons dense<[0, 1]> : tensor<2xi32>
  chip.readout @c1 neurons [0] outputs [0]
}
chip.task @target of @net classes [4] {
  chip.modulation @c0 dac [9, 70] codes dense<[3, -7]> : tensor<2xi8> domains dense<[1, 0]> : tensor<2xi8>
  chip.modulation @c1 dac [0] codes dense<0> : tensor<1xi8> domains dense<0> : tensor<1xi8>
}
