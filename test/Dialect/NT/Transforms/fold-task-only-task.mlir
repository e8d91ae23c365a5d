// The name may be left out if there is one task.
// RUN: nt-opt %s --nt-fold-task --nt-verify-frozen | FileCheck %s

// CHECK: nt.frozen dense<[5.000000e-01, -2.000000e+00]>
nt.task @target classes [1, 0] values {fc = dense<[0.5, -2.0]> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "4ec9f1dc1646da88804096d466264d79" origin "w" : tensor<2x3xf32>
  %y = nt.dense %x, %w name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32> -> tensor<1x2xf32>
  %r = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
