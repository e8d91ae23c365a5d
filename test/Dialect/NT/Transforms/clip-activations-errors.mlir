// Every layer without a range, in one run.
// RUN: nt-opt %s --nt-clip-activations --verify-diagnostics

func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0], [0.5, -1.0]]> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "a" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  // expected-error @+2 {{[NT-QUANT-004] the layer has no activation range: layer 'a' lacks output_range}}
  // expected-note @+1 {{run nt-calibrate first}}
  %1 = nt.relu %0 : tensor<1x2xf32>
  %2 = nt.dense %1, %w name "b" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  // expected-error @+2 {{[NT-QUANT-004] the layer has no activation range: layer 'b' lacks output_range}}
  // expected-note @+1 {{run nt-calibrate first}}
  %3 = nt.clip %2 from 0.0 to 6.0 : tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}
