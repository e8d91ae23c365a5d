// Training, per-position statistics, parameters that do not fit.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @training_6(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<2xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'bn' (BatchNormalization, opset 6): attribute 'is_test' is 0, NT takes 1}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "BatchNormalization" domain "" opset 6 name "bn" (%x, %s, %b, %m, %v) {} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @training_14(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<2xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'bn' (BatchNormalization, opset 14): attribute 'training_mode' is 1, NT takes 0}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "BatchNormalization" domain "" opset 14 name "bn" (%x, %s, %b, %m, %v) {training_mode = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @positions(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<2xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'bn' (BatchNormalization, opset 7): attribute 'spatial' is 0, NT takes 1}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "BatchNormalization" domain "" opset 7 name "bn" (%x, %s, %b, %m, %v) {spatial = 0 : i64} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @size(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<3xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'bn' (BatchNormalization, opset 13): parameter 'm#m' has shape [3], the input has 2 channels}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "BatchNormalization" domain "" opset 13 name "bn" (%x, %s, %b, %m, %v) {} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
