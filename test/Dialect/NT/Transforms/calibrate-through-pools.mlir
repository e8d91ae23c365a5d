// The input range passes reshapes and pools, which have none of their own.
// RUN: nt-opt %s "--nt-calibrate=data=%S/Inputs/images.npz percentile=100" | FileCheck %s

// CHECK: name "conv" {{.*}}input_range = 1.000000e+00 : f64, output_range = [[RANGE:[0-9.e+]+]] : f64}
// CHECK: name "fc" {input_range = [[RANGE]] : f64, output_range =
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[[[1.0, 2.0], [0.0, -1.0]], [[0.5, 0.0], [0.0, 1.0]]], [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]]]> : tensor<2x2x2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2x2x2xf32>
  %y = nt.conv %x, %w name "conv" strides [2, 2] pads [1, 1, 1, 1]
    dilations [1, 1] groups 1
    : tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32> -> tensor<1x2x3x3xf32>
  %a = nt.relu %y : tensor<1x2x3x3xf32>
  %p = nt.max_pool %a kernel [3, 3] strides [1, 1] pads [0, 0, 0, 0]
    : tensor<1x2x3x3xf32> -> tensor<1x2x1x1xf32>
  %f = nt.reshape %p : tensor<1x2x1x1xf32> -> tensor<1x2xf32>
  %v = nt.frozen dense<[[1.0, 2.0], [0.0, -1.0]]> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "v" : tensor<2x2xf32>
  %r = nt.dense %f, %v name "fc"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
