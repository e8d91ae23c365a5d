//===- ChipToCPU.h - A configured chip as code for a CPU --------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_CONVERSION_CHIPTOCPU_CHIPTOCPU_H
#define NT_CONVERSION_CHIPTOCPU_CHIPTOCPU_H

#include "ntrt/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace nt::cpu {

/// Builds a module of the llvm, arith and scf dialects that simulates a program
/// with one task, needing the C library only. Codes, words, routes and the
/// device's figures are constants in it; each core is a function of its own
/// shape. It computes the expressions of docs/time-model.md in their order, so
/// that spikes and scores have the bits of libntrt's engines. Its functions of
/// C linkage begin with `prefix` (an identifier); docs/aot.md lists them.
/// Program and task must be consistent with the device (ntrt::checkProgram,
/// checkTask).
mlir::OwningOpRef<mlir::ModuleOp>
buildSimulator(mlir::MLIRContext *context, llvm::StringRef prefix,
               const ntrt::Program &program, const ntrt::TaskOverlay &task,
               const ntrt::DeviceModel &device);

/// Lowers what buildSimulator() makes to the llvm dialect.
void populateCPUPipeline(mlir::OpPassManager &pm);

} // namespace nt::cpu

#endif // NT_CONVERSION_CHIPTOCPU_CHIPTOCPU_H
