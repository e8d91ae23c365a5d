// Two columns make a weight: by hand, the codes below times their scales give
// the weights of fold-task-evaluation.mlir, and so its scores.
// RUN: nt-opt %s | nt-opt | FileCheck %s --check-prefix=IR
// RUN: nt-opt %s "--nt-print-evaluation=task=target data=%S/Inputs/vectors.npz" -o /dev/null | FileCheck %s
// IR: nt.dense {{.*}}paired
// CHECK: sample 0: 1.2500 -0.5000 -> class 1 (label 1)
nt.task @target classes [1, 0] values {fc = dense<[0.5, -2.0]> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1, 2, -1], [2, 4, -2], [1, -2, 6], [0, 0, 0]]> : tensor<4x3xi8>
      hash "00000000000000000000000000000000" origin "w" : tensor<4x3xi8>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc" {paired, scales = dense<[0.5, 0.25, 0.5, 0.125]> : tensor<4xf64>}
    : tensor<1x3xf32>, tensor<4x3xi8>, tensor<2xf32> -> tensor<1x2xf32>
  %r = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
