// Every op that the interpreter cannot evaluate is named, in one run.
// RUN: nt-opt %s --nt-print-evaluation=data=%src/test/Dialect/NT/Transforms/Inputs/vectors.npz --verify-diagnostics

func.func private @other(tensor<1x3xf32>) -> tensor<1x3xf32>
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x3xf32> attributes {nt.network} {
  // expected-error @+1 {{the interpreter cannot evaluate this op: it does not implement Evaluable}}
  %a = func.call @other(%x) : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %b = nt.relu %a : tensor<1x3xf32>
  // expected-error @+1 {{the interpreter cannot evaluate this op}}
  %r = func.call @other(%b) : (tensor<1x3xf32>) -> tensor<1x3xf32>
  return %r : tensor<1x3xf32>
}
