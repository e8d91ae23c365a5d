//===- EmitCPU.h - A compiled network as a shared library -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_CPU_EMITCPU_H
#define NT_TARGET_CPU_EMITCPU_H

#include "ntrt/Program.h"

#include "mlir/IR/MLIRContext.h"

namespace nt::cpu {

/// A name as an identifier of C: what a library and its functions are called.
std::string identifier(llvm::StringRef name);

/// Writes <folder>/<name>.so and <folder>/<name>.h: a program with one task as
/// code that simulates it (nt/Conversion/ChipToCPU/ChipToCPU.h), compiled for
/// `cpu`: a processor's name as LLVM knows it ("x86-64-v3"), "generic", or
/// "native" for this machine. `name` is made an identifier. Needs clang to
/// link. Emits a diagnostic on failure and leaves no partial file.
mlir::LogicalResult emitSharedLibrary(
    mlir::MLIRContext *context, llvm::StringRef folder, llvm::StringRef name,
    const ntrt::Program &program, const ntrt::TaskOverlay &task,
    const ntrt::DeviceModel &device, llvm::StringRef cpu = "native");

} // namespace nt::cpu

#endif // NT_TARGET_CPU_EMITCPU_H
