//===- Ledger.cpp - Where accuracy is lost on the way to codes ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Verification/Ledger.h"

#include "nt/Dialect/NT/IR/Joins.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Mapping/DeviceGrid.h"
#include "nt/Mapping/ModulationProblem.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/Progress.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Retuning.h"

#include "ntrt/ChipVariation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace nt;
using namespace nt::verification;

StringRef nt::verification::nameOf(Effect effect) {
  static constexpr llvm::StringLiteral names[kEffects] = {
      "weight rounding", "domain grouping", "DAC grid", "modulation words",
      "mismatch"};
  return names[static_cast<size_t>(effect)];
}

StringRef nt::verification::remedyOf(Effect effect) {
  static constexpr llvm::StringLiteral remedies[kEffects] = {
      "two columns a neuron (ntc compile --paired), a device with more digits, "
      "or calibration data nearer to the task",
      "more synapse domains a core",
      "more bits or a wider volt range of the synapse domains' DAC",
      "more modulation domains a core, or ntc compile --retune",
      "larger synapse transistors, or words tuned for the chip"};
  return remedies[static_cast<size_t>(effect)];
}

Loss LedgerRow::added(Effect effect) const {
  Loss loss = with[static_cast<size_t>(effect)];
  if (isPaired && effect == Effect::Rounding)
    return with[static_cast<size_t>(Effect::Grid)];
  if (isPaired && (effect == Effect::Domains || effect == Effect::Grid))
    return {};
  if (effect == Effect::Domains || effect == Effect::Grid) {
    const Loss &before = with[static_cast<size_t>(effect) - 1];
    loss.error -= before.error;
    loss.accuracyLost_pt -= before.accuracyLost_pt;
  }
  return loss;
}

std::pair<const LedgerRow *, Effect> Ledger::worst() const {
  std::pair<const LedgerRow *, Effect> found = {nullptr, Effect::Rounding};
  double most = -1;
  for (const LedgerRow &row : rows)
    for (size_t e = 0; e < kEffects && !row.layer.empty(); ++e)
      if (double error = row.added(static_cast<Effect>(e)).error;
          error > most) {
        most = error;
        found = {&row, static_cast<Effect>(e)};
      }
  return found;
}

std::vector<std::string> Ledger::wantingDigits() const {
  std::vector<const LedgerRow *> wanting;
  for (const LedgerRow &row : rows) {
    if (row.layer.empty() || row.isPaired)
      continue;
    const double rounding = row.added(Effect::Rounding).error;
    bool isLargest = rounding > 0;
    for (size_t e = 0; e < kEffects; ++e)
      isLargest &= row.added(static_cast<Effect>(e)).error <= rounding;
    if (isLargest)
      wanting.push_back(&row);
  }
  llvm::sort(wanting, [](const LedgerRow *a, const LedgerRow *b) {
    const double ofA = a->added(Effect::Rounding).error,
                 ofB = b->added(Effect::Rounding).error;
    return ofA != ofB ? ofA > ofB : a < b;
  });
  std::vector<std::string> names;
  for (const LedgerRow *row : wanting)
    names.push_back(row->layer);
  return names;
}

namespace {

/// A layer's weights and biases with each effect.
struct LayerValues {
  std::string name;
  std::array<std::vector<float>, kEffects> weights; ///< Empty: as they are.
  /// One a neuron, frozen biases included; empty for a layer that joins
  /// another's population.
  std::vector<float> wordBiases;
};

class LedgerMeasurement {
public:
  LedgerMeasurement(LedgerModules modules, StringRef task,
                    const ntrt::Dataset &data, const ntrt::DeviceModel &device,
                    uint64_t seed, unsigned threads)
      : modules(modules), taskName(task.str()), data(data), device(device),
        seed(seed), threads(threads) {}

  FailureOr<Ledger> run();

private:
  LogicalResult collect();
  FailureOr<std::vector<float>> codesTimesScales(ModuleOp module,
                                                 FrozenLayer like);
  std::vector<float> mismatched(FrozenLayer quantised, size_t layerIndex,
                                ArrayRef<float> floatWeights,
                                ArrayRef<float> nominal);
  FailureOr<std::vector<float>> wordBiasesOf(FrozenLayer layer);
  /// Scores with `effect` on in the layers [first, last).
  FailureOr<std::vector<float>> scoresWith(Effect effect, size_t first,
                                           size_t last);
  FailureOr<std::vector<float>> scoresOf(ModuleOp module);
  Loss compare(ArrayRef<float> scores) const;
  double accuracyOf(ArrayRef<float> scores) const;

