// Maximum and mean over windows.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @pools
func.func @pools(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x2x2xf32> {
  // CHECK: nt.max_pool %{{.*}} kernel [3, 3] strides [2, 2] pads [1, 1, 1, 1] : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  %0 = nt.max_pool %x kernel [3, 3] strides [2, 2] pads [1, 1, 1, 1] : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  // CHECK: nt.avg_pool %{{.*}} kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] {count_include_pad} : tensor<1x4x4x4xf32> -> tensor<1x4x2x2xf32>
  %1 = nt.avg_pool %0 kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] {count_include_pad} : tensor<1x4x4x4xf32> -> tensor<1x4x2x2xf32>
  return %1 : tensor<1x4x2x2xf32>
}
