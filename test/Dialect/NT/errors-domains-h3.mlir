// A synapse domain has a DAC code and gives a scale (rule H3).
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xi8>) -> tensor<1x3xf32> {
  // expected-error @+1 {{DAC code -1 of synapse domain 1 is negative (rule H3)}}
  %0 = nt.dense %x, %w name "fc" {scales = dense<0.1> : tensor<3xf64>, domain_of_channel = array<i32: 0, 1, 1>, domain_dac = array<i32: 5, -1>} : tensor<1x2xf32>, tensor<3x2xi8> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) -> tensor<1x3xf32> {
  // expected-error @+1 {{has synapse domains but no scales (rule H3)}}
  %0 = nt.dense %x, %w name "fc" {domain_of_channel = array<i32: 0, 0, 0>, domain_dac = array<i32: 5>} : tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
