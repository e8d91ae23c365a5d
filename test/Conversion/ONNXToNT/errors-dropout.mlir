// Dropout in training, or with its mask read.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @training_6(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'dropout' (Dropout, opset 6): attribute 'is_test' is 0, NT takes 1}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Dropout" domain "" opset 6 name "dropout" (%x) {} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @training_13(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %r = nt.onnx_absent
  %t = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<1> : tensor<i64>} : () -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'dropout' (Dropout, opset 13): training_mode is true, NT takes the network for inference}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Dropout" domain "" opset 13 name "dropout" (%x, %r, %t) {} : (tensor<1x2xf32>, none, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @mask(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'dropout' (Dropout, opset 10): its output 1 is used; NT computes output 0 only}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %y:2 = nt.onnx_node "Dropout" domain "" opset 10 name "dropout" (%x) {} : (tensor<1x2xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return %y#1 : tensor<*xf32>
}
