// Shape arithmetic as exporters write it is gone after the conversion.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// PyTorch's pads of a padding layer: innermost axes first, so filled up with zeros, reversed in
// pairs and turned.
// CHECK-LABEL: @main
// CHECK-NOT: nt.onnx_node
// CHECK: %[[PADS:.*]] = "tosa.const"() {{.*}}dense<{{\[\[}}0, 0], [0, 0], [2, 4], [1, 3]]> : tensor<4x2xi32>
// CHECK: tosa.pad %{{.*}}, %[[PADS]]
// CHECK-SAME: -> tensor<1x1x8x8xf32>
func.func @main(%x: tensor<1x1x2x4xf32>) -> tensor<*xf32> attributes {nt.network} {
  %pads = nt.onnx_node "Constant" domain "" opset 13 name "pads" () {value = dense<[1, 3, 2, 4]> : tensor<4xi64>} : () -> tensor<*xf32>
  %count = nt.onnx_node "Constant" domain "" opset 13 name "count" () {value = dense<4> : tensor<1xi64>} : () -> tensor<*xf32>
  %zeros = nt.onnx_node "ConstantOfShape" domain "" opset 13 name "zeros" (%count) {value = dense<0> : tensor<1xi64>} : (tensor<*xf32>) -> tensor<*xf32>
  %all = nt.onnx_node "Concat" domain "" opset 13 name "all" (%pads, %zeros) {axis = 0 : i64} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %rows = nt.onnx_node "Constant" domain "" opset 13 name "rows" () {value = dense<[-1, 2]> : tensor<2xi64>} : () -> tensor<*xf32>
  %pairs = nt.onnx_node "Reshape" domain "" opset 13 name "pairs" (%all, %rows) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %axis = nt.onnx_node "Constant" domain "" opset 13 name "axis" () {value = dense<0> : tensor<1xi64>} : () -> tensor<*xf32>
  %start = nt.onnx_node "Constant" domain "" opset 13 name "start" () {value = dense<-1> : tensor<1xi64>} : () -> tensor<*xf32>
  %end = nt.onnx_node "Constant" domain "" opset 13 name "end" () {value = dense<-9223372036854775807> : tensor<1xi64>} : () -> tensor<*xf32>
  %back = nt.onnx_node "Slice" domain "" opset 13 name "back" (%pairs, %start, %end, %axis, %start) {} : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %turned = nt.onnx_node "Transpose" domain "" opset 13 name "turned" (%back) {perm = array<i64: 1, 0>} : (tensor<*xf32>) -> tensor<*xf32>
  %flat = nt.onnx_node "Constant" domain "" opset 13 name "flat" () {value = dense<-1> : tensor<1xi64>} : () -> tensor<*xf32>
  %list = nt.onnx_node "Reshape" domain "" opset 13 name "list" (%turned, %flat) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %cast = nt.onnx_node "Cast" domain "" opset 13 name "cast" (%list) {to = 7 : i64} : (tensor<*xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Pad" domain "" opset 13 name "pad" (%x, %cast) {} : (tensor<1x1x2x4xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// PyTorch's expand: where a wanted size is -1, that of the input.
// CHECK-LABEL: @main
// CHECK-NOT: nt.onnx_node
// CHECK: tosa.tile %{{.*}} {multiples = array<i64: 1, 3, 1>} : (tensor<1x1x4xf32>) -> tensor<1x3x4xf32>
func.func @main(%x: tensor<1x1x4xf32>) -> tensor<*xf32> attributes {nt.network} {
  %wanted = nt.onnx_node "Constant" domain "" opset 13 name "wanted" () {value = dense<[-1, 3, -1]> : tensor<3xi64>} : () -> tensor<*xf32>
  %three = nt.onnx_node "Constant" domain "" opset 13 name "three" () {value = dense<3> : tensor<1xi64>} : () -> tensor<*xf32>
  %ones = nt.onnx_node "ConstantOfShape" domain "" opset 13 name "ones" (%three) {value = dense<1> : tensor<1xi64>} : (tensor<*xf32>) -> tensor<*xf32>
  %minus = nt.onnx_node "Constant" domain "" opset 13 name "minus" () {value = dense<-1> : tensor<i64>} : () -> tensor<*xf32>
  %open = nt.onnx_node "Mul" domain "" opset 13 name "open" (%ones, %minus) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %is = nt.onnx_node "Equal" domain "" opset 13 name "is" (%wanted, %open) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %shape = nt.onnx_node "Where" domain "" opset 13 name "shape" (%is, %ones, %wanted) {} : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Expand" domain "" opset 13 name "grow" (%x, %shape) {} : (tensor<1x1x4xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
