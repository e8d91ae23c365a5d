// A softmax in the middle, or along an axis that does not hold all scores, stays,
// and nothing is recorded.
// RUN: nt-opt %s --nt-drop-softmax --split-input-file | FileCheck %s

// CHECK-NOT: nt.dropped_softmax
// CHECK: nt.softmax
// CHECK-NEXT: nt.relu
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %s = nt.softmax %y axis 1 : tensor<1x2xf32>
  %r = nt.relu %s : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// -----

// CHECK-NOT: nt.dropped_softmax
// CHECK: nt.softmax
// CHECK-NEXT: return
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {nt.network} {
  %r = nt.softmax %x axis 1 : tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}
