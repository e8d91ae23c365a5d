// Float constants are frozen, whichever attribute holds them.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @tensor
// CHECK: nt.frozen dense<{{\[\[}}1.000000e+00, 2.000000e+00]]> {{.*}} hash "{{[0-9a-f]+}}" origin "#constant"
func.func @tensor(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %c = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %c) {} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @scalar
// CHECK: nt.frozen dense<5.000000e-01> {{.*}} derivation ["broadcast"] : tensor<1x2xf32>
func.func @scalar(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %c = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value_float = 0.5 : f32} : () -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %c) {} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @list
// CHECK: nt.frozen dense<{{\[\[}}5.000000e-01, 1.500000e+00]]>
func.func @list(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %c = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value_floats = array<f32: 0.5, 1.5>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%x, %c) {} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
