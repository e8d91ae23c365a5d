// Forms that run in float: windows nt's pools do not have, and products of computed operands.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @ceil
// CHECK: nt.max_pool %{{.*}} kernel [3, 3] strides [2, 1] pads [0, 0, 1, 0] : tensor<1x2x6x6xf32> -> tensor<1x2x3x4xf32>
func.func @ceil(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "MaxPool" domain "" opset 13 name "maxpool" (%x) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 1>, ceil_mode = 1 : i64} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// A last window that would begin in the pads behind is none.
// CHECK-LABEL: @ceil_without_input
// CHECK: nt.avg_pool %{{.*}} kernel [1, 1] strides [2, 2] pads [0, 0, 0, 0] : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32>
func.func @ceil_without_input(%x: tensor<1x2x4x4xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "AveragePool" domain "" opset 13 name "pool" (%x) {kernel_shape = array<i64: 1, 1>, strides = array<i64: 2, 2>, ceil_mode = 1 : i64} : (tensor<1x2x4x4xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @dilated
// CHECK-COUNT-3: tosa.maximum
// CHECK-NOT: nt.max_pool
// CHECK: return %{{.*}} : tensor<1x2x4x4xf32>
func.func @dilated(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "MaxPool" domain "" opset 13 name "maxpool" (%x) {kernel_shape = array<i64: 2, 2>, dilations = array<i64: 2, 2>} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @computed
// CHECK: tosa.matmul
// CHECK-NOT: nt.dense
// CHECK: return %{{.*}} : tensor<1x1xf32>
func.func @computed(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "gemm" (%x, %x) {transB = 1 : i64} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @stack
// CHECK: tosa.matmul
// CHECK: return %{{.*}} : tensor<1x5x3xf32>
func.func @stack(%x: tensor<1x5x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %y = nt.onnx_node "MatMul" domain "" opset 13 name "matmul" (%x, %w) {} : (tensor<1x5x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @backwards
// CHECK: dense<{{\[\[}}2, 0]]> : tensor<1x2xi32>
// CHECK: tosa.gather
func.func @backwards(%x: tensor<1x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %start = nt.onnx_node "Constant" domain "" opset 13 name "a" () {value = dense<-1> : tensor<1xi64>} : () -> tensor<*xf32>
  %end = nt.onnx_node "Constant" domain "" opset 13 name "b" () {value = dense<-9> : tensor<1xi64>} : () -> tensor<*xf32>
  %axis = nt.onnx_node "Constant" domain "" opset 13 name "c" () {value = dense<1> : tensor<1xi64>} : () -> tensor<*xf32>
  %step = nt.onnx_node "Constant" domain "" opset 13 name "d" () {value = dense<-2> : tensor<1xi64>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Slice" domain "" opset 13 name "s" (%x, %start, %end, %axis, %step) {} : (tensor<1x3xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @reflect
// CHECK: dense<{{\[\[}}2, 1, 0, 1, 2, 1]]> : tensor<1x6xi32>
func.func @reflect(%x: tensor<1x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Pad" domain "" opset 9 name "p" (%x) {mode = "reflect", pads = array<i64: 0, 2, 0, 1>} : (tensor<1x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
