//===- NTJoins.cpp - Layers that drive one population ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/Joins.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace nt;

std::vector<FrozenLayer> nt::joinedLayers(Value sum) {
  Operation *op = sum.getDefiningOp();
  if (auto layer = dyn_cast_or_null<FrozenLayer>(op))
    return {layer};
  auto add = dyn_cast_or_null<AddOp>(op);
  if (!add)
    return {};
  std::vector<FrozenLayer> layers;
  for (Value operand : add->getOperands()) {
    const std::vector<FrozenLayer> part = joinedLayers(operand);
    if (part.empty() || !operand.hasOneUse())
      return {};
    layers.insert(layers.end(), part.begin(), part.end());
  }
  return layers;
}

Value nt::sumOf(FrozenLayer layer) {
  Value sum = layer->getResult(0);
  while (sum.hasOneUse()) {
    auto add = dyn_cast<AddOp>(*sum.user_begin());
    if (!add || joinedLayers(add.getResult()).empty())
      break;
    sum = add.getResult();
  }
  return sum;
}

ModulateOp nt::siteOf(FrozenLayer layer) {
  const Value sum = sumOf(layer);
  return sum.hasOneUse() ? dyn_cast<ModulateOp>(*sum.user_begin())
                         : ModulateOp();
}

static void collect(Value value, std::vector<Value> &addends) {
  if (auto add = value.getDefiningOp<AddOp>(); add && value.hasOneUse()) {
    collect(add.getLhs(), addends);
    collect(add.getRhs(), addends);
    return;
  }
  addends.push_back(value);
}

std::vector<Value> nt::addendsOf(AddOp root) {
  std::vector<Value> addends;
  collect(root.getLhs(), addends);
  collect(root.getRhs(), addends);
  return addends;
}

bool nt::isRate(Value value) {
  while (auto reshape = value.getDefiningOp<ReshapeOp>())
    value = reshape.getInput();
  Operation *op = value.getDefiningOp();
  if (auto clip = dyn_cast_or_null<ClipOp>(op))
    return !clip.getLower().isNegative();
  return !op || isa<NeuronLayer>(op);
}

/// A layer's sum that only the add reads, modulated or not.
static bool isPrivateSum(Value value) {
  if (!value.hasOneUse())
    return false;
  if (auto site = value.getDefiningOp<ModulateOp>())
    value = site.getInput();
  return value.hasOneUse() && value.getDefiningOp<FrozenLayer>();
}

bool nt::isJoinable(AddOp add) {
  while (add.getResult().hasOneUse() &&
         isa<AddOp>(*add.getResult().user_begin()))
    add = cast<AddOp>(*add.getResult().user_begin());
  if (!add.getResult().hasOneUse())
    return false;
  Operation *reader = *add.getResult().user_begin();
  if (isa<ModulateOp>(reader))
    return !joinedLayers(add.getResult()).empty();
  const int64_t rank = add.getType().getRank();
  return isa<NeuronLayer, func::ReturnOp>(reader) && (rank == 2 || rank == 4) &&
         llvm::all_of(addendsOf(add), [](Value value) {
           return isPrivateSum(value) || isRate(value);
         });
}
