// Matrices that do not multiply.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @frozen_left(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'matmul' (MatMul, opset 13): shapes [2, 3] and [1, 2] do not multiply}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "MatMul" domain "" opset 13 name "matmul" (%w, %x) {} : (tensor<2x3xf32>, tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
