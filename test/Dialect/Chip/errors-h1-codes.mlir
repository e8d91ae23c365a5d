// Rule H1: every code is representable by the digits of the program.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// Synapse codes; the first is named, the rest are counted.
chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 2 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 2
  chip.layer "out" neurons 1
  chip.core @c0 at [0, 0] layer 0 start_slot 1 {
    chip.domain synapse 0 dac 0 volts 0.9
    // expected-error @+2 {{[NT-SYN-001] a synapse code is not representable (rule H1): code -8 at position 1, the range is -7 to 7, and 1 more like it}}
    // expected-note @+1 {{quantise for this device}}
    chip.array dense<[[3, -8], [0, 12]]> : tensor<2x2xi8>
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
  chip.modulation @c0 dac [9, 70] codes dense<[3, -7]> : tensor<2xi8> domains dense<[1, 0]> : tensor<2xi8>
  chip.modulation @c1 dac [0] codes dense<0> : tensor<1xi8> domains dense<0> : tensor<1xi8>
}

// -----

// The codes of modulation words.
chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 2 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 2
  chip.layer "out" neurons 1
  chip.core @c0 at [0, 0] layer 0 start_slot 1 {
    chip.domain synapse 0 dac 0 volts 0.9
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
  // expected-error @+2 {{code 8 at position 1, the range is -7 to 7}}
  // expected-note @+1 {{quantise for this device}}
  chip.modulation @c0 dac [9, 70] codes dense<[3, 8]> : tensor<2xi8> domains dense<[1, 0]> : tensor<2xi8>
  chip.modulation @c1 dac [0] codes dense<0> : tensor<1xi8> domains dense<0> : tensor<1xi8>
}

// -----

// Fewer digits, smaller codes.
chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 2 encoding regular full_scale 1.0 readout membrane slots 32 digits 2 {
  chip.layer "a" neurons 2
  chip.layer "out" neurons 1
  chip.core @c0 at [0, 0] layer 0 start_slot 1 {
    chip.domain synapse 0 dac 0 volts 0.9
    // expected-error @+2 {{code -4 at position 1, the range is -3 to 3}}
    // expected-note @+1 {{quantise for this device}}
    chip.array dense<[[3, -4], [0, 1]]> : tensor<2x2xi8>
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
