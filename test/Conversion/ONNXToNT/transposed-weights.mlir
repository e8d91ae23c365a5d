// RUN: nt-opt %s --convert-onnx-to-nt | FileCheck %s

// PyTorch exports a linear layer without bias as Transpose of its weights and MatMul.
// CHECK-LABEL: func.func @linear
func.func @linear(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<3x2xf32>
  %t = nt.onnx_node "Transpose" domain "" opset 13 name "t" (%w) {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<*xf32>
  // CHECK-NOT: tosa.transpose
  // CHECK: nt.dense {{.*}} tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  %y = nt.onnx_node "MatMul" domain "" opset 13 name "fc" (%x, %t) {} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
