// Concat without axis, or of shapes that do not fit.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @axis(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'concat' (Concat, opset 13): it has no axis}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Concat" domain "" opset 13 name "concat" (%x, %x) {} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @range(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'concat' (Concat, opset 13): attribute 'axis' is 3, the inputs have rank 3}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Concat" domain "" opset 13 name "concat" (%x, %x) {axis = 3 : i64} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @shapes(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<1x2x4xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<1x2x4xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'concat' (Concat, opset 13): operand 1 has shape [1, 2, 4], operand 0 has [1, 2, 3]; they may differ along axis 1 only}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Concat" domain "" opset 13 name "concat" (%x, %w) {axis = 1 : i64} : (tensor<1x2x3xf32>, tensor<1x2x4xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
