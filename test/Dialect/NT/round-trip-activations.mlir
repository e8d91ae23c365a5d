// Rectifier, clip with and without bounds, softmax, batch normalisation.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @activations
func.func @activations(%x: tensor<1x4x3x3xf32>, %p: tensor<4xf32>) -> tensor<1x4x3x3xf32> {
  // CHECK: nt.batch_norm %{{.*}} scale %{{.*}} shift %{{.*}} mean %{{.*}} variance %{{.*}} epsilon 1.000000e-05 : tensor<1x4x3x3xf32>, tensor<4xf32>
  %0 = nt.batch_norm %x scale %p shift %p mean %p variance %p epsilon 1.0e-5 : tensor<1x4x3x3xf32>, tensor<4xf32>
  // CHECK: nt.relu %{{.*}} : tensor<1x4x3x3xf32>
  %1 = nt.relu %0 : tensor<1x4x3x3xf32>
  // CHECK: nt.clip %{{.*}} from 0.000000e+00 to 6.000000e+00 : tensor<1x4x3x3xf32>
  %2 = nt.clip %1 from 0.0 to 6.0 : tensor<1x4x3x3xf32>
  // CHECK: nt.clip %{{.*}} from 0xFFF0000000000000 to 1.000000e+00
  %3 = nt.clip %2 from 0xFFF0000000000000 to 1.0 : tensor<1x4x3x3xf32>
  // CHECK: nt.softmax %{{.*}} axis 1 : tensor<1x4x3x3xf32>
  %4 = nt.softmax %3 axis 1 : tensor<1x4x3x3xf32>
  return %4 : tensor<1x4x3x3xf32>
}
