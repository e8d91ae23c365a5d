// A quantised model keeps its scales: weights at the values their codes stand for, activations on the grid.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @weights
// CHECK: nt.frozen dense<{{\[\[}}5.000000e-01, -1.000000e+00], [4.000000e+00, 6.000000e+00]]> {{.*}} derivation ["dequantised with the model's scales"]
// CHECK: nt.dense
func.func @weights(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %q = nt.onnx_node "Constant" domain "" opset 13 name "q" () {value = dense<[[1, -2], [3, 4]]> : tensor<2x2xi64>, nt.element_type = "INT8"} : () -> tensor<*xf32>
  %s = nt.frozen dense<[0.5, 2.0]> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#s" : tensor<2xf32>
  %z = nt.onnx_node "Constant" domain "" opset 13 name "z" () {value = dense<[0, 1]> : tensor<2xi64>, nt.element_type = "INT8"} : () -> tensor<*xf32>
  %w = nt.onnx_node "DequantizeLinear" domain "" opset 13 name "w" (%q, %s, %z) {axis = 0 : i64} : (tensor<*xf32>, tensor<2xf32>, tensor<*xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "Gemm" domain "" opset 13 name "fc" (%x, %w) {transB = 1 : i64} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @activation
// CHECK: %[[Q:.*]] = nt.fake_quantize %{{.*}} scale 2.500000e-01 zero_point -128 range [-128, 127] : tensor<1x2xf32>
// CHECK: return %[[Q]]
func.func @activation(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %s = nt.frozen dense<0.25> : tensor<f32> hash "00000000000000000000000000000000" origin "m#s" : tensor<f32>
  %z = nt.onnx_node "Constant" domain "" opset 13 name "z" () {value = dense<-128> : tensor<i64>, nt.element_type = "INT8"} : () -> tensor<*xf32>
  %q = nt.onnx_node "QuantizeLinear" domain "" opset 13 name "q" (%x, %s, %z) {} : (tensor<1x2xf32>, tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
  %y = nt.onnx_node "DequantizeLinear" domain "" opset 13 name "dq" (%q, %s, %z) {} : (tensor<*xf32>, tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
