// Layers of one name would share their values: each that comes later is named.
// RUN: nt-opt %s --nt-insert-modulation --verify-diagnostics

func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0], [0.0, 1.0]]> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2xf32>
  %a = nt.dense %x, %w name "fc"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  // expected-error @+2 {{NT-TASK-005] two layers have the same modulation site: 'fc'}}
  // expected-note @+1 {{give the nodes of the model different names}}
  %b = nt.dense %a, %w name "fc"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  // expected-error @+2 {{two layers have the same modulation site: 'fc'}}
  // expected-note @+1 {{give}}
  %r = nt.dense %b, %w name "fc"
    : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
