// Where the layer's sums are read past the modulation, its bias must stay.
// RUN: nt-opt %s --nt-print-evaluation=data=%S/Inputs/vectors.npz -o /dev/null > %t.before
// RUN: nt-opt %s --nt-fold-task --nt-print-evaluation=data=%S/Inputs/vectors.npz -o /dev/null > %t.after
// RUN: diff %t.before %t.after
// RUN: nt-opt %s --nt-fold-task | FileCheck %s

// CHECK: nt.frozen dense<[2.500000e-01, -5.000000e-01]>
// CHECK: nt.add
// CHECK: nt.add
nt.task @target classes [1, 0] values {fc = dense<[0.5, -2.0]> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %m = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  %r = nt.add %y, %m : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
