//===- Quantize.cpp - Quantise frozen weights to synapse codes ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenRewrites.h"
#include "LayerPatches.h"
#include "QuantizationSupport.h"
#include "QuantizePairs.h"

#include "nt/Dialect/NT/IR/LayerGeometry.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Mapping/ChannelTiles.h"
#include "nt/Mapping/CoreDomainProblem.h"
#include "nt/Mapping/DeviceGrid.h"
#include "nt/Quantization/Refit.h"
#include "nt/Quantization/Rounding.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Threads.h"

#include <array>
#include <cmath>

namespace nt {
#define GEN_PASS_DEF_QUANTIZE
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using ntrt::Diag;

namespace {

/// Scales of a free grid: each 1 % above the one before, over a factor of
/// 20000.
constexpr double kFreeStep = 1.01;
constexpr size_t kFreePoints = 1000;
/// Rows of so few weights choose their scale by what descent makes of it.
constexpr Eigen::Index kFewWeights = 32;

enum class ScaleChoice { Output, MeanSquare, Percentile };

/// What the options of the pass say.
struct Settings {
  ScaleChoice scales = ScaleChoice::Output;
  RoundingSettings rounding;
  bool freeGrid = false, correctMeans = true, refit = true;
  unsigned domains = 0; ///< Of a layer or core; 0: one a channel.
  llvm::DenseSet<Operation *> paired;
  bool voltsOfCores = false;
};

/// A layer on its way to codes.
struct LayerWork {
  FrozenLayer layer;
  std::vector<float> values; ///< To round: [channels, fan-in].
  std::vector<ChannelGroup> groups;
  std::vector<double> largest; ///< |weight| of each channel.
  std::vector<double> scales;  ///< To choose from.
  std::vector<PatchHessian> hessians;
  std::vector<Eigen::VectorXf> importance; ///< Of each group's inputs.

  WeightRows weights() const {
    FrozenLayer of = layer;
    return WeightRows(values.data(), of.getNumChannels(), fanInOf(of));
  }
};

/// Quantises one layer after another, with the errors of those before in view.
class NetworkQuantizer {
public:
  NetworkQuantizer(StagedEvaluation &staged, const ntrt::DeviceModel &device,
                   const Settings &settings)
      : staged(staged), device(device), settings(settings) {}

  LogicalResult run();

private:
  LayerWork prepare(FrozenLayer layer);
  void addCosts(const LayerWork &work, mapping::DomainProblem &problem) const;
  /// A layer of two columns a neuron, whose volts are the layer's.
  LogicalResult quantizePair(const LayerWork &work);
  /// Layers of one population: one scale a channel, up to what their inputs
  /// stand for.
  LogicalResult quantize(ArrayRef<FrozenLayer> layers);
  LogicalResult round(const LayerWork &work,
                      const mapping::DomainSolution &solution);
  /// Scales to choose from, given the largest |weight| of each channel.
  std::vector<double> gridOf(FrozenLayer layer, ArrayRef<double> largest);
  /// The weights to round, a row for each channel, and the Hessians by which
  /// their errors count.
  void refit(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
             MutableArrayRef<float> weights,
             std::vector<PatchHessian> &hessians);
  std::vector<double> costsOf(const LayerWork &work, size_t group,
                              int64_t channel,
                              const std::vector<double> &scales,
                              int32_t maxCode) const;
  /// The DAC code of each channel, with groups of channels that share no core
  /// where volts are a core's; joined layers keep to volts of the layer.
  ntrt::Result<mapping::DomainSolution>
  chooseDomains(ArrayRef<FrozenLayer> layers,
                const mapping::DomainProblem &problem);
  void correctMeans(FrozenLayer layer);
  void addToBias(FrozenLayer layer, ArrayRef<double> correction);
  void addToTask(StagedTask &task, ModulateOp site,
                 ArrayRef<double> correction);

