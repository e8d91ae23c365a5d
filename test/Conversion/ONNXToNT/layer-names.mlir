// Layers of one name are told apart.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK: name "fc"
// CHECK: name "fc_1"
// CHECK: name "fc_2"
func.func @names(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<2x2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x2xf32>
  %a = nt.onnx_node "MatMul" domain "" opset 13 name "fc" (%x, %w) {} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*xf32>
  %b = nt.onnx_node "MatMul" domain "" opset 13 name "fc" (%a, %w) {} : (tensor<*xf32>, tensor<2x2xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "MatMul" domain "" opset 13 name "fc" (%b, %w) {} : (tensor<*xf32>, tensor<2x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
