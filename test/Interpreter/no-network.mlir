// RUN: not nt-opt %s --nt-print-evaluation=data=%src/test/Dialect/NT/Transforms/Inputs/vectors.npz 2>&1 | FileCheck %s

// CHECK: error: a module holds one function with the attribute 'nt.network', found 0
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  return %x : tensor<1x3xf32>
}
