// Activations end where ranges do; a clip that ends below stays, and so do sums that are the result. Ranges go.
// RUN: nt-opt %s --nt-clip-activations | FileCheck %s

// CHECK-NOT: output_range
// CHECK: %[[A:.*]] = nt.dense %{{.*}} name "a"
// CHECK: %[[M:.*]] = nt.modulate %[[A]]
// CHECK: %[[CLIP:.*]] = nt.clip %[[M]] from 0.000000e+00 to 1.750000e+00
// CHECK: %[[B:.*]] = nt.dense %[[CLIP]]
// CHECK: nt.clip %[[B]] from 0.000000e+00 to 6.000000e+00
// CHECK: nt.clip %{{.*}} from 0.000000e+00 to 2.500000e+00
// CHECK: %[[D:.*]] = nt.dense %{{.*}} name "d"
// CHECK: return %[[D]]
func.func @net(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0], [0.5, -1.0]]> : tensor<2x2xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "a" {input_range = 1.0, output_range = 1.75} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %1 = nt.modulate %0 site "a" per neuron : tensor<1x2xf32>
  %2 = nt.relu %1 : tensor<1x2xf32>
  %3 = nt.dense %2, %w name "b" {input_range = 1.75, output_range = 7.0} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %4 = nt.clip %3 from 0.0 to 6.0 : tensor<1x2xf32>
  %5 = nt.dense %4, %w name "c" {input_range = 6.0, output_range = 2.5} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %6 = nt.clip %5 from 0.0 to 6.0 : tensor<1x2xf32>
  %7 = nt.dense %6, %w name "d" {input_range = 2.5, output_range = 3.0} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %7 : tensor<1x2xf32>
}
