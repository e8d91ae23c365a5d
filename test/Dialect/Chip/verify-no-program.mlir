// A module without a program does not pass for a good one.
// RUN: not nt-opt --chip-verify=device=nt1-tiny %s 2>&1 | FileCheck %s

// CHECK: error: [NT-CHIP-001] {{.*}}: the module has no chip.program
module {
}
