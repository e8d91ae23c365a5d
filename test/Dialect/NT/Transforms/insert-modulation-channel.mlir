// With channel granularity a task holds one value a channel.
// RUN: nt-opt %s --nt-insert-modulation=granularity=channel | FileCheck %s

// CHECK: values {conv = dense<0.000000e+00> : tensor<2xf32>}
// CHECK: nt.modulate %{{.*}} site "conv" per channel
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[[[1.0, 2.0], [0.0, -1.0]], [[0.5, 0.0], [0.0, 1.0]]], [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]]]> : tensor<2x2x2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2x2x2xf32>
  %r = nt.conv %x, %w name "conv" strides [2, 2] pads [1, 1, 1, 1]
    dilations [1, 1] groups 1
    : tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32> -> tensor<1x2x3x3xf32>
  return %r : tensor<1x2x3x3xf32>
}
