// Samples of another shape, an unknown task, a task named twice, no task at all.
// RUN: not nt-opt %s "--nt-calibrate=data=%S/Inputs/images.npz" 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not nt-opt %s "--nt-calibrate=data=a@x.npz|b@y.npz" 2>&1 | FileCheck %s --check-prefix=TASK
// RUN: not nt-opt %s "--nt-calibrate=data=source@x.npz|source@y.npz|z.npz" 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not nt-opt %s "--nt-calibrate=data=%t.none.npz" 2>&1 | FileCheck %s --check-prefix=NONE

// SHAPE: error: [NT-DATA-002] {{.*}} have shape 2x4x4 (32 values), the network takes 3 values
// TASK: error: [NT-TASK-001] no such task: data names task 'a', the module has source
// TASK: error: [NT-TASK-001] no such task: data names task 'b', the module has source
// TWICE: error: [NT-OPT-001] {{.*}} task 'source' is given twice
// TWICE: error: [NT-OPT-001] {{.*}} 'z.npz' is not task@spec
// NONE: error: [NT-FILE-001]
nt.task @source classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %r = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
