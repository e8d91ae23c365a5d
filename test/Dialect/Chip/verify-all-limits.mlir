// Misfits of different rules come in one run.
// RUN: %python %S/Inputs/retarget.py %S/Inputs/small.mlir %t.json fabric.link_event_rate=1.5e5 domains.synapse.supply_limit=3e-7 domains.modulation.supply_limit=1e-10 > %t.mlir
// RUN: not nt-opt --chip-verify=device=%t.json %t.mlir 2>&1 | FileCheck %s

// CHECK-DAG: [NT-MAP-004]
// CHECK-DAG: [NT-MAP-005] {{.*}}synapse domain
// CHECK-DAG: [NT-MAP-005] {{.*}}modulation domain
