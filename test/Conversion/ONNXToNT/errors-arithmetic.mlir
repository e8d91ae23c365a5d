// RUN: nt-opt %s --convert-onnx-to-nt --verify-diagnostics --split-input-file

func.func @broadcast(%x: tensor<1x2xf32>, %y: tensor<1x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{node 'diff' (Sub, opset 13): shapes [1, 2] and [1, 3] do not broadcast}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Sub" domain "" opset 13 name "diff" (%x, %y) {} : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}

// -----

func.func @axis(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{node 'mean' (ReduceMean, opset 13): axis 2 is outside the input's rank, 2}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "ReduceMean" domain "" opset 13 name "mean" (%x) {axes = array<i64: 2>} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
// -----

func.func @permutation(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{attribute 'perm' does not permute 2 axes}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Transpose" domain "" opset 13 name "t" (%x) {perm = array<i64: 1, 1>} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
// -----

func.func @mode(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{attribute 'mode' is 'mirror', must be constant, reflect, edge or wrap}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Pad" domain "" opset 9 name "p" (%x) {mode = "mirror", pads = array<i64: 0, 1, 0, 1>} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
// -----

func.func @crop(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{pads [0, -1, 0, -1] are not two for each padded axis, or leave nothing of [1, 2]}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Pad" domain "" opset 9 name "p" (%x) {pads = array<i64: 0, -1, 0, -1>} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
// -----

func.func @index(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %i = nt.onnx_node "Constant" domain "" opset 13 name "i" () {value = dense<[0, 2]> : tensor<2xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{index 2 is outside [1, 2] along axis 1}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Gather" domain "" opset 13 name "g" (%x, %i) {axis = 1 : i64} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
// -----

func.func @huge(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "s" () {value = dense<[100000, 100000, 2]> : tensor<3xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{shape [100000, 100000, 2] has more than 67108864 elements}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Expand" domain "" opset 13 name "e" (%x, %s) {} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
// -----

func.func @transposed(%x: tensor<1x2x3x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<2x2x3x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x2x3x3xf32>
  // expected-error @+2 {{node 'up' (ConvTranspose, opset 13): a transposed convolution spreads a neuron's output over its neighbours}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "ConvTranspose" domain "" opset 13 name "up" (%x, %w) {kernel_shape = array<i64: 3, 3>} : (tensor<1x2x3x3xf32>, tensor<2x2x3x3xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
// -----

func.func @groups(%x: tensor<1x3x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<3xf32>
  // expected-error @+2 {{the input [1, 3, 2] does not part in 2 groups of channels}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "GroupNormalization" domain "" opset 21 name "g" (%x, %s, %s) {num_groups = 2 : i64} : (tensor<1x3x2xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
