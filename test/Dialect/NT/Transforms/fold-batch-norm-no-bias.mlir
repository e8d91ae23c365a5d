// A layer without a bias gets one, which comes from the shift.
// RUN: nt-opt %s --nt-fold-batch-norm | FileCheck %s

// CHECK: nt.frozen dense<[0.000000e+00, -1.375000e+00]> {{.*}} origin "shift"
// CHECK: nt.dense {{.*}} bias
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %y = nt.dense %x, %w name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32> -> tensor<1x2xf32>
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[0.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  %r = nt.batch_norm %y scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32>
  return %r : tensor<1x2xf32>
}
