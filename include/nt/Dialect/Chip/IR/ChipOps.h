//===- ChipOps.h - The chip dialect -----------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_CHIP_IR_CHIPOPS_H
#define NT_DIALECT_CHIP_IR_CHIPOPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/SymbolTable.h"

#include "nt/Dialect/Chip/IR/ChipDialect.h.inc"
#include "nt/Dialect/Chip/IR/ChipEnums.h.inc"

#define GET_OP_CLASSES
#include "nt/Dialect/Chip/IR/ChipOps.h.inc"

namespace nt::chip {

/// The integers of an i8 or i32 tensor attribute, row-major; nullopt for other
/// types and for a resource that is not there.
std::optional<llvm::SmallVector<int32_t>>
integersOf(mlir::ElementsAttr elements);

} // namespace nt::chip

#endif // NT_DIALECT_CHIP_IR_CHIPOPS_H
