// A bias is one f32 value a channel.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>, %b: tensor<2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{bias has shape [2], must be [3], one value a channel}}
  %0 = nt.dense %x, %w bias %b name "fc" : tensor<1x2xf32>, tensor<3x2xf32>, tensor<2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>, %b: tensor<1x3xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{bias has shape [1, 3], must be [3], one value a channel}}
  %0 = nt.dense %x, %w bias %b name "fc" : tensor<1x2xf32>, tensor<3x2xf32>, tensor<1x3xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>, %b: tensor<3xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{bias has element type 'i8', must be f32}}
  %0 = nt.dense %x, %w bias %b name "fc" : tensor<1x2xf32>, tensor<3x2xf32>, tensor<3xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
