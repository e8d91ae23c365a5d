// Windows and result shapes of pools.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> {
  // expected-error @+1 {{result has shape [1, 4, 4, 4] where the operands give [1, 4, 7, 7]}}
  %0 = nt.max_pool %x kernel [2, 2] strides [1, 1] pads [0, 0, 0, 0] : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  return %0 : tensor<1x4x4x4xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> {
  // expected-error @+1 {{result has shape [1, 4, 4, 4] where the operands give [1, 4, 4, 5]}}
  %0 = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [0, 1, 0, 1] : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  return %0 : tensor<1x4x4x4xf32>
}

// -----

// A window of padding alone has no value.
func.func @f(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> {
  // expected-error @+1 {{pad 2 is not smaller than the kernel, 2, along spatial axis 0}}
  %0 = nt.max_pool %x kernel [2, 2] strides [2, 2] pads [2, 0, 0, 0] : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  return %0 : tensor<1x4x4x4xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> {
  // expected-error @+1 {{kernel has 3 entries, must have 2}}
  %0 = nt.avg_pool %x kernel [2, 2, 2] strides [2, 2] pads [0, 0, 0, 0] : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  return %0 : tensor<1x4x4x4xf32>
}

// -----

func.func @f(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> {
  // expected-error @+1 {{window is larger than the padded input along spatial axis 0}}
  %0 = nt.max_pool %x kernel [9, 2] strides [2, 2] pads [0, 0, 0, 0] : tensor<1x4x8x8xf32> -> tensor<1x4x4x4xf32>
  return %0 : tensor<1x4x4x4xf32>
}
