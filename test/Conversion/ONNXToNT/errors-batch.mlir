// The chip runs one sample at a time.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

// expected-error @+2 {{[NT-ONNX-013] the batch size is not 1: the network's input is 'tensor<4x2xf32>'}}
// expected-note @+1 {{or export the model with batch size 1}}
func.func @four(%x: tensor<4x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "Relu" domain "" opset 13 name "relu" (%x) {} : (tensor<4x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
