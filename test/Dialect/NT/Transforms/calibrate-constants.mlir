// Constants that are no nt.frozen have no batch; the interpreter runs what the engine has not.
// RUN: nt-opt %s --nt-calibrate="data=uniform samples=4" 2>/dev/null | FileCheck %s
// CHECK: nt.conv{{.*}}input_range = 1.0{{.*}}output_range
func.func @net(%x: tensor<1x1x3x3xf32>) -> tensor<1x1x4x4xf32> attributes {nt.network} {
  %p = "tosa.const"() <{value = dense<[[0, 0], [0, 0], [1, 1], [1, 1]]> : tensor<4x2xi32>}> : () -> tensor<4x2xi32>
  %w = nt.frozen dense<[[[[0.5, 0.25], [0.125, 1.0]]]]> : tensor<1x1x2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<1x1x2x2xf32>
  %0 = "tosa.pad"(%x, %p) : (tensor<1x1x3x3xf32>, tensor<4x2xi32>) -> tensor<1x1x5x5xf32>
  %1 = nt.conv %0, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 : tensor<1x1x5x5xf32>, tensor<1x1x2x2xf32> -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}
