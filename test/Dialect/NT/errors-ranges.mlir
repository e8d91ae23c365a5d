// Activation ranges are positive.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{input_range is not positive and finite}}
  %0 = nt.dense %x, %w name "fc" {input_range = 0.0 : f64} : tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{output_range is not positive and finite}}
  %0 = nt.dense %x, %w name "fc" {output_range = -1.0 : f64} : tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{output_range is not positive and finite}}
  %0 = nt.dense %x, %w name "fc" {output_range = 0x7FF8000000000000 : f64} : tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
