// Concatenation and reshape.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<1x4xf32>, %y: tensor<2x4xf32>) -> tensor<1x8xf32> {
  // expected-error @+1 {{input 1 has shape [2, 4], which differs from that of input 0, [1, 4], not only along axis 1}}
  %0 = nt.concat %x, %y axis 1 : tensor<1x4xf32>, tensor<2x4xf32> -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// -----

func.func @f(%x: tensor<1x4xf32>) -> tensor<1x7xf32> {
  // expected-error @+1 {{result has shape [1, 7] where the operands give [1, 8]}}
  %0 = nt.concat %x, %x axis 1 : tensor<1x4xf32>, tensor<1x4xf32> -> tensor<1x7xf32>
  return %0 : tensor<1x7xf32>
}

// -----

func.func @f(%x: tensor<1x4xf32>) -> tensor<1x8xf32> {
  // expected-error @+1 {{axis 2 is outside 0..1}}
  %0 = nt.concat %x, %x axis 2 : tensor<1x4xf32>, tensor<1x4xf32> -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// -----

func.func @f(%x: tensor<1x4xf32>) -> tensor<1x5xf32> {
  // expected-error @+1 {{input has 4 elements, result has 5; must be equal}}
  %0 = nt.reshape %x : tensor<1x4xf32> -> tensor<1x5xf32>
  return %0 : tensor<1x5xf32>
}
