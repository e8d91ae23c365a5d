// Parameters of a batch normalisation.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x4x3x3xf32>, %p: tensor<3xf32>) -> tensor<1x4x3x3xf32> {
  // expected-error @+1 {{scale has shape [3], must be [4], one value a channel}}
  %0 = nt.batch_norm %x scale %p shift %p mean %p variance %p epsilon 1.0e-5 : tensor<1x4x3x3xf32>, tensor<3xf32>
  return %0 : tensor<1x4x3x3xf32>
}

// -----

func.func @f(%x: tensor<1x4x3x3xf32>, %p: tensor<4xi8>) -> tensor<1x4x3x3xf32> {
  // expected-error @+1 {{scale has element type 'i8', must be f32}}
  %0 = nt.batch_norm %x scale %p shift %p mean %p variance %p epsilon 1.0e-5 : tensor<1x4x3x3xf32>, tensor<4xi8>
  return %0 : tensor<1x4x3x3xf32>
}

// -----

func.func @f(%x: tensor<4xf32>, %p: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{input has rank 1, must have at least 2}}
  %0 = nt.batch_norm %x scale %p shift %p mean %p variance %p epsilon 1.0e-5 : tensor<4xf32>, tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<1x4x3x3xf32>, %p: tensor<4xf32>) -> tensor<1x4x3x3xf32> {
  // expected-error @+1 {{epsilon is not finite and at least zero}}
  %0 = nt.batch_norm %x scale %p shift %p mean %p variance %p epsilon -1.0 : tensor<1x4x3x3xf32>, tensor<4xf32>
  return %0 : tensor<1x4x3x3xf32>
}
