// Every layer gets a site of its name before its activation, and the module the
// task @source: zeros, classes in order.
// RUN: nt-opt %s --nt-insert-modulation | FileCheck %s

// CHECK: nt.task @source classes [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17] values {conv = dense<0.000000e+00> : tensor<18xf32>}
// CHECK: %[[Y:.*]] = nt.conv
// CHECK-NEXT: %[[M:.*]] = nt.modulate %[[Y]] site "conv" per neuron : tensor<1x2x3x3xf32>
// CHECK-NEXT: nt.relu %[[M]]
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[[[1.0, 2.0], [0.0, -1.0]], [[0.5, 0.0], [0.0, 1.0]]], [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]]]> : tensor<2x2x2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2x2x2xf32>
  %y = nt.conv %x, %w name "conv" strides [2, 2] pads [1, 1, 1, 1]
    dilations [1, 1] groups 1
    : tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32> -> tensor<1x2x3x3xf32>
  %r = nt.relu %y : tensor<1x2x3x3xf32>
  return %r : tensor<1x2x3x3xf32>
}
