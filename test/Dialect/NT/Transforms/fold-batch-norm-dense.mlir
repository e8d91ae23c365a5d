// Weights are scaled and the bias is scaled and shifted, channel by channel; the
// origin stays, the derivation names the step and the hash before it.
// RUN: nt-opt %s --nt-fold-batch-norm | FileCheck %s

// CHECK-NOT: nt.batch_norm
// CHECK-DAG: nt.frozen dense<{{\[}}[2.000000e+00, 4.000000e+00, -2.000000e+00], [7.500000e-01, -1.500000e+00, 4.500000e+00]]> {{.*}} origin "w" derivation ["batch norm 'nt.batch_norm' folded in (was 00000000000000000000000000000000)"]
// CHECK-DAG: nt.frozen dense<[5.000000e-01, -2.125000e+00]> {{.*}} origin "b" derivation ["batch norm 'nt.batch_norm' folded in (was 00000000000000000000000000000000)"]
// CHECK-NOT: nt.frozen
// CHECK: %[[Y:.*]] = nt.dense
// CHECK-NEXT: return %[[Y]]
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
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
