// BatchNormalization in inference, of every version.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @defaults
// CHECK: nt.batch_norm %arg0 scale %{{.*}} shift %{{.*}} mean %{{.*}} variance %{{.*}} epsilon 9.99999974{{.*}}E-6 : tensor<1x2x2x2xf32>, tensor<2xf32>
func.func @defaults(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<2xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  %y = nt.onnx_node "BatchNormalization" domain "" opset 13 name "bn" (%x, %s, %b, %m, %v) {} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @opset_6
// CHECK: epsilon 5.000000e-01
func.func @opset_6(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<2xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  %y = nt.onnx_node "BatchNormalization" domain "" opset 6 name "bn" (%x, %s, %b, %m, %v) {is_test = 1 : i64, spatial = 1 : i64, epsilon = 0.5 : f32, momentum = 0.9 : f32} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @opset_7
// CHECK: nt.batch_norm
func.func @opset_7(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<2xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  %y = nt.onnx_node "BatchNormalization" domain "" opset 7 name "bn" (%x, %s, %b, %m, %v) {spatial = 1 : i64} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @opset_15
// CHECK: nt.batch_norm
func.func @opset_15(%x: tensor<1x2x2x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %b = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<2xf32>
  %m = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#m" : tensor<2xf32>
  %v = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#v" : tensor<2xf32>
  %y = nt.onnx_node "BatchNormalization" domain "" opset 15 name "bn" (%x, %s, %b, %m, %v) {training_mode = 0 : i64} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
