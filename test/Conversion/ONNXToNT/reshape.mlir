// Flatten and Reshape; 0 keeps a size, -1 takes the rest.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @rest
// CHECK-NEXT: nt.reshape %arg0 : tensor<1x2x3xf32> -> tensor<1x6xf32>
func.func @rest(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[1, -1]> : tensor<2xi64>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @keep
// CHECK: -> tensor<1x2x3x1xf32>
func.func @keep(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[0, 0, -1, 1]> : tensor<4xi64>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @same
// CHECK-NEXT: return %arg0
func.func @same(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[1, 2, 3]> : tensor<3xi64>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @frozen
// CHECK: nt.frozen dense<1.000000e+00> {{.*}} derivation ["reshaped"] : tensor<1x6xf32>
func.func @frozen(%x: tensor<1x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<6xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<6xf32>
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[1, 6]> : tensor<2xi64>} : () -> tensor<*xf32>
  %r = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%w, %s) {} : (tensor<6xf32>, tensor<*xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %r) {} : (tensor<1x6xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @value_ints
// CHECK: -> tensor<1x6xf32>
func.func @value_ints(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value_ints = array<i64: 1, 6>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @flatten
// CHECK: nt.reshape %arg0 : tensor<1x2x3xf32> -> tensor<1x6xf32>
func.func @flatten(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Flatten" domain "" opset 13 name "flatten" (%x) {} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @flatten_axis
// CHECK: -> tensor<2x3xf32>
func.func @flatten_axis(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Flatten" domain "" opset 13 name "flatten" (%x) {axis = -1 : i64} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
