// Every batch norm that cannot be folded is refused by name, in one run.
// RUN: nt-opt %s --nt-fold-batch-norm --verify-diagnostics --split-input-file

// Nothing but the input before it, and a rectifier before it.
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[0.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  // expected-error @+2 {{NT-NORM-001] a batch normalisation cannot be folded: 'nt.batch_norm' has no layer with frozen weights before it, but the network's input}}
  // expected-note @+1 {{put it directly behind a convolution}}
  %a = nt.batch_norm %x scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32>
  %b = nt.relu %a : tensor<1x2xf32>
  // expected-error @+2 {{'nt.batch_norm' has no layer with frozen weights before it, but 'nt.relu'}}
  // expected-note @+1 {{put it}}
  %r = nt.batch_norm %b scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32>
  return %r : tensor<1x2xf32>
}

// -----

// The layer's sums are read by another op as well.
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[0.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  // expected-error @+2 {{is behind layer 'fc', whose result has other uses}}
  // expected-note @+1 {{put it}}
  %z = nt.batch_norm %y scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32>
  %r = nt.add %y, %z : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// -----

// A negative variance has no square root.
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[1.0, -2.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  // expected-error @+2 {{has a variance, scale, shift or mean in channel 1 that gives no finite factor}}
  // expected-note @+1 {{put it}}
  %r = nt.batch_norm %y scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32>
  return %r : tensor<1x2xf32>
}

// -----

// Codes cannot be scaled.
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1, 2, -7], [0, 1, 3]]> : tensor<2x3xi8>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xi8>
  %y = nt.dense %x, %w name "fc" {scales = dense<[0.5, 0.25]> : tensor<2xf64>}
    : tensor<1x3xf32>, tensor<2x3xi8> -> tensor<1x2xf32>
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[0.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  // expected-error @+2 {{is behind layer 'fc', which is quantised}}
  // expected-note @+1 {{put it}}
  %r = nt.batch_norm %y scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32>
  return %r : tensor<1x2xf32>
}
