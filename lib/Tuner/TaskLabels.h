//===- TaskLabels.h - Labels as outputs of a task ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_TASKLABELS_H
#define NT_LIB_TUNER_TASKLABELS_H

#include "mlir/IR/Operation.h"
#include "ntrt/Dataset.h"

namespace nt {

/// Puts in the place of each label the output of `task` (a symbol with
/// `classes`) that stands for it. Emits NT-DATA-004 and fails if there are no
/// labels, or one that no output stands for.
mlir::LogicalResult labelsToOutputs(mlir::Operation *task,
                                    llvm::ArrayRef<int32_t> classes,
                                    ntrt::Dataset &data);

/// Warns (NT-DATA-007) if all samples have the same output.
void warnOneOutput(mlir::Operation *task, const ntrt::Dataset &data);

} // namespace nt

#endif // NT_LIB_TUNER_TASKLABELS_H
