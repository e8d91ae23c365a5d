// Rule H6: 4 units of 81 nA are above a supply limit of 0.3 uA.
// RUN: %python %S/Inputs/retarget.py %S/Inputs/small.mlir %t.json domains.synapse.supply_limit=3e-7 > %t.mlir
// RUN: not nt-opt --chip-verify=device=%t.json %t.mlir 2>&1 | FileCheck %s

// CHECK-NOT: core 0
// CHECK: error: [NT-MAP-005] {{.*}} (rule H6): core 1 (layer out), synapse domain 0: 3.24e-07 A, the limit is 3e-07 A
