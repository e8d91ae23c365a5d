//===- QuantizationSupport.cpp - Shared by quantising passes --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "QuantizationSupport.h"

#include "FrozenRewrites.h"

#include "nt/Support/Diagnostics.h"
#include "nt/Support/TaskData.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace nt;
using ntrt::Diag;

/// Rounds of coordinate descent after the sequential rounding.
static constexpr unsigned kSweeps = 20;

FailureOr<RoundingMethod> nt::parseRounding(ModuleOp module, StringRef name) {
  if (name == "nearest")
    return RoundingMethod::Nearest;
  if (name == "sequential")
    return RoundingMethod::Sequential;
  if (name == "descent")
    return RoundingMethod::Descent;
  return emitDiag(module.getLoc(), Diag::OptionInvalid)
         << "rounding is '" << name << "', one of nearest, sequential, descent";
}

Eigen::VectorXd nt::importanceOf(const Eigen::MatrixXd &hessian) {
  Eigen::VectorXd importance = hessian.diagonal();
  const double floor = importance.size() ? 1e-3 * importance.mean() : 0;
  importance.array() += floor > 0 ? floor : 1.0;
  return importance;
}

FailureOr<std::vector<int8_t>>
nt::roundCodes(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
               ArrayRef<Eigen::MatrixXd> hessians,
               const Eigen::MatrixXd &weights, ArrayRef<double> scales,
               const mapping::DomainSolution &solution, int32_t maxCode,
               RoundingMethod method) {
  const Eigen::Index fanIn = weights.cols();
  std::vector<int8_t> codes(weights.size());
  for (auto [group, hessian] : llvm::zip_equal(groups, hessians)) {
    quantization::RoundingProblem problem;
    problem.weights = weights(group.channels, Eigen::all);
    problem.hessian = hessian;
    problem.scales.resize(group.channels.size());
    for (auto [row, channel] : llvm::enumerate(group.channels))
      problem.scales(row) =
          scales[solution.dac[solution.domainOfChannel[channel]]];
    problem.maxCode = maxCode;
    problem.method = method == RoundingMethod::Nearest
                         ? quantization::Method::Nearest
                         : quantization::Method::Sequential;
    problem.sweeps = method == RoundingMethod::Descent ? kSweeps : 0;
    ntrt::Result<quantization::RoundingSolution> rounded =
        quantization::solve(problem);
    if (!rounded)
      return emitDiags(layer->getLoc(), rounded.diagnostics());
    for (auto [row, channel] : llvm::enumerate(group.channels))
      for (Eigen::Index column = 0; column < fanIn; ++column)
        codes[channel * fanIn + column] = rounded->codes(row, column);
  }
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

ModulateOp nt::siteOf(FrozenLayer layer) {
  Value result = layer->getResult(0);
  if (!result.hasOneUse())
    return {};
  return dyn_cast<ModulateOp>(*result.user_begin());
}

Value nt::activationOf(FrozenLayer layer) {
  for (Value operand : layer->getOperands())
    if (operand != layer.getFrozenWeights() && operand != layer.getFrozenBias())
      return operand;
  return {};
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
  FailureOr<std::vector<StagedTask>> tasks = stagedTasksWithoutData(network);
  auto inputType = cast<ShapedType>(network.getArgumentTypes().front());
  FailureOr<std::vector<TaskSamples>> loaded = loadTaskData(
      module.getLoc(), module, data, inputType.getNumElements(), samples);
  if (failed(tasks) || failed(loaded))
    return failure();
  if (tasks->empty())
    tasks->emplace_back();
  for (const TaskSamples &given : *loaded)
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
  auto codeType =
      RankedTensorType::get(floatType.getShape(), builder.getI8Type());
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
