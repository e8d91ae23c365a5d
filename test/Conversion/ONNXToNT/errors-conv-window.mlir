// Windows of a Conv that NT refuses.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @negative_pad(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'conv' (Conv, opset 13): attribute 'pads' holds -1, must be at least 0}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {pads = array<i64: 0, -1, 0, 0>} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @zero_stride(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'conv' (Conv, opset 13): attribute 'strides' holds 0, must be at least 1}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {strides = array<i64: 0, 1>} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @one_axis(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'conv' (Conv, opset 13): its input has rank 4, NT takes 3 (batch, channels and the window's axes)}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {strides = array<i64: 1>} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @too_large(%x: tensor<1x2x2x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'conv' (Conv, opset 13): the window spans 3 along spatial axis 0, the padded input is 2}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {} : (tensor<1x2x2x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @auto_pad_and_pads(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'conv' (Conv, opset 13): attribute 'auto_pad' is 'SAME_UPPER' beside explicit pads}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {auto_pad = "SAME_UPPER", pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @auto_pad_unknown(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'conv' (Conv, opset 13): attribute 'auto_pad' is 'SOMEHOW'}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {auto_pad = "SOMEHOW"} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @three_axes(%x: tensor<1x2x7x7xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3x3xf32>
  // expected-error @+2 {{attribute 'strides' has 3 entries, NT takes 1 or 2 (one or two spatial axes, all lists alike)}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {strides = array<i64: 1, 1, 1>} : (tensor<1x2x7x7xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
