// RUN: nt-opt %s --nt-print-evaluation=data=%src/test/Dialect/NT/Transforms/Inputs/vectors.npz --verify-diagnostics --split-input-file

// expected-error @+1 {{the network must have one argument and one result, found 2 and 1}}
func.func @net(%x: tensor<1x3xf32>, %y: tensor<1x3xf32>) -> tensor<1x3xf32>
    attributes {nt.network} {
  return %x : tensor<1x3xf32>
}

// -----

// expected-error @+1 {{the network must take and give tensors of static shape, found 'tensor<1x?xf32>'}}
func.func @net(%x: tensor<1x?xf32>) -> tensor<1x?xf32> attributes {nt.network} {
  return %x : tensor<1x?xf32>
}

// -----

// expected-error @+1 {{the network has no body}}
func.func private @net(tensor<1x3xf32>) -> tensor<1x3xf32> attributes {nt.network}