  LedgerModules modules;
  std::string taskName;
  const ntrt::Dataset &data;
  const ntrt::DeviceModel &device;
  uint64_t seed;
  unsigned threads;
  std::vector<LayerValues> layers;
  std::vector<float> reference; ///< Scores of the float network.
  std::vector<uint32_t> classes;
};

FrozenLayer findLayer(ModuleOp module, StringRef name) {
  FrozenLayer found;
  module.walk([&](FrozenLayer layer) {
    if (layer.getLayerName() == name)
      found = layer;
  });
  return found;
}

std::vector<float> floatsOf(Value frozen) {
  const HostTensor host =
      toHostTensor(frozen.getDefiningOp<FrozenOp>().getValue());
  return std::vector<float>(host.values.begin(), host.values.end());
}

void setWeights(FrozenLayer layer, ArrayRef<float> weights) {
  OpBuilder builder(layer);
  auto old = layer.getFrozenWeights().getDefiningOp<FrozenOp>();
  layer.setFrozenWeights(FrozenOp::createHashed(
      builder, layer->getLoc(),
      DenseElementsAttr::get(cast<RankedTensorType>(old.getType()), weights),
      old.getOrigin()));
}

} // namespace

FailureOr<std::vector<float>>
LedgerMeasurement::codesTimesScales(ModuleOp module, FrozenLayer like) {
  FrozenLayer layer = findLayer(module, like.getLayerName());
  auto scales =
      layer ? layer->getAttrOfType<DenseElementsAttr>(FrozenLayer::kScales)
            : DenseElementsAttr();
  if (!scales)
    return emitDiag(like, ntrt::Diag::QuantMissing)
           << "'" << like.getLayerName() << "'";
  std::vector<float> values = floatsOf(layer.getFrozenWeights());
  const auto perChannel = scales.getValues<double>();
  const size_t fanIn = values.size() / scales.size();
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(values[i] * perChannel[i / fanIn]);
  return sumColumns(std::move(values), columnsPerNeuron(layer), fanIn);
}

std::vector<float> LedgerMeasurement::mismatched(FrozenLayer quantised,
                                                 size_t layerIndex,
                                                 ArrayRef<float> floatWeights,
                                                 ArrayRef<float> nominal) {
  // Mismatch alone: the other effects of a chip have no place in a network.
  ntrt::DeviceModel pure = device;
  pure.variation = {};
  const ntrt::ChipVariation chip(pure, seed);
  const std::vector<float> codes = floatsOf(quantised.getFrozenWeights());
  auto scales =
      quantised->getAttrOfType<DenseElementsAttr>(FrozenLayer::kScales);
  const auto perChannel = scales.getValues<double>();
  const size_t fanIn = codes.size() / scales.size();
  const ntrt::CorePlace place = {0, static_cast<uint32_t>(layerIndex)};
  std::vector<float> conductances(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const double conducted =
        chip.synapse(place, static_cast<uint32_t>(i % fanIn),
                     static_cast<uint32_t>(i / fanIn),
                     ntrt::leastCurrentSources(static_cast<int32_t>(codes[i]),
                                               device.synapse.digits));
    conductances[i] = static_cast<float>(conducted * perChannel[i / fanIn]);
  }
  const std::vector<float> found =
      sumColumns(std::move(conductances), columnsPerNeuron(quantised), fanIn);
  std::vector<float> weights(floatWeights.begin(), floatWeights.end());
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] += found[i] - nominal[i];
  return weights;
}

