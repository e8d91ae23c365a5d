//===- QuantizationSupport.cpp - Shared by quantising passes --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "QuantizationSupport.h"

#include "FrozenRewrites.h"

#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Threads.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace nt;
using ntrt::Diag;

/// Rounds of coordinate descent after the sequential rounding.
static constexpr unsigned kSweeps = 20;
/// Weights of a row whose best codes are found: a depthwise 3 x 3 has nine.
static constexpr unsigned kExactInputs = 9;

FailureOr<RoundingSettings> nt::roundingSettings(ModuleOp module,
                                                 StringRef method,
                                                 unsigned block,
                                                 unsigned threads) {
  RoundingSettings settings;
  settings.block = block;
  settings.threads = threads;
  bool ok = true;
  auto refuse = [&](const Twine &what) {
    emitDiag(module.getLoc(), Diag::OptionInvalid) << what.str();
    ok = false;
  };
  if (method == "nearest")
    settings.method = RoundingMethod::Nearest;
  else if (method == "sequential")
    settings.method = RoundingMethod::Sequential;
  else if (method != "descent")
    refuse("rounding is '" + method + "', one of nearest, sequential, descent");
  if (block == 0)
    refuse("block is 0, at least 1 is needed");
  if (threads == 0)
    refuse("threads is 0, at least 1 is needed");
  if (!ok)
    return failure();
  return settings;
}

PatchOptions RoundingSettings::patches(int64_t fanIn) const {
  PatchOptions options;
  options.block = fanIn <= 4 * static_cast<int64_t>(block) ? fanIn : block;
  options.threads = threads;
  options.centred = centred;
  return options;
}

Eigen::VectorXf nt::importanceOf(const PatchHessian &hessian) {
  Eigen::VectorXd importance = hessian.diagonal();
  const double floor = importance.size() ? 1e-3 * importance.mean() : 0;
  importance.array() += floor > 0 ? floor : 1.0;
  return importance.cast<float>();
}

void nt::addCosts(mapping::DomainProblem &problem,
                  ArrayRef<ChannelGroup> groups, unsigned threads,
                  function_ref<std::vector<double>(size_t, int64_t)> costsOf) {
  std::vector<size_t> groupOf;
  for (auto [index, group] : llvm::enumerate(groups))
    groupOf.insert(groupOf.end(), static_cast<size_t>(group.count), index);
  tuner::forEachPart(
      threads, problem.channels(), [&](size_t begin, size_t end) {
        for (size_t channel = begin; channel < end; ++channel) {
          const std::vector<double> costs =
              costsOf(groupOf[channel], static_cast<int64_t>(channel));
          for (size_t g = 0; g < costs.size(); ++g)
            problem.cost(channel, g) += costs[g];
        }
      });
}

std::vector<double> nt::largestOf(const WeightRows &weights) {
  std::vector<double> largest;
  for (Eigen::Index c = 0; c < weights.rows(); ++c)
    largest.push_back(weights.row(c).cwiseAbs().maxCoeff());
  return largest;
}

/// Codes of one group, block by block.
static ntrt::Status roundGroup(const ChannelGroup &group,
                               const PatchHessian &hessian,
                               const WeightRows &weights,
                               ArrayRef<double> scaleOfChannel, int32_t maxCode,
                               const RoundingSettings &settings,
                               unsigned threads, int8_t *codes) {
  quantization::RoundingProblem problem;
  problem.maxCode = maxCode;
  problem.method = settings.method == RoundingMethod::Nearest
                       ? quantization::Method::Nearest
                       : quantization::Method::Sequential;
  if (settings.method == RoundingMethod::Descent) {
    problem.sweeps = kSweeps;
    problem.exactInputs = kExactInputs;
  }
  problem.threads = threads;
  problem.scales = Eigen::Map<const Eigen::VectorXd>(
      scaleOfChannel.data() + group.first, group.count);
  Eigen::Index firstColumn = 0;
  for (const Eigen::MatrixXd &block : hessian.blocks) {
    problem.weights =
        weights.block(group.first, firstColumn, group.count, block.cols())
            .cast<double>();
    problem.hessian = block;
    ntrt::Result<quantization::RoundingSolution> rounded =
        quantization::solve(problem);
    if (!rounded)
      return rounded.diagnostics();
    for (Eigen::Index row = 0; row < group.count; ++row)
      for (Eigen::Index column = 0; column < block.cols(); ++column)
        codes[(group.first + row) * weights.cols() + firstColumn + column] =
            rounded->codes(row, column);
    firstColumn += block.cols();
  }
  return ntrt::Done{};
}

