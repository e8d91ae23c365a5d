// RUN: not nt-opt %s --nt-print-evaluation 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not nt-opt %s --nt-print-evaluation=data=%S/Inputs/images.npz 2>&1 | FileCheck %s --check-prefix=SHAPE

// EMPTY: error: [NT-OPT-001] {{.*}} data is empty
// SHAPE: error: [NT-DATA-002] {{.*}} has 32 values, the network takes 3
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %r = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
