// There is no default device.
// RUN: not nt-opt --chip-verify=device=nt99 %S/Inputs/small.mlir 2>&1 | FileCheck %s
// RUN: not nt-opt --chip-verify %S/Inputs/small.mlir 2>&1 | FileCheck %s

// CHECK: error: [NT-DEV-007] no such device
