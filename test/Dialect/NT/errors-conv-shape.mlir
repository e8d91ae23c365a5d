// The result shape of a convolution: floor((size + pads - span) / stride) + 1.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{result has shape [1, 6, 6, 6] where the operands give [1, 6, 8, 8]}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 : tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{result has shape [1, 6, 6, 6] where the operands give [1, 6, 3, 6]}}
  %0 = nt.conv %x, %w name "c" strides [2, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 : tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{result has shape [1, 6, 6, 6] where the operands give [1, 6, 6, 4]}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 2] groups 1 : tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

// The bottom pad counts, the right one has its own axis.
func.func @f(%x: tensor<1x4x8x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{result has shape [1, 6, 6, 6] where the operands give [1, 6, 7, 6]}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 1, 0] dilations [1, 1] groups 1 : tensor<1x4x8x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x2xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{window is larger than the padded input along spatial axis 1}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 : tensor<1x4x8x2xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}

// -----

func.func @f(%x: tensor<1x4x8xf32>, %w: tensor<6x4x3x3xf32>) -> tensor<1x6x6x6xf32> {
  // expected-error @+1 {{input has rank 3, must have 4}}
  %0 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 : tensor<1x4x8xf32>, tensor<6x4x3x3xf32> -> tensor<1x6x6x6xf32>
  return %0 : tensor<1x6x6x6xf32>
}
