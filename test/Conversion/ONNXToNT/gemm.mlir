// Gemm: weights with the outputs first, factors folded, all of it recorded.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @transposed
// CHECK: %[[W:.*]] = nt.frozen dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]> {{.*}} origin "m#w" derivation ["transposed"] : tensor<3x2xf32>
// CHECK: nt.dense %arg0, %[[W]] name "gemm" : {{.*}} -> tensor<1x3xf32>
func.func @transposed(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w) {} : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @as_it_is
// CHECK: nt.frozen dense<1.000000e+00> : tensor<3x2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<3x2xf32>
// CHECK: nt.dense
func.func @as_it_is(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<3x2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<3x2xf32>
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w) {transB = 1 : i64} : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @factors
// CHECK-DAG: nt.frozen dense<{{\[\[}}5.000000e-01, 2.000000e+00], [1.000000e+00, 2.500000e+00], [1.500000e+00, 3.000000e+00]]> {{.*}} derivation ["transposed", "times alpha 0.50"]
// CHECK-DAG: %[[B:.*]] = nt.frozen dense<[2.000000e+00, 4.000000e+00, 6.000000e+00]> {{.*}} derivation ["times beta 2.00"]
// CHECK: nt.dense %arg0, %{{.*}} bias %[[B]]
func.func @factors(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %c = nt.frozen dense<[1.0, 2.0, 3.0]> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#c" : tensor<3xf32>
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w, %c) {alpha = 0.5 : f32, beta = 2.0 : f32} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @scalar_addend
// CHECK: %[[B:.*]] = nt.frozen dense<7.000000e+00> {{.*}} derivation ["broadcast"] : tensor<3xf32>
// CHECK: bias %[[B]]
func.func @scalar_addend(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %c = nt.frozen dense<7.0> : tensor<f32> hash "00000000000000000000000000000000" origin "m#c" : tensor<f32>
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w, %c) {} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @row_addend
// CHECK: %[[B:.*]] = nt.frozen dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]> {{.*}} derivation ["reshaped"] : tensor<3xf32>
// CHECK: bias %[[B]]
func.func @row_addend(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %c = nt.frozen dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32> hash "00000000000000000000000000000000" origin "m#c" : tensor<1x3xf32>
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w, %c) {} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @no_beta
// CHECK-NOT: bias
// CHECK: return
func.func @no_beta(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %c = nt.frozen dense<[1.0, 2.0, 3.0]> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#c" : tensor<3xf32>
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %w, %c) {beta = 0.0 : f32} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @opset_6
// CHECK: nt.dense %arg0, %{{.*}} bias
func.func @opset_6(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %c = nt.frozen dense<[1.0, 2.0, 3.0]> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#c" : tensor<3xf32>
  %y = nt.onnx_node "Gemm" domain "" opset 6 name "gemm" (%x, %w, %c) {broadcast = 1 : i64} : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