FailureOr<std::vector<int8_t>>
nt::roundCodes(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
               ArrayRef<PatchHessian> hessians, const WeightRows &weights,
               ArrayRef<double> scales, const mapping::DomainSolution &solution,
               int32_t maxCode, const RoundingSettings &settings) {
  std::vector<double> scaleOfChannel;
  for (uint32_t domain : solution.domainOfChannel)
    scaleOfChannel.push_back(scales[solution.dac[domain]]);
  std::vector<int8_t> codes(static_cast<size_t>(weights.size()));
  std::vector<ntrt::Status> done(groups.size(), ntrt::Done{});
  // Groups side by side, or the channels of the only one.
  const unsigned inner = groups.size() > 1 ? 1 : settings.threads;
  tuner::forEachPart(groups.size() > 1 ? settings.threads : 1, groups.size(),
                     [&](size_t begin, size_t end) {
                       for (size_t g = begin; g < end; ++g)
                         done[g] = roundGroup(groups[g], hessians[g], weights,
                                              scaleOfChannel, maxCode, settings,
                                              inner, codes.data());
                     });
  for (const ntrt::Status &status : done)
    if (!status)
      return emitDiags(layer->getLoc(), status.diagnostics());
  return codes;
}

FailureOr<ntrt::DeviceModel>
nt::loadDevice(ModuleOp module, StringRef nameOrPath, unsigned domains) {
  if (nameOrPath.empty())
    return emitDiag(module, Diag::DeviceNotFound)
           << "the option device is empty";
  ntrt::Result<ntrt::DeviceModel> device =
      ntrt::DeviceModel::load(nameOrPath.str());
  if (!device)
    return emitDiags(module.getLoc(), device.diagnostics());
  if (domains > device->synapseDomain.countPerCore)
    return emitDiag(module, Diag::DomainCount)
           << "the option domains is " << domains << ", a core of '"
           << device->name << "' has " << device->synapseDomain.countPerCore;
  return std::move(*device);
}

std::vector<FrozenLayer> nt::layersOf(func::FuncOp network) {
  std::vector<FrozenLayer> layers;
  network.walk([&](FrozenLayer layer) { layers.push_back(layer); });
  return layers;
}

FailureOr<FrozenOp> nt::frozenWeightsOf(FrozenLayer layer) {
  if (auto frozen = layer.getFrozenWeights().getDefiningOp<FrozenOp>())
    return frozen;
  return emitDiag(layer, Diag::QuantUnsupported)
         << "the weights of '" << layer.getLayerName()
         << "' do not come from an nt.frozen";
}

FailureOr<LayerRanges> nt::rangesOf(FrozenLayer layer) {
  auto input = layer->getAttrOfType<FloatAttr>(FrozenLayer::kInputRange);
  auto output = layer->getAttrOfType<FloatAttr>(FrozenLayer::kOutputRange);
  if (!input || !output)
    return emitDiag(layer, Diag::QuantNoRange)
           << "'" << layer.getLayerName() << "' lacks "
           << (input ? FrozenLayer::kOutputRange : FrozenLayer::kInputRange);
  LayerRanges ranges = {input.getValueAsDouble(), output.getValueAsDouble()};
  for (double range : {ranges.input, ranges.output})
    if (!std::isfinite(range) || range <= 0)
      return emitDiag(layer, Diag::QuantNoRange)
             << "'" << layer.getLayerName() << "' has a range of " << range
             << ", must be positive";
  return ranges;
}

