// Clean-up drops frozen values nothing reads, and never a task.
// RUN: nt-opt %s --canonicalize --cse | FileCheck %s

// CHECK: nt.task @target classes [1, 0]
nt.task @target classes [1, 0] values {fc = dense<0.5> : tensor<2xf32>}

// CHECK-LABEL: @main
// CHECK-NOT: nt.frozen
// CHECK: nt.modulate
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2xf32>
  %1 = nt.modulate %x site "fc" per neuron : tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}
