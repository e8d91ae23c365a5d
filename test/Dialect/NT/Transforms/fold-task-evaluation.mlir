// The folded network gives what the interpreter gives under the task, classes
// included. By hand: sample 0 has 0.75 + 0.5 and 1.5 - 2, output 0 is class 1.
// RUN: nt-opt %s "--nt-print-evaluation=task=target data=%S/Inputs/vectors.npz" -o /dev/null > %t.before
// RUN: nt-opt %s --nt-fold-task=task=target --nt-print-evaluation=data=%S/Inputs/vectors.npz -o /dev/null > %t.after
// RUN: diff %t.before %t.after
// RUN: FileCheck %s < %t.after

// CHECK: sample 0: 1.2500 -0.5000 -> class 1 (label 1)
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
