// Scores by hand: 1 + 0 - 0.5 + 0.25 = 0.75, 0.5 - 0 + 1.5 - 0.5 = 1.5, ...
// RUN: nt-opt %s --nt-print-evaluation=data=%S/Inputs/vectors.npz -o /dev/null | FileCheck %s

// CHECK: sample 0: 0.7500 1.5000 -> class 1 (label 1)
// CHECK-NEXT: sample 1: 2.0000 -0.7500 -> class 0 (label 0)
// CHECK-NEXT: sample 2: 0.7500 2.2500 -> class 1 (label 1)
// CHECK-NEXT: sample 3: 2.0000 -1.1250 -> class 0 (label 1)
// CHECK-NEXT: accuracy 75.00 % (3 of 4)
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %r = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
