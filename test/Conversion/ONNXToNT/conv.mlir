// Conv: window, groups, bias.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @defaults
// CHECK: nt.conv %arg0, %{{.*}} name "conv" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 : {{.*}} -> tensor<1x4x5x5xf32>
func.func @defaults(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @all
// CHECK: nt.conv %arg0, %{{.*}} name "conv" strides [2, 1] pads [0, 1, 2, 3] dilations [1, 2] groups 2 : {{.*}} -> tensor<1x4x4x7xf32>
func.func @all(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x1x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x1x3x3xf32>
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {strides = array<i64: 2, 1>, pads = array<i64: 0, 1, 2, 3>, dilations = array<i64: 1, 2>, group = 2 : i64, kernel_shape = array<i64: 3, 3>} : (tensor<1x2x7x7xf32>, tensor<4x1x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @bias
// CHECK: %[[B:.*]] = nt.frozen dense<2.000000e+00>
// CHECK: nt.conv %arg0, %{{.*}} bias %[[B]] name "conv"
func.func @bias(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  %b = nt.frozen dense<2.0> : tensor<4xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<4xf32>
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w, %b) {} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>, tensor<4xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
