// Softmax changed with opset 13.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @newer
// CHECK: nt.softmax %arg0 axis 2 : tensor<1x2x3xf32>
func.func @newer(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Softmax" domain "" opset 13 name "softmax" (%x) {} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @newer_axis
// CHECK: nt.softmax %arg0 axis 1 : tensor<1x2x3xf32>
func.func @newer_axis(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Softmax" domain "" opset 13 name "softmax" (%x) {axis = -2 : i64} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @older
// CHECK: %[[F:.*]] = nt.reshape %arg0 : tensor<1x2x3xf32> -> tensor<1x6xf32>
// CHECK: %[[S:.*]] = nt.softmax %[[F]] axis 1 : tensor<1x6xf32>
// CHECK: nt.reshape %[[S]] : tensor<1x6xf32> -> tensor<1x2x3xf32>
// Before, over all axes from 1 on.
func.func @older(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Softmax" domain "" opset 12 name "softmax" (%x) {} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @older_matrix
// CHECK-NOT: nt.reshape
// CHECK: nt.softmax %arg0 axis 1 : tensor<1x2xf32>
func.func @older_matrix(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Softmax" domain "" opset 11 name "softmax" (%x) {} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
