// RUN: nt-opt %s --convert-nt-to-spike="device=nt1-tiny" | FileCheck %s

// A convolution stays symbolic and a reshape leaves no trace.
// CHECK: spike.connect %{{.*}} name "conv" conv <input = 1x4x4, strides = [2, 2], pads = [1, 1, 1, 1], dilations = [1, 1], groups = 1>
// CHECK-SAME: codes dense<1> : tensor<2x1x3x3xi8>
// CHECK-SAME: : <1x4x4> -> <2x2x2>
// CHECK: %[[P:.*]] = spike.population {{.*}} : <2x2x2> -> <2x2x2>
// CHECK-NEXT: spike.connect %[[P]] name "fc" codes {{.*}} : <2x2x2> -> <2>
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
  %3 = nt.reshape %2 : tensor<1x2x2x2xf32> -> tensor<1x8xf32>
  %4 = nt.dense %3, %w2 name "fc" {input_range = 1.0, output_range = 1.0,
      scales = dense<0.27> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>}
    : tensor<1x8xf32>, tensor<2x8xi8> -> tensor<1x2xf32>
  %5 = nt.modulate %4 site "fc" per neuron : tensor<1x2xf32>
  return %5 : tensor<1x2xf32>
}
