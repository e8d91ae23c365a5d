// Concat along any axis.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @channels
// CHECK: nt.concat %arg0, %arg0 axis 1 : tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x4x3xf32>
func.func @channels(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Concat" domain "" opset 13 name "concat" (%x, %x) {axis = 1 : i64} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @last
// CHECK: axis 2 : {{.*}} -> tensor<1x2x6xf32>
func.func @last(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Concat" domain "" opset 13 name "concat" (%x, %x) {axis = -1 : i64} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
