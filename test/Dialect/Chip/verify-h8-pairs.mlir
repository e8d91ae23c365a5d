// Rule H8: a device whose file allows no pairs has none.
// RUN: not nt-opt %s --chip-verify=device=nt1-tiny 2>&1 | FileCheck %s
// CHECK: NT-PAIR-001{{.*}}2 columns a neuron, 'nt1-tiny' joins 1 (rule H8)
chip.program @net device "nt1-tiny" hash "6f9076dc6c80bcbb" inputs 1 encoding regular full_scale 1.0 readout membrane slots 32 digits 3 {
  chip.layer "a" neurons 1
  chip.core @c0 at [0, 0] layer 0 start_slot 1 paired {
    chip.domain synapse 0 dac 0 volts 0.9
    chip.array dense<[[3, -7]]> : tensor<1x2xi8>
    chip.neuron_bank neurons dense<0> : tensor<1xi32> domains dense<0> : tensor<2xi8>
  }
  chip.input @c0 inputs dense<0> : tensor<1xi32> axons dense<0> : tensor<1xi32>
  chip.readout @c0 neurons [0] outputs [0]
}
