//===- SpikeOps.h - The spike dialect ---------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_SPIKE_IR_SPIKEOPS_H
#define NT_DIALECT_SPIKE_IR_SPIKEOPS_H

#include "nt/Interfaces/NTInterfaces.h"
#include "nt/Support/ConvGeometry.h"
#include "ntrt/DeviceModel.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/APFloat.h"

namespace nt::spike {

/// Parses a float literal as a double.
mlir::FailureOr<llvm::APFloat> parseQuantity(mlir::AsmParser &parser);
/// Prints the shortest decimal that reads back to the same bits.
void printQuantity(mlir::AsmPrinter &printer, const llvm::APFloat &value);

/// The values of an i8 elements attribute, row-major; fails if it is of another
/// element type or its resource is missing.
mlir::FailureOr<std::vector<int8_t>> readCodes(mlir::ElementsAttr value);

/// A 64-bit hash as the 16 hex digits that `spike.network` holds.
std::string hashToHex(uint64_t hash);

} // namespace nt::spike

#include "nt/Dialect/Spike/IR/SpikeDialect.h.inc"
#include "nt/Dialect/Spike/IR/SpikeEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "nt/Dialect/Spike/IR/SpikeTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "nt/Dialect/Spike/IR/SpikeAttributes.h.inc"

#define GET_OP_CLASSES
#include "nt/Dialect/Spike/IR/SpikeOps.h.inc"

#endif // NT_DIALECT_SPIKE_IR_SPIKEOPS_H
