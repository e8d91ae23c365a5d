// A pool becomes a convolution with as many groups as channels.
// RUN: nt-opt %s --nt-lower-avg-pool | FileCheck %s

// CHECK: %[[W:.*]] = nt.frozen dense<2.500000e-01> : tensor<2x1x2x2xf32> {{.*}} origin "avg_pool (mean of 2 x 2)"
// CHECK: nt.conv %{{.*}}, %[[W]] name "avg_pool" strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] groups 2 : tensor<1x2x4x4xf32>, tensor<2x1x2x2xf32> -> tensor<1x2x2x2xf32>
// CHECK-NOT: nt.avg_pool
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> attributes {nt.network} {
  %r = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0]
    : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32>
  return %r : tensor<1x2x2x2xf32>
}
