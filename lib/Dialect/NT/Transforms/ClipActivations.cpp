//===- ClipActivations.cpp - Activations that saturate as rates do --------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace nt {
#define GEN_PASS_DEF_CLIPACTIVATIONS
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {
struct ClipActivations : nt::impl::ClipActivationsBase<ClipActivations> {
  using ClipActivationsBase::ClipActivationsBase;

  void runOnOperation() override {
    FailureOr<func::FuncOp> network = findNetwork(getOperation());
    if (failed(network) || failed(clip(*network)))
      signalPassFailure();
  }

private:
  LogicalResult clip(func::FuncOp network);
};
} // namespace

/// The layer whose sums an activation reads, behind its modulation or not.
static FrozenLayer layerOf(NeuronLayer activation) {
  Operation *source = activation->getOperand(0).getDefiningOp();
  if (auto site = dyn_cast_or_null<ModulateOp>(source))
    source = site.getInput().getDefiningOp();
  return dyn_cast_or_null<FrozenLayer>(source);
}

LogicalResult ClipActivations::clip(func::FuncOp network) {
  SmallVector<std::pair<NeuronLayer, double>> found;
  SmallVector<FrozenLayer> layers;
  bool bad = false;
  network.walk([&](FrozenLayer layer) { layers.push_back(layer); });
  network.walk([&](NeuronLayer activation) {
    FrozenLayer layer = layerOf(activation);
    if (!layer)
      return;
    auto range = layer->getAttrOfType<FloatAttr>(FrozenLayer::kOutputRange);
    if (!range || !(range.getValueAsDouble() > 0)) {
      emitDiag(activation, ntrt::Diag::QuantNoRange)
          << "layer '" << layer.getLayerName() << "' lacks "
          << FrozenLayer::kOutputRange;
      bad = true;
      return;
    }
    found.emplace_back(activation, range.getValueAsDouble());
  });
  if (bad)
    return failure();
  for (auto [activation, range] : found) {
    OpBuilder builder(activation);
    double lower = 0;
    if (auto clip = dyn_cast<ClipOp>(*activation))
      lower = clip.getLower().convertToDouble();
    const std::optional<double> saturation = activation.getSaturation();
    if ((saturation && *saturation <= range) || lower >= range)
      continue;
    auto bounded = builder.create<ClipOp>(
        activation.getLoc(), activation->getResult(0).getType(),
        activation->getOperand(0), builder.getF64FloatAttr(lower),
        builder.getF64FloatAttr(range));
    activation->getResult(0).replaceAllUsesWith(bounded.getResult());
    activation.erase();
  }
  // Tasks to come have ranges of their own.
  for (FrozenLayer layer : layers) {
    layer->removeAttr(FrozenLayer::kInputRange);
    layer->removeAttr(FrozenLayer::kOutputRange);
  }
  return success();
}
