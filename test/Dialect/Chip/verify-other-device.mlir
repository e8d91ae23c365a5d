// A program is bound to the device it was mapped for, by name and hash.
// RUN: not nt-opt --chip-verify=device=nt1 %S/Inputs/small.mlir 2>&1 | FileCheck %s

// CHECK: error: [NT-BIT-004] {{.*}}: it was mapped for nt1-tiny with hash {{[0-9a-f]+}}, but nt1 has hash
