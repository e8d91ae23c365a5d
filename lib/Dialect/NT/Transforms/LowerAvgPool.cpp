//===- LowerAvgPool.cpp - Average pools as depthwise convolutions ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenRewrites.h"

#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"

namespace nt {
#define GEN_PASS_DEF_LOWERAVGPOOL
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {
struct LowerAvgPool : nt::impl::LowerAvgPoolBase<LowerAvgPool> {
  using LowerAvgPoolBase::LowerAvgPoolBase;
  void runOnOperation() override;
};
} // namespace

/// Whether every window has the same weights: padding counts, or there is none.
static bool hasFixedWeights(AvgPoolOp op) {
  return op.getCountIncludePad() ||
         llvm::all_of(op.getPads(), [](int64_t pad) { return pad == 0; });
}

/// The name of the pool's node, or avg_pool, made unique among the layers.
static std::string nameOfLayer(AvgPoolOp op, llvm::StringSet<> &taken) {
  return freshName(isa<NameLoc>(op.getLoc()) ? nameOf(op) : "avg_pool", taken);
}

static void lower(AvgPoolOp op, StringRef name) {
  OpBuilder builder(op);
  const int64_t channels = op.getInput().getType().getDimSize(1);
  const int64_t kh = op.getKernel()[0], kw = op.getKernel()[1];
  auto type =
      RankedTensorType::get({channels, 1, kh, kw}, builder.getF32Type());
  const float weight = static_cast<float>(
      1.0 / (static_cast<double>(kh) * static_cast<double>(kw)));
  auto weights = FrozenOp::createHashed(
      builder, op.getLoc(), DenseElementsAttr::get(type, weight),
      (name + " (mean of " + Twine(kh) + " x " + Twine(kw) + ")").str());
  auto conv = builder.create<ConvOp>(
      op.getLoc(), op.getType(), op.getInput(), weights, /*bias=*/Value(),
      builder.getStringAttr(name), op.getStridesAttr(), op.getPadsAttr(),
      builder.getDenseI64ArrayAttr({1, 1}), builder.getI64IntegerAttr(channels),
      /*scales=*/ElementsAttr(), /*input_range=*/FloatAttr(),
      /*output_range=*/FloatAttr(), /*domain_of_channel=*/DenseI32ArrayAttr(),
      /*domain_dac=*/DenseI32ArrayAttr(), /*paired=*/UnitAttr());
  op.getResult().replaceAllUsesWith(conv.getResult());
  op.erase();
}

void LowerAvgPool::runOnOperation() {
  FailureOr<func::FuncOp> network = findNetwork(getOperation());
  if (failed(network))
    return signalPassFailure();
  llvm::StringSet<> names;
  network->walk([&](FrozenLayer layer) { names.insert(layer.getLayerName()); });
  for (auto op : llvm::make_early_inc_range(network->getOps<AvgPoolOp>()))
    if (hasFixedWeights(op))
      lower(op, nameOfLayer(op, names));
}
