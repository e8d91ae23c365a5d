// Fewer samples may be printed than are evaluated; without labels there is no
// accuracy.
// RUN: nt-opt %s "--nt-print-evaluation=data=%S/Inputs/images.npz count=1" -o /dev/null | FileCheck %s

// CHECK: sample 0: {{.*}} -> class 31{{$}}
// CHECK-NOT: sample
// CHECK-NOT: accuracy
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {nt.network} {
  %r = nt.relu %x : tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}
