// The bias of a dense layer takes the values in: [0.25 + 0.5, -0.5 - 2]. All tasks
// go, and the module keeps the classes of the folded one.
// RUN: nt-opt %s --nt-fold-task=task=target | FileCheck %s

// CHECK: module attributes {nt.classes = array<i32: 1, 0>}
// CHECK-NOT: nt.task
// CHECK: nt.frozen dense<[7.500000e-01, -2.500000e+00]> {{.*}} origin "b" derivation ["modulation of task @target folded in (was 00000000000000000000000000000000)"]
// CHECK: %[[Y:.*]] = nt.dense
// CHECK-NEXT: return %[[Y]]
nt.task @source classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>}
nt.task @target classes [1, 0] values {fc = dense<[0.5, -2.0]> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %r = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
