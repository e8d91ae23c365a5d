// Shapes that do not hold the elements, or are not known.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @count(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[1, 5]> : tensor<2xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'reshape' (Reshape, opset 13): shape [1, 5] does not hold the 6 elements of input [1, 2, 3]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @rest(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[4, -1]> : tensor<2xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'reshape' (Reshape, opset 13): shape [4, -1] does not hold the 6 elements of input [1, 2, 3]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @two_rests(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[-1, -1]> : tensor<2xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'reshape' (Reshape, opset 13): shape [-1, -1] has no size for axis 1 of input [1, 2, 3]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @zero_beyond(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[1, 2, 3, 0]> : tensor<4xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'reshape' (Reshape, opset 13): shape [1, 2, 3, 0] has no size for axis 3 of input [1, 2, 3]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %s) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @allowzero(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[0, 6]> : tensor<2xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'reshape' (Reshape, opset 14): shape [0, 6] has no size for axis 0 of input [1, 2, 3]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Reshape" domain "" opset 14 name "reshape" (%x, %s) {allowzero = 1 : i64} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @computed(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-009] a weight is not a constant: node 'reshape' (Reshape, opset 13): shape (operand 1) is not a constant integer tensor}}
  // expected-note @+1 {{export them as initialisers}}
  %y = nt.onnx_node "Reshape" domain "" opset 13 name "reshape" (%x, %x) {} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @flatten(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'flatten' (Flatten, opset 9): attribute 'axis' is -1, the input has rank 3}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Flatten" domain "" opset 9 name "flatten" (%x) {axis = -1 : i64} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
