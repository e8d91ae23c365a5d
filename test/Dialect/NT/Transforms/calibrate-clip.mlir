// What a clip cuts off is beyond the range, behind the modulation.
// RUN: nt-opt %s "--nt-calibrate=data=%S/Inputs/vectors.npz percentile=100" | FileCheck %s

// CHECK: output_range = 1.750000e+00
nt.task @source classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %m = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  %r = nt.clip %m from 0.0 to 1.75 : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
