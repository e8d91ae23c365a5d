// A dense layer, with and without bias, and with all that quantisation decides.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @float
func.func @float(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>, %b: tensor<3xf32>) -> tensor<1x3xf32> {
  // CHECK: nt.dense %{{.*}}, %{{.*}} bias %{{.*}} name "fc1" : tensor<1x2xf32>, tensor<3x2xf32>, tensor<3xf32> -> tensor<1x3xf32>
  %0 = nt.dense %x, %w bias %b name "fc1" : tensor<1x2xf32>, tensor<3x2xf32>, tensor<3xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// CHECK-LABEL: func.func @quantised
func.func @quantised(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // CHECK: nt.dense %{{.*}}, %{{.*}} name "fc1"
  // CHECK-SAME: domain_dac = array<i32: 7, 90>
  // CHECK-SAME: domain_of_channel = array<i32: 0, 1, 1>
  // CHECK-SAME: input_range = 1.000000e+00 : f64
  // CHECK-SAME: output_range = 2.500000e+00 : f64
  // CHECK-SAME: scales = dense<[1.000000e-01, 2.000000e-01, 2.000000e-01]> : tensor<3xf64>
  %0 = nt.dense %x, %w name "fc1" {
    scales = dense<[0.1, 0.2, 0.2]> : tensor<3xf64>, input_range = 1.0 : f64, output_range = 2.5 : f64,
    domain_of_channel = array<i32: 0, 1, 1>, domain_dac = array<i32: 7, 90>
  } : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
