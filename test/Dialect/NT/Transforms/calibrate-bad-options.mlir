// All bad options in one run.
// RUN: not nt-opt %s "--nt-calibrate=percentile=0 samples=0 threads=0" 2>&1 | FileCheck %s

// CHECK: error: [NT-OPT-001] {{.*}}: percentile is {{.*}}, must be above 0 and at most 100
// CHECK: error: [NT-OPT-001] {{.*}}: samples is 0, at least 1 is needed
// CHECK: error: [NT-OPT-001] {{.*}}: threads is 0, at least 1 is needed
// CHECK: error: [NT-QUANT-002] no calibration data: the data option is empty
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %r = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
