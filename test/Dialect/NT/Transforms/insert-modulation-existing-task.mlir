// A task that is there gets zeros for the new site and keeps its other values;
// there is no @source then.
// RUN: nt-opt %s --nt-insert-modulation | FileCheck %s

// CHECK-NOT: @source
// CHECK: nt.task @mine classes [1, 0] values {fc = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>, out = dense<0.000000e+00> : tensor<2xf32>}
// CHECK: nt.modulate {{.*}} site "fc"
// CHECK: nt.modulate {{.*}} site "out"
// CHECK-NOT: nt.modulate
nt.task @mine classes [1, 0] values {fc = dense<[1.0, 2.0]> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %m = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  %v = nt.frozen dense<[[1.0, 2.0], [0.0, 1.0]]> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "v" : tensor<2x2xf32>
  %r = nt.dense %m, %v name "out"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
