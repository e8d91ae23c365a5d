// Padding that does not count has windows of different weights: the pool stays.
// RUN: nt-opt %s --nt-lower-avg-pool --split-input-file | FileCheck %s

// CHECK: nt.avg_pool
// CHECK-NOT: nt.conv
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %r = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [1, 1, 1, 1]
    : tensor<1x2x4x4xf32> -> tensor<1x2x3x3xf32>
  return %r : tensor<1x2x3x3xf32>
}

// -----

// CHECK: nt.conv {{.*}} pads [1, 1, 1, 1]
// CHECK-NOT: nt.avg_pool
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %r = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [1, 1, 1, 1] {count_include_pad}
    : tensor<1x2x4x4xf32> -> tensor<1x2x3x3xf32>
  return %r : tensor<1x2x3x3xf32>
}
