// A batch norm is called by the name of its ONNX node, where its location has one.
// RUN: not nt-opt %s --nt-fold-batch-norm 2>&1 | FileCheck %s

// CHECK: error: {{.*}}[NT-NORM-001] a batch normalisation cannot be folded: 'bn1' has no layer
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %scale = nt.frozen dense<[2.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "scale" : tensor<2xf32>
  %shift = nt.frozen dense<[1.0, -1.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "shift" : tensor<2xf32>
  %mean = nt.frozen dense<[0.5, 0.25]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "mean" : tensor<2xf32>
  %variance = nt.frozen dense<[0.0, 3.0]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "variance" : tensor<2xf32>
  %r = nt.batch_norm %x scale %scale shift %shift mean %mean
    variance %variance epsilon 1.0 : tensor<1x2xf32>, tensor<2xf32> loc("bn1")
  return %r : tensor<1x2xf32>
}
