// Modulation by neuron and by channel.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @modulate
func.func @modulate(%x: tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32> {
  // CHECK: nt.modulate %{{.*}} site "conv1" per neuron : tensor<1x4x3x3xf32>
  %0 = nt.modulate %x site "conv1" per neuron : tensor<1x4x3x3xf32>
  // CHECK: nt.modulate %{{.*}} site "conv2" per channel : tensor<1x4x3x3xf32>
  %1 = nt.modulate %0 site "conv2" per channel : tensor<1x4x3x3xf32>
  return %1 : tensor<1x4x3x3xf32>
}
