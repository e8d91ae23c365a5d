// The classes stay, the scores become those before the softmax.
// RUN: nt-opt %s --nt-print-evaluation=data=%S/Inputs/vectors.npz -o /dev/null | FileCheck %s --check-prefix=BEFORE
// RUN: nt-opt %s --nt-drop-softmax --nt-print-evaluation=data=%S/Inputs/vectors.npz -o /dev/null | FileCheck %s --check-prefix=AFTER

// 1 / (1 + exp(1.5 - 0.75)) = 0.3208
// BEFORE: sample 0: 0.3208 0.6792 -> class 1 (label 1)
// BEFORE: accuracy 75.00 % (3 of 4)
// AFTER: sample 0: 0.7500 1.5000 -> class 1 (label 1)
// AFTER: accuracy 75.00 % (3 of 4)
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %r = nt.softmax %y axis 1 : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
