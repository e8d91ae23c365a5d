// Bounds of a clip, the axis of a softmax.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // expected-error @+1 {{lower bound 6.000000e+00 is above upper bound 0.000000e+00}}
  %0 = nt.clip %x from 6.0 to 0.0 : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // expected-error @+1 {{a bound is not a number}}
  %0 = nt.clip %x from 0.0 to 0x7FF8000000000000 : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // expected-error @+1 {{axis 2 is outside 0..1}}
  %0 = nt.softmax %x axis 2 : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // expected-error @+1 {{axis -1 is outside 0..1}}
  %0 = nt.softmax %x axis -1 : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
