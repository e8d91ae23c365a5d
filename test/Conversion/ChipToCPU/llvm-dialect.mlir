// The pipeline leaves the llvm dialect alone, which translates to LLVM IR; no sum
// and product may be fused.
// RUN: nt-opt %src/test/Dialect/Chip/Inputs/small.mlir --nt-cpu-pipeline='device=nt1-tiny task=target prefix=small' > %t.mlir
// RUN: FileCheck %s --input-file %t.mlir --implicit-check-not=scf. --implicit-check-not=arith. --implicit-check-not=cf. --implicit-check-not=unrealized
// RUN: mlir-translate --mlir-to-llvmir %t.mlir | FileCheck %s --check-prefix=IR --implicit-check-not=fmuladd --implicit-check-not=contract --implicit-check-not=fast

// CHECK: llvm.func @small_classify(
// IR: define i32 @small_record(ptr
