//===- NTGains.cpp - Tasks that scale synapse domains ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Support/Diagnostics.h"

using namespace mlir;
using namespace nt;

LogicalResult nt::verifyTaskGains(Operation *op, Attribute attribute) {
  auto gains = dyn_cast<DictionaryAttr>(attribute);
  if (!isa<TaskOp>(op) || !gains)
    return op->emitOpError()
           << kTaskGains << " must be a dictionary on an nt.task, found "
           << attribute;
  for (NamedAttribute entry : gains) {
    auto values = dyn_cast<DenseElementsAttr>(entry.getValue());
    if (!values || !values.getElementType().isF32() ||
        values.getType().getRank() != 1 ||
        !entry.getName().getValue().ends_with(kGainSuffix))
      return op->emitOpError()
             << kTaskGains << " must give <layer>" << kGainSuffix
             << " a dense tensor<domains x f32>, found " << entry.getName()
             << " = " << entry.getValue();
  }
  return success();
}

LogicalResult nt::refuseGains(TaskOp task) {
  if (!task->hasAttr(kTaskGains))
    return success();
  return emitDiag(task.getLoc(), ntrt::Diag::TaskGains)
         << "@" << task.getSymName();
}
