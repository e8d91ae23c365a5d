// RUN: nt-opt %s --convert-nt-to-spike="device=nt1-tiny slots=32" | FileCheck %s

// Each layer becomes a connection and a population; the function and the nt.task
// are gone.
// CHECK: spike.task @source of @main classes [0, 1] words {fc1 = #spike.words<codes = dense<[1, -2]> : tensor<2xi8>,
// CHECK: spike.network @main device "nt1-tiny" hash "{{[0-9a-f]+}}" digits 3 slots 32
// CHECK: %[[E:.*]] = spike.encode regular full_scale 1.000000e+00 : <3>
// CHECK: %[[C1:.*]] = spike.connect %[[E]] name "fc1" codes dense<{{\[\[}}1, 2, 3], [-4, 0, 7]]> : tensor<2x3xi8>
// CHECK-SAME: domain_of_channel [1, 0] domains <dac = [0, 127]
// CHECK: %[[P1:.*]] = spike.population %[[C1]] name "fc1" {{.*}} start_slot 1 range 2.000000e+00 : <2> -> <2>
// CHECK: %[[C2:.*]] = spike.connect %[[P1]] name "fc2"
// CHECK: %[[P2:.*]] = spike.population %[[C2]] name "fc2" {{.*}} start_slot 2 range 4.000000e+00 : <2> -> <2>
// CHECK: spike.readout membrane %[[P2]] : <2>
// CHECK-NOT: func.func
// CHECK-NOT: nt.task
nt.task @source classes [0, 1] values {fc1 = dense<0.0> : tensor<2xf32>, fc2 = dense<0.0> : tensor<2xf32>}
  words {fc1 = #nt.words<codes = dense<[1, -2]> : tensor<2xi8>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [0, 127]>,
         fc2 = #nt.words<codes = dense<3> : tensor<2xi8>, domains = dense<0> : tensor<2xi8>, dac = [0]>}
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w1 = nt.frozen dense<[[1, 2, 3], [-4, 0, 7]]> : tensor<2x3xi8> hash "b9fe20f862dbfd19449cf55747a749b1" origin "m.onnx#w1" : tensor<2x3xi8>
  %w2 = nt.frozen dense<[[1, -1], [5, 6]]> : tensor<2x2xi8> hash "694b555ea3a37d820898f060af53c1dd" origin "m.onnx#w2" : tensor<2x2xi8>
  %0 = nt.dense %x, %w1 name "fc1" {input_range = 1.0, output_range = 2.0,
      scales = dense<[0.54, 5.066666666666667e-4]> : tensor<2xf64>,
      domain_of_channel = array<i32: 1, 0>, domain_dac = array<i32: 0, 127>}
    : tensor<1x3xf32>, tensor<2x3xi8> -> tensor<1x2xf32>
  %1 = nt.modulate %0 site "fc1" per neuron : tensor<1x2xf32>
  %2 = nt.relu %1 : tensor<1x2xf32>
  %3 = nt.dense %2, %w2 name "fc2" {input_range = 2.0, output_range = 4.0,
      scales = dense<0.54> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x2xf32>, tensor<2x2xi8> -> tensor<1x2xf32>
  %4 = nt.modulate %3 site "fc2" per neuron : tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}
