// Weights that another layer reads too are not changed in place.
// RUN: nt-opt %s --nt-fold-batch-norm | FileCheck %s

// CHECK: %[[W:.*]] = nt.frozen dense<{{\[}}[1.000000e+00, 2.000000e+00], [0.000000e+00, 1.000000e+00]]>
// CHECK: %[[FOLDED:.*]] = nt.frozen dense<{{\[}}[2.000000e+00, 4.000000e+00], [0.000000e+00, 1.500000e+00]]>
// CHECK: nt.dense %{{.*}}, %[[FOLDED]] bias %{{.*}} name "first"
// CHECK: nt.dense %{{.*}}, %[[W]] name "second"
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0], [0.0, 1.0]]> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2xf32>
  %y = nt.dense %x, %w name "first"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[0.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  %z = nt.batch_norm %y scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32>
  %r = nt.dense %z, %w name "second"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
