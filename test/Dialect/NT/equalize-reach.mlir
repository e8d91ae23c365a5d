// The second channel takes the difference of two inputs that are nearly equal: its activation is small, its weights are not.
// RUN: %python -c "import numpy; x = numpy.random.default_rng(1).random((64, 1), numpy.float32); numpy.savez('%t.npz', x=numpy.hstack([x, 0.95 * x]), y=numpy.zeros(64, numpy.int32))"
// RUN: nt-opt %s --nt-equalize="data=%t.npz samples=64" | FileCheck %s --check-prefix=ANY
// RUN: nt-opt %s --nt-calibrate="data=%t.npz samples=64" --nt-equalize="data=%t.npz samples=64 device=nt1-tiny" | FileCheck %s --check-prefix=DEVICE
// ANY: nt.frozen dense<{{\[\[}}8.000000e-01, 0.000000e+00], [1.280000e+01, -1.280000e+01]]>
// Synapses of the device reach four times its weights, not sixty-four times.
// DEVICE: nt.frozen dense<{{\[\[}}8.000000e-01, 0.000000e+00], [8.000000e-01, -8.000000e-01]]>
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[0.8, 0.0], [0.2, -0.2]]> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x2xf32>
  %v = nt.frozen dense<[[1.0, 1.0], [1.0, -1.0]]> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "v" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "fc1" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %1 = nt.relu %0 : tensor<1x2xf32>
  %2 = nt.dense %1, %v name "fc2" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}
