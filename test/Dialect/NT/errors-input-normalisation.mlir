// The form of what is recorded of the network's inputs.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{nt.input_normalisation must be a dictionary, found 1 : i64}}
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> attributes {nt.network, nt.input_normalisation = 1} {
  return %x : tensor<1x4xf32>
}

// -----

// expected-error @+1 {{nt.input_normalisation: "std" is 0.000000e+00, must be finite and above 0}}
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> attributes {nt.network, nt.input_normalisation = {std = array<f32: 0.0>}} {
  return %x : tensor<1x4xf32>
}

// -----

// expected-error @+1 {{nt.input_normalisation holds mean and std as array<f32: ...>, found "deviation" = array<f32: 1.000000e+00>}}
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> attributes {nt.network, nt.input_normalisation = {deviation = array<f32: 1.0>}} {
  return %x : tensor<1x4xf32>
}
