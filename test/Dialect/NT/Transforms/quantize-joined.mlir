// Layers that drive one population share its domains: scales are one current's,
// up to what the inputs stand for, and the biases of both are in its words.
// RUN: %python -c "import numpy as n; r = n.random.RandomState(0); n.savez('%t.npz', x=r.rand(64, 6).astype('f4'))"
// RUN: nt-opt %s --nt-quantize-pipeline='device=nt1 data=%t.npz' -o %t.mlir
// RUN: nt-opt %t.mlir --nt-assign-domains='device=nt1 data=%t.npz' -o %t2.mlir
// RUN: FileCheck %s --input-file=%t2.mlir
// RUN: nt-opt %t2.mlir --convert-nt-to-spike=device=nt1 -o - | FileCheck %s --check-prefix=SPIKE
// RUN: not nt-opt %t.mlir --nt-assign-domains='device=nt1 data=%t.npz domains=1' -o /dev/null 2>&1 | FileCheck %s --check-prefix=FEWER

// CHECK: nt.dense {{.*}} name "c" {domain_dac = array<i32: [[DAC:[0-9, ]+]]>, domain_of_channel = array<i32: [[DOM:[0-9, ]+]]>, {{.*}}output_range = [[OUT:[0-9.e+-]+]]
// CHECK: nt.dense {{.*}} name "sum.shortcut" {domain_dac = array<i32: [[DAC]]>, domain_of_channel = array<i32: [[DOM]]>, {{.*}}output_range = [[OUT]]
// CHECK: nt.add
// CHECK-NEXT: nt.modulate {{.*}} site "c" per neuron

// SPIKE: spike.encode
// SPIKE: spike.population {{.*}} name "a"
// SPIKE: %[[C:.*]] = spike.connect {{.*}} name "c"
// SPIKE: %[[S:.*]] = spike.connect {{.*}} name "sum.shortcut"
// SPIKE: spike.population %[[C]], %[[S]] name "c" {{.*}} start_slot 2 {{.*}} : <4>, <4> -> <4>
// SPIKE-NOT: shortcut

// FEWER: [NT-DOM-001]{{.*}}drive the same neurons, and have scales that no common domain realises
nt.task @source classes [0, 1, 2, 3] values {a = dense<0.0> : tensor<4xf32>, c = dense<[0.1, 0.2, -0.3, 0.4]> : tensor<4xf32>}
func.func @main(%x: tensor<1x6xf32>) -> tensor<1x4xf32> attributes {nt.network} {
  %wa = nt.frozen dense<[[1.0, 0.5, -0.2, 0.1, 0.3, 0.2], [0.4, -0.6, 0.9, 0.2, -0.1, 0.6], [0.3, 0.7, 0.1, -0.5, 0.8, 0.2], [-0.3, 0.2, 0.6, 0.9, 0.1, 0.4]]> : tensor<4x6xf32> hash "bf4e6b4383f0995ae5f192aada291866" origin "wa" : tensor<4x6xf32>
  %wc = nt.frozen dense<[[0.9, -0.3, 0.2, 0.1], [0.02, 0.05, -0.01, 0.03], [-0.2, 0.4, 0.3, 0.8], [7.0, -3.0, 1.0, 2.0]]> : tensor<4x4xf32> hash "0771c219229f470c68a422b77f48e745" origin "wc" : tensor<4x4xf32>
  %b = nt.frozen dense<[0.5, -0.5, 0.1, 0.2]> : tensor<4xf32> hash "1ad22a951a901f6773f662b8f4e815f2" origin "b" : tensor<4xf32>
  %0 = nt.dense %x, %wa name "a" : tensor<1x6xf32>, tensor<4x6xf32> -> tensor<1x4xf32>
  %1 = nt.modulate %0 site "a" per neuron : tensor<1x4xf32>
  %2 = nt.relu %1 : tensor<1x4xf32>
  %3 = nt.dense %2, %wc bias %b name "c" : tensor<1x4xf32>, tensor<4x4xf32>, tensor<4xf32> -> tensor<1x4xf32>
  %4 = nt.modulate %3 site "c" per neuron : tensor<1x4xf32>
  %5 = nt.add %4, %2 : tensor<1x4xf32> loc("sum")
  return %5 : tensor<1x4xf32>
}
