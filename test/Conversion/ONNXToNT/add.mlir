// Add of activations and of constants.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @activations
// CHECK: nt.add %[[R:.*]], %arg0 : tensor<1x2x2x2xf32>
func.func @activations(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %r = nt.onnx_node "Relu" domain "" opset 13 name "relu" (%x) {} : (tensor<1x2x2x2xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%r, %x) {} : (tensor<*xf32>, tensor<1x2x2x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @spread
// CHECK: %[[B:.*]] = nt.frozen dense<{{\[\[\[\[}}1.000000e+00, 2.000000e+00], [1.000000e+00, 2.000000e+00]], {{.*}} derivation ["broadcast"] : tensor<1x2x2x2xf32>
// CHECK: nt.add %arg0, %[[B]]
func.func @spread(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %b = nt.frozen dense<[1.0, 2.0]> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %b) {} : (tensor<1x2x2x2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @conv_bias
// CHECK: %[[B:.*]] = nt.frozen dense<[1.000000e+00, 2.000000e+00]> {{.*}} derivation ["reshaped to a bias"] : tensor<2xf32>
// CHECK: nt.conv %arg0, %{{.*}} bias %[[B]]
// CHECK-NOT: nt.add
func.func @conv_bias(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<2x2x1x1xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x2x1x1xf32>
  %b = nt.frozen dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2x1x1xf32>
  %c = nt.onnx_node "Conv" domain "" opset 13 name "conv" (%x, %w) {} : (tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%c, %b) {} : (tensor<*xf32>, tensor<2x1x1xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @axis_of_opset_6
// CHECK: nt.frozen dense<{{\[\[\[\[}}1.000000e+00, 1.000000e+00], [1.000000e+00, 1.000000e+00]], {{\[\[}}2.0
func.func @axis_of_opset_6(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %b = nt.frozen dense<[1.0, 2.0]> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %y = nt.onnx_node "Add" domain "" opset 6 name "add" (%x, %b) {broadcast = 1 : i64, axis = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
