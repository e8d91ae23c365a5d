// MaxPool and AveragePool.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @max
// CHECK: nt.max_pool %arg0 kernel [3, 3] strides [2, 2] pads [1, 1, 0, 0] : {{.*}} -> tensor<1x2x3x3xf32>
func.func @max(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "MaxPool" domain "" opset 13 name "maxpool" (%x) {kernel_shape = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 0, 0>, storage_order = 1 : i64} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @average
// CHECK: nt.avg_pool %arg0 kernel [2, 2] strides [1, 1] pads [0, 0, 0, 0] : {{.*}} -> tensor<1x2x5x5xf32>
func.func @average(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "AveragePool" domain "" opset 13 name "averagepool" (%x) {kernel_shape = array<i64: 2, 2>} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @count
// CHECK: nt.avg_pool {{.*}} pads [1, 1, 1, 1] {count_include_pad}
func.func @count(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "AveragePool" domain "" opset 13 name "averagepool" (%x) {kernel_shape = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, count_include_pad = 1 : i64} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @same
// CHECK: nt.max_pool %arg0 kernel [2, 2] strides [1, 1] pads [0, 0, 1, 1] : {{.*}} -> tensor<1x2x6x6xf32>
func.func @same(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "MaxPool" domain "" opset 13 name "maxpool" (%x) {kernel_shape = array<i64: 2, 2>, auto_pad = "SAME_UPPER"} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @ceil_that_changes_nothing
// CHECK: nt.max_pool {{.*}} -> tensor<1x2x3x3xf32>
func.func @ceil_that_changes_nothing(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "MaxPool" domain "" opset 13 name "maxpool" (%x) {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>, ceil_mode = 1 : i64} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
