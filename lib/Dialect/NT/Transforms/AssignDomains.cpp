//===- AssignDomains.cpp - Give neurons their power domains ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "LayerPatches.h"
#include "QuantizationSupport.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Mapping/DeviceGrid.h"
#include "nt/Mapping/ModulationProblem.h"
#include "nt/Quantization/Rounding.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Threads.h"

#include <Eigen/Core>

#include <cmath>

namespace nt {
#define GEN_PASS_DEF_ASSIGNDOMAINS
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using ntrt::Diag;

//===----------------------------------------------------------------------===//
// Synapse domains
//===----------------------------------------------------------------------===//

static std::vector<double> scalesOf(FrozenLayer layer) {
  auto scales = layer->getAttrOfType<DenseElementsAttr>(FrozenLayer::kScales);
  auto values = scales.getValues<double>();
  return std::vector<double>(values.begin(), values.end());
}

/// True if the recorded domains are on the device's grid, few enough, and give
/// exactly the recorded scales.
static bool realises(FrozenLayer layer, ArrayRef<double> scales,
                     ArrayRef<double> scaleOfDac, size_t maxDomains) {
  auto domainOf =
      layer->getAttrOfType<DenseI32ArrayAttr>(FrozenLayer::kDomainOfChannel);
  auto dac = layer->getAttrOfType<DenseI32ArrayAttr>(FrozenLayer::kDomainDac);
  if (!domainOf || !dac ||
      domainOf.size() != static_cast<int64_t>(scales.size()) || dac.empty() ||
      domainsOfCore(coreGroupsOf(layer), domainOf, dac.size()) > maxDomains)
    return false;
  for (auto [scale, domain] : llvm::zip_equal(scales, domainOf.asArrayRef())) {
    if (domain < 0 || domain >= dac.size())
      return false;
    int32_t code = dac[domain];
    if (code < 0 || static_cast<size_t>(code) >= scaleOfDac.size() ||
        std::abs(scaleOfDac[code] - scale) > 1e-9 * scale)
      return false;
  }
  return true;
}

/// Layers that drive the same neurons do it through the same domains.
static bool sharesDomains(FrozenLayer a, FrozenLayer b) {
  for (StringRef name :
       {FrozenLayer::kDomainOfChannel, FrozenLayer::kDomainDac})
    if (a->getAttr(name) != b->getAttr(name))
      return false;
  return true;
}

/// Chooses domains for scales the device does not realise and rounds the codes
/// again at the realised scales; without samples to the nearest.
static LogicalResult chooseAgain(FrozenLayer layer, ArrayRef<double> held,
                                 ArrayRef<double> scaleOfDac,
                                 const ntrt::DeviceModel &device,
                                 size_t maxDomains, RoundingSettings settings,
                                 const StagedEvaluation &staged) {
  const int32_t maxCode = device.synapse.maxCode();
  const int64_t channels = layer.getNumChannels(), fanIn = fanInOf(layer);
  const std::vector<double> grid(scaleOfDac.begin(), scaleOfDac.end());
  const ElementView<int8_t> codes(
      layer.getFrozenWeights().getDefiningOp<FrozenOp>().getValue());
  std::vector<float> values;
  for (auto [index, code] : llvm::enumerate(codes.values()))
    values.push_back(
        static_cast<float>(code * held[index / static_cast<size_t>(fanIn)]));
  const WeightRows weights(values.data(), channels, fanIn);
  const std::vector<double> largest = largestOf(weights);

  const std::vector<ChannelGroup> groups = groupChannels(layer);
  const PatchOptions patches = settings.patches(fanIn);
  const bool hasSamples = staged.numSamples() > 0;
  if (!hasSamples)
    settings.method = RoundingMethod::Nearest;
  const std::vector<PatchHessian> hessians =
      hasSamples ? patchHessians(layer, groups,
                                 staged.current(activationOf(layer)), patches)
                 : unitHessians(layer, groups.size(), patches.block);
  std::vector<Eigen::VectorXf> importance;
  for (const PatchHessian &hessian : hessians)
    importance.push_back(importanceOf(hessian));
  mapping::DomainProblem problem(channels, grid.size(), maxDomains);
  addCosts(
      problem, groups, settings.threads, [&](size_t group, int64_t channel) {
        return quantization::nearestCosts(weights.row(channel).transpose(),
                                          importance[group], grid, maxCode);
      });
  warnUnreachable(layer, largest, scaleOfDac, maxCode);
  ntrt::Result<mapping::DomainSolution> solution = mapping::solve(problem);
  if (!solution)
    return emitDiags(layer->getLoc(), solution.diagnostics());

  layer->removeAttr(kCoreGroups);
  FailureOr<std::vector<int8_t>> rounded = roundCodes(
      layer, groups, hessians, weights, grid, *solution, maxCode, settings);
  if (failed(rounded))
    return failure();
  setCodes(layer, *rounded, *solution, scaleOfDac,
           "assign-domains for device " + device.name);
  return success();
}

//===----------------------------------------------------------------------===//
// Modulation domains
//===----------------------------------------------------------------------===//

/// Gives every neuron its own value, whatever the granularity was.
static void expandPerNeuron(ModulateOp site, std::vector<StagedTask> &tasks) {
  for (StagedTask &task : tasks) {
    HostTensor expanded;
    expanded.shape = {site.getNumNeurons()};
    const HostTensor &values = task.reference[site.getSite()];
    for (int64_t n = 0; n < site.getNumNeurons(); ++n)
      expanded.values.push_back(
          values.values[site.getGranularity() == Granularity::Neuron
                            ? n
                            : site.getChannelOf(n)]);
    task.reference[site.getSite()] = expanded;
    task.current[site.getSite()] = std::move(expanded);
  }
  site.setGranularity(Granularity::Neuron);
}

namespace {

/// Turns the biases of every task into modulation words, site by site.
class ModulationAssigner {
public:
  ModulationAssigner(std::vector<StagedTask> &tasks,
                     const ntrt::DeviceModel &device)
      : tasks(tasks), device(device), words(tasks.size()) {}

