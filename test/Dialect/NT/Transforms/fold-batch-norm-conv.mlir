// Behind a convolution the factor belongs to axis 0 of the weights.
// RUN: nt-opt %s --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.before
// RUN: nt-opt %s --nt-fold-batch-norm --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.after
// RUN: diff %t.before %t.after
// RUN: nt-opt %s --nt-fold-batch-norm | FileCheck %s

// CHECK-NOT: nt.batch_norm
// CHECK: nt.frozen dense<{{\[}}{{\[}}{{\[}}[2.000000e+00, 4.000000e+00], [0.000000e+00, -2.000000e+00]], {{\[}}[1.000000e+00, 0.000000e+00], [0.000000e+00, 2.000000e+00]]], {{\[}}{{\[}}[1.500000e+00,
// CHECK: nt.conv
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[[[1.0, 2.0], [0.0, -1.0]], [[0.5, 0.0], [0.0, 1.0]]], [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]]]> : tensor<2x2x2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2x2x2xf32>
  %y = nt.conv %x, %w name "conv" strides [2, 2] pads [1, 1, 1, 1]
    dilations [1, 1] groups 1
    : tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32> -> tensor<1x2x3x3xf32>
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[0.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  %r = nt.batch_norm %y scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2x3x3xf32>, tensor<2xf32>
  return %r : tensor<1x2x3x3xf32>
}
