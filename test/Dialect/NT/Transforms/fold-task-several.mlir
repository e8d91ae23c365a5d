// With several tasks one must be named.
// RUN: not nt-opt %s --nt-fold-task 2>&1 | FileCheck %s

// CHECK: error: [NT-OPT-001] a pass or command option has no valid value: nt-fold-task needs task=<name>: the module has 2 tasks
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