FailureOr<std::vector<TaskOp>> nt::tasksOf(ModuleOp module) {
  auto ops = module.getOps<TaskOp>();
  std::vector<TaskOp> tasks(ops.begin(), ops.end());
  if (tasks.empty())
    return emitDiag(module, Diag::TaskUnknown) << "the module has no nt.task";
  return tasks;
}

FailureOr<HostTensor> nt::taskValues(TaskOp task, ModulateOp site) {
  auto values = task.getValues().getAs<ElementsAttr>(site.getSite());
  if (!values)
    return emitDiag(task, Diag::TaskMissingSite)
           << "task '" << task.getSymName() << "', site '" << site.getSite()
           << "'";
  if (values.getNumElements() != site.getNumValues())
    return emitDiag(task, Diag::TaskShape)
           << "task '" << task.getSymName() << "' has "
           << values.getNumElements() << " values for site '" << site.getSite()
           << "', which takes " << site.getNumValues();
  return toHostTensor(values);
}

FailureOr<std::vector<StagedTask>>
nt::stagedTasksWithoutData(func::FuncOp network) {
  std::vector<StagedTask> tasks;
  bool ok = true;
  for (TaskOp op : network->getParentOfType<ModuleOp>().getOps<TaskOp>()) {
    StagedTask &task = tasks.emplace_back();
    task.op = op;
    ok &= succeeded(refuseGains(op));
    network.walk([&](ModulateOp site) {
      FailureOr<HostTensor> values = taskValues(op, site);
      if (succeeded(values))
        task.reference[site.getSite()] = std::move(*values);
      else
        ok = false;
    });
    task.current = task.reference;
  }
  if (!ok)
    return failure();
  return tasks;
}

FailureOr<std::vector<StagedTask>>
nt::loadStagedTasks(func::FuncOp network, StringRef data, unsigned samples) {
  auto module = network->getParentOfType<ModuleOp>();
  auto inputType = cast<ShapedType>(network.getArgumentTypes().front());
  FailureOr<std::vector<TaskSamples>> loaded = loadTaskData(
      module.getLoc(), module, data, inputType.getNumElements(), samples);
  if (succeeded(loaded))
    return stagedTasks(network, *loaded);
  // Misfits of the tasks are named in the same run.
  (void)stagedTasksWithoutData(network);
  return failure();
}

FailureOr<std::vector<StagedTask>> nt::stagedTasks(func::FuncOp network,
                                                   ArrayRef<TaskSamples> data) {
  FailureOr<std::vector<StagedTask>> tasks = stagedTasksWithoutData(network);
  if (failed(tasks))
    return failure();
  if (tasks->empty())
    tasks->emplace_back();
  for (const TaskSamples &given : data)
    for (StagedTask &task : *tasks) {
      if (task.op && task.op.getSymName() != given.task)
        continue;
      for (size_t s = 0; s < given.data.samples(); ++s) {
        const float *sample = given.data.sample(s);
        task.samples.emplace_back(sample, sample + given.data.sampleSize);
      }
    }
  return tasks;
}

static DenseElementsAttr toValues(const HostTensor &tensor,
                                  MLIRContext *context) {
  SmallVector<float> values(tensor.values.begin(), tensor.values.end());
  auto type = RankedTensorType::get({tensor.size()}, Float32Type::get(context));
  return DenseElementsAttr::get(type, ArrayRef<float>(values));
}

void nt::storeValues(StagedTask &task) {
  if (!task.op)
    return;
  NamedAttrList values(task.op.getValues());
  for (const auto &entry : task.current)
    values.set(entry.getKey(),
               toValues(entry.getValue(), task.op->getContext()));
  task.op.setValuesAttr(values.getDictionary(task.op->getContext()));
}

std::string nt::derivedKey(FrozenOp source, StringRef suffix) {
  auto resource =
      source ? dyn_cast<DenseResourceElementsAttr>(source.getValue()) : nullptr;
  if (!resource)
    return {};
  return (resource.getRawHandle().getKey() + "." + suffix).str();
}