  StagedEvaluation &staged;
  const ntrt::DeviceModel &device;
  Settings settings;
};

} // namespace

LogicalResult NetworkQuantizer::run() {
  tuner::setPrimitiveThreads(settings.rounding.threads);
  llvm::SmallPtrSet<Operation *, 8> done; // With layers before.
  for (Operation *op : staged.operations()) {
    auto layer = dyn_cast<FrozenLayer>(op);
    if (!layer) {
      if (failed(staged.evaluateReference(op)))
        return failure();
    } else if (!done.contains(op)) {
      const std::vector<FrozenLayer> layers = joinedLayers(sumOf(layer));
      for (FrozenLayer joined : layers) {
        if (failed(staged.evaluateReference(joined)))
          return failure();
        done.insert(joined);
      }
      if (failed(quantize(layers)))
        return failure();
    }
    if (failed(staged.evaluateCurrent(op)))
      return failure();
    if (layer && settings.correctMeans)
      correctMeans(layer);
    staged.release(op);
  }
  return success();
}

/// Moves the mean error of each output into biases: what all tasks share into
/// the frozen bias of the channel, the rest into the task's own values.
void NetworkQuantizer::correctMeans(FrozenLayer layer) {
  Value result = layer->getResult(0);
  int64_t neurons = layer.getNumNeurons(), channels = layer.getNumChannels();
  int64_t positions = neurons / channels;
  std::vector<size_t> seen; // Tasks with samples.
  for (size_t t = 0; t < staged.tasks().size(); ++t)
    if (!staged.tasks()[t].samples.empty())
      seen.push_back(t);
  std::vector<std::vector<double>> errors;
  std::vector<double> shared(channels, 0.0);
  for (size_t t : seen) {
    errors.push_back(staged.meanDifference(result, t));
    for (int64_t n = 0; n < neurons; ++n)
      shared[layer.getChannelOf(n)] +=
          errors.back()[n] / (positions * seen.size());
  }
  addToBias(layer, shared);
  std::vector<double> added(neurons);
  for (int64_t n = 0; n < neurons; ++n)
    added[n] = shared[layer.getChannelOf(n)];
  staged.addToCurrent(result, added);
  ModulateOp site = siteOf(layer);
  if (!site)
    return;
  for (auto [t, error] : llvm::zip_equal(seen, errors)) {
    for (int64_t n = 0; n < neurons; ++n)
      error[n] -= shared[layer.getChannelOf(n)];
    if (staged.tasks()[t].op)
      addToTask(staged.tasks()[t], site, error);
  }
}

void NetworkQuantizer::addToBias(FrozenLayer layer,
                                 ArrayRef<double> correction) {
  OpBuilder builder(layer);
  std::vector<double> corrected(correction.begin(), correction.end());
  Location loc = layer->getLoc();
  std::string origin = (layer.getLayerName() + ".bias").str();
  FrozenOp old;
  if (Value bias = layer.getFrozenBias()) {
    old = bias.getDefiningOp<FrozenOp>();
    loc = old.getLoc();
    origin = old.getOrigin().str();
    HostTensor values = toHostTensor(old.getValue());
    for (auto [value, before] : llvm::zip_equal(corrected, values.values))
      value += before;
  }
  auto type = RankedTensorType::get({static_cast<int64_t>(corrected.size())},
                                    builder.getF32Type());
  layer.setFrozenBias(FrozenOp::createHashed(
      builder, loc,
      roundedElements(old, derivedKey(old, "corrected"), type, corrected),
      origin,
      extendDerivation(old, builder,
                       "bias-correction for device " + device.name)));
}

void NetworkQuantizer::addToTask(StagedTask &task, ModulateOp site,
                                 ArrayRef<double> correction) {
  HostTensor &values = task.current[site.getSite()];
  if (site.getGranularity() == Granularity::Neuron) {
    for (auto [value, added] : llvm::zip_equal(values.values, correction))
      value += added;
    return;
  }
  double positions =
      static_cast<double>(site.getNumNeurons()) / site.getNumValues();
  for (auto [neuron, added] : llvm::enumerate(correction))
    values.values[site.getChannelOf(neuron)] += added / positions;
}

std::vector<double> NetworkQuantizer::gridOf(FrozenLayer layer,
                                             ArrayRef<double> largest) {
  if (!settings.freeGrid) {
    FailureOr<LayerRanges> ranges = rangesOf(layer);
    return mapping::synapseScales(device, ranges->input, ranges->output);
  }
  const double most = *std::max_element(largest.begin(), largest.end());
  // A layer of zeros takes any scale.
  double scale = (most > 0 ? most : 1.0) * 1.25 / device.synapse.maxCode();
  std::vector<double> scales(kFreePoints);
  for (double &point : llvm::reverse(scales)) {
    point = scale;
    scale /= kFreeStep;
  }
  return scales;
}

std::vector<double> NetworkQuantizer::costsOf(const LayerWork &work,
                                              size_t group, int64_t channel,
                                              const std::vector<double> &scales,
                                              int32_t maxCode) const {
  const WeightRows weights = work.weights();
  const quantization::RowRef row = weights.row(channel).transpose();
  switch (settings.scales) {
  case ScaleChoice::Output:
    if (row.size() <= kFewWeights &&
        settings.rounding.method == RoundingMethod::Descent)
      return quantization::descentCosts(
          row, work.hessians[group].blocks.front(), scales, maxCode);
    return quantization::nearestCosts(row, work.importance[group], scales,
                                      maxCode);
  case ScaleChoice::MeanSquare:
    return quantization::nearestCosts(row, Eigen::VectorXf::Ones(row.size()),
                                      scales, maxCode);
  case ScaleChoice::Percentile:
    return quantization::percentileCosts(row, scales, maxCode);
  }
  llvm_unreachable("all choices are above");
}

void NetworkQuantizer::refit(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                             MutableArrayRef<float> weights,
                             std::vector<PatchHessian> &hessians) {
  const int64_t fanIn = fanInOf(layer);
  const tuner::ActivationStore &current = staged.current(activationOf(layer));
  PatchOptions options = settings.rounding.patches(fanIn);
  if (!settings.refit) {
    hessians = patchHessians(layer, groups, current, options);
    return;
  }
  const tuner::ActivationStore &reference =
      staged.reference(activationOf(layer));
  options.limit /= 2;
  options.samples = PatchOptions::Samples::Even;
  std::vector<PatchMoments> even =
      patchMoments(layer, groups, reference, current, options);
  options.samples = PatchOptions::Samples::Odd;
  std::vector<PatchMoments> odd =
      patchMoments(layer, groups, reference, current, options);
  Eigen::Map<
      Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>
      rows(weights.data(), layer.getNumChannels(), fanIn);
  struct Part {
    size_t group, block;
    Eigen::Index column;
  };
  std::vector<Part> parts;
  for (size_t g = 0; g < groups.size(); ++g) {
    Eigen::Index column = 0;
    for (size_t b = 0; b < even[g].hessian.blocks.size(); ++b) {
      parts.push_back({g, b, column});
      column += even[g].hessian.blocks[b].cols();
    }
  }
  tuner::forEachPart(
      settings.rounding.threads, parts.size(), [&](size_t begin, size_t end) {
        for (const auto &[g, b, column] :
             ArrayRef(parts).slice(begin, end - begin)) {
          auto &hessian = even[g].hessian.blocks[b];
          auto block = rows.block(groups[g].first, column, groups[g].count,
                                  hessian.cols());
          block = quantization::refit(
                      block.cast<double>(), {hessian, even[g].cross.blocks[b]},
                      {odd[g].hessian.blocks[b], odd[g].cross.blocks[b]})
                      .cast<float>();
          hessian += odd[g].hessian.blocks[b];
        }
      });
  for (PatchMoments &moments : even)
    hessians.push_back(std::move(moments.hessian));
}

ntrt::Result<mapping::DomainSolution>
NetworkQuantizer::chooseDomains(ArrayRef<FrozenLayer> layers,
                                const mapping::DomainProblem &problem) {
  for (FrozenLayer each : layers)
    each->removeAttr(kCoreGroups);
  if (!settings.voltsOfCores || settings.freeGrid || layers.size() > 1)
    return mapping::solve(problem);
  FrozenLayer layer = layers.front();
  const mapping::ChannelTiles tiles = mapping::channelTiles(
      geometryOf(layer), mapping::PartitionLimits::of(device));
  ntrt::Result<mapping::CoreDomainSolution> solution =
      mapping::solve({problem, tiles.groups, tiles.groupChannels});
  if (!solution)
    return solution.diagnostics();
  if (tiles.groups > 1)
    layer->setAttr(kCoreGroups,
                   DenseI32ArrayAttr::get(
                       layer->getContext(),
                       SmallVector<int32_t>(solution->groupOfChannel.begin(),
                                            solution->groupOfChannel.end())));
  mapping::DomainSolution domains = solution->asLayer();
  domains.freeBound = problem.freeBound();
  return domains;
}

LayerWork NetworkQuantizer::prepare(FrozenLayer layer) {
  const ElementView<float> values(
      layer.getFrozenWeights().getDefiningOp<FrozenOp>().getValue());
  LayerWork work;
  work.layer = layer;
  work.groups = groupChannels(layer);
  work.values.assign(values.values().begin(), values.values().end());
  refit(layer, work.groups, work.values, work.hessians);
  for (const PatchHessian &hessian : work.hessians)
    work.importance.push_back(importanceOf(hessian));
  work.largest = largestOf(work.weights());
  work.scales = gridOf(layer, work.largest);
  return work;
}

/// Adds what each channel's rounding costs at each scale.
void NetworkQuantizer::addCosts(const LayerWork &work,
                                mapping::DomainProblem &problem) const {
  nt::addCosts(problem, work.groups, settings.rounding.threads,
               [&](size_t group, int64_t channel) {
                 return costsOf(work, group, channel, work.scales,
                                device.synapse.maxCode());
               });
}

LogicalResult NetworkQuantizer::quantizePair(const LayerWork &work) {
  FrozenLayer layer = work.layer;
  layer->removeAttr(kCoreGroups);
  const WeightRows weights = work.weights();
  auto costs = [&](size_t group, int64_t channel,
                   const std::vector<double> &scales, int32_t largest) {
    return costsOf(work, group, channel, scales, largest);
  };
  return quantizePairs({layer, work.groups, work.hessians, weights, costs},
                       device, settings.domains, settings.rounding);
}

LogicalResult NetworkQuantizer::quantize(ArrayRef<FrozenLayer> layers) {
  if (settings.freeGrid && layers.size() > 1) {
    // Scales that no domain has are each layer's own.
    for (FrozenLayer layer : layers)
      if (failed(quantize(layer)))
        return failure();
    return success();
  }
  std::vector<LayerWork> works;
  for (FrozenLayer layer : layers)
    works.push_back(prepare(layer));
  if (settings.paired.contains(layers.front()))
    return quantizePair(works.front());
  const int64_t channels = FrozenLayer(layers.front()).getNumChannels();
  // The layers' grids stand for the same currents.
  mapping::DomainProblem problem(channels, works.front().scales.size(),
                                 settings.domains ? settings.domains
                                                  : channels);
  for (const LayerWork &work : works)
    addCosts(work, problem);
  ntrt::Result<mapping::DomainSolution> solution =
      chooseDomains(layers, problem);
  if (!solution)
    return emitDiags(layers.front()->getLoc(), solution.diagnostics());
  for (const LayerWork &work : works)
    if (failed(round(work, *solution)))
      return failure();
  return success();
}

LogicalResult NetworkQuantizer::round(const LayerWork &work,
                                      const mapping::DomainSolution &solution) {
  const int32_t maxCode = device.synapse.maxCode();
  if (!settings.freeGrid)
    warnUnreachable(work.layer, work.largest, work.scales, maxCode);
  FailureOr<std::vector<int8_t>> codes =
      roundCodes(work.layer, work.groups, work.hessians, work.weights(),
                 work.scales, solution, maxCode, settings.rounding);
  if (failed(codes))
    return failure();
  FrozenLayer layer = work.layer;
  setCodes(layer, *codes, solution, work.scales,
           "quantize for device " + device.name);
  if (settings.freeGrid) {
    // No domain of the device has these scales.
    layer->removeAttr(FrozenLayer::kDomainOfChannel);
    layer->removeAttr(FrozenLayer::kDomainDac);
  }
  return success();
}

namespace {

struct Quantize : nt::impl::QuantizeBase<Quantize> {
  using QuantizeBase::QuantizeBase;

