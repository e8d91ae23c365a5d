// Rule F1: each damaged tensor is named, with the hash found and the one recorded.
// RUN: nt-opt %s --nt-verify-frozen --verify-diagnostics

func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  // expected-error @+2 {{NT-FRZ-001] frozen weights differ from their content hash (rule F1): 'fc.weight' has hash 4ec9f1dc1646da88804096d466264d79, recorded is 00000000000000000000000000000000}}
  // expected-note @+1 {{restore the weights from the source model}}
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "fc.weight" : tensor<2x3xf32>
  // expected-error @+2 {{'fc.bias' has hash 01eb8779948565ac44427fdad6a48704, recorded is 00000000000000000000000000000000}}
  // expected-note @+1 {{restore}}
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "fc.bias" : tensor<2xf32>
  %r = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
