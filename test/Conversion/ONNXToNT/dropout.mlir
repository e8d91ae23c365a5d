// Dropout and Identity vanish, with the constants they read.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @opset_6
// CHECK-NEXT: return %arg0
func.func @opset_6(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Dropout" domain "" opset 6 name "dropout" (%x) {is_test = 1 : i64, ratio = 0.5 : f32} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @opset_7
// CHECK-NEXT: return %arg0
func.func @opset_7(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Dropout" domain "" opset 7 name "dropout" (%x) {ratio = 0.5 : f32} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @opset_13
// CHECK-NEXT: return %arg0
func.func @opset_13(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %r = nt.frozen dense<0.5> : tensor<f32> hash "00000000000000000000000000000000" origin "m#r" : tensor<f32>
  %t = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<0> : tensor<i64>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Dropout" domain "" opset 13 name "dropout" (%x, %r, %t) {} : (tensor<1x2xf32>, tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @identity
// CHECK-NEXT: return %arg0
func.func @identity(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Identity" domain "" opset 13 name "identity" (%x) {} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
