// Activations are static float tensors: types say so before any verifier.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{must be statically shaped tensor of 32-bit float values}}
  %0 = nt.relu %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func @f(%x: tensor<1x4xf64>) -> tensor<1x4xf64> {
  // expected-error @+1 {{must be statically shaped tensor of 32-bit float values}}
  %0 = nt.relu %x : tensor<1x4xf64>
  return %0 : tensor<1x4xf64>
}
