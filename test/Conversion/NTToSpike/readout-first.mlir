// RUN: nt-opt %S/readout-count.mlir --convert-nt-to-spike="device=nt1-tiny readout=first" | FileCheck %s
// CHECK: spike.readout first
