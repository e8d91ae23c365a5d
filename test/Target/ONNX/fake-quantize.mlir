// A range within 8 bits is a QuantizeLinear, a DequantizeLinear and a Clip.
// RUN: nt-translate --export-onnx %s -o %t.onnx && nt-translate --import-onnx %t.onnx | FileCheck %s

// CHECK: nt.onnx_node "QuantizeLinear" {{.*}}name "q"
// CHECK: nt.onnx_node "DequantizeLinear"
// CHECK: nt.onnx_node "Clip"
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> attributes {nt.network} {
  %0 = nt.fake_quantize %x scale 2.0e-2 zero_point 0 range [-7, 7] : tensor<1x4xf32> loc("q")
  return %0 : tensor<1x4xf32>
}
