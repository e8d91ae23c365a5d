// No such task, no program, no device.
// RUN: not nt-opt %src/test/Dialect/Chip/Inputs/small.mlir --convert-chip-to-cpu='device=nt1-tiny task=other' 2>&1 | FileCheck %s --check-prefix=TASK
// RUN: not nt-opt %s --convert-chip-to-cpu='device=nt1-tiny task=other' 2>&1 | FileCheck %s --check-prefix=PROGRAM
// RUN: not nt-opt %s --convert-chip-to-cpu='device=none' 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not nt-opt %src/test/Dialect/Chip/Inputs/small.mlir --convert-chip-to-cpu='device=nt1 task=target' 2>&1 | FileCheck %s --check-prefix=OTHER

// TASK: [NT-TASK-001] {{.*}}: chip.task @other
// PROGRAM: [NT-CHIP-001] {{.*}}: 0 chip.program, one becomes code
// DEVICE: none
// OTHER: nt1
