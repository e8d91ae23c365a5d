// Samples beyond 0 to 1 set the encoder's full scale; below 0, inputs are
// signed. Samples within leave it at 1, and take back what others said.
// RUN: %python -c "import numpy as n; n.savez('%t.npz', x=n.array([[0.5, -1], [2, 0.25]], 'f4')); n.savez('%t2.npz', x=n.array([[0.5, 0], [2, 0.25]], 'f4')); n.savez('%t3.npz', x=n.array([[0.5, 0], [0.6, 0.25]], 'f4'))"
// RUN: nt-opt %s --nt-calibrate='data=%t.npz percentile=100' -o %t.mlir && FileCheck --input-file=%t.mlir %s --check-prefix=SIGNED
// RUN: nt-opt %s --nt-calibrate='data=%t2.npz percentile=100' | FileCheck %s --check-prefix=LARGE
// RUN: nt-opt %t.mlir --nt-calibrate='data=%t3.npz' | FileCheck %s --check-prefix=PLAIN
// SIGNED: nt.network, nt.signed_inputs
// SIGNED: input_range = 2.0
// LARGE-NOT: signed_inputs
// LARGE: input_range = 2.0
// PLAIN-NOT: signed_inputs
// PLAIN: input_range = 1.0
func.func @f(%x: tensor<1x2xf32>) -> tensor<1x1xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<1x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<1x2xf32>
  %0 = nt.dense %x, %w name "fc" : tensor<1x2xf32>, tensor<1x2xf32> -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
