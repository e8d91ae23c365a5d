// Codes and scales come together.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{weights have element type 'i8' but there are no scales; codes (i8) and scales come together}}
  %0 = nt.dense %x, %w name "fc" : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{weights have element type 'f32' but there are scales}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf64>} : tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{scales have type 'tensor<2xf64>', must be a dense tensor<3xf64>, one a channel}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<2xf64>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{scales have type 'tensor<3xf32>', must be a dense tensor<3xf64>}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf32>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{scale of channel 1 is not positive and finite}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<[0.1, 0.0, 0.1]> : tensor<3xf64>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{scale of channel 2 is not positive and finite}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<[0.1, 0.1, 0x7FF0000000000000]> : tensor<3xf64>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
