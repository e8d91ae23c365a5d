// nt-quantize splits the weights of named layers over two columns.
// RUN: rm -rf %t && mkdir %t && %python %src/test/tools/Inputs/pairing-device.py %devices/nt1-tiny.json %t/pairs.json
// RUN: nt-opt %s --nt-quantize="device=%t/pairs.json data=uniform paired=fc1 correct-means=false" 2>/dev/null | FileCheck %s
// CHECK: tensor<4x3xi8>{{.*}}quantize in pairs of ratio {{[0-9]+}} for device pairs
// CHECK: nt.dense {{.*}}name "fc1" {{.*}}domain_of_channel = array<i32: {{[0-3]}}, {{[0-3]}}, {{[0-3]}}, {{[0-3]}}>{{.*}}paired{{.*}}tensor<4xf64>
// CHECK: tensor<2x2xi8>{{.*}}quantize for device pairs
// CHECK: nt.dense {{.*}}name "fc2" {{.*}}domain_of_channel = array<i32: {{[0-3]}}, {{[0-3]}}>
// CHECK-NOT: paired

// With one domain both columns are on it: codes from -14 to 14.
// RUN: nt-opt %s --nt-quantize="device=%t/pairs.json data=uniform paired=all domains=1" 2>/dev/null | FileCheck %s --check-prefix=ONE
// ONE: pairs of ratio 1 for device pairs
// ONE: domain_of_channel = array<i32: 0, 0, 0, 0>

// RUN: not nt-opt %s --nt-quantize="device=%t/pairs.json data=uniform paired=fc1|fc3" 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: NT-OPT-001{{.*}}paired names 'fc3', the layers are fc1, fc2
// RUN: not nt-opt %s --nt-quantize="device=nt1-tiny data=uniform paired=all" 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: NT-PAIR-001{{.*}}nt1-tiny has no synapse/pairing
// RUN: not nt-opt %s --nt-quantize="device=%t/pairs.json data=uniform paired=all grid=free" 2>&1 | FileCheck %s --check-prefix=FREE
// FREE: NT-OPT-001{{.*}}paired is given with grid=free
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[0.7, -0.7, 0.41], [0.35, 0.01, -0.33]]> : tensor<2x3xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x3xf32>
  %v = nt.frozen dense<[[0.7, -0.2], [0.35, 0.1]]> : tensor<2x2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "v" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "fc1" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x3xf32>, tensor<2x3xf32> -> tensor<1x2xf32>
  %1 = nt.relu %0 : tensor<1x2xf32>
  %2 = nt.dense %1, %v name "fc2" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}
