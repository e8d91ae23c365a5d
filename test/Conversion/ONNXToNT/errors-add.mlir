// Sums whose operands do not fit.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @constant(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %b = nt.frozen dense<1.0> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'add' (Add, opset 13): shapes [1, 2] and [1, 3] do not broadcast}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %b) {} : (tensor<1x2xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @integers(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[2, 1]> : tensor<2xi64>} : () -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-012] unsupported element type: node 'add' (Add, opset 13): operand 1 is an integer tensor}}
  // expected-note @+1 {{export the model in float32}}
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %s) {} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
