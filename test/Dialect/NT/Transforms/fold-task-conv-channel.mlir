// One value a channel becomes the bias of a convolution.
// RUN: nt-opt %s --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.before
// RUN: nt-opt %s --nt-fold-task=task=target --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.after
// RUN: diff %t.before %t.after
// RUN: nt-opt %s --nt-fold-task=task=target | FileCheck %s

// CHECK: %[[B:.*]] = nt.frozen dense<[5.000000e-01, -2.000000e+00]>
// CHECK: nt.conv %{{.*}}, %{{.*}} bias %[[B]] name "conv"
// CHECK-NOT: nt.add
nt.task @target classes [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17] values {conv = dense<[0.5, -2.0]> : tensor<2xf32>}
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[[[1.0, 2.0], [0.0, -1.0]], [[0.5, 0.0], [0.0, 1.0]]], [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]]]> : tensor<2x2x2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2x2x2xf32>
  %y = nt.conv %x, %w name "conv" strides [2, 2] pads [1, 1, 1, 1]
    dilations [1, 1] groups 1
    : tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32> -> tensor<1x2x3x3xf32>
  %r = nt.modulate %y site "conv" per channel : tensor<1x2x3x3xf32>
  return %r : tensor<1x2x3x3xf32>
}
