// A convolution with strides, pads, dilations and groups.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @strided
func.func @strided(%x: tensor<1x1x28x28xf32>, %w: tensor<32x1x3x3xf32>, %b: tensor<32xf32>) -> tensor<1x32x14x14xf32> {
  // CHECK: nt.conv %{{.*}}, %{{.*}} bias %{{.*}} name "conv1" strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] groups 1 : tensor<1x1x28x28xf32>, tensor<32x1x3x3xf32>, tensor<32xf32> -> tensor<1x32x14x14xf32>
  %0 = nt.conv %x, %w bias %b name "conv1" strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] groups 1
    : tensor<1x1x28x28xf32>, tensor<32x1x3x3xf32>, tensor<32xf32> -> tensor<1x32x14x14xf32>
  return %0 : tensor<1x32x14x14xf32>
}

// Uneven pads, dilation 2 along one axis and two groups: (7 + 0 + 1 - 5) / 1 + 1 = 4, (6 + 1 + 0 - 3) / 2 + 1 = 3.
// CHECK-LABEL: func.func @grouped
func.func @grouped(%x: tensor<1x4x7x6xf32>, %w: tensor<2x2x3x3xf32>) -> tensor<1x2x4x3xf32> {
  // CHECK: name "g" strides [1, 2] pads [0, 1, 1, 0] dilations [2, 1] groups 2 :
  %0 = nt.conv %x, %w name "g" strides [1, 2] pads [0, 1, 1, 0] dilations [2, 1] groups 2
    : tensor<1x4x7x6xf32>, tensor<2x2x3x3xf32> -> tensor<1x2x4x3xf32>
  return %0 : tensor<1x2x4x3xf32>
}
