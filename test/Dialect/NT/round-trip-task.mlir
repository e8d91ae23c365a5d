// A task: classes, values of each site, words on modulation domains.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK: nt.task @source classes [0, 1] values {fc1 = dense<[5.000000e-01, -2.500000e-01]> : tensor<2xf32>}
nt.task @source classes [0, 1] values {fc1 = dense<[0.5, -0.25]> : tensor<2xf32>}

// CHECK: nt.task @target classes [7, 3]
// CHECK-SAME: words {fc1 = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [17, 90]>}
nt.task @target classes [7, 3] values {fc1 = dense<[0.5, -0.25]> : tensor<2xf32>}
  words {fc1 = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [17, 90]>}
