//===- NTOps.h - The nt dialect ---------------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_NT_IR_NTOPS_H
#define NT_DIALECT_NT_IR_NTOPS_H

#include "nt/Interfaces/NTInterfaces.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "nt/Dialect/NT/IR/NTDialect.h.inc"
#include "nt/Dialect/NT/IR/NTEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "nt/Dialect/NT/IR/NTAttributes.h.inc"

#define GET_OP_CLASSES
#include "nt/Dialect/NT/IR/NTOps.h.inc"

namespace nt {

/// Attribute of a "Constant" nt.onnx_node that the importer makes of an integer
/// initialiser: its ONNX element type, where that is not INT64.
constexpr llvm::StringLiteral kElementTypeAttribute = "nt.element_type";

/// Attribute of a task that holds the gains of its synapse domains, where it
/// was tuned with them: {<layer>.gain = dense<1.0> : tensor<domains x f32>}.
inline constexpr llvm::StringLiteral kTaskGains = "nt.gains";
/// What the name of a layer's gains ends with.
inline constexpr llvm::StringLiteral kGainSuffix = ".gain";

/// Checks the form of kTaskGains.
mlir::LogicalResult verifyTaskGains(mlir::Operation *op,
                                    mlir::Attribute attribute);
/// Emits NT-TASK-006 for a task with gains, which quantisation cannot keep.
mlir::LogicalResult refuseGains(TaskOp task);

/// Attribute of a task that nt-retune has been over: the epoch whose words
/// stand, 0 if they are those of nt-assign-domains.
inline constexpr llvm::StringLiteral kTaskRetuned = "nt.retuned";

/// 128-bit XXH3 of a frozen tensor's raw bytes and type, as 32 hex digits.
std::string hashOfElements(mlir::ElementsAttr value);

} // namespace nt

#endif // NT_DIALECT_NT_IR_NTOPS_H
