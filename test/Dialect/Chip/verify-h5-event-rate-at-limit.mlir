// Rule H5: a worst-case rate that equals the limit passes.
// RUN: %python %S/Inputs/retarget.py %S/Inputs/small.mlir %t.json fabric.link_event_rate=2e5 > %t.mlir
// RUN: nt-opt --chip-verify=device=%t.json %t.mlir -o %t.out

