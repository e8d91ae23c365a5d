// Hashes that hold pass in silence; the values are those of the printed form.
// RUN: nt-opt %s --nt-verify-frozen 2>&1 | FileCheck %s

// CHECK-NOT: error
// CHECK: nt.dense
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "4ec9f1dc1646da88804096d466264d79" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "01eb8779948565ac44427fdad6a48704" origin "b" : tensor<2xf32>
  %r = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
