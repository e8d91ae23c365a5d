// Running the pass again changes nothing.
// RUN: nt-opt %s --nt-insert-modulation > %t.once
// RUN: nt-opt %s --nt-insert-modulation --nt-insert-modulation > %t.twice
// RUN: diff %t.once %t.twice
// RUN: FileCheck %s < %t.twice

// CHECK-COUNT-1: nt.task
// CHECK-COUNT-1: nt.modulate
// CHECK-NOT: nt.modulate
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %r = nt.relu %y : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
