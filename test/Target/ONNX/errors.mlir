// All ops that have no ONNX form, at their places.
// RUN: not nt-translate --export-onnx %s 2>&1 | FileCheck %s

// CHECK: [NT-EXP-001] an op has no ONNX form: 'nt.modulate' of node 'fc1': its task is not folded in
// CHECK: [NT-EXP-001] an op has no ONNX form: 'nt.fake_quantize' of node 'q': its range is beyond 8 bits
// CHECK: [NT-EXP-001] an op has no ONNX form: 'tosa.cos' of node 'wave': NT writes no ONNX node for it
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> attributes {nt.network} {
  %0 = nt.modulate %x site "fc1" per neuron : tensor<1x4xf32> loc("fc1")
  %1 = nt.fake_quantize %0 scale 2.0e-2 zero_point 0 range [-32768, 32767] : tensor<1x4xf32> loc("q")
  %2 = tosa.cos %1 : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("wave")
  return %2 : tensor<1x4xf32>
}
