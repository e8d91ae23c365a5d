// What NT refuses of quantised models.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @other_scale(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<0.25> : tensor<f32> hash "00000000000000000000000000000000" origin "m#s" : tensor<f32>
  %t = nt.frozen dense<0.5> : tensor<f32> hash "00000000000000000000000000000000" origin "m#t" : tensor<f32>
  %q = nt.onnx_node "QuantizeLinear" domain "" opset 13 name "q" (%x, %s) {} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  // expected-error @+2 {{node 'dq' (DequantizeLinear, opset 13): its input is no QuantizeLinear of the same scale and zero point, nor a constant}}
  // expected-note @+1 {{}}
  %y = nt.onnx_node "DequantizeLinear" domain "" opset 13 name "dq" (%q, %t) {} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @scale(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<0.0> : tensor<f32> hash "00000000000000000000000000000000" origin "m#s" : tensor<f32>
  // expected-error @+2 {{node 'q' (QuantizeLinear, opset 13): scale 0.000000e+00 is not positive and finite}}
  // expected-note @+1 {{}}
  %y = nt.onnx_node "QuantizeLinear" domain "" opset 13 name "q" (%x, %s) {} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @type(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<0.5> : tensor<f32> hash "00000000000000000000000000000000" origin "m#s" : tensor<f32>
  %z = nt.onnx_node "Constant" domain "" opset 21 name "z" () {value = dense<0> : tensor<i64>, nt.element_type = "UINT16"} : () -> tensor<*xf32>
  // expected-error @+2 {{node 'q' (QuantizeLinear, opset 21): the zero point is of type UINT16, NT takes INT8 and UINT8}}
  // expected-note @+1 {{}}
  %y = nt.onnx_node "QuantizeLinear" domain "" opset 21 name "q" (%x, %s, %z) {} : (tensor<1x2xf32>, tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @axis(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %q = nt.onnx_node "Constant" domain "" opset 13 name "c" () {value = dense<[[1, -2], [3, 4]]> : tensor<2x2xi64>} : () -> tensor<*xf32>
  %s = nt.frozen dense<0.5> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<3xf32>
  // expected-error @+2 {{node 'w' (DequantizeLinear, opset 13): 3 scales do not go with axis 0 of [2, 2]}}
  // expected-note @+1 {{}}
  %y = nt.onnx_node "DequantizeLinear" domain "" opset 13 name "w" (%q, %s) {axis = 0 : i64} : (tensor<*xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @integers(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<0.5> : tensor<f32> hash "00000000000000000000000000000000" origin "m#s" : tensor<f32>
  // expected-error @+2 {{node 'q' (QuantizeLinear, opset 13): its integers are read by the network's result, NT takes a DequantizeLinear behind it}}
  // expected-note @+1 {{}}
  %y = nt.onnx_node "QuantizeLinear" domain "" opset 13 name "q" (%x, %s) {} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @other_reader(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<0.5> : tensor<f32> hash "00000000000000000000000000000000" origin "m#s" : tensor<f32>
  // expected-error @+2 {{its integers are read by node 'act' (Relu), NT takes a DequantizeLinear behind it}}
  // expected-note @+1 {{}}
  %q = nt.onnx_node "QuantizeLinear" domain "" opset 13 name "q" (%x, %s) {} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  %y = nt.onnx_node "Relu" domain "" opset 13 name "act" (%q) {} : (tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
