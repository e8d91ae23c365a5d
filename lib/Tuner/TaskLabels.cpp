//===- TaskLabels.cpp - Labels as outputs of a task -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TaskLabels.h"

#include "nt/Support/Diagnostics.h"

#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace nt;
using ntrt::Diag;

static StringRef nameOf(Operation *task) {
  return SymbolTable::getSymbolName(task).getValue();
}

LogicalResult nt::labelsToOutputs(Operation *task, ArrayRef<int32_t> classes,
                                  ntrt::Dataset &data) {
  if (data.labels.size() != data.samples())
    return emitDiag(task, Diag::DataLabel)
           << "the data of task '" << nameOf(task) << "' has no labels";
  std::vector<int64_t> outputOf(classes.size(), -1);
  for (auto [output, label] : llvm::enumerate(classes))
    if (label >= 0 && static_cast<size_t>(label) < outputOf.size())
      outputOf[label] = static_cast<int64_t>(output);
  for (auto [index, label] : llvm::enumerate(data.labels)) {
    if (label >= outputOf.size() || outputOf[label] < 0)
      return emitDiag(task, Diag::DataLabel)
             << "sample " << index << " of task '" << nameOf(task)
             << "' has label " << label << ", the network has "
             << classes.size() << " outputs";
    label = static_cast<uint32_t>(outputOf[label]);
  }
  return success();
}

void nt::warnOneOutput(Operation *task, const ntrt::Dataset &data) {
  for (uint32_t label : data.labels)
    if (label != data.labels.front())
      return;
  emitDiagWarning(task->getLoc(), Diag::DataClass)
      << "all samples of task '" << nameOf(task) << "' have output "
      << data.labels.front() << ": retuning would only learn to name it";
}
