// A layer without a bias gets one, whose origin is the task.
// RUN: nt-opt %s --nt-fold-task=task=target | FileCheck %s

// CHECK: %[[B:.*]] = nt.frozen dense<[5.000000e-01, -2.000000e+00]> {{.*}} origin "task @target site fc" derivation ["modulation of task @target folded in"]
// CHECK: nt.dense %{{.*}}, %{{.*}} bias %[[B]] name "fc"
nt.task @target classes [1, 0] values {fc = dense<[0.5, -2.0]> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %y = nt.dense %x, %w name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32> -> tensor<1x2xf32>
  %r = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