  void runOnOperation() override {
    if (failed(quantizeModule(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult quantizeModule(ModuleOp module);
  FailureOr<Settings> settingsOf(ModuleOp module);
  LogicalResult checkLayer(FrozenLayer layer);
};

/// Ops other than layers that read frozen values (batch norms, folded tasks):
/// synapses cannot hold these.
LogicalResult checkReaders(func::FuncOp network) {
  bool ok = true;
  network.walk([&](FrozenOp frozen) {
    for (Operation *user : frozen->getUsers())
      if (!isa<FrozenLayer>(user)) {
        emitDiag(user, Diag::QuantUnsupported)
            << "'" << user->getName().getStringRef()
            << "' reads frozen values and is no layer of synapses";
        ok = false;
      }
  });
  return success(ok);
}

} // namespace

LogicalResult Quantize::checkLayer(FrozenLayer layer) {
  bool ok = succeeded(rangesOf(layer));
  FailureOr<FrozenOp> weights = frozenWeightsOf(layer);
  if (failed(weights))
    return failure();
  if (!cast<RankedTensorType>(weights->getType()).getElementType().isF32())
    return emitDiag(layer, Diag::QuantUnsupported)
           << "'" << layer.getLayerName() << "' is quantised already";
  int64_t fanIn = fanInOf(layer);
  const ElementView<float> values(weights->getValue());
  for (auto [index, value] : llvm::enumerate(values.values()))
    if (!std::isfinite(value)) {
      emitDiag(layer, Diag::QuantNotFinite)
          << "weight " << index % fanIn << " of channel " << index / fanIn
          << " of '" << layer.getLayerName() << "' is " << value;
      ok = false;
      break; // One a layer says enough.
    }
  return success(ok);
}

FailureOr<Settings> Quantize::settingsOf(ModuleOp module) {
  Settings settings;
  bool ok = true;
  auto choose = [&](StringRef option, StringRef value, auto &to, auto names) {
    for (auto [name, meaning] : names)
      if (value == name) {
        to = meaning;
        return;
      }
    std::string choices;
    for (auto [name, meaning] : names)
      choices += (choices.empty() ? "" : ", ") + name.str();
    emitDiag(module.getLoc(), Diag::OptionInvalid)
        << option << " is '" << value << "', one of " << choices;
    ok = false;
  };
  using Scales = std::array<std::pair<StringRef, ScaleChoice>, 3>;
  using Flags = std::array<std::pair<StringRef, bool>, 2>;
  choose("scales", scales, settings.scales,
         Scales{{{"output", ScaleChoice::Output},
                 {"mse", ScaleChoice::MeanSquare},
                 {"percentile", ScaleChoice::Percentile}}});
  FailureOr<RoundingSettings> how =
      roundingSettings(module, rounding, block, threads);
  ok &= succeeded(how);
  if (succeeded(how))
    settings.rounding = *how;
  choose("volts", volts, settings.voltsOfCores,
         Flags{{{"layer", false}, {"core", true}}});
  choose("grid", grid, settings.freeGrid,
         Flags{{{"device", false}, {"free", true}}});
  settings.correctMeans = correctMeans;
  settings.refit = refit;
  settings.rounding.centred = correctMeans && centre;
  settings.domains = domains;
  if (!ok)
    return failure();
  return settings;
}

LogicalResult Quantize::quantizeModule(ModuleOp module) {
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network))
    return failure();
  FailureOr<Settings> settings = settingsOf(module);
  FailureOr<ntrt::DeviceModel> model = loadDevice(module, device, domains);
  FailureOr<std::vector<StagedTask>> tasks =
      loadStagedTasks(*network, data, samples);
  bool ok = succeeded(model) && succeeded(tasks) && succeeded(settings);
  ok &= succeeded(findEvaluableNetwork(module));
  ok &= succeeded(checkReaders(*network));
  for (FrozenLayer layer : layersOf(*network))
    ok &= succeeded(checkLayer(layer));
  if (succeeded(settings) && settings->freeGrid && !paired.empty())
    ok = succeeded(LogicalResult(
        emitDiag(module.getLoc(), Diag::OptionInvalid)
        << "paired is given with grid=free, and a pair's two scales are the "
           "device's"));
  if (!ok)
    return failure();
  FailureOr<llvm::DenseSet<Operation *>> pairs =
      pairedLayers(*network, paired, *model);
  if (failed(pairs))
    return failure();
  settings->paired = std::move(*pairs);

  StagedEvaluation staged(*network, std::move(*tasks), {threads});
  if (!settings->freeGrid && settings->domains == 0)
    settings->domains = model->synapseDomain.countPerCore;
  if (failed(NetworkQuantizer(staged, *model, *settings).run()))
    return failure();
  for (StagedTask &task : staged.tasks())
    storeValues(task);
  eraseUnusedFrozen(*network);
  return success();
}
