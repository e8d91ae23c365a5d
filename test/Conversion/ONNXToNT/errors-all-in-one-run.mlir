// Nodes behind one that cannot be converted are still checked; its shape is not guessed.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @all(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'sigmoid' (Sinh, opset 13): no handler for it}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %a = nt.onnx_node "Sinh" domain "" opset 13 name "sigmoid" (%x) {} : (tensor<1x2xf32>) -> tensor<*xf32>
  // expected-error @+4 {{[NT-ONNX-004] unsupported attribute value: node 'conv' (Conv, opset 13): attribute 'group' is 0, must be at least 1}}
  // expected-note @+3 {{export the node with a supported value}}
  // expected-error @+2 {{[NT-ONNX-009] a weight is not a constant: node 'conv' (Conv, opset 13): weights (operand 1) is computed by the graph}}
  // expected-note @+1 {{export them as initialisers}}
  %b = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%a, %a) {group = 0 : i64} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %c = nt.onnx_node "Relu" domain "" opset 13 name "relu" (%b) {} : (tensor<*xf32>) -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'fused' (com.example.Fused, opset 1): no handler for it}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %d = nt.onnx_node "Fused" domain "com.example" opset 1 name "fused" (%c) {} : (tensor<*xf32>) -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-003] unsupported opset: node 'relu5' (Relu, opset 5): NT takes opsets 6 to 22}}
  // expected-note @+1 {{export the model again with a supported opset}}
  %e = nt.onnx_node "Relu" domain "" opset 5 name "relu5" (%d) {} : (tensor<*xf32>) -> tensor<*xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'relu' (Relu, opset 13): attribute 'slope' is not one NT knows of this operator}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Relu" domain "" opset 13 name "relu" (%e) {slope = 0.1 : f32} : (tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
