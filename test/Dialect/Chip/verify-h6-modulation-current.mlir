// Rule H6: what a task draws is checked, and reported at the task.
// RUN: %python %S/Inputs/retarget.py %S/Inputs/small.mlir %t.json domains.modulation.supply_limit=1e-10 > %t.mlir
// RUN: not nt-opt --chip-verify=device=%t.json %t.mlir 2>&1 | FileCheck %s

// CHECK: :[[#]]:1: error: [NT-MAP-005] {{.*}} (rule H6): core 0 (layer a), modulation domain 1: {{.*}} A, the limit is 1e-10 A
// CHECK-NEXT: chip.task @target
