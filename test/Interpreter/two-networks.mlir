// RUN: not nt-opt %s --nt-print-evaluation=data=%src/test/Dialect/NT/Transforms/Inputs/vectors.npz 2>&1 | FileCheck %s

// CHECK: error: a module holds one function with the attribute 'nt.network', found 2
// CHECK: note: network 'one'
// CHECK: note: network 'two'
func.func @one(%x: tensor<1x3xf32>) -> tensor<1x3xf32> attributes {nt.network} {
  return %x : tensor<1x3xf32>
}
func.func @two(%x: tensor<1x3xf32>) -> tensor<1x3xf32> attributes {nt.network} {
  return %x : tensor<1x3xf32>
}