FailureOr<std::vector<float>>
LedgerMeasurement::wordBiasesOf(FrozenLayer layer) {
  if (layer != joinedLayers(sumOf(layer)).front())
    return std::vector<float>(); // They are the first layer's.
  ModulateOp site = siteOf(layer);
  if (!site)
    return emitDiag(layer, ntrt::Diag::DomainNoSite)
           << "'" << layer.getLayerName() << "'";
  auto task = modules.floatNetwork.lookupSymbol<TaskOp>(taskName);
  auto attr = task.getValues().getAs<ElementsAttr>(site.getSite());
  if (!attr)
    return emitDiag(task, ntrt::Diag::TaskMissingSite)
           << "site '" << site.getSite() << "'";
  const HostTensor values = toHostTensor(attr);
  std::vector<float> bias(layer.getNumChannels(), 0.0f);
  for (FrozenLayer each : joinedLayers(sumOf(layer)))
    if (Value frozen = each.getFrozenBias())
      for (auto [value, added] : llvm::zip_equal(bias, floatsOf(frozen)))
        value += added;
  FrozenLayer quantised = findLayer(modules.quantised, layer.getLayerName());
  auto range = quantised->getAttrOfType<FloatAttr>(FrozenLayer::kOutputRange);
  mapping::ModulationProblem problem;
  problem.steps = mapping::modulationSteps(device, range.getValueAsDouble());
  problem.maxCode = device.synapse.maxCode();
  problem.maxDomains = device.modulationDomain.countPerCore;
  for (int64_t n = 0; n < site.getNumNeurons(); ++n) {
    const int64_t channel = site.getChannelOf(n);
    const bool perNeuron = site.getGranularity() == Granularity::Neuron;
    problem.targets.push_back(values.values[perNeuron ? n : channel] +
                              bias[channel]);
  }
  ntrt::Result<mapping::ModulationSolution> solution = mapping::solve(problem);
  if (!solution)
    return emitDiags(layer->getLoc(), solution.diagnostics());
  std::vector<float> words;
  for (size_t n = 0; n < problem.targets.size(); ++n)
    words.push_back(static_cast<float>(problem.realised(*solution, n)));
  return words;
}

LogicalResult LedgerMeasurement::collect() {
  LogicalResult result = success();
  modules.floatNetwork.walk([&](FrozenLayer layer) {
    LayerValues values;
    values.name = layer.getLayerName().str();
    const std::array<ModuleOp, 3> stages = {
        modules.freeScales, modules.sharedScales, modules.quantised};
    for (auto [index, stage] : llvm::enumerate(stages)) {
      FailureOr<std::vector<float>> weights = codesTimesScales(stage, layer);
      if (failed(weights)) {
        result = failure();
        return;
      }
      values.weights[index] = std::move(*weights);
    }
    values.weights[static_cast<size_t>(Effect::Mismatch)] =
        mismatched(findLayer(modules.quantised, values.name), layers.size(),
                   floatsOf(layer.getFrozenWeights()),
                   values.weights[static_cast<size_t>(Effect::Grid)]);
    FailureOr<std::vector<float>> words = wordBiasesOf(layer);
    if (failed(words)) {
      result = failure();
      return;
    }
    values.wordBiases = std::move(*words);
    layers.push_back(std::move(values));
  });
  return result;
}

FailureOr<std::vector<float>> LedgerMeasurement::scoresOf(ModuleOp module) {
  tuner::EngineOptions options;
  options.threads = threads;
  auto engine = buildEngine(module, options);
  if (failed(engine))
    return failure();
  loadTask(**engine, module.lookupSymbol<TaskOp>(taskName));
  tuner::EngineNetwork network(**engine);
  return tuner::logitsOf(network, data);
}

FailureOr<std::vector<float>>
LedgerMeasurement::scoresWith(Effect effect, size_t first, size_t last) {
  OwningOpRef<ModuleOp> copy = modules.floatNetwork.clone();
  for (size_t l = first; l < last; ++l) {
    FrozenLayer layer = findLayer(*copy, layers[l].name);
    if (effect != Effect::Words) {
      setWeights(layer, layers[l].weights[static_cast<size_t>(effect)]);
      continue;
    }
    if (layers[l].wordBiases.empty())
      continue;
    // The words hold the frozen biases as well.
    ModulateOp site = siteOf(layer);
    for (FrozenLayer each : joinedLayers(sumOf(layer)))
      each.setFrozenBias(Value());
    site.setGranularity(Granularity::Neuron);
    auto task = copy->lookupSymbol<TaskOp>(taskName);
    NamedAttrList values(task.getValues());
    auto type = RankedTensorType::get(
        {static_cast<int64_t>(layers[l].wordBiases.size())},
        Float32Type::get(copy->getContext()));
    values.set(site.getSite(),
               DenseElementsAttr::get(type, ArrayRef(layers[l].wordBiases)));
    task.setValuesAttr(values.getDictionary(copy->getContext()));
  }
  return scoresOf(*copy);
}

double LedgerMeasurement::accuracyOf(ArrayRef<float> scores) const {
  const size_t outputs = scores.size() / data.samples();
  size_t correct = 0;
  for (size_t i = 0; i < data.samples(); ++i) {
    const float *row = scores.data() + i * outputs;
    const auto best =
        static_cast<size_t>(std::max_element(row, row + outputs) - row);
    correct += classes[best] == data.labels[i];
  }
  return 100.0 * static_cast<double>(correct) /
         static_cast<double>(data.samples());
}

