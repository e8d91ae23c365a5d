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

func.func @empty(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{nothing is left of axis 1 of [1, 2]}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Slice" domain "" opset 9 name "s" (%x) {starts = array<i64: 2>, ends = array<i64: 2>, axes = array<i64: 1>} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}

// -----

func.func @mode(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{attribute 'mode' is 'reflect', NT takes constant}}
  // expected-note @+1 {{}}
  %a = nt.onnx_node "Pad" domain "" opset 9 name "p" (%x) {mode = "reflect", pads = array<i64: 0, 1, 0, 1>} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %a : tensor<*xf32>
}
