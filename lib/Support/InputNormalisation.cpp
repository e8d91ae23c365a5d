//===- InputNormalisation.cpp - What a network's inputs are made of -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Support/InputNormalisation.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/SymbolTable.h"

#include <cmath>

using namespace mlir;
using namespace nt;

static constexpr llvm::StringLiteral kMean = "mean", kDeviation = "std";

ntrt::Normalisation nt::inputNormalisationOf(Operation *network) {
  ntrt::Normalisation result;
  auto recorded = network->getAttrOfType<DictionaryAttr>(kInputNormalisation);
  if (!recorded)
    return result;
  if (auto list = recorded.getAs<DenseF32ArrayAttr>(kMean))
    result.mean = list.asArrayRef();
  if (auto list = recorded.getAs<DenseF32ArrayAttr>(kDeviation))
    result.deviation = list.asArrayRef();
  return result;
}

void nt::recordInputNormalisation(Operation *network,
                                  const ntrt::Normalisation &normalisation) {
  if (normalisation.isIdentity()) {
    network->removeAttr(kInputNormalisation);
    return;
  }
  const ntrt::Normalisation shortest = normalisation.canonical();
  Builder builder(network->getContext());
  NamedAttrList fields;
  if (!shortest.mean.empty())
    fields.set(kMean, builder.getDenseF32ArrayAttr(shortest.mean));
  if (!shortest.deviation.empty())
    fields.set(kDeviation, builder.getDenseF32ArrayAttr(shortest.deviation));
  network->setAttr(kInputNormalisation,
                   fields.getDictionary(network->getContext()));
}

LogicalResult
nt::recordDataNormalisation(Operation *network, StringRef spec,
                            const ntrt::Normalisation &normalisation) {
  if (normalisation.isIdentity() ||
      normalisation == inputNormalisationOf(network))
    return success();
  // Support knows no dialect, so tasks are found by the name of their op.
  for (Operation &other : *network->getBlock())
    if (other.getName().getStringRef() == "nt.task" &&
        SymbolTable::getSymbolName(&other) != "source")
      return emitDiag(other.getLoc(), ntrt::Diag::DataNormalisation)
             << spec << " says " << normalisation.str() << ", @"
             << SymbolTable::getSymbolName(&other).getValue()
             << " was tuned on values as they are";
  recordInputNormalisation(network, normalisation);
  return success();
}

LogicalResult nt::verifyInputNormalisation(Operation *op, Attribute attribute) {
  auto fields = dyn_cast<DictionaryAttr>(attribute);
  if (!fields)
    return op->emitOpError() << kInputNormalisation
                             << " must be a dictionary, found " << attribute;
  for (NamedAttribute field : fields) {
    const bool isDeviation = field.getName() == kDeviation;
    auto list = dyn_cast<DenseF32ArrayAttr>(field.getValue());
    if ((!isDeviation && field.getName() != kMean) || !list || list.empty())
      return op->emitOpError()
             << kInputNormalisation
             << " holds mean and std as array<f32: ...>, found "
             << field.getName() << " = " << field.getValue();
    for (float value : list.asArrayRef())
      if (!std::isfinite(value) || (isDeviation && !(value > 0)))
        return op->emitOpError()
               << kInputNormalisation << ": " << field.getName() << " is "
               << value << ", must be finite"
               << (isDeviation ? " and above 0" : "");
  }
  return success();
}
