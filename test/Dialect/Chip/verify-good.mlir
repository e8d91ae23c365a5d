// A program that fits its device passes and is left as it is.
// RUN: nt-opt %S/Inputs/small.mlir -o %t.before
// RUN: nt-opt --chip-verify=device=nt1-tiny %S/Inputs/small.mlir -o %t.after
// RUN: diff %t.before %t.after
