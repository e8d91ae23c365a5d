// A rectifier goes where its input cannot be negative, and only there.
// RUN: nt-opt %s --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: @twice
// CHECK: %[[R:.*]] = nt.relu %arg0
// CHECK-NOT: nt.relu
// CHECK: return %[[R]]
func.func @twice(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nt.relu %x : tensor<1x4xf32>
  %1 = nt.relu %0 : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// CHECK-LABEL: @behind_clip_from_zero
// CHECK-NOT: nt.relu
// CHECK: return
func.func @behind_clip_from_zero(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nt.clip %x from 0.0 to 6.0 : tensor<1x4xf32>
  %1 = nt.relu %0 : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// CHECK-LABEL: @behind_clip_below_zero
// CHECK: nt.clip
// CHECK: nt.relu
func.func @behind_clip_below_zero(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nt.clip %x from -1.0 to 6.0 : tensor<1x4xf32>
  %1 = nt.relu %0 : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// CHECK-LABEL: @behind_modulation
// CHECK: nt.relu
// CHECK: nt.modulate
// CHECK: nt.relu
func.func @behind_modulation(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nt.relu %x : tensor<1x4xf32>
  %1 = nt.modulate %0 site "s" per neuron : tensor<1x4xf32>
  %2 = nt.relu %1 : tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}
