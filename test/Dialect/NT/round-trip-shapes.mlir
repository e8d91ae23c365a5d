// Sum, concatenation, reshape.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @shapes
func.func @shapes(%x: tensor<1x4x2x2xf32>) -> tensor<1x32xf32> {
  // CHECK: nt.add %{{.*}}, %{{.*}} : tensor<1x4x2x2xf32>
  %0 = nt.add %x, %x : tensor<1x4x2x2xf32>
  // CHECK: nt.concat %{{.*}}, %{{.*}} axis 1 : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32> -> tensor<1x8x2x2xf32>
  %1 = nt.concat %x, %0 axis 1 : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32> -> tensor<1x8x2x2xf32>
  // CHECK: nt.reshape %{{.*}} : tensor<1x8x2x2xf32> -> tensor<1x32xf32>
  %2 = nt.reshape %1 : tensor<1x8x2x2xf32> -> tensor<1x32xf32>
  return %2 : tensor<1x32xf32>
}
