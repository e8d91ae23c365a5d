// One value a neuron does not fit a convolution's bias: a frozen constant is added.
// RUN: nt-opt %s --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.before
// RUN: nt-opt %s --nt-fold-task=task=target --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.after
// RUN: diff %t.before %t.after
// RUN: nt-opt %s --nt-fold-task=task=target | FileCheck %s

// CHECK: %[[Y:.*]] = nt.conv
// CHECK: %[[B:.*]] = nt.frozen dense<{{\[}}{{\[}}{{\[}}[0.000000e+00, 2.500000e-01, 5.000000e-01], {{.*}} : tensor<1x2x3x3xf32> {{.*}} origin "task @target site conv"
// CHECK-NEXT: nt.add %[[Y]], %[[B]] : tensor<1x2x3x3xf32>
nt.task @target classes [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17] values {conv = dense<[0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 3.75, 4.0, 4.25]> : tensor<18xf32>}
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[[[1.0, 2.0], [0.0, -1.0]], [[0.5, 0.0], [0.0, 1.0]]], [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]]]> : tensor<2x2x2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2x2x2xf32>
  %y = nt.conv %x, %w name "conv" strides [2, 2] pads [1, 1, 1, 1]
    dilations [1, 1] groups 1
    : tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32> -> tensor<1x2x3x3xf32>
  %r = nt.modulate %y site "conv" per neuron : tensor<1x2x3x3xf32>
  return %r : tensor<1x2x3x3xf32>
}
