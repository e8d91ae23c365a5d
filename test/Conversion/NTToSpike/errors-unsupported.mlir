// RUN: nt-opt %s --convert-nt-to-spike=device=nt1-tiny --verify-diagnostics --split-input-file

nt.task @source classes [0, 1] values {conv = dense<0.0> : tensor<8xf32>, fc = dense<0.0> : tensor<2xf32>}
  words {conv = #nt.words<codes = dense<1> : tensor<8xi8>, domains = dense<0> : tensor<8xi8>, dac = [5]>,
         fc = #nt.words<codes = dense<0> : tensor<2xi8>, domains = dense<0> : tensor<2xi8>, dac = [5]>}
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w1 = nt.frozen dense<1> : tensor<2x1x3x3xi8> hash "3ee21087bd5fcb95fdde511c087b44d6" origin "m.onnx#w1" : tensor<2x1x3x3xi8>
  %w2 = nt.frozen dense<-3> : tensor<2x8xi8> hash "022722260e43fca8c665a0e21afc3581" origin "m.onnx#w2" : tensor<2x8xi8>
  %0 = nt.conv %x, %w1 name "conv" strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] groups 1
    {input_range = 1.0, output_range = 1.0, scales = dense<0.27> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x1x4x4xf32>, tensor<2x1x3x3xi8> -> tensor<1x2x2x2xf32>
  %1 = nt.modulate %0 site "conv" per neuron : tensor<1x2x2x2xf32>
  %2 = nt.relu %1 : tensor<1x2x2x2xf32>
  // expected-error@+2 {{[NT-SPIKE-001] the op has no spiking form: nt.max_pool}}
  // expected-note@+1 {{retrain with strided convolutions}}
  %p = nt.max_pool %2 kernel [1, 1] strides [1, 1] pads [0, 0, 0, 0] : tensor<1x2x2x2xf32> -> tensor<1x2x2x2xf32>
  %3 = nt.reshape %p : tensor<1x2x2x2xf32> -> tensor<1x8xf32>
  %4 = nt.dense %3, %w2 name "fc" {input_range = 1.0, output_range = 1.0,
      scales = dense<0.27> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x8xf32>, tensor<2x8xi8> -> tensor<1x2xf32>
  %5 = nt.modulate %4 site "fc" per neuron : tensor<1x2xf32>
  return %5 : tensor<1x2xf32>
}

// -----

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
  // expected-error@+2 {{[NT-SPIKE-001] the op has no spiking form: nt.add}}
  // expected-note@+1 {{retrain with strided convolutions}}
  %s = nt.add %2, %2 : tensor<1x2xf32>
  %3 = nt.dense %s, %w2 name "fc2" {input_range = 2.0, output_range = 4.0,
      scales = dense<0.54> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x2xf32>, tensor<2x2xi8> -> tensor<1x2xf32>
  %4 = nt.modulate %3 site "fc2" per neuron : tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}

// -----

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
  // expected-error@+2 {{[NT-SPIKE-001] the op has no spiking form: nt.softmax}}
  // expected-note@+1 {{retrain with strided convolutions}}
  %s = nt.softmax %4 axis 1 : tensor<1x2xf32>
  return %s : tensor<1x2xf32>
}

// -----

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
  // expected-error@+2 {{[NT-SPIKE-001] the op has no spiking form: nt.concat}}
  // expected-note@+1 {{retrain with strided convolutions}}
  %s = nt.concat %2 axis 1 : tensor<1x2xf32> -> tensor<1x2xf32>
  %3 = nt.dense %s, %w2 name "fc2" {input_range = 2.0, output_range = 4.0,
      scales = dense<0.54> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x2xf32>, tensor<2x2xi8> -> tensor<1x2xf32>
  %4 = nt.modulate %3 site "fc2" per neuron : tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}
