// What NT refuses of pools.
// RUN: nt-opt %s --convert-onnx-to-nt --split-input-file --verify-diagnostics

func.func @no_kernel(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'averagepool' (AveragePool, opset 13): it has no kernel_shape}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "AveragePool" domain "" opset 13 name "averagepool" (%x) {} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @pads(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-004] unsupported attribute value: node 'maxpool' (MaxPool, opset 13): pad 2 is not smaller than the kernel, 2, along spatial axis 1}}
  // expected-note @+1 {{export the node with a supported value}}
  %y = nt.onnx_node "MaxPool" domain "" opset 13 name "maxpool" (%x) {kernel_shape = array<i64: 2, 2>, pads = array<i64: 0, 2, 0, 0>} : (tensor<1x2x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @indices(%x: tensor<1x2x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'maxpool' (MaxPool, opset 13): its output 1 is used; NT computes output 0 only}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %y:2 = nt.onnx_node "MaxPool" domain "" opset 13 name "maxpool" (%x) {kernel_shape = array<i64: 2, 2>} : (tensor<1x2x6x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return %y#1 : tensor<*xf32>
}

// -----

func.func @volume(%x: tensor<1x2x3x3x3xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{[NT-ONNX-002] unsupported operator: node 'globalaveragepool' (GlobalAveragePool, opset 13): its input has rank 5, NT takes 3 or 4 (batch, channels and the window's axes)}}
  // expected-note @+1 {{docs/supported-ops.md lists what NT takes}}
  %y = nt.onnx_node "GlobalAveragePool" domain "" opset 13 name "globalaveragepool" (%x) {} : (tensor<1x2x3x3x3xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @volume_lists(%x: tensor<1x2x6x6x6xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{node 'pool' (MaxPool, opset 13): over three spatial axes NT takes lists of 3 (pads: 6) values up to 4096 and auto_pad NOTSET or VALID}}
  // expected-note @+1 {{}}
  %y = nt.onnx_node "MaxPool" domain "" opset 13 name "pool" (%x) {kernel_shape = array<i64: 2, 2, 2>, strides = array<i64: 1, 1>} : (tensor<1x2x6x6x6xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @volume_size(%x: tensor<1x2x6x6x1xf32>) -> tensor<*xf32> attributes {nt.network} {
  // expected-error @+2 {{node 'pool' (AveragePool, opset 13): the window spans 2 along spatial axis 2, the padded input is 1}}
  // expected-note @+1 {{}}
  %y = nt.onnx_node "AveragePool" domain "" opset 13 name "pool" (%x) {kernel_shape = array<i64: 2, 2, 2>} : (tensor<1x2x6x6x1xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
