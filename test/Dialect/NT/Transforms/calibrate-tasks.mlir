// Every task is run, and the range is the largest of theirs: @low has 2.25 - 1,
// @high has 2.25 + 4. Tasks that the data option does not name are left out.
// RUN: nt-opt %s "--nt-calibrate=data=%S/Inputs/vectors.npz percentile=100" | FileCheck %s --check-prefix=ALL
// RUN: nt-opt %s "--nt-calibrate=data=low@%S/Inputs/vectors.npz percentile=100" | FileCheck %s --check-prefix=LOW
// RUN: nt-opt %s "--nt-calibrate=data=low@%S/Inputs/vectors.npz|high@%S/Inputs/vectors.npz:small percentile=100" | FileCheck %s --check-prefix=BOTH

// ALL: output_range = 6.250000e+00
// LOW: output_range = 1.250000e+00
// With a quarter of the inputs, sample 1 gives 1.75 / 4 + 0.25 + 4.
// BOTH: output_range = 4.687500e+00
nt.task @low classes [0, 1] values {fc = dense<-1.0> : tensor<2xf32>}
nt.task @high classes [0, 1] values {fc = dense<4.0> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %m = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  %r = nt.relu %m : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
