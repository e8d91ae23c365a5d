// Values that are neither one a neuron nor one a channel are refused.
// RUN: nt-opt %s --nt-print-evaluation=data=%src/test/Dialect/NT/Transforms/Inputs/images.npz --verify-diagnostics

nt.task @source classes [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31] values {s = dense<0.0> : tensor<3xf32>}
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {nt.network} {
  // expected-error @+2 {{NT-TASK-002] a task's values do not fit their modulation site: site 's' has 3 values, it takes 32 (one a neuron) or 2 (one a channel)}}
  // expected-note @+1 {{tune the task on this network}}
  %r = nt.modulate %x site "s" per neuron : tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}
