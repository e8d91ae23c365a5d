// RUN: nt-opt %s --split-input-file --verify-diagnostics

func.func @scale(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{scale must be positive and finite}}
  %0 = nt.fake_quantize %x scale 0.0 zero_point 0 range [0, 255] : tensor<1x2xf32>
  return
}

// -----

func.func @range(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{range must be two integers, the lower one first}}
  %0 = nt.fake_quantize %x scale 0.5 zero_point 0 range [255, 0] : tensor<1x2xf32>
  return
}

// -----

func.func @zero_point(%x: tensor<1x2xf32>) {
  // expected-error @+1 {{zero point -1 is outside the range}}
  %0 = nt.fake_quantize %x scale 0.5 zero_point -1 range [0, 255] : tensor<1x2xf32>
  return
}
