// Layers are named after the pool's node, and no name is given twice.
// RUN: nt-opt %s --nt-lower-avg-pool | FileCheck %s

// CHECK: nt.conv {{.*}} name "pool" strides
// CHECK: nt.conv {{.*}} name "pool_1" strides
// CHECK: nt.conv {{.*}} name "avg_pool" strides
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> attributes {nt.network} {
  %a = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0]
    : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32> loc("pool")
  %b = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0]
    : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32> loc("pool")
  %c = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0]
    : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32>
  %d = nt.add %a, %b : tensor<1x2x2x2xf32>
  %r = nt.add %c, %d : tensor<1x2x2x2xf32>
  return %r : tensor<1x2x2x2xf32>
}
