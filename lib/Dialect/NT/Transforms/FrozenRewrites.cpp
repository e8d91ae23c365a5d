//===- FrozenRewrites.cpp - New frozen values from old ones ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenRewrites.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace nt;

std::string nt::nameOf(Operation *op) {
  if (auto layer = dyn_cast<FrozenLayer>(op))
    return layer.getLayerName().str();
  if (auto name = dyn_cast<NameLoc>(op->getLoc()))
    return name.getName().str();
  return op->getName().getStringRef().str();
}

std::string nt::freshName(const std::string &base, llvm::StringSet<> &taken) {
  std::string name = base;
  for (unsigned i = 1; !taken.insert(name).second; ++i)
    name = base + "_" + std::to_string(i);
  return name;
}

ArrayAttr nt::extendDerivation(FrozenOp source, Builder &builder,
                               const Twine &step) {
  SmallVector<Attribute> steps;
  if (source && source.getDerivation())
    llvm::append_range(steps, *source.getDerivation());
  std::string text = step.str();
  if (source)
    text += " (was " + source.getHash().str() + ")";
  steps.push_back(builder.getStringAttr(text));
  return builder.getArrayAttr(steps);
}

ElementsAttr nt::roundedElements(FrozenOp source, StringRef resourceName,
                                 RankedTensorType type,
                                 ArrayRef<double> values) {
  SmallVector<float> rounded(values.begin(), values.end());
  if (source && isa<DenseResourceElementsAttr>(source.getValue()))
    return DenseResourceElementsAttr::get(
        type, resourceName,
        HeapAsmResourceBlob::allocateAndCopyInferAlign(
            ArrayRef<float>(rounded)));
  return DenseElementsAttr::get(type, ArrayRef<float>(rounded));
}

void nt::eraseIfUnused(Value value) {
  if (!value)
    return;
  if (auto frozen = value.getDefiningOp<FrozenOp>())
    if (frozen->use_empty())
      frozen.erase();
}
