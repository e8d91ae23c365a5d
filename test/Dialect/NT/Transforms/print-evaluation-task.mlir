// With several tasks one must be named; its classes say what an output means.
// RUN: nt-opt %s "--nt-print-evaluation=task=target data=%S/Inputs/vectors.npz" -o /dev/null | FileCheck %s
// RUN: not nt-opt %s --nt-print-evaluation=data=%S/Inputs/vectors.npz 2>&1 | FileCheck %s --check-prefix=SEVERAL
// RUN: not nt-opt %s "--nt-print-evaluation=task=none data=%S/Inputs/vectors.npz" 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// CHECK: sample 0: 1.2500 -0.5000 -> class 1 (label 1)
// SEVERAL: error: [NT-OPT-001] {{.*}} nt-print-evaluation needs task=<name>, one of source, target
// UNKNOWN: error: [NT-TASK-001] no such task: @none
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
