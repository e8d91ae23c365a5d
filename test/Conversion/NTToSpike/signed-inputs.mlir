// Inputs below 0 come on lines of their own, whose codes are negated. A
// convolution in groups becomes one without: each group reads both halves.
// RUN: nt-opt %s --split-input-file --convert-nt-to-spike="device=nt1-tiny" | FileCheck %s

// CHECK-LABEL: spike.network @dense
// CHECK: spike.encode signed full_scale 2.5{{.*}} : <6>
// CHECK: spike.connect %{{.*}} name "fc1" codes dense<{{\[\[}}1, 2, 3, -1, -2, -3], [-4, 0, 7, 4, 0, -7]]> : tensor<2x6xi8>
// CHECK: spike.connect %{{.*}} name "fc2" codes dense<{{\[\[}}1, -1], [5, 6]]> : tensor<2x2xi8>
module attributes {nt.model = "dense"} {
nt.task @source classes [0, 1] values {fc1 = dense<0.0> : tensor<2xf32>, fc2 = dense<0.0> : tensor<2xf32>}
  words {fc1 = #nt.words<codes = dense<[1, -2]> : tensor<2xi8>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [0, 127]>,
         fc2 = #nt.words<codes = dense<3> : tensor<2xi8>, domains = dense<0> : tensor<2xi8>, dac = [0]>}
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network, nt.signed_inputs} {
  %w1 = nt.frozen dense<[[1, 2, 3], [-4, 0, 7]]> : tensor<2x3xi8> hash "b9fe20f862dbfd19449cf55747a749b1" origin "m.onnx#w1" : tensor<2x3xi8>
  %w2 = nt.frozen dense<[[1, -1], [5, 6]]> : tensor<2x2xi8> hash "694b555ea3a37d820898f060af53c1dd" origin "m.onnx#w2" : tensor<2x2xi8>
  %0 = nt.dense %x, %w1 name "fc1" {input_range = 2.5, output_range = 2.5,
      scales = dense<[0.27, 2.533333333333333e-4]> : tensor<2xf64>,
      domain_of_channel = array<i32: 1, 0>, domain_dac = array<i32: 0, 127>}
    : tensor<1x3xf32>, tensor<2x3xi8> -> tensor<1x2xf32>
  %1 = nt.modulate %0 site "fc1" per neuron : tensor<1x2xf32>
  %2 = nt.relu %1 : tensor<1x2xf32>
  %3 = nt.dense %2, %w2 name "fc2" {input_range = 2.5, output_range = 5.0,
      scales = dense<0.54> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x2xf32>, tensor<2x2xi8> -> tensor<1x2xf32>
  %4 = nt.modulate %3 site "fc2" per neuron : tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}
}

// -----

// CHECK-LABEL: spike.network @grouped
// CHECK: spike.encode signed full_scale 1.0{{.*}} : <4x1x2>
// CHECK: spike.connect %{{.*}} name "conv" conv <input = 4x1x2, {{.*}} groups = 1>
// CHECK-SAME: codes dense<{{\[\[\[\[}}1, 2]], {{\[\[}}0, 0]], {{\[\[}}-1, -2]], {{\[\[}}0, 0]]], {{\[\[\[}}0, 0]], {{\[\[}}3, -4]], {{\[\[}}0, 0]], {{\[\[}}-3, 4]]]]> : tensor<2x4x1x2xi8>
module attributes {nt.model = "grouped"} {
nt.task @source classes [0, 1] values {conv = dense<0.0> : tensor<2xf32>}
  words {conv = #nt.words<codes = dense<1> : tensor<2xi8>, domains = dense<0> : tensor<2xi8>, dac = [5]>}
func.func @main(%x: tensor<1x2x1x2xf32>) -> tensor<1x2x1x1xf32> attributes {nt.network, nt.signed_inputs} {
  %w1 = nt.frozen dense<[[[[1, 2]]], [[[3, -4]]]]> : tensor<2x1x1x2xi8> hash "00000000000000000000000000000000" origin "m.onnx#w1" : tensor<2x1x1x2xi8>
  %0 = nt.conv %x, %w1 name "conv" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 2
    {input_range = 1.0, output_range = 1.0, scales = dense<0.27> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x2x1x2xf32>, tensor<2x1x1x2xi8> -> tensor<1x2x1x1xf32>
  %1 = nt.modulate %0 site "conv" per neuron : tensor<1x2x1x1xf32>
  return %1 : tensor<1x2x1x1xf32>
}
}
