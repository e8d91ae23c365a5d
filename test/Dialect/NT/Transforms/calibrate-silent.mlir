// A layer that is never positive takes the largest magnitude of its sums, and one
// that is all zeros takes 0.001; both are warned of.
// RUN: nt-opt %s "--nt-calibrate=data=%S/Inputs/vectors.npz percentile=100" --verify-diagnostics | FileCheck %s

// CHECK: name "negative" {input_range = 1.000000e+00 : f64, output_range = 3.500000e+00 : f64}
// CHECK: name "zero" {input_range = 3.500000e+00 : f64, output_range = 1.000000e-03 : f64}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[-1.0, -2.0, -2.0], [-1.0, 0.0, -1.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %v = nt.frozen dense<1.0> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "v" : tensor<2x2xf32>
  // expected-warning @+2 {{NT-QUANT-006] the layer is never active on the calibration data: 'negative' has no positive activation; its output_range is taken to be}}
  // expected-note @+1 {{calibrate on data like that of the task}}
  %y = nt.dense %x, %w name "negative"
    : tensor<1x3xf32>, tensor<2x3xf32> -> tensor<1x2xf32>
  %a = nt.relu %y : tensor<1x2xf32>
  // expected-warning @+2 {{'zero' has no positive activation}}
  // expected-note @+1 {{calibrate}}
  %r = nt.dense %a, %v name "zero"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
