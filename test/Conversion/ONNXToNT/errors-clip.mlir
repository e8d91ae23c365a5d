// Bounds that are computed, of more than one value, or in the wrong order.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @order(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'clip' (Clip, opset 6): lower bound 6.000000e+00 is not below upper bound 0.000000e+00}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Clip" domain "" opset 6 name "clip" (%x) {min = 6.0 : f32, max = 0.0 : f32} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @computed(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-009] a weight is not a constant: node 'clip' (Clip, opset 13): min (operand 1) is computed by the graph}}
  // expected-note @+1 {{export them as initialisers}}
  %y = nt.onnx_node "Clip" domain "" opset 13 name "clip" (%x, %x) {} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @values(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %a = nt.frozen dense<0.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#a" : tensor<2xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'clip' (Clip, opset 13): min has 2 values, must have 1}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Clip" domain "" opset 13 name "clip" (%x, %a) {} : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @attribute_type(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'clip' (Clip, opset 6): attribute 'min' is "zero", must be a float}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Clip" domain "" opset 6 name "clip" (%x) {min = "zero"} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