  /// `errors[t]` is what each neuron's input lost to the layers before, on the
  /// mean; empty: nothing. `layers` drive the site's neurons; removes their
  /// bias operands.
  LogicalResult assign(ArrayRef<FrozenLayer> layers, ModulateOp site,
                       ArrayRef<std::vector<double>> errors);
  void store();

private:
  LogicalResult assignTask(size_t index, FrozenLayer layer, ModulateOp site,
                           mapping::ModulationProblem problem);

  std::vector<StagedTask> &tasks;
  const ntrt::DeviceModel &device;
  std::vector<NamedAttrList> words;
};

} // namespace

LogicalResult ModulationAssigner::assign(ArrayRef<FrozenLayer> layers,
                                         ModulateOp site,
                                         ArrayRef<std::vector<double>> errors) {
  FrozenLayer layer = layers.front();
  std::vector<double> bias(layer.getNumChannels(), 0.0);
  for (FrozenLayer each : layers)
    if (Value operand = each.getFrozenBias()) {
      const HostTensor held =
          toHostTensor(operand.getDefiningOp<FrozenOp>().getValue());
      for (auto [value, added] : llvm::zip_equal(bias, held.values))
        value += added;
    }
  mapping::ModulationProblem problem;
  problem.steps = mapping::modulationSteps(device, rangesOf(layer)->output);
  // Modulation sources have the digits of the synapses.
  problem.maxCode = device.synapse.maxCode();
  problem.maxDomains = device.modulationDomain.countPerCore;
  for (size_t t = 0; t < tasks.size(); ++t) {
    problem.targets = tasks[t].reference[site.getSite()].values;
    for (auto [neuron, target] : llvm::enumerate(problem.targets)) {
      target += bias[layer.getChannelOf(neuron)];
      if (!errors.empty())
        target += errors[t][neuron];
    }
    if (failed(assignTask(t, layer, site, problem)))
      return failure();
  }
  for (FrozenLayer each : layers)
    each.setFrozenBias(Value());
  return success();
}

LogicalResult
ModulationAssigner::assignTask(size_t index, FrozenLayer layer, ModulateOp site,
                               mapping::ModulationProblem problem) {
  TaskOp task = tasks[index].op;
  ntrt::Result<mapping::ModulationSolution> solution = mapping::solve(problem);
  if (!solution)
    return emitDiags(task.getLoc(), solution.diagnostics());

  size_t saturated = 0;
  double farthest = 0;
  // Half a step beyond the largest code is still rounding.
  double limit = problem.reach() + problem.steps.back() / 2;
  HostTensor &realised = tasks[index].current[site.getSite()];
  for (auto [neuron, target] : llvm::enumerate(problem.targets)) {
    realised.values[neuron] = problem.realised(*solution, neuron);
    saturated += std::abs(target) > limit;
    farthest = std::max(farthest, std::abs(target));
  }
  if (saturated)
    emitDiagWarning(layer->getLoc(), Diag::DomainNoScale)
        << "task '" << task.getSymName() << "' wants biases up to " << farthest
        << " of " << saturated << " neurons of '" << layer.getLayerName()
        << "', the device reaches " << problem.reach() << ": they saturate";

  Builder builder(task.getContext());
  auto type = RankedTensorType::get(
      {static_cast<int64_t>(solution->codes.size())}, builder.getI8Type());
  SmallVector<int8_t> domains(solution->domains.begin(),
                              solution->domains.end());
  SmallVector<int32_t> dac(solution->dac.begin(), solution->dac.end());
  words[index].set(
      site.getSite(),
      WordsAttr::get(
          task.getContext(),
          DenseElementsAttr::get(type, ArrayRef<int8_t>(solution->codes)),
          DenseElementsAttr::get(type, ArrayRef<int8_t>(domains)),
          builder.getDenseI32ArrayAttr(dac)));
  return success();
}

void ModulationAssigner::store() {
  for (auto [task, taskWords] : llvm::zip_equal(tasks, words)) {
    storeValues(task);
    task.op.setWordsAttr(taskWords.getDictionary(task.op.getContext()));
  }
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

struct AssignDomains : nt::impl::AssignDomainsBase<AssignDomains> {
  using AssignDomainsBase::AssignDomainsBase;

  void runOnOperation() override {
    if (failed(assignModule(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult assignModule(ModuleOp module);
  LogicalResult checkLayer(FrozenLayer layer, const ntrt::DeviceModel *device);
  LogicalResult checkTasks(ModuleOp module, func::FuncOp network);
  LogicalResult assignSynapses(FrozenLayer layer,
                               const ntrt::DeviceModel &device,
                               const RoundingSettings &settings,
                               StagedEvaluation &staged);
  LogicalResult assignWords(FrozenLayer layer, StagedEvaluation &staged,
                            ModulationAssigner &assigner);
};

} // namespace

LogicalResult AssignDomains::checkLayer(FrozenLayer layer,
                                        const ntrt::DeviceModel *device) {
  bool ok = succeeded(rangesOf(layer));
  if (!siteOf(layer)) {
    emitDiag(layer, Diag::DomainNoSite)
        << "no nt.modulate alone reads '" << layer.getLayerName() << "'";
    ok = false;
  }
  FailureOr<FrozenOp> weights = frozenWeightsOf(layer);
  if (failed(weights))
    return failure();
  auto scales = layer->getAttrOfType<DenseElementsAttr>(FrozenLayer::kScales);
  if (!cast<RankedTensorType>(weights->getType())
           .getElementType()
           .isInteger(8) ||
      !scales)
    return emitDiag(layer, Diag::QuantMissing)
           << "'" << layer.getLayerName() << "' has float weights";
  if (!device)
    return success(ok);
  if (columnsPerNeuron(layer) > device->synapse.maxColumnsPerNeuron()) {
    emitDiag(layer, Diag::PairDevice)
        << "'" << layer.getLayerName() << "' is paired, " << device->name
        << " has no synapse/pairing";
    ok = false;
  }
  const int32_t limit = device->synapse.maxCode();
  int64_t tooLarge = 0;
  int32_t largest = 0;
  const ElementView<int8_t> codes(weights->getValue());
  for (int8_t code : codes.values()) {
    tooLarge += std::abs(code) > limit;
    largest = std::max(largest, std::abs(int32_t(code)));
  }
  if (tooLarge) {
    emitDiag(layer, Diag::CodeRange)
        << tooLarge << " codes of '" << layer.getLayerName() << "' reach "
        << largest << ", '" << device->name << "' holds -" << limit << " to "
        << limit;
    ok = false;
  }
  return success(ok);
}

/// Every site is behind a layer, and every task has values for every site.
LogicalResult AssignDomains::checkTasks(ModuleOp module, func::FuncOp network) {
  FailureOr<std::vector<TaskOp>> tasks = tasksOf(module);
  bool ok = succeeded(tasks);
  network.walk([&](ModulateOp site) {
    if (joinedLayers(site.getInput()).empty()) {
      emitDiag(site, Diag::QuantUnsupported)
          << "site '" << site.getSite() << "' is not behind a layer";
      ok = false;
    }
    if (succeeded(tasks))
      for (TaskOp task : *tasks)
        ok &= succeeded(taskValues(task, site));
  });
  return success(ok);
}

LogicalResult AssignDomains::assignSynapses(FrozenLayer layer,
                                            const ntrt::DeviceModel &model,
                                            const RoundingSettings &settings,
                                            StagedEvaluation &staged) {
  FailureOr<LayerRanges> ranges = rangesOf(layer);
  std::vector<double> scaleOfDac =
      mapping::synapseScales(model, ranges->input, ranges->output,
                             static_cast<uint32_t>(columnsPerNeuron(layer)));
  size_t limit =
      domains ? domains.getValue() : model.synapseDomain.countPerCore;
  const std::vector<double> held = scalesOf(layer);
  const std::vector<FrozenLayer> joined = joinedLayers(sumOf(layer));
  if (realises(layer, held, scaleOfDac, limit) &&
      (joined.size() == 1 || sharesDomains(layer, joined.front())))
    return success();
  if (columnsPerNeuron(layer) > 1)
    return emitDiag(layer, Diag::PairStage)
           << "the pairs of '" << layer.getLayerName()
           << "' were not quantised for " << model.name << " and " << limit
           << " domains, and their scales cannot be chosen again";
  if (joined.size() > 1)
    return emitDiag(layer, Diag::DomainNoScale)
           << "'" << layer.getLayerName() << "' and '"
           << FrozenLayer(joined.front()).getLayerName()
           << "' drive the same neurons, and have scales that no common domain "
              "realises: quantise them for this device and this many domains";
  return chooseAgain(layer, held, scaleOfDac, model, limit, settings, staged);
}

/// Less the frozen bias: one number a neuron, none if there is no bias.
static std::vector<double> negatedBias(FrozenLayer layer) {
  std::vector<double> result;
  if (Value operand = layer.getFrozenBias()) {
    const ElementView<float> bias(operand.getDefiningOp<FrozenOp>().getValue());
    for (int64_t n = 0; n < layer.getNumNeurons(); ++n)
      result.push_back(-bias.values()[layer.getChannelOf(n)]);
  }
  return result;
}

/// At the last of the layers that drive a population.
LogicalResult AssignDomains::assignWords(FrozenLayer layer,
                                         StagedEvaluation &staged,
                                         ModulationAssigner &assigner) {
  const std::vector<FrozenLayer> layers = joinedLayers(sumOf(layer));
  if (layer != layers.back())
    return success();
  std::vector<std::vector<double>> errors;
  for (size_t t = 0; t < staged.tasks().size() && staged.numSamples(); ++t) {
    std::vector<double> &error = errors.emplace_back(layer.getNumNeurons());
    for (FrozenLayer each : layers)
      for (auto [value, added] :
           llvm::zip_equal(error, staged.meanDifference(each->getResult(0), t)))
        value += added;
  }
  // What the frozen biases gave is in the words from here on.
  std::vector<std::vector<double>> biases;
  for (FrozenLayer each : layers)
    biases.push_back(negatedBias(each));
  if (failed(assigner.assign(layers, siteOf(layer), errors)))
    return failure();
  for (auto [each, bias] : llvm::zip_equal(layers, biases))
    if (!bias.empty())
      staged.addToCurrent(FrozenLayer(each)->getResult(0), bias);
  return success();
}

LogicalResult AssignDomains::assignModule(ModuleOp module) {
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network))
    return failure();
  FailureOr<ntrt::DeviceModel> model = loadDevice(module, device, domains);
  FailureOr<RoundingSettings> settings =
      roundingSettings(module, rounding, block, threads);
  bool ok = succeeded(model) && succeeded(settings);
  for (FrozenLayer layer : layersOf(*network))
    ok &= succeeded(checkLayer(layer, succeeded(model) ? &*model : nullptr));
  ok &= succeeded(checkTasks(module, *network));
  if (!ok)
    return failure();
  FailureOr<std::vector<StagedTask>> tasks =
      data.empty() ? stagedTasksWithoutData(*network)
                   : loadStagedTasks(*network, data, samples);
  if (failed(tasks))
    return failure();

  network->walk([&](ModulateOp site) { expandPerNeuron(site, *tasks); });
  StagedEvaluation staged(*network, std::move(*tasks), {threads});
  tuner::setPrimitiveThreads(threads);
  ModulationAssigner assigner(staged.tasks(), *model);
  for (Operation *op : staged.operations()) {
    if (failed(staged.evaluateReference(op)))
      return failure();
    auto layer = dyn_cast<FrozenLayer>(op);
    if (layer && failed(assignSynapses(layer, *model, *settings, staged)))
      return failure();
    if (failed(staged.evaluateCurrent(op)))
      return failure();
    if (layer && failed(assignWords(layer, staged, assigner)))
      return failure();
    staged.release(op);
  }
  assigner.store();
  eraseUnusedFrozen(*network);
  return success();
}
