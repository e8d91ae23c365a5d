// RUN: nt-opt %s --verify-diagnostics --split-input-file
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<1> : tensor<2x3xi8> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x3xi8>
  // expected-error @below {{nt.core_groups must be array<i32> beside domain_of_channel (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {nt.core_groups = array<i32: 0, 1>} : tensor<1x3xf32>, tensor<2x3xi8> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<1> : tensor<2x3xi8> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x3xi8>
  // expected-error @below {{nt.core_groups has 3 entries, must have 2, one a channel (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {nt.core_groups = array<i32: 0, 1, 1>, scales = dense<1.0> : tensor<2xf64>, domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 5>} : tensor<1x3xf32>, tensor<2x3xi8> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<1> : tensor<2x3xi8> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x3xi8>
  // expected-error @below {{nt.core_groups holds -1, the least group is 0 (rule H2)}}
  %0 = nt.dense %x, %w name "fc" {nt.core_groups = array<i32: 0, -1>, scales = dense<1.0> : tensor<2xf64>, domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 5>} : tensor<1x3xf32>, tensor<2x3xi8> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
