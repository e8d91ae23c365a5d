// Ops of the dialect have one place each.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{'chip.layer' op expects parent op 'chip.program'}}
chip.layer "a" neurons 2

// -----

// expected-error @+1 {{'chip.modulation' op expects parent op 'chip.task'}}
chip.modulation @c0 dac [0] codes dense<0> : tensor<1xi8> domains dense<0> : tensor<1xi8>

// -----

// expected-error @+1 {{'chip.array' op expects parent op 'chip.core'}}
chip.array dense<0> : tensor<1x1xi8>
