// Samples that the chip's encoder does not take are counted.
// RUN: %python -c "import numpy as n; n.savez('%t.npz', x=n.array([[0.5, -1], [2, 0.25]], 'f4'))"
// RUN: nt-opt %s --nt-calibrate='data=%t.npz' -o /dev/null 2>&1 | FileCheck %s
// CHECK: [NT-DATA-005]{{.*}}2 of 4 input values are below 0, which the encoder refuses, or above 1.000000e+00, which it clips
func.func @f(%x: tensor<1x2xf32>) -> tensor<1x1xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<1x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<1x2xf32>
  %0 = nt.dense %x, %w name "fc" : tensor<1x2xf32>, tensor<1x2xf32> -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
