// The convolution gives what the pool gave, also where padding counts. The first
// window of sample 0 holds 0, 1, 4 and 5 of 32nds: mean 2.5 / 32 = 0.0781.
// RUN: split-file %s %t
// RUN: nt-opt %t/plain.mlir --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.before
// RUN: nt-opt %t/plain.mlir --nt-lower-avg-pool --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.after
// RUN: diff %t.before %t.after
// RUN: FileCheck %s < %t.after
// RUN: nt-opt %t/padded.mlir --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.before
// RUN: nt-opt %t/padded.mlir --nt-lower-avg-pool --nt-print-evaluation=data=%S/Inputs/images.npz -o /dev/null > %t.after
// RUN: diff %t.before %t.after

// CHECK: sample 0: 0.0781 0.1406 0.3281 0.3906 0.5781

//--- plain.mlir
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> attributes {nt.network} {
  %r = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0]
    : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32>
  return %r : tensor<1x2x2x2xf32>
}

//--- padded.mlir
func.func @net(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x3x3xf32> attributes {nt.network} {
  %r = nt.avg_pool %x kernel [2, 2] strides [2, 2] pads [1, 1, 1, 1] {count_include_pad}
    : tensor<1x2x4x4xf32> -> tensor<1x2x3x3xf32>
  return %r : tensor<1x2x3x3xf32>
}
