// Functions that are no network stay as they are.
// RUN: nt-opt %s --convert-onnx-to-nt | FileCheck %s

// CHECK: nt.onnx_node "Relu"
func.func @helper(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  %y = nt.onnx_node "Relu" domain "" opset 13 name "relu" (%x) {} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
