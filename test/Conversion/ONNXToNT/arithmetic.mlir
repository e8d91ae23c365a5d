// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// Operands of fewer axes get ones in front, as NumPy broadcasts.
// CHECK-LABEL: func.func @broadcast
func.func @broadcast(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // CHECK: %[[R:.*]] = tosa.reduce_sum %{{.*}} {axis = 2 : i32} : (tensor<1x2x3xf32>) -> tensor<1x2x1xf32>
  // CHECK: %[[F:.*]] = nt.reshape %[[R]] : tensor<1x2x1xf32> -> tensor<1x2xf32>
  %s = nt.onnx_node "ReduceSum" domain "" opset 11 name "sum" (%x) {axes = array<i64: -1>, keepdims = 0 : i64} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  // CHECK: nt.reshape %[[F]] : tensor<1x2xf32> -> tensor<1x2x1xf32>
  %u = nt.onnx_node "Unsqueeze" domain "" opset 11 name "wide" (%s) {axes = array<i64: 2>} : (tensor<*xf32>) -> tensor<*xf32>
  // CHECK: tosa.sub
  // CHECK-SAME: (tensor<1x2x3xf32>, tensor<1x2x1xf32>) -> tensor<1x2x3xf32>
  %d = nt.onnx_node "Sub" domain "" opset 13 name "centre" (%x, %u) {} : (tensor<1x2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %d : tensor<*xf32>
}

// -----

// CHECK-LABEL: func.func @rearranged
func.func @rearranged(%x: tensor<1x2x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // CHECK: tosa.transpose {{.*}} -> tensor<1x3x2xf32>
  %t = nt.onnx_node "Transpose" domain "" opset 13 name "t" (%x) {perm = array<i64: 0, 2, 1>} : (tensor<1x2x3xf32>) -> tensor<*xf32>
  // CHECK: tosa.slice {{.*}} {size = array<i64: 1, 2, 2>, start = array<i64: 0, 1, 0>}
  %s = nt.onnx_node "Slice" domain "" opset 9 name "s" (%t) {starts = array<i64: -2>, ends = array<i64: 9>, axes = array<i64: 1>} : (tensor<*xf32>) -> tensor<*xf32>
  return %s : tensor<*xf32>
}
