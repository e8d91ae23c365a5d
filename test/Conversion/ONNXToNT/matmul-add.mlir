// MatMul is a dense layer; the Add of a constant behind it is its bias.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @bias
// CHECK: %[[B:.*]] = nt.frozen dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]>
// CHECK: %[[W:.*]] = nt.frozen {{.*}} derivation ["transposed"] : tensor<3x2xf32>
// CHECK: %[[Y:.*]] = nt.dense %arg0, %[[W]] bias %[[B]] name "matmul"
// CHECK-NEXT: return %[[Y]]
func.func @bias(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %b = nt.frozen dense<[1.0, 2.0, 3.0]> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<3xf32>
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %m = nt.onnx_node "MatMul" domain "" opset 13 name "matmul" (%x, %w) {} : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%m, %b) {} : (tensor<*xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @constant_behind_the_layer
// CHECK: bias %{{.*}} name "matmul"
// CHECK-NOT: nt.add
func.func @constant_behind_the_layer(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %m = nt.onnx_node "MatMul" domain "" opset 13 name "matmul" (%x, %w) {} : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  %b = nt.onnx_node "Constant" domain "" opset 13 name "constant" () {value = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>} : () -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add" (%b, %m) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @read_twice
// CHECK: nt.dense %arg0, %{{.*}} name "matmul"
// CHECK: nt.frozen {{.*}} derivation ["broadcast"] : tensor<1x3xf32>
// CHECK: nt.add
// CHECK: nt.add
// The sum is read beside the layer itself: no bias.
func.func @read_twice(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %b = nt.frozen dense<[1.0, 2.0, 3.0]> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#b" : tensor<3xf32>
  %w = nt.frozen dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2x3xf32>
  %m = nt.onnx_node "MatMul" domain "" opset 13 name "matmul" (%x, %w) {} : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  %n = nt.onnx_node "Add" domain "" opset 13 name "add1" (%m, %b) {} : (tensor<*xf32>, tensor<3xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Add" domain "" opset 13 name "add2" (%m, %n) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