Loss LedgerMeasurement::compare(ArrayRef<float> scores) const {
  double difference = 0, energy = 0;
  for (auto [now, before] : llvm::zip_equal(scores, reference)) {
    difference += std::pow(double(now) - before, 2);
    energy += std::pow(double(before), 2);
  }
  return {energy > 0 ? std::sqrt(difference / energy) : 0.0,
          accuracyOf(reference) - accuracyOf(scores)};
}

FailureOr<Ledger> LedgerMeasurement::run() {
  auto task = modules.floatNetwork.lookupSymbol<TaskOp>(taskName);
  if (!task)
    return emitDiag(modules.floatNetwork.getLoc(), ntrt::Diag::TaskUnknown)
           << "@" << taskName;
  auto network = findNetwork(modules.floatNetwork);
  if (failed(network))
    return failure();
  const int64_t inputs =
      cast<ShapedType>(network->getArgument(0).getType()).getNumElements();
  if (static_cast<int64_t>(data.sampleSize) != inputs)
    return emitDiag(modules.floatNetwork.getLoc(), ntrt::Diag::DataShape)
           << data.sampleSize << " values a sample, the network takes "
           << inputs;
  if (data.labels.size() != data.samples())
    return emitDiag(task, ntrt::Diag::DataLabel)
           << "the data of task '" << taskName << "' has no labels";
  classes.assign(task.getClasses().begin(), task.getClasses().end());
  FailureOr<std::vector<float>> scores = scoresOf(modules.floatNetwork);
  if (failed(scores) || failed(collect()))
    return failure();
  reference = std::move(*scores);

  Ledger ledger;
  ledger.task = taskName;
  ledger.images = data.samples();
  ledger.accuracyFloat_percent = accuracyOf(reference);
  ProgressBar bar("ledger @" + taskName, (layers.size() + 1) * kEffects);
  for (size_t l = 0; l <= layers.size(); ++l) {
    const bool isAll = l == layers.size();
    LedgerRow row;
    row.layer = isAll ? "" : layers[l].name;
    if (!isAll)
      row.isPaired =
          columnsPerNeuron(findLayer(modules.quantised, layers[l].name)) > 1;
    else
      row.isPaired = llvm::any_of(
          ledger.rows, [](const LedgerRow &other) { return other.isPaired; });
    for (size_t e = 0; e < kEffects; ++e) {
      FailureOr<std::vector<float>> changed = scoresWith(
          static_cast<Effect>(e), isAll ? 0 : l, isAll ? layers.size() : l + 1);
      if (failed(changed))
        return failure();
      row.with[e] = compare(*changed);
      bar.update(l * kEffects + e + 1);
    }
    ledger.rows.push_back(std::move(row));
  }
  return ledger;
}

FailureOr<Ledger> nt::verification::measureLedger(
    LedgerModules modules, StringRef task, const ntrt::Dataset &data,
    const ntrt::DeviceModel &device, uint64_t seed, unsigned threads) {
  return LedgerMeasurement(modules, task, data, device, seed, threads).run();
}

FailureOr<Loss> nt::verification::measureFold(ModuleOp imported,
                                              ModuleOp normalised,
                                              const ntrt::Dataset &data) {
  auto before = Interpreter::create(imported);
  auto after = Interpreter::create(normalised);
  if (failed(before) || failed(after))
    return failure();
  const size_t images = std::min(kFoldImages, data.samples());
  double difference = 0, energy = 0;
  int64_t lost = 0;
  for (size_t i = 0; i < images; ++i) {
    const ArrayRef<float> sample(data.sample(i), data.sampleSize);
    FailureOr<HostTensor> wanted = (*before)->run(sample),
                          found = (*after)->run(sample);
    if (failed(wanted) || failed(found))
      return failure();
    for (auto [was, is] : llvm::zip_equal(wanted->values, found->values)) {
      difference += (is - was) * (is - was);
      energy += was * was;
    }
    auto isRight = [&](const HostTensor &scores) {
      const auto best = llvm::max_element(scores.values);
      return data.labels.size() > i &&
             best - scores.values.begin() == int64_t(data.labels[i]);
    };
    lost += isRight(*wanted) - isRight(*found);
  }
  return Loss{energy > 0 ? std::sqrt(difference / energy) : 0.0,
              100.0 * static_cast<double>(lost) / static_cast<double>(images)};
}
