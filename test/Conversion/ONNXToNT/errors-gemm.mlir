// What NT refuses of a Gemm.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @transposed_input(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'gemm' (Gemm, opset 13): A [1, 2], B [2, 3] and C do not fit}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w) {transA = 1 : i64} : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @inputs(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'gemm' (Gemm, opset 13): weights [2, 3] take 3 inputs, the input has 2}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w) {transB = 1 : i64} : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @addend(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %c = nt.frozen dense<0.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#c" : tensor<2xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'gemm' (Gemm, opset 13): C has shape [2], NT takes one value an output, [3]}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w, %c) {} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @computed(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  // expected-error @+2 {{[NT-ONNX-008] operand shapes do not fit the operator: node 'gemm' (Gemm, opset 13): A [1, 2], B [2, 3] and C do not fit}}
  // expected-note @+1 {{the model is damaged}}
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w, %x) {} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @broadcast_is_of_opset_6(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %c = nt.frozen dense<[1.0, 2.0, 3.0]> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#c" : tensor<3xf32>
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'gemm' (Gemm, opset 7): attribute 'broadcast' is not one NT knows of this operator}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "Gemm" domain "" opset 7 name "gemm" (%x, %w, %c) {broadcast = 1 : i64} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
