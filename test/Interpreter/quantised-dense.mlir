// Codes count by the scale of their channel; the bias does not:
// (1 * 1 - 7 * 0.5) * 0.5 + 1 = -0.25 and (3 * 0.5) * 0.25 - 1 = -0.625.
// RUN: nt-opt %s --nt-print-evaluation=data=%src/test/Dialect/NT/Transforms/Inputs/vectors.npz -o /dev/null | FileCheck %s

// CHECK: sample 0: -0.2500 -0.6250 -> class 0
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1, 2, -7], [0, 1, 3]]> : tensor<2x3xi8>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xi8>
  %b = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %r = nt.dense %x, %w bias %b name "fc" {scales = dense<[0.5, 0.25]> : tensor<2xf64>}
    : tensor<1x3xf32>, tensor<2x3xi8>, tensor<2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
