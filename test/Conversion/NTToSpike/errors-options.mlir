// RUN: not nt-opt %s --convert-nt-to-spike 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not nt-opt %s --convert-nt-to-spike="device=nt1 slots=0 readout=latency" 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: not nt-opt %s --convert-nt-to-spike=device=nosuch 2>&1 | FileCheck %s --check-prefix=DEVICE

// NONE: [NT-OPT-001]{{.*}}device is not given
// BAD-DAG: [NT-OPT-001]{{.*}}readout is "latency", not count, membrane or first
// BAD-DAG: [NT-OPT-001]{{.*}}slots is 0, not 1..1048576
// DEVICE: [NT-DEV-007]{{.*}}nosuch
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
