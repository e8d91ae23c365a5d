// RUN: nt-opt %s --convert-onnx-to-nt | FileCheck %s

// Both halves meet again: a gated linear unit.
// CHECK-LABEL: func.func @glu
func.func @glu(%x: tensor<1x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  // CHECK: tosa.slice {{.*}} {size = array<i64: 1, 3>, start = array<i64: 0, 0>}
  // CHECK: tosa.slice {{.*}} {size = array<i64: 1, 3>, start = array<i64: 0, 3>}
  %a, %b = nt.onnx_node "Split" domain "" opset 11 name "halves" (%x) {axis = 1 : i64} : (tensor<1x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  %g = nt.onnx_node "Sigmoid" domain "" opset 13 name "gate" (%b) {} : (tensor<*xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Mul" domain "" opset 13 name "out" (%a, %g) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
