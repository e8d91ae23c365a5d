// A residual add becomes layers that drive one population: rates are passed on
// by a layer of their own, shorter ways get relays, the sites become one.
// RUN: nt-opt %s --split-input-file --nt-lower-add | FileCheck %s

// CHECK: nt.task @a {{.*}} values {c1 = dense<0.000000e+00> : tensor<2xf32>, c2 = dense<[1.500000e+00, -1.000000e+00]> : tensor<2xf32>, s = dense<2.500000e-01> : tensor<2xf32>, sum.relay = dense<0.000000e+00> : tensor<2xf32>}
// CHECK-LABEL: func.func @identity
// CHECK: %[[S:.*]] = nt.relu
// CHECK: %[[R:.*]] = nt.dense %[[S]], {{.*}} name "sum.relay"
// CHECK: %[[M:.*]] = nt.modulate %[[R]] site "sum.relay" per channel
// CHECK: %[[Y:.*]] = nt.relu %[[M]]
// CHECK: %[[C:.*]] = nt.dense {{.*}} name "c2"
// CHECK: %[[I:.*]] = nt.dense %[[Y]], {{.*}} name "sum.shortcut"
// CHECK: %[[A:.*]] = nt.add %[[C]], %[[I]]
// CHECK: %[[B:.*]] = nt.modulate %[[A]] site "c2" per neuron
// CHECK: nt.relu %[[B]]
nt.task @a classes [0, 1] values {s = dense<0.25> : tensor<2xf32>, c1 = dense<0.0> : tensor<2xf32>, c2 = dense<[1.5, -1.0]> : tensor<2xf32>}
func.func @identity(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<2x2xf32> hash "00000000000000000000000000000000" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "s" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %1 = nt.modulate %0 site "s" per neuron : tensor<1x2xf32>
  %2 = nt.relu %1 : tensor<1x2xf32>
  %3 = nt.dense %2, %w name "c1" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %4 = nt.modulate %3 site "c1" per neuron : tensor<1x2xf32>
  %5 = nt.relu %4 : tensor<1x2xf32>
  %6 = nt.dense %5, %w name "c2" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %7 = nt.modulate %6 site "c2" per neuron : tensor<1x2xf32>
  %8 = nt.add %2, %7 : tensor<1x2xf32> loc("sum")
  %9 = nt.relu %8 : tensor<1x2xf32>
  return %9 : tensor<1x2xf32>
}

// -----

// A projection: biases of both ways are one, per neuron if one of them is.
// CHECK: nt.task @a {{.*}} values {c = dense<[1.100000e+01, 1.200000e+01, 2.300000e+01, 2.400000e+01]> : tensor<4xf32>}
// CHECK-LABEL: func.func @projection
// CHECK: %[[C:.*]] = nt.conv {{.*}} name "c"
// CHECK: %[[P:.*]] = nt.conv {{.*}} name "p"
// CHECK: %[[A:.*]] = nt.add %[[C]], %[[P]]
// CHECK: nt.modulate %[[A]] site "c" per neuron
nt.task @a classes [0, 1, 2, 3] values {c = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>, p = dense<[10.0, 20.0]> : tensor<2xf32>}
func.func @projection(%x: tensor<1x2x1x2xf32>) -> tensor<1x2x1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<2x2x1x1xf32> hash "00000000000000000000000000000000" origin "w" : tensor<2x2x1x1xf32>
  %0 = nt.conv %x, %w name "p" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 : tensor<1x2x1x2xf32>, tensor<2x2x1x1xf32> -> tensor<1x2x1x2xf32>
  %1 = nt.modulate %0 site "p" per channel : tensor<1x2x1x2xf32>
  %2 = nt.conv %x, %w name "c" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 : tensor<1x2x1x2xf32>, tensor<2x2x1x1xf32> -> tensor<1x2x1x2xf32>
  %3 = nt.modulate %2 site "c" per neuron : tensor<1x2x1x2xf32>
  %4 = nt.add %3, %1 : tensor<1x2x1x2xf32>
  return %4 : tensor<1x2x1x2xf32>
}

// -----

// Sums that something else reads, and values that may be below 0, stay; so do
// inputs that relays would have to pass on.
// CHECK-LABEL: func.func @stays
// CHECK-COUNT-3: nt.add
// CHECK-NOT: shortcut
func.func @stays(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<1.0> : tensor<2x2xf32> hash "00000000000000000000000000000000" origin "w" : tensor<2x2xf32>
  %0 = nt.dense %x, %w name "a" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %1 = nt.clip %0 from -1.0 to 1.0 : tensor<1x2xf32>
  %2 = nt.dense %1, %w name "b" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %3 = nt.add %1, %2 : tensor<1x2xf32>
  %4 = nt.relu %3 : tensor<1x2xf32>
  %5 = nt.dense %4, %w name "c" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %6 = nt.add %4, %5 : tensor<1x2xf32>
  %7 = nt.relu %6 : tensor<1x2xf32>
  %8 = nt.dense %6, %w name "d" : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  %9 = nt.add %8, %x : tensor<1x2xf32>
  return %9 : tensor<1x2xf32>
}
