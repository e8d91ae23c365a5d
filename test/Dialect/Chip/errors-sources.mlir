// Sources of codes: another type or shape.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 2 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "out" neurons 1
  chip.core @c0 at [0, 0] layer 0 start_slot 1 {
    chip.domain synapse 0 dac 0 volts 0.9
    // expected-error @+2 {{sources have type 'tensor<2x1xi8>', expected a tensor of i32 of rank 2}}
    // expected-note @+1 {{compile the network again}}
    chip.array dense<[[2], [-2]]> : tensor<2x1xi8> sources dense<[[4], [8]]> : tensor<2x1xi8>
    chip.neuron_bank neurons dense<0> : tensor<1xi32> domains dense<0> : tensor<1xi8>
  }
  chip.input @c0 inputs dense<[0, 1]> : tensor<2xi32> axons dense<[0, 1]> : tensor<2xi32>
  chip.readout @c0 neurons [0] outputs [0]
}

// -----

chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 2 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "out" neurons 1
  chip.core @c0 at [0, 0] layer 0 start_slot 1 {
    chip.domain synapse 0 dac 0 volts 0.9
    // expected-error @+2 {{sources have another shape than codes}}
    // expected-note @+1 {{compile the network again}}
    chip.array dense<[[2], [-2]]> : tensor<2x1xi8> sources dense<[[4]]> : tensor<1x1xi32>
    chip.neuron_bank neurons dense<0> : tensor<1xi32> domains dense<0> : tensor<1xi8>
  }
  chip.input @c0 inputs dense<[0, 1]> : tensor<2xi32> axons dense<[0, 1]> : tensor<2xi32>
  chip.readout @c0 neurons [0] outputs [0]
}
