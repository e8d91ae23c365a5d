// auto_pad becomes pads; the odd one goes below for SAME_UPPER, above for SAME_LOWER.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @upper
// CHECK: strides [2, 2] pads [0, 0, 1, 1] {{.*}} -> tensor<1x4x3x3xf32>
func.func @upper(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {auto_pad = "SAME_UPPER", strides = array<i64: 2, 2>} : (tensor<1x2x6x6xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @lower
// CHECK: strides [2, 2] pads [1, 1, 0, 0] {{.*}} -> tensor<1x4x3x3xf32>
func.func @lower(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {auto_pad = "SAME_LOWER", strides = array<i64: 2, 2>} : (tensor<1x2x6x6xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @dilated
// CHECK: pads [2, 2, 2, 2] dilations [2, 2] {{.*}} -> tensor<1x4x6x6xf32>
func.func @dilated(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {auto_pad = "SAME_UPPER", dilations = array<i64: 2, 2>} : (tensor<1x2x6x6xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @valid
// CHECK: pads [0, 0, 0, 0] {{.*}} -> tensor<1x4x4x4xf32>
func.func @valid(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {auto_pad = "VALID"} : (tensor<1x2x6x6xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
