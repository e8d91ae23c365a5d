// Channels and groups of a convolution.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{weights take 4 input channels a group, the input has 2}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 2 : tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{input has 4 channels, not a multiple of 3 groups}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 3 : tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x1x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{weights have 6 output channels, not a multiple of 4 groups}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 4 : tensor<1x4x8x8xf32>, tensor<6x1x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{groups is 0, must be at least 1}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 0 : tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}
