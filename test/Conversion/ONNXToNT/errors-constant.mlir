// A constant of strings.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @strings(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'constant' (Constant, opset 13): it has none of value, value_float, value_floats, value_int, value_ints}}
  // expected-note @+1 {{export the node with a supported value}}
  %c = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value_string = "a"} : () -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %c) {} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
