// RUN: nt-opt %s --convert-onnx-to-nt | FileCheck %s

// A window over one axis is one over two, the first of size 1; frozen weights stay frozen.
// CHECK-LABEL: func.func @line
func.func @line(%x: tensor<1x2x8xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.5> : tensor<4x2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<4x2x3xf32>
  // CHECK-DAG: %[[W:.*]] = nt.frozen {{.*}} derivation {{.*}}reshaped{{.*}} : tensor<4x2x1x3xf32>
  // CHECK-DAG: %[[I:.*]] = nt.reshape %{{.*}} : tensor<1x2x8xf32> -> tensor<1x2x1x8xf32>
  // CHECK: %[[C:.*]] = nt.conv %[[I]], %[[W]]
  // CHECK-SAME: -> tensor<1x4x1x4xf32>
  // CHECK: nt.reshape %[[C]] : tensor<1x4x1x4xf32> -> tensor<1x4x4xf32>
  %c = nt.onnx_node "Conv" domain "" opset 13 name "c" (%x, %w) {pads = array<i64: 1, 1>, strides = array<i64: 2>} : (tensor<1x2x8xf32>, tensor<4x2x3xf32>) -> tensor<*xf32>
  // CHECK: nt.max_pool
  // CHECK-SAME: tensor<1x4x1x4xf32> -> tensor<1x4x1x2xf32>
  %p = nt.onnx_node "MaxPool" domain "" opset 12 name "p" (%c) {kernel_shape = array<i64: 2>, strides = array<i64: 2>} : (tensor<*xf32>) -> tensor<*xf32>
  return %p : tensor<*xf32>
}
