// Two layers that feed one through nt.add or nt.concat: the larger range counts.
// RUN: nt-opt %s "--nt-calibrate=data=%S/Inputs/vectors.npz percentile=100" | FileCheck %s

// CHECK: name "fc" {input_range = 1.000000e+00 : f64, output_range = 2.250000e+00 : f64}
// CHECK: name "out" {input_range = 2.250000e+00 : f64, output_range = 5.250000e+00 : f64}
// CHECK: name "sum" {input_range = 5.250000e+00 : f64
// CHECK: name "wide" {input_range = 5.250000e+00 : f64
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %a = nt.relu %y : tensor<1x2xf32>
  %v = nt.frozen dense<[[1.0, 2.0], [0.0, -1.0]]> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "v" : tensor<2x2xf32>
  %o = nt.dense %a, %v name "out"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %s = nt.add %a, %o : tensor<1x2xf32>
  %t = nt.dense %s, %v name "sum"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %u = nt.frozen dense<1.0> : tensor<2x4xf32>
      hash "00000000000000000000000000000000" origin "u" : tensor<2x4xf32>
  %c = nt.concat %a, %o axis 1 : tensor<1x2xf32>, tensor<1x2xf32> -> tensor<1x4xf32>
  %d = nt.dense %c, %u name "wide"
    : tensor<1x4xf32>, tensor<2x4xf32> -> tensor<1x2xf32>
  %r = nt.add %d, %t : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
