// A global pool has one window as large as the image.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file | FileCheck %s

// CHECK-LABEL: @average
// CHECK: nt.avg_pool %arg0 kernel [6, 6] strides [1, 1] pads [0, 0, 0, 0] : tensor<1x2x6x6xf32> -> tensor<1x2x1x1xf32>
func.func @average(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "GlobalAveragePool" domain "" opset 13 name "globalaveragepool" (%x) {} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: @max
// CHECK: nt.max_pool %arg0 kernel [6, 6]
func.func @max(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "GlobalMaxPool" domain "" opset 13 name "globalmaxpool" (%x) {} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
