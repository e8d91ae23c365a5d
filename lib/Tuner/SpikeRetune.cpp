//===- SpikeRetune.cpp - Fit modulation words to the spiking dynamics -----===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TaskLabels.h"
#include "TaskWords.h"

#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Dialect/Spike/Transforms/Passes.h"
#include "nt/Mapping/DeviceGrid.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/Progress.h"
#include "nt/Support/TaskData.h"
#include "nt/Tuner/SpikingNetwork.h"
#include "ntrt/Program.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/FormatVariadic.h"

#include <thread>

namespace nt {
#define GEN_PASS_DEF_SPIKERETUNE
#include "nt/Dialect/Spike/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using ntrt::Diag;

namespace {

struct SpikeRetune : nt::impl::SpikeRetuneBase<SpikeRetune> {
  using SpikeRetuneBase::SpikeRetuneBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult checkOptions(ModuleOp module);
  LogicalResult run(ModuleOp module);
  LogicalResult fitTask(spike::NetworkOp network, spike::TaskOp task,
                        ntrt::Dataset data, const ntrt::DeviceModel &device);
  /// Correction on the words' volts, then on better ones.
  LogicalResult correctTask(spike::TaskOp task, tuner::SpikingNetwork &spiking,
                            const ntrt::Dataset &data,
                            std::vector<SiteWords> &words,
                            std::vector<tuner::WordSite> &sites,
                            const ntrt::DeviceModel &device);
  LogicalResult train(spike::TaskOp task, tuner::SpikingNetwork &spiking,
                      const ntrt::Dataset &data,
                      const std::vector<float> &teacher,
                      std::vector<tuner::WordSite> &sites);
};

/// The task's words of every population, with what words can give.
FailureOr<std::vector<SiteWords>> wordsOf(spike::NetworkOp network,
                                          spike::TaskOp task,
                                          const ntrt::DeviceModel &device) {
  std::vector<SiteWords> result;
  for (spike::PopulationOp population : network.getPopulations()) {
    spike::WordsAttr attr = task.getWordsOf(population.getLayerName());
    SiteWords words;
    words.site = population.getLayerName().str();
    words.dac.assign(attr.getDomains().getDac().begin(),
                     attr.getDomains().getDac().end());
    words.steps = mapping::modulationSteps(
        device, population.getRange().convertToDouble());
    if (failed(checkDac(task, words)))
      return failure();
    words.makeLevels(device.synapse.maxCode());
    const std::vector<int8_t> codes = *spike::readCodes(attr.getCodes()),
                              domains = *spike::readCodes(attr.getDomainOf());
    for (auto [code, domain] : llvm::zip_equal(codes, domains))
      words.values.push_back(
          static_cast<float>(code * words.steps[words.dac[domain]]));
    result.push_back(std::move(words));
  }
  return result;
}

std::vector<double> currentsOf(const SiteWords &words,
                               const ntrt::DeviceModel &device) {
  std::vector<double> currents_A;
  for (SiteWords::Word word : words.words)
    currents_A.push_back(
        static_cast<double>(word.code) *
        device.modulationDomain.lsbCurrent_A(words.dac[word.domain]));
  return currents_A;
}

void setLevels(tuner::SpikingNetwork &spiking, ArrayRef<SiteWords> words,
               const ntrt::DeviceModel &device) {
  for (auto [index, site] : llvm::enumerate(words))
    spiking.setLevels(index, site.levels, currentsOf(site, device));
}

void storeWords(spike::TaskOp task, ArrayRef<SiteWords> sites,
                const tuner::SpikingNetwork &spiking,
                const ntrt::DeviceModel &device) {
  Builder builder(task.getContext());
  NamedAttrList all(task.getWords());
  for (auto [index, site] : llvm::enumerate(sites)) {
    SmallVector<int8_t> codes, domains;
    for (float value : site.values) {
      const SiteWords::Word word = site.wordOf(value);
      codes.push_back(word.code);
      domains.push_back(word.domain);
    }
    SmallVector<double> lsb_A;
    for (int32_t code : site.dac)
      lsb_A.push_back(device.modulationDomain.lsbCurrent_A(code));
    auto type = RankedTensorType::get({static_cast<int64_t>(codes.size())},
                                      builder.getI8Type());
    all.set(site.site,
            spike::WordsAttr::get(
                task.getContext(),
                DenseElementsAttr::get(type, ArrayRef(codes)),
                DenseElementsAttr::get(type, ArrayRef(domains)),
                spike::DomainsAttr::get(
                    task.getContext(), site.dac,
                    DenseF64ArrayAttr::get(task.getContext(), lsb_A))));
  }
  task.setWordsAttr(all.getDictionary(task.getContext()));
}

/// Emits and fails if a population does not start right behind its source.
FailureOr<tuner::SpikingModel> modelOf(spike::NetworkOp network,
                                       ArrayRef<SiteWords> words,
                                       const ntrt::DeviceModel &device) {
  tuner::SpikingModel model;
  spike::EncodeOp encoder = network.getEncode();
  model.inputs = encoder.getNumInputs();
  model.hasSignedInputs = encoder.isSigned();
  model.inputFullScale = encoder.getFullScale().convertToDouble();
  model.slots = network.getSlots();
  const int64_t latency = network.getTiming().getLatency();
  struct Source {
    uint32_t firstUnit;
    int64_t start; ///< Slot in which its spike of slot 0 acts.
  };
  llvm::DenseMap<Value, Source> sourceOf;
  sourceOf[encoder.getResult()] = {0, 1};
  auto units = static_cast<uint32_t>(model.inputUnits());
  bool bad = false;
  for (auto [index, population] : llvm::enumerate(network.getPopulations())) {
    spike::ConnectOp connection = population.getConnection();
    const auto start = static_cast<int64_t>(population.getStartSlot());
    if (connection.getPaired()) {
      emitDiag(connection, Diag::PairStage)
          << "spike-retune, of \"" << population.getLayerName() << "\"";
      bad = true;
    }
    tuner::SpikingLayer layer;
    layer.name = population.getLayerName().str();
    std::vector<std::vector<int8_t>> codes; // Of each connection.
    for (spike::ConnectOp joined : population.getConnections()) {
      const Source source = sourceOf.lookup(joined.getInput());
      if (start != source.start) {
        emitDiag(population, Diag::SpikeUnsupported)
            << "population \"" << population.getLayerName()
            << "\" starts in slot " << start
            << ", and what drives it acts from slot " << source.start
            << ": spike-retune needs both at once";
        bad = true;
      }
      for (int64_t i = 0; i < joined.getNumInputs(); ++i)
        layer.units.push_back(source.firstUnit + static_cast<uint32_t>(i));
      codes.push_back(*spike::readCodes(joined.getCodes()));
    }
    layer.device = network.getTimeModelOf(population);
    layer.range = population.getRange().convertToDouble();
    layer.levels = words[index].levels;
    layer.levels_A = currentsOf(words[index], device);
    layer.first.push_back(0);
    for (int64_t n = 0; n < connection.getNumNeurons(); ++n) {
      uint32_t firstAxon = 0;
      for (auto [joined, held] :
           llvm::zip_equal(population.getConnections(), codes)) {
        joined.forEachSynapse(n, [&](int64_t input, int64_t weight) {
          if (held[weight] == 0)
            return;
          layer.axon.push_back(firstAxon + static_cast<uint32_t>(input));
          layer.conductance.push_back(held[weight]);
        });
        firstAxon += static_cast<uint32_t>(joined.getNumInputs());
      }
      layer.first.push_back(static_cast<uint32_t>(layer.axon.size()));
      layer.lsb_A.push_back(
          connection.getDomains().getLsb_A(connection.getDomainOf(n)));
    }
    sourceOf[population.getResult()] = {units, start + 1 + latency};
    units += static_cast<uint32_t>(layer.neurons());
    if (population.getResult() == network.getReadout().getInput()) {
      model.readout = index;
      model.scoreScale = layer.range;
    }
    model.layers.push_back(std::move(layer));
  }
  model.membraneReadout =
      network.getReadout().getKind() != spike::ReadoutKind::Count;
  if (bad)
    return failure();
  return model;
}

std::vector<tuner::WordSite> sitesOf(ArrayRef<SiteWords> words) {
  std::vector<tuner::WordSite> sites;
  for (const SiteWords &site : words)
    sites.push_back({site.levels, 0, site.values});
  return sites;
}

ntrt::Dataset firstOf(const ntrt::Dataset &data, size_t samples) {
  ntrt::Dataset first = data;
  samples = std::min(samples, data.samples());
  first.values.resize(samples * data.sampleSize);
  first.labels.resize(std::min(samples, data.labels.size()));
  return first;
}

} // namespace

LogicalResult SpikeRetune::checkOptions(ModuleOp module) {
  LogicalResult result = success();
  auto invalid = [&](const Twine &what) {
    emitDiag(module.getLoc(), Diag::OptionInvalid) << what.str();
    result = failure();
  };
  if (batch == 0)
    invalid("spike-retune: batch is 0, at least 1 is needed");
  if (!(learningRate > 0))
    invalid("spike-retune: lr must be positive");
  if (correct != 0 && samples == 0)
    invalid("spike-retune: samples is 0, correction needs some");
  if (slots > ntrt::kMaxSlots)
    invalid("spike-retune: slots is " + Twine(slots) + ", not 0.." +
            Twine(ntrt::kMaxSlots));
  if (device.empty())
    result = emitDiag(module.getLoc(), Diag::DeviceNotFound)
             << "the option device is empty";
  return result;
}

LogicalResult SpikeRetune::correctTask(spike::TaskOp task,
                                       tuner::SpikingNetwork &spiking,
                                       const ntrt::Dataset &data,
                                       std::vector<SiteWords> &words,
                                       std::vector<tuner::WordSite> &sites,
                                       const ntrt::DeviceModel &model) {
  const ntrt::Dataset few = firstOf(data, samples);
  tuner::CorrectionOptions options;
  options.rounds = correct;
  ProgressBar bar(("correct @" + task.getSymName()).str(),
                  (volts ? 2 : 1) * (correct + 1), progress);
  tuner::CorrectionResult result =
      tuner::correctModulation(spiking, few, sites, options,
                               [&](size_t done, size_t) { bar.update(done); });
  if (volts) {
    std::vector<SiteWords> chosen = words;
    for (auto [site, fitted] : llvm::zip_equal(chosen, sites)) {
      FailureOr<SiteWords> next =
          withVoltsFor(task.getLoc(), site, fitted.latent, model);
      if (failed(next))
        return failure();
      site = std::move(*next);
    }
    std::vector<tuner::WordSite> again = sites;
    for (auto [site, levels] : llvm::zip_equal(again, chosen))
      site.levels = levels.levels;
    setLevels(spiking, chosen, model);
    tuner::CorrectionResult second = tuner::correctModulation(
        spiking, few, again, options,
        [&](size_t done, size_t) { bar.update(correct + 1 + done); });
    if (second.errorAfter < result.errorAfter) {
      result.errorAfter = second.errorAfter;
      words = std::move(chosen);
      sites = std::move(again);
    } else {
      setLevels(spiking, words, model);
    }
  }
  if (progress)
    llvm::errs() << llvm::formatv(
        "  @{0}: divergence from exact rates {1:f4} -> {2:f4} on {3} samples\n",
        task.getSymName(), result.errorBefore, result.errorAfter,
        few.samples());
  return success();
}

LogicalResult SpikeRetune::train(spike::TaskOp task,
                                 tuner::SpikingNetwork &spiking,
                                 const ntrt::Dataset &data,
                                 const std::vector<float> &teacher,
                                 std::vector<tuner::WordSite> &sites) {
  tuner::RetuningOptions options;
  options.epochs = epochs;
  options.batch = batch;
  options.learningRate = learningRate;
  options.seed = seed;
  ProgressBar bar(("retune @" + task.getSymName()).str(),
                  epochs * data.samples(), progress);
  auto result = tuner::retune(spiking, data, teacher, sites, options,
                              [&](size_t done, size_t) { bar.update(done); });
  if (!result)
    return emitDiags(task.getLoc(), result.diagnostics());
  if (progress)
    llvm::errs() << llvm::formatv(
        "  @{0}: loss {1:f4} -> {2:f4}, accuracy {3:f2} -> {4:f2} % of {5} "
        "samples held out\n",
        task.getSymName(), result->lossBefore, result->lossAfter,
        100 * result->accuracyBefore, 100 * result->accuracyAfter,
        result->samplesHeldOut);
  return success();
}

LogicalResult SpikeRetune::fitTask(spike::NetworkOp network, spike::TaskOp task,
                                   ntrt::Dataset data,
                                   const ntrt::DeviceModel &model) {
  FailureOr<std::vector<SiteWords>> words = wordsOf(network, task, model);
  if (failed(words))
    return failure();
  if (epochs != 0) {
    if (failed(labelsToOutputs(task, task.getClasses(), data)))
      return failure();
    warnOneOutput(task, data);
  }
  FailureOr<tuner::SpikingModel> layers = modelOf(network, *words, model);
  if (failed(layers))
    return failure();
  if (slots != 0)
    layers->slots = slots;
  tuner::SpikingNetwork spiking(
      std::move(*layers),
      threads ? threads : std::max(1u, std::thread::hardware_concurrency()));
  std::vector<tuner::WordSite> sites = sitesOf(*words);
  for (auto [site, value] : llvm::zip_equal(spiking.sites(), *words))
    site.values = value.values;
  spiking.keepReference();
  std::vector<float> teacher;
  if (epochs != 0) {
    const float *scores = spiking.exact(data.sample(0), data.samples());
    teacher.assign(scores, scores + data.samples() * spiking.outputSize());
  }
  if (correct != 0 &&
      failed(correctTask(task, spiking, data, *words, sites, model)))
    return failure();
  if (epochs != 0 && failed(train(task, spiking, data, teacher, sites)))
    return failure();
  for (auto [site, fitted] : llvm::zip_equal(*words, spiking.sites()))
    site.values = fitted.values;
  storeWords(task, *words, spiking, model);
  return success();
}

LogicalResult SpikeRetune::run(ModuleOp module) {
  if (failed(checkOptions(module)))
    return failure();
  ntrt::Result<ntrt::DeviceModel> model =
      ntrt::DeviceModel::load(device.getValue());
  if (!model)
    return emitDiags(module.getLoc(), model.diagnostics());
  auto networks = llvm::to_vector(module.getOps<spike::NetworkOp>());
  if (networks.size() != 1)
    return module.emitError()
           << "spike-retune needs one spike.network, found " << networks.size();
  spike::NetworkOp network = networks.front();
  if (network.getDeviceHash() != spike::hashToHex(model->hash))
    return emitDiag(network, Diag::BitDevice)
           << "the network is for \"" << network.getDevice() << "\" with hash "
           << network.getDeviceHash() << ", " << model->name << " has hash "
           << spike::hashToHex(model->hash);
  const auto inputs = static_cast<int64_t>(network.getEncode().getNumInputs());
  FailureOr<std::vector<TaskSamples>> loaded =
      loadTaskData(module.getLoc(), module, data, inputs,
                   epochs == 0 ? samples.getValue() : 0);
  if (failed(loaded))
    return failure();
  for (TaskSamples &taskSamples : *loaded) {
    auto task = module.lookupSymbol<spike::TaskOp>(taskSamples.task);
    if (!task)
      return emitDiag(module.getLoc(), Diag::TaskUnknown)
             << "the module has no spike.task";
    if (failed(fitTask(network, task, std::move(taskSamples.data), *model)))
      return failure();
  }
  return success();
}
