// Weights that no code holds are named, all of them; those that any code holds are quantised right.
// RUN: not nt-opt %s --split-input-file --nt-quantize="device=nt1-tiny data=uniform" 2>&1 >/dev/null | FileCheck %s
// RUN: not nt-opt %s --split-input-file --nt-quantize="device=nt1-tiny data=uniform" 2>/dev/null | FileCheck %s --check-prefix=IR

// CHECK: NT-QUANT-001{{.*}}weight 1 of channel 0 of 'fc' is {{nan|NAN}}
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[0.5, 0x7FC00000], [0.5, 0.5]]> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----
// CHECK: NT-QUANT-001{{.*}}weight 0 of channel 1 of 'fc' is {{inf|INF}}
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[0.5, 0.5], [0x7F800000, 0.5]]> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----
// A grid too coarse, and one too short: the channels that vanish or saturate are counted.
// CHECK: warning: [NT-DOM-001]{{.*}}have no weight above {{.*}}they vanish
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0e-9, 0.9e-9], [-1.0e-9, 1.0e-9]]> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----
// CHECK: warning: [NT-DOM-001]{{.*}}2 channels of 'fc' have weights up to 1.000000e+09{{.*}}they saturate
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0e9, 0.9e9], [-1.0e9, 1.0e9]]> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----
// Zeros are zeros in any domain.
// IR: nt.frozen dense<{{\[\[}}7, 7], [-7, 7]]>
// IR: nt.frozen dense<0> : tensor<2x2xi8>
// IR: domain_dac = array<i32: {{[0-9]+}}>
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<0.0> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
