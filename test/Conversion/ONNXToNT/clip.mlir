// Clip of both kinds; bounds beyond float32 are none.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @attributes
// CHECK: nt.clip %arg0 from -1.000000e+00 to 6.000000e+00
func.func @attributes(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Clip" domain "" opset 6 name "clip" (%x) {min = -1.0 : f32, max = 6.0 : f32} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @operands
// CHECK: nt.clip %arg0 from 0.000000e+00 to 6.000000e+00
func.func @operands(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %a = nt.frozen dense<0.0> : tensor<f32> hash "00000000000000000000000000000000" origin "m#a" : tensor<f32>
  %b = nt.frozen dense<6.0> : tensor<f32> hash "00000000000000000000000000000000" origin "m#b" : tensor<f32>
  %y = nt.onnx_node "Clip" domain "" opset 13 name "clip" (%x, %a, %b) {} : (tensor<1x2xf32>, tensor<f32>, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @absent_lower
// CHECK: nt.clip %arg0 from 0xFFF0000000000000 to 6.000000e+00
// CHECK-NOT: nt.onnx_absent
func.func @absent_lower(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %a = nt.onnx_absent
  %b = nt.frozen dense<6.0> : tensor<f32> hash "00000000000000000000000000000000" origin "m#b" : tensor<f32>
  %y = nt.onnx_node "Clip" domain "" opset 13 name "clip" (%x, %a, %b) {} : (tensor<1x2xf32>, none, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @rectifier
// CHECK: nt.relu %arg0
func.func @rectifier(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Clip" domain "" opset 6 name "clip" (%x) {min = 0.0 : f32, max = 0x7F7FFFFF : f32} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @nothing
// CHECK-NEXT: return %arg0
func.func @nothing(%x: tensor<1x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Clip" domain "" opset 13 name "clip" (%x) {} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
