// Behind a layer the range of a quantised activation is its ReLU; elsewhere it goes.
// RUN: nt-opt %s --nt-lower-fake-quantize | FileCheck %s

// CHECK-LABEL: @main
// CHECK-NOT: nt.fake_quantize
// CHECK: %[[FC:.*]] = nt.dense %{{.*}}
// CHECK: %[[CLIP:.*]] = nt.clip %[[FC]] from 0.000000e+00 to 6.375000e+01
// CHECK-NEXT: %[[OUT:.*]] = nt.dense %[[CLIP]]
// CHECK-NEXT: return %[[OUT]]
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<2x2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x2xf32>
  %0 = nt.fake_quantize %x scale 3.0e-3 zero_point 0 range [0, 255] : tensor<1x2xf32>
  %1 = nt.dense %0, %w name "fc1" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %2 = nt.fake_quantize %1 scale 0.25 zero_point -128 range [-128, 127] : tensor<1x2xf32>
  %3 = nt.dense %2, %w name "fc2" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %4 = nt.fake_quantize %3 scale 0.5 zero_point 3 range [-128, 127] : tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}
