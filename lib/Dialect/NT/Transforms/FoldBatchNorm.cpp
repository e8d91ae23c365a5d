//===- FoldBatchNorm.cpp - Fold batch norms into the layer before ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenRewrites.h"

#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cmath>

namespace nt {
#define GEN_PASS_DEF_FOLDBATCHNORM
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

/// y = factor[c] * x + offset[c], which a batch norm is.
struct Affine {
  std::vector<double> factor, offset;
};

struct FoldBatchNorm : nt::impl::FoldBatchNormBase<FoldBatchNorm> {
  using FoldBatchNormBase::FoldBatchNormBase;
  void runOnOperation() override;
};

} // namespace

static LogicalResult refuse(BatchNormOp op, const Twine &why) {
  emitDiag(op, ntrt::Diag::NormBatchNorm)
      << "'" << nameOf(op) << "' " << why.str();
  return failure();
}

/// The batch norm as one product and one sum a channel.
static FailureOr<Affine> affineOf(BatchNormOp op) {
  SmallVector<HostTensor, 4> parameters;
  for (Value value :
       {op.getScale(), op.getShift(), op.getMean(), op.getVariance()}) {
    auto frozen = value.getDefiningOp<FrozenOp>();
    if (!frozen)
      return refuse(op, "has a parameter that is not frozen");
    parameters.push_back(toHostTensor(frozen.getValue()));
  }
  const double epsilon = op.getEpsilon().convertToDouble();
  Affine affine;
  for (int64_t c = 0; c < parameters[0].size(); ++c) {
    const double factor =
        parameters[0].values[c] / std::sqrt(parameters[3].values[c] + epsilon);
    const double offset =
        parameters[1].values[c] - factor * parameters[2].values[c];
    if (!std::isfinite(factor) || !std::isfinite(offset))
      return refuse(op, "has a variance, scale, shift or mean in channel " +
                            Twine(c) + " that gives no finite factor");
    affine.factor.push_back(factor);
    affine.offset.push_back(offset);
  }
  return affine;
}

/// The layer that takes the batch norm in.
static FailureOr<FrozenLayer> producerOf(BatchNormOp op) {
  Value input = op.getInput();
  auto layer = input.getDefiningOp<FrozenLayer>();
  if (!layer) {
    Operation *before = input.getDefiningOp();
    return refuse(op, "has no layer with frozen weights before it, but " +
                          (before ? "'" + nameOf(before) + "'"
                                  : std::string("the network's input")));
  }
  const std::string name = layer.getLayerName().str();
  if (!input.hasOneUse())
    return refuse(op, "is behind layer '" + name +
                          "', whose result has other uses");
  auto weights = layer.getFrozenWeights().getDefiningOp<FrozenOp>();
  Value bias = layer.getFrozenBias();
  if (!weights || (bias && !bias.getDefiningOp<FrozenOp>()))
    return refuse(op, "is behind layer '" + name +
                          "', whose weights or bias are not frozen");
  if (!weights.getType().getElementType().isF32())
    return refuse(op, "is behind layer '" + name + "', which is quantised");
  return layer;
}

static void fold(BatchNormOp op, FrozenLayer layer, const Affine &affine) {
  const Value oldWeights = layer.getFrozenWeights();
  const Value oldBias = layer.getFrozenBias();
  auto weightsOp = oldWeights.getDefiningOp<FrozenOp>();
  FrozenOp biasOp = oldBias ? oldBias.getDefiningOp<FrozenOp>() : FrozenOp();
  const std::string name = layer.getLayerName().str();
  OpBuilder builder(layer);

  const int64_t channels = static_cast<int64_t>(affine.factor.size());
  HostTensor weights = toHostTensor(weightsOp.getValue());
  const int64_t perChannel = weights.size() / channels;
  for (int64_t i = 0; i < weights.size(); ++i)
    weights.values[i] *= affine.factor[i / perChannel];
  std::vector<double> bias = affine.offset;
  if (biasOp) {
    const HostTensor before = toHostTensor(biasOp.getValue());
    for (int64_t c = 0; c < channels; ++c)
      bias[c] += affine.factor[c] * before.values[c];
  }

  // New ops: another layer may read the old values.
  const std::string step = "batch norm '" + nameOf(op) + "' folded in";
  layer.setFrozenWeights(FrozenOp::createHashed(
      builder, weightsOp.getLoc(),
      roundedElements(weightsOp, name + ".weight",
                      cast<RankedTensorType>(weightsOp.getType()),
                      weights.values),
      weightsOp.getOrigin(), extendDerivation(weightsOp, builder, step)));

  auto shift = op.getShift().getDefiningOp<FrozenOp>();
  FrozenOp source = biasOp ? biasOp : shift;
  layer.setFrozenBias(FrozenOp::createHashed(
      builder, source.getLoc(),
      roundedElements(source, name + ".bias",
                      RankedTensorType::get({channels}, builder.getF32Type()),
                      bias),
      source.getOrigin(), extendDerivation(source, builder, step)));

  const SmallVector<Value> parameters = {op.getScale(), op.getShift(),
                                         op.getMean(), op.getVariance()};
  op.getResult().replaceAllUsesWith(op.getInput());
  op.erase();
  eraseIfUnused(oldWeights);
  eraseIfUnused(oldBias);
  SmallPtrSet<Operation *, 4> seen;
  for (Value parameter : parameters)
    if (seen.insert(parameter.getDefiningOp()).second)
      eraseIfUnused(parameter);
}

void FoldBatchNorm::runOnOperation() {
  FailureOr<func::FuncOp> network = findNetwork(getOperation());
  if (failed(network))
    return signalPassFailure();
  bool folded = true;
  for (auto op : llvm::make_early_inc_range(network->getOps<BatchNormOp>())) {
    FailureOr<FrozenLayer> layer = producerOf(op);
    FailureOr<Affine> affine = affineOf(op);
    if (succeeded(layer) && succeeded(affine))
      fold(op, *layer, *affine);
    else
      folded = false;
  }
  if (!folded)
    signalPassFailure();
}
