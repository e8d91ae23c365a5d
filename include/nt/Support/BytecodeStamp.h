//===- BytecodeStamp.h - Whose ops bytecode holds ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_SUPPORT_BYTECODESTAMP_H
#define NT_SUPPORT_BYTECODESTAMP_H

#include "mlir/IR/Dialect.h"

#include <memory>

namespace nt {

/// A hash of the names of the dialect's ops and of their attributes.
uint64_t bytecodeStampOf(mlir::Dialect *dialect);

/// An interface of `dialect` that has bytecode hold that hash, and refuses what
/// holds another (NT-FILE-004): bytecode stores an op's attributes by their
/// place, so that MLIR would read them awry or fail without saying why.
std::unique_ptr<mlir::DialectInterface>
makeBytecodeStamp(mlir::Dialect *dialect);

} // namespace nt

#endif // NT_SUPPORT_BYTECODESTAMP_H
