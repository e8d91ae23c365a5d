// The interpreter takes any batch.
// RUN: nt-opt %s --convert-onnx-to-nt=allow-batch | FileCheck %s

// CHECK: func.func @four(%arg0: tensor<4x2xf32>) -> tensor<4x2xf32>
// CHECK: nt.relu
func.func @four(%x: tensor<4x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Relu" domain "" opset 13 name "relu" (%x) {} : (tensor<4x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
