//===- Bitstream.h - Chip IR to decoded bitstreams and back -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The chip dialect says what a bitstream says. The bytes themselves are
// libntrt's business (ntrt/Bitstream.h).
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_BITSTREAM_BITSTREAM_H
#define NT_TARGET_BITSTREAM_BITSTREAM_H

#include "nt/Dialect/Chip/IR/ChipOps.h"

#include "ntrt/Bitstream.h"
#include "ntrt/Program.h"

#include "mlir/IR/OwningOpRef.h"

namespace nt::chip {

/// The program as the runtime holds it. Checks it against the device: name and
/// hash, volts (H3), and ntrt::checkProgram (H1-H4). On failure every misfit
/// has been emitted at the op.
mlir::FailureOr<ntrt::Program> toProgram(ProgramOp program,
                                         const ntrt::DeviceModel &device);

/// The task as the runtime holds it, checked against `program`, the translation
/// of its chip.program. On failure every misfit has been emitted at the op.
mlir::FailureOr<ntrt::TaskOverlay> toTask(TaskOp task,
                                          const ntrt::Program &program,
                                          const ntrt::DeviceModel &device);

/// The program as IR, at the builder's insertion point; cores are named core_0,
/// core_1, ... `program` has passed ntrt::checkProgram.
ProgramOp buildProgram(mlir::OpBuilder &builder, mlir::Location loc,
                       const ntrt::Program &program,
                       const ntrt::DeviceModel &device);
/// The task as IR; `programName` names the chip.program it belongs to.
TaskOp buildTask(mlir::OpBuilder &builder, mlir::Location loc,
                 const ntrt::TaskOverlay &task, llvm::StringRef programName);

/// A module with one chip.program and a chip.task for each overlay, from
/// decoded bitstreams. Assembling it again gives the same bytes. Null, with
/// errors emitted at `loc`, if names clash.
mlir::OwningOpRef<mlir::ModuleOp>
fromProgram(mlir::Location loc, const ntrt::Program &program,
            llvm::ArrayRef<ntrt::TaskOverlay> tasks,
            const ntrt::DeviceModel &device);

/// 16 lower-case hexadecimal digits: how IR writes a device's hash.
std::string hashText(uint64_t hash);

} // namespace nt::chip

#endif // NT_TARGET_BITSTREAM_BITSTREAM_H
