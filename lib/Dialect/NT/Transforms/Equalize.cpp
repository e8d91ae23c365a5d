//===- Equalize.cpp - Let every channel fill its layer's range ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenRewrites.h"
#include "QuantizationSupport.h"

#include "nt/Dialect/NT/IR/LayerGeometry.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Mapping/DeviceGrid.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Threads.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nt {
#define GEN_PASS_DEF_EQUALIZE
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using ntrt::Diag;

namespace {

/// A channel that is hardly ever active on the samples is no more so enlarged
/// that a little more activity would saturate it.
constexpr int kMostOctaves = 6;

/// A layer whose activation only one other layer reads.
struct Pair {
  FrozenLayer layer, reader;
  Value activation;
  std::vector<double> largest; ///< Activation of each channel.
  /// The largest weight that the layer's synapses reach.
  double reach = std::numeric_limits<double>::infinity();
};

struct Equalize : nt::impl::EqualizeBase<Equalize> {
  using EqualizeBase::EqualizeBase;

  void runOnOperation() override {
    if (failed(equalize(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult equalize(ModuleOp module);
};

} // namespace

/// A rectifier, which commutes with a positive factor but for its saturation.
static bool isRectifier(NeuronLayer activation) {
  auto clip = dyn_cast<ClipOp>(*activation);
  return !clip || clip.getLower().isZero();
}

/// The pair that `layer` is the first of, through its modulation and rectifier.
static std::optional<Pair> pairOf(FrozenLayer layer) {
  auto onlyUser = [](Value value) -> Operation * {
    return value.hasOneUse() ? *value.user_begin() : nullptr;
  };
  Value value = layer->getResult(0);
  Operation *user = onlyUser(value);
  if (auto site = dyn_cast_or_null<ModulateOp>(user)) {
    value = site.getResult();
    user = onlyUser(value);
  }
  auto rectifier = dyn_cast_or_null<NeuronLayer>(user);
  if (!rectifier || !isRectifier(rectifier))
    return std::nullopt;
  Pair pair;
  pair.layer = layer;
  pair.activation = rectifier->getResult(0);
  user = onlyUser(pair.activation);
  while (auto reshape = dyn_cast_or_null<ReshapeOp>(user))
    user = onlyUser(reshape.getResult());
  pair.reader = dyn_cast_or_null<FrozenLayer>(user);
  if (!pair.reader)
    return std::nullopt;
  pair.largest.assign(layer.getNumChannels(), 0.0);
  return pair;
}

/// The largest power of two that leaves each channel within the largest
/// activation of all, and its weights within what synapses reach.
static std::vector<double> factorsOf(const Pair &pair) {
  const double range =
      *std::max_element(pair.largest.begin(), pair.largest.end());
  FrozenLayer layer = pair.layer;
  const ElementView<float> values(
      layer.getFrozenWeights().getDefiningOp<FrozenOp>().getValue());
  const std::vector<double> weights = largestOf(WeightRows(
      values.values().data(), layer.getNumChannels(), fanInOf(layer)));
  std::vector<double> factors;
  for (auto [largest, weight] : llvm::zip_equal(pair.largest, weights)) {
    double room = largest > 0 ? range / largest : 1;
    if (weight > 0)
      room = std::min(room, pair.reach / weight);
    factors.push_back(std::exp2(
        std::clamp<double>(std::floor(std::log2(room)), 0, kMostOctaves)));
  }
  return factors;
}

/// Multiplies value `i` of a frozen tensor with factor(i): powers of two, so
/// that nothing is rounded.
static FrozenOp scaled(FrozenOp old, OpBuilder &builder, const Twine &step,
                       function_ref<double(size_t)> factor) {
  std::vector<double> values = toHostTensor(old.getValue()).values;
  for (auto [index, value] : llvm::enumerate(values))
    value *= factor(index);
  auto type = cast<RankedTensorType>(old.getType());
  return FrozenOp::createHashed(
      builder, old.getLoc(),
      roundedElements(old, derivedKey(old, "equalized"), type, values),
      old.getOrigin(), extendDerivation(old, builder, step));
}

static void rewrite(Pair &pair, std::vector<StagedTask> &tasks) {
  FrozenLayer layer = pair.layer, reader = pair.reader;
  const std::vector<double> factors = factorsOf(pair);
  if (llvm::all_of(factors, [](double factor) { return factor == 1; }))
    return;
  OpBuilder builder(layer);
  const auto fanIn = static_cast<size_t>(fanInOf(layer));
  layer.setFrozenWeights(
      scaled(layer.getFrozenWeights().getDefiningOp<FrozenOp>(), builder,
             "equalize outputs", [&](size_t i) { return factors[i / fanIn]; }));
  if (Value bias = layer.getFrozenBias())
    layer.setFrozenBias(scaled(bias.getDefiningOp<FrozenOp>(), builder,
                               "equalize outputs",
                               [&](size_t i) { return factors[i]; }));
  if (ModulateOp site = siteOf(layer))
    for (StagedTask &task : tasks) {
      if (!task.op)
        continue;
      std::vector<double> &values = task.current[site.getSite()].values;
      const bool perNeuron = site.getGranularity() == Granularity::Neuron;
      for (auto [index, value] : llvm::enumerate(values))
        value *= factors[perNeuron ? site.getChannelOf(index) : index];
    }

  // The input channel of each weight of the reader, and what neuron of the
  // layer is behind it.
  const ConvGeometry geometry = geometryOf(reader);
  const int64_t kernel = geometry.kernelHeight * geometry.kernelWidth,
                groupInputs = geometry.inChannels / geometry.groups,
                groupOutputs = geometry.outChannels / geometry.groups,
                positions = geometry.inHeight * geometry.inWidth;
  builder.setInsertionPoint(reader);
  reader.setFrozenWeights(
      scaled(reader.getFrozenWeights().getDefiningOp<FrozenOp>(), builder,
             "equalize inputs", [&](size_t i) {
               const auto weight = static_cast<int64_t>(i);
               const int64_t output = weight / (kernel * groupInputs),
                             input = output / groupOutputs * groupInputs +
                                     weight / kernel % groupInputs;
               return 1 / factors[layer.getChannelOf(input * positions)];
             }));
}

LogicalResult Equalize::equalize(ModuleOp module) {
  FailureOr<func::FuncOp> network = findEvaluableNetwork(module);
  if (failed(network))
    return failure();
  bool ok = true;
  if (samples == 0 || threads == 0) {
    emitDiag(module.getLoc(), Diag::OptionInvalid)
        << (samples == 0 ? "samples" : "threads")
        << " is 0, at least 1 is needed";
    ok = false;
  }
  FailureOr<std::vector<StagedTask>> tasks =
      loadStagedTasks(*network, data, samples);
  ok &= succeeded(tasks);
  std::optional<ntrt::DeviceModel> model;
  if (!device.empty()) {
    FailureOr<ntrt::DeviceModel> loaded = loadDevice(module, device, 0);
    if (succeeded(loaded))
      model = std::move(*loaded);
    else
      ok = false;
  }
  llvm::MapVector<Value, Pair> pairs;
  for (FrozenLayer layer : layersOf(*network)) {
    FailureOr<FrozenOp> weights = frozenWeightsOf(layer);
    if (failed(weights)) {
      ok = false;
      continue;
    }
    if (!cast<RankedTensorType>(weights->getType()).getElementType().isF32()) {
      emitDiag(layer, Diag::QuantUnsupported)
          << "'" << layer.getLayerName() << "' is quantised already";
      ok = false;
    }
    std::optional<Pair> pair = pairOf(layer);
    if (!pair)
      continue;
    if (model) {
      FailureOr<LayerRanges> ranges = rangesOf(layer);
      if (failed(ranges)) {
        ok = false;
        continue;
      }
      pair->reach =
          model->synapse.maxCode() *
          mapping::synapseScales(*model, ranges->input, ranges->output).back();
    }
    pairs.insert({pair->activation, std::move(*pair)});
  }
  if (!ok)
    return failure();

  tuner::setPrimitiveThreads(threads);
  StagedEvaluation staged(*network, std::move(*tasks), {threads});
  std::vector<float> scratch;
  for (Operation *op : staged.operations()) {
    if (failed(staged.evaluateReference(op)))
      return failure();
    for (Value value : op->getResults()) {
      auto found = pairs.find(value);
      if (found == pairs.end())
        continue;
      Pair &pair = found->second;
      const tuner::ActivationStore &store = staged.reference(value);
      const size_t positions = store.units() / pair.largest.size();
      for (size_t s = 0; s < staged.numSamples(); ++s) {
        const float *values = store.read(s, 1, scratch);
        for (size_t n = 0; n < store.units(); ++n)
          pair.largest[n / positions] =
              std::max<double>(pair.largest[n / positions], values[n]);
      }
    }
    staged.release(op);
  }
  for (auto &[activation, pair] : pairs)
    rewrite(pair, staged.tasks());
  for (StagedTask &task : staged.tasks())
    storeValues(task);
  // Ranges that there are were those of other activations.
  for (FrozenLayer layer : layersOf(*network)) {
    layer->removeAttr(FrozenLayer::kInputRange);
    layer->removeAttr(FrozenLayer::kOutputRange);
  }
  eraseUnusedFrozen(*network);
  return success();
}
