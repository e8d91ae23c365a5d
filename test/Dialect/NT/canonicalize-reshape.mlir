// Reshapes merge, and go where they change nothing.
// RUN: nt-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @same
// CHECK-NEXT: return %arg0
func.func @same(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nt.reshape %x : tensor<1x4xf32> -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// CHECK-LABEL: @there_and_back
// CHECK-NEXT: return %arg0
func.func @there_and_back(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nt.reshape %x : tensor<1x4xf32> -> tensor<1x2x2xf32>
  %1 = nt.reshape %0 : tensor<1x2x2xf32> -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// CHECK-LABEL: @merged
// CHECK-NEXT: %[[R:.*]] = nt.reshape %arg0 : tensor<1x8xf32> -> tensor<1x2x4xf32>
// CHECK-NEXT: return %[[R]]
func.func @merged(%x: tensor<1x8xf32>) -> tensor<1x2x4xf32> {
  %0 = nt.reshape %x : tensor<1x8xf32> -> tensor<1x2x2x2xf32>
  %1 = nt.reshape %0 : tensor<1x2x2x2xf32> -> tensor<1x2x4xf32>
  return %1 : tensor<1x2x4xf32>
}
