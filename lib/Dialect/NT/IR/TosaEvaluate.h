//===- TosaEvaluate.h - Evaluation of tosa ops ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_DIALECT_NT_IR_TOSAEVALUATE_H
#define NT_LIB_DIALECT_NT_IR_TOSAEVALUATE_H

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace nt {

/// Loads the tosa dialect and gives its ops of general tensor arithmetic the
/// Evaluable interface.
void attachTosaEvaluation(mlir::MLIRContext &context);

} // namespace nt

#endif // NT_LIB_DIALECT_NT_IR_TOSAEVALUATE_H
