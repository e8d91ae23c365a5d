// Channels come to need like scales, the network gives the same scores, and ranges go.
// RUN: %python -c "import numpy; numpy.savez('%t.npz', x=numpy.random.default_rng(1).random((64, 1, 4, 4), numpy.float32), y=numpy.zeros(64, numpy.int32))"
// RUN: nt-opt %s --nt-equalize="data=%t.npz samples=64" -o %t.mlir
// RUN: FileCheck %s --input-file=%t.mlir
// RUN: nt-opt %s --nt-print-evaluation="data=%t.npz count=64" -o %t.same > %t.before
// RUN: nt-opt %t.mlir --nt-print-evaluation="data=%t.npz count=64" -o %t.same > %t.after
// RUN: diff %t.before %t.after
// The second channel of conv is a ninth of the first and its activation grows by eight: rows of
// like size. What reads it shrinks by as much, and is of like size as well.
// CHECK: nt.frozen dense<{{\[}}{{\[\[\[}}8.000000e-01]]], {{\[\[\[}}7.200000e-01]]]]> {{.*}} derivation ["equalize outputs (was
// CHECK: nt.frozen dense<[0.000000e+00, 4.000000e-02]> {{.*}} derivation ["equalize outputs (was
// CHECK: nt.frozen dense<5.000000e-01> {{.*}} derivation ["equalize inputs (was
// CHECK: nt.conv
// CHECK-NOT: output_range

// A task's values grow with their channel's activations.
// CHECK: nt.task @source
// CHECK-SAME: [1.000000e-01, 4.000000e-02]

// With a device there must be ranges.
// RUN: not nt-opt %s --nt-equalize="device=nt1-tiny data=%t.npz" 2>&1 | FileCheck %s --check-prefix=RANGES
// RANGES: NT-QUANT-004{{.*}}'conv' lacks input_range

// What is quantised already, or has no data, is refused.
// RUN: nt-opt %s --nt-calibrate="data=%t.npz" --nt-quantize="device=nt1-tiny data=%t.npz" -o %t.q.mlir
// RUN: not nt-opt %t.q.mlir --nt-equalize="data=%t.npz" 2>&1 | FileCheck %s --check-prefix=QUANTISED
// QUANTISED: NT-QUANT-003{{.*}}'conv' is quantised already
// RUN: not nt-opt %s --nt-equalize="data=%t.npz samples=0" 2>&1 | FileCheck %s --check-prefix=SAMPLES
// SAMPLES: NT-OPT-001{{.*}}samples is 0
// RUN: not nt-opt %s --nt-equalize 2>&1 | FileCheck %s --check-prefix=DATA
// DATA: NT-QUANT-002
module {
  func.func @net(%x: tensor<1x1x4x4xf32>) -> tensor<1x32xf32> attributes {nt.network} {
    %w = nt.frozen dense<[[[[0.8]]], [[[0.09]]]]> : tensor<2x1x1x1xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x1x1x1xf32>
    %b = nt.frozen dense<[0.0, 0.005]> : tensor<2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "b" : tensor<2xf32>
    %v = nt.frozen dense<[[[[0.5]]], [[[4.0]]]]> : tensor<2x1x1x1xf32> hash "000102030405060708090a0b0c0d0e0f" origin "v" : tensor<2x1x1x1xf32>
    %0 = nt.conv %x, %w bias %b name "conv" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 {output_range = 1.0 : f64} : tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32> -> tensor<1x2x4x4xf32>
    %1 = nt.modulate %0 site "conv" per channel : tensor<1x2x4x4xf32>
    %2 = nt.clip %1 from 0.0 to 6.0 : tensor<1x2x4x4xf32>
    %3 = nt.conv %2, %v name "depthwise" strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 2 : tensor<1x2x4x4xf32>, tensor<2x1x1x1xf32> -> tensor<1x2x4x4xf32>
    %4 = nt.reshape %3 : tensor<1x2x4x4xf32> -> tensor<1x32xf32>
    return %4 : tensor<1x32xf32>
  }
  nt.task @source classes [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31] values {conv = dense<[0.1, 0.005]> : tensor<2xf32>}
}
