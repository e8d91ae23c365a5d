// Rule H4: a core has no more axons than the device gives it.
// RUN: %python %S/Inputs/retarget.py %S/Inputs/small.mlir %t.json core.axons=1 > %t.mlir
// RUN: not nt-opt --chip-verify=device=%t.json %t.mlir 2>&1 | FileCheck %s

// CHECK: error: [NT-MAP-001] {{.*}}core 0{{.*}}: 2 axons, a core of the device has 1 (rule H4)
// CHECK: error: [NT-MAP-001] {{.*}}core 1{{.*}}: 2 axons
