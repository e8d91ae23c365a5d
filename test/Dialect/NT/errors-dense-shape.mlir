// Shapes of a dense layer.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// Inputs of weights and input differ.
func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x4xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{weights take 4 inputs, the input has 2}}
  %0 = nt.dense %x, %w name "fc" : tensor<1x2xf32>, tensor<3x4xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

// Outputs of weights and result differ.
func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x4xf32> {
  // expected-error @+1 {{result has shape [1, 4] where the operands give [1, 3]}}
  %0 = nt.dense %x, %w name "fc" : tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

// An image must be reshaped first.
func.func @f(%x: tensor<1x1x1x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{input has rank 4, must have 2}}
  %0 = nt.dense %x, %w name "fc" : tensor<1x1x1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

// Weights are a matrix.
func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2x1xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{weights has rank 3, must have 2}}
  %0 = nt.dense %x, %w name "fc" : tensor<1x2xf32>, tensor<3x2x1xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

// The batch stays.
func.func @f(%x: tensor<2x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{result has shape [1, 3] where the operands give [2, 3]}}
  %0 = nt.dense %x, %w name "fc" : tensor<2x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
