// Zeros around an image become the pads of the convolution that sees it.
// RUN: nt-opt %s --canonicalize --split-input-file | FileCheck %s

// Rows [above, below], columns [left, right]; pads of the window go on top.
// CHECK-LABEL: @around
// CHECK-NOT: tosa.pad
// CHECK: nt.conv %arg0, %arg1 name "c" strides [1, 1] pads [1, 1, 3, 3]
func.func @around(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<1x1x6x6xf32> {
  %p = "tosa.const"() <{value = dense<[[0, 0], [0, 0], [0, 2], [1, 3]]> : tensor<4x2xi32>}> : () -> tensor<4x2xi32>
  %z = "tosa.const"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  %0 = tosa.pad %x, %p, %z : (tensor<1x1x4x4xf32>, tensor<4x2xi32>, tensor<f32>) -> tensor<1x1x6x8xf32>
  %1 = nt.conv %0, %w name "c" strides [1, 1] pads [1, 0, 1, 0] dilations [1, 1] groups 1
    : tensor<1x1x6x8xf32>, tensor<1x1x3x3xf32> -> tensor<1x1x6x6xf32>
  return %1 : tensor<1x1x6x6xf32>
}

// Without a value a pad is zeros.
// CHECK-LABEL: @no_value
// CHECK-NOT: tosa.pad
// CHECK: nt.conv %arg0, %arg1 name "c" strides [2, 2] pads [0, 0, 1, 1]
func.func @no_value(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<1x1x2x2xf32> {
  %p = "tosa.const"() <{value = dense<[[0, 0], [0, 0], [0, 1], [0, 1]]> : tensor<4x2xi32>}> : () -> tensor<4x2xi32>
  %0 = tosa.pad %x, %p : (tensor<1x1x4x4xf32>, tensor<4x2xi32>) -> tensor<1x1x5x5xf32>
  %1 = nt.conv %0, %w name "c" strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] groups 1
    : tensor<1x1x5x5xf32>, tensor<1x1x3x3xf32> -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// CHECK-LABEL: @other_value
// CHECK: tosa.pad
// CHECK: nt.conv {{.*}} pads [0, 0, 0, 0]
func.func @other_value(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32> {
  %p = "tosa.const"() <{value = dense<[[0, 0], [0, 0], [1, 1], [1, 1]]> : tensor<4x2xi32>}> : () -> tensor<4x2xi32>
  %z = "tosa.const"() <{value = dense<-1.0> : tensor<f32>}> : () -> tensor<f32>
  %0 = tosa.pad %x, %p, %z : (tensor<1x1x4x4xf32>, tensor<4x2xi32>, tensor<f32>) -> tensor<1x1x6x6xf32>
  %1 = nt.conv %0, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1
    : tensor<1x1x6x6xf32>, tensor<1x1x3x3xf32> -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// A channel of zeros is no pad of a window.
// CHECK-LABEL: @channels
// CHECK: tosa.pad
// CHECK: nt.conv {{.*}} pads [0, 0, 0, 0]
func.func @channels(%x: tensor<1x1x4x4xf32>, %w: tensor<1x2x3x3xf32>) -> tensor<1x1x2x2xf32> {
  %p = "tosa.const"() <{value = dense<[[0, 0], [0, 1], [0, 0], [0, 0]]> : tensor<4x2xi32>}> : () -> tensor<4x2xi32>
  %z = "tosa.const"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  %0 = tosa.pad %x, %p, %z : (tensor<1x1x4x4xf32>, tensor<4x2xi32>, tensor<f32>) -> tensor<1x2x4x4xf32>
  %1 = nt.conv %0, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1
    : tensor<1x2x4x4xf32>, tensor<1x2x3x3xf32> -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// What others read padded stays.
// CHECK-LABEL: @read_elsewhere
// CHECK: %[[P:.*]] = tosa.pad
// CHECK: nt.conv %arg0
// CHECK: return {{.*}}%[[P]]
func.func @read_elsewhere(%x: tensor<1x1x4x4xf32>, %w: tensor<1x1x3x3xf32>) -> (tensor<1x1x4x4xf32>, tensor<1x1x6x6xf32>) {
  %p = "tosa.const"() <{value = dense<[[0, 0], [0, 0], [1, 1], [1, 1]]> : tensor<4x2xi32>}> : () -> tensor<4x2xi32>
  %z = "tosa.const"() <{value = dense<0.0> : tensor<f32>}> : () -> tensor<f32>
  %0 = tosa.pad %x, %p, %z : (tensor<1x1x4x4xf32>, tensor<4x2xi32>, tensor<f32>) -> tensor<1x1x6x6xf32>
  %1 = nt.conv %0, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1
    : tensor<1x1x6x6xf32>, tensor<1x1x3x3xf32> -> tensor<1x1x4x4xf32>
  return %1, %0 : tensor<1x1x4x4xf32>, tensor<1x1x6x6xf32>
}
