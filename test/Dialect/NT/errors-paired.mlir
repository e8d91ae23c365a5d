// A paired layer has codes, two rows a channel (rule H8).
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x2xf32>, %w: tensor<6x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{is paired, but its weights are no codes (rule H8)}}
  %0 = nt.dense %x, %w name "fc" {paired} : tensor<1x2xf32>, tensor<6x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{is paired, but its codes have 3 rows, not two a channel (rule H8)}}
  %0 = nt.dense %x, %w name "fc" {paired, scales = dense<0.1> : tensor<3xf64>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<6x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{must be a dense tensor<6xf64>, one a column}}
  %0 = nt.dense %x, %w name "fc" {paired, scales = dense<0.1> : tensor<3xf64>} : tensor<1x2xf32>, tensor<6x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<6x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{domain_of_channel has 3 entries, must have 6}}
  %0 = nt.dense %x, %w name "fc" {paired, scales = dense<0.1> : tensor<6xf64>, domain_of_channel = array<i32: 0, 0, 0>, domain_dac = array<i32: 5>} : tensor<1x2xf32>, tensor<6x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x4x5x5xf32>, %w: tensor<6x2x3x3xi8>) -> tensor<1x3x3x3xf32> {
  // expected-error @+1 {{weights have 3 output channels, not a multiple of 2 groups}}
  %0 = nt.conv %x, %w name "conv" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 2 {paired, scales = dense<0.1> : tensor<6xf64>} : tensor<1x4x5x5xf32>, tensor<6x2x3x3xi8> -> tensor<1x3x3x3xf32>
  return %0 : tensor<1x3x3x3xf32>
}
