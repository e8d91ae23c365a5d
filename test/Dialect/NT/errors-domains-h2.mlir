// Every channel is in a synapse domain that exists (rule H2).
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{has domain_of_channel without domain_dac (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf64>, domain_of_channel = array<i32: 0, 0, 0>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{has domain_dac without domain_of_channel (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf64>, domain_dac = array<i32: 0>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{domain_of_channel has 2 entries, must have 3, one a channel (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf64>, domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 5>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{channel 2 is in domain 2, but there are 2 synapse domains (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf64>, domain_of_channel = array<i32: 0, 1, 2>, domain_dac = array<i32: 5, 6>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{channel 1 is in domain -1, but there are 2 synapse domains (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf64>, domain_of_channel = array<i32: 0, -1, 0>, domain_dac = array<i32: 5, 6>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
