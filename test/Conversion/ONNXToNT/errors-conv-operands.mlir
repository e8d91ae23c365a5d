// Operands of a Conv that do not fit, or are not frozen.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @channels(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x3x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x3x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'conv' (Conv, opset 13): weights [4, 3, 3, 3] in 1 groups do not fit an input of 2 channels}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {} : (tensor<1x2x7x7xf32>, tensor<4x3x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @kernel_shape(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'conv' (Conv, opset 13): attribute 'kernel_shape' is [5, 5], the weights have [3, 3]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {kernel_shape = array<i64: 5, 5>} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @three_dimensional(%x: tensor<1x2x7x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'conv' (Conv, opset 13): its input has rank 5, NT takes 3 or 4}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {} : (tensor<1x2x7x7x7xf32>, tensor<4x2x3x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @computed_weights(%x: tensor<1x2x3x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-009] a weight is not a constant: node 'conv' (Conv, opset 13): weights (operand 1) is computed by the graph}}
  // expected-note @+1 {{export them as initialisers}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %x) {} : (tensor<1x2x3x3xf32>, tensor<1x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @bias_size(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  %b = nt.frozen dense<2.0> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'conv' (Conv, opset 13): bias has shape [3], must be [4]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w, %b) {} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @no_weights(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'conv' (Conv, opset 13): operand 1 is missing}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x) {} : (tensor<1x2x7x7xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
