// MatMul takes a matrix and a frozen matrix on its right.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @frozen_left(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  // expected-error @+2 {{[NT-ONNX-009] a weight is not a constant: node 'matmul' (MatMul, opset 13): the right-hand side (operand 1) is computed by the graph}}
  // expected-note @+1 {{export them as initialisers}}
  %y = nt.onnx_node "MatMul" domain "" opset 13 name "matmul" (%w, %x) {} : (tensor<2x3xf32>, tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @stack(%x: tensor<1x5x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'matmul' (MatMul, opset 13): its operands have ranks 3 and 2, NT takes 2}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %y = nt.onnx_node "MatMul" domain "" opset 13 name "matmul" (%x, %w) {} : (tensor<1x5x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
