// Rule H5: two sources of one event a slot of 10 us ask 200 kHz of a link, which
// is too much for each of the three on their way.
// RUN: %python %S/Inputs/retarget.py %S/Inputs/small.mlir %t.json fabric.link_event_rate=1.5e5 > %t.mlir
// RUN: not nt-opt --chip-verify=device=%t.json %t.mlir 2>&1 | FileCheck %s

// CHECK: error: [NT-MAP-004] {{.*}} (rule H5): link into the core at [0, 0]: 2e+05 events a second, the limit is 1.5e+05; 2 more links exceed it too
