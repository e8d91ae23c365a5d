// Codes, words and routes become constants, each core a function of its shape; the
// functions of C linkage begin with the prefix.
// RUN: nt-opt %src/test/Dialect/Chip/Inputs/small.mlir --convert-chip-to-cpu='device=nt1-tiny task=target prefix=small' | FileCheck %s
// RUN: nt-opt %src/test/Dialect/Chip/Inputs/small.mlir --convert-chip-to-cpu='device=nt1-tiny task=target prefix=small' | nt-opt | FileCheck %s

// CHECK-NOT: chip.
// CHECK: llvm.mlir.global internal constant @core0_codes("\03\F9\00
// CHECK: llvm.mlir.global internal constant @core0_lsb(dense<[7.{{[0-9]+}}E-11, 7.{{[0-9]+}}E-11, 0.0
// CHECK: llvm.mlir.global internal constant @core0_used(dense<3>
// CHECK: llvm.mlir.global internal constant @core0_routes_targets(dense<[1, 0, 1, 1]>
// CHECK: llvm.func internal @core0_step(
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<64xi8>)
// CHECK: arith.extsi {{.*}} : vector<64xi8> to vector<64xi16>
// CHECK: llvm.intr.masked.gather
// CHECK: llvm.mlir.global internal constant @core1_codes("\02\00
// CHECK: llvm.func internal @core1_step(
// CHECK: llvm.mlir.global internal constant @inputs_targets(dense<[0, 0, 0, 1]>
// Core by core, from each one's start slot on.
// CHECK: llvm.func internal @nt_run(
// CHECK: llvm.call @nt_encode(
// CHECK: llvm.call @core0_step(
// CHECK: llvm.call @core1_step(
// CHECK: llvm.mlir.global internal constant @classes(dense<4>
// CHECK: llvm.func @small_create(
// CHECK: llvm.func @small_classify(
// CHECK: llvm.func @small_record(
// CHECK: llvm.func @small_free_error(
