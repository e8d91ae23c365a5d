//===- EmitCPU.h - A compiled network as a shared library -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_CPU_EMITCPU_H
#define NT_TARGET_CPU_EMITCPU_H

#include "ntrt/Bitstream.h"

#include "mlir/IR/MLIRContext.h"

namespace nt::cpu {

/// Writes <folder>/<name>.so and <folder>/<name>.h: the bitstream, the task
/// overlay and the device as constants of an LLVM-dialect module, with
/// functions of C linkage that run them through libntrt, translated to LLVM IR
/// and compiled for the host. `name` is made an identifier. Needs clang to
/// link. Emits a diagnostic on failure and leaves no partial file.
mlir::LogicalResult
emitSharedLibrary(mlir::MLIRContext *context, llvm::StringRef folder,
                  llvm::StringRef name, const ntrt::Bytes &program,
                  const ntrt::Bytes &task, const ntrt::DeviceModel &device);

} // namespace nt::cpu

#endif // NT_TARGET_CPU_EMITCPU_H