/// As `source` holds its values: a resource, or dense.
static ElementsAttr codeElements(FrozenOp source, RankedTensorType type,
                                 ArrayRef<int8_t> codes) {
  if (isa<DenseResourceElementsAttr>(source.getValue()))
    return DenseResourceElementsAttr::get(
        type, derivedKey(source, "codes"),
        HeapAsmResourceBlob::allocateAndCopyInferAlign(codes));
  return DenseElementsAttr::get(type, codes);
}

void nt::setCodes(FrozenLayer layer, ArrayRef<int8_t> codes,
                  const mapping::DomainSolution &domains,
                  ArrayRef<double> scaleOfDac, const Twine &what) {
  auto weights = layer.getFrozenWeights().getDefiningOp<FrozenOp>();
  auto floatType = cast<RankedTensorType>(weights.getType());
  OpBuilder builder(layer);
  SmallVector<int64_t> shape(floatType.getShape());
  shape[0] = static_cast<int64_t>(domains.domainOfChannel.size());
  auto codeType = RankedTensorType::get(shape, builder.getI8Type());
  auto frozen = FrozenOp::createHashed(
      builder, weights.getLoc(), codeElements(weights, codeType, codes),
      weights.getOrigin(), extendDerivation(weights, builder, what));
  layer.setFrozenWeights(frozen);

  SmallVector<double> scales;
  for (uint32_t domain : domains.domainOfChannel)
    scales.push_back(scaleOfDac[domains.dac[domain]]);
  auto scaleType = RankedTensorType::get({static_cast<int64_t>(scales.size())},
                                         builder.getF64Type());
  SmallVector<int32_t> domainOf(domains.domainOfChannel.begin(),
                                domains.domainOfChannel.end());
  SmallVector<int32_t> dac(domains.dac.begin(), domains.dac.end());
  layer->setAttr(FrozenLayer::kScales,
                 DenseElementsAttr::get(scaleType, ArrayRef<double>(scales)));
  layer->setAttr(FrozenLayer::kDomainOfChannel,
                 builder.getDenseI32ArrayAttr(domainOf));
  layer->setAttr(FrozenLayer::kDomainDac, builder.getDenseI32ArrayAttr(dac));
  layer->setAttr(kDomainCost,
                 builder.getDenseF64ArrayAttr(
                     {domains.cost, domains.lowerBound, domains.freeBound}));
}

void nt::warnUnreachable(FrozenLayer layer, ArrayRef<double> largestWeights,
                         ArrayRef<double> scaleOfDac, int32_t maxCode) {
  double reach = maxCode * scaleOfDac.back();
  double least = scaleOfDac.front() / 2;
  // Channels this small within their layer are as good as dead.
  double negligible =
      0.01 * *std::max_element(largestWeights.begin(), largestWeights.end());
  size_t tooLarge = 0, tooSmall = 0;
  double largest = 0, largestVanishing = 0;
  for (double weight : largestWeights) {
    // Half a step beyond the largest code is still rounding, not clipping.
    if (weight > reach + scaleOfDac.back() / 2) {
      ++tooLarge;
      largest = std::max(largest, weight);
    } else if (weight > negligible && weight < least) {
      ++tooSmall;
      largestVanishing = std::max(largestVanishing, weight);
    }
  }
  if (tooLarge)
    emitDiagWarning(layer->getLoc(), Diag::DomainNoScale)
        << tooLarge << " channels of '" << layer.getLayerName()
        << "' have weights up to " << largest << ", the device reaches "
        << reach << ": they saturate";
  if (tooSmall)
    emitDiagWarning(layer->getLoc(), Diag::DomainNoScale)
        << tooSmall << " channels of '" << layer.getLayerName()
        << "' have no weight above " << largestVanishing
        << ", the device's smallest step is " << scaleOfDac.front()
        << ": they vanish";
}

void nt::eraseUnusedFrozen(func::FuncOp network) {
  for (FrozenOp op : llvm::make_early_inc_range(network.getOps<FrozenOp>()))
    if (op.use_empty())
      op.erase();
}
