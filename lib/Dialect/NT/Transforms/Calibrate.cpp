//===- Calibrate.cpp - Activation ranges of layers from samples -----------===//
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
#include "nt/Support/InputNormalisation.h"
#include "nt/Support/TaskData.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <algorithm>
#include <cmath>

namespace nt {
#define GEN_PASS_DEF_CALIBRATE
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

/// The encoder's full scale: what one spike a slot at the input stands for.
constexpr double kInputFullScale = 1.0;
/// Samples that may well be of one class by chance.
constexpr size_t kFewSamples = 16;
/// Output range of a layer that gives nothing but zeros.
constexpr double kZeroLayerRange = 1e-3;

/// Where a layer is watched, and what was seen under one task.
struct Watch {
  FrozenLayer layer;
  Value sums;       ///< Behind the modulation.
  Value activation; ///< Behind the rectifier or clip; else the sums.
  std::optional<double> saturation;
  std::vector<double> positives; ///< Of the activation, under one task.
  double range = 0;              ///< Largest percentile of the tasks so far.
  double largestSum = 0;         ///< Magnitude.

  explicit Watch(FrozenLayer layer);
  void observe(Value value, const HostTensor &tensor);
  void endTask(double percentile);
};

struct Calibrate : nt::impl::CalibrateBase<Calibrate> {
  using CalibrateBase::CalibrateBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult run(ModuleOp module);
  LogicalResult watchTasks(ModuleOp module, ArrayRef<TaskSamples> tasks,
                           std::vector<Watch> &watches);
};

} // namespace

//===----------------------------------------------------------------------===//
// Watching
//===----------------------------------------------------------------------===//

Watch::Watch(FrozenLayer layer) : layer(layer), sums(layer->getResult(0)) {
  auto onlyUser = [](Value value) {
    return value.hasOneUse() ? *value.user_begin() : nullptr;
  };
  if (auto site = dyn_cast_or_null<ModulateOp>(onlyUser(sums)))
    sums = site.getResult();
  activation = sums;
  if (auto neurons = dyn_cast_or_null<NeuronLayer>(onlyUser(sums))) {
    activation = neurons->getResult(0);
    saturation = neurons.getSaturation();
  }
}

void Watch::observe(Value value, const HostTensor &tensor) {
  if (value == sums)
    for (double sum : tensor.values)
      largestSum = std::max(largestSum, std::abs(sum));
  if (value == activation)
    for (double a : tensor.values)
      if (a > 0)
        positives.push_back(a);
}

/// Nearest rank: the least value that `percentile` per cent do not exceed.
static double percentileOf(std::vector<double> &values, double percentile) {
  const double rank =
      std::ceil(percentile / 100.0 * static_cast<double>(values.size()));
  const size_t index =
      std::clamp<size_t>(static_cast<size_t>(rank), 1, values.size()) - 1;
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[index];
}

void Watch::endTask(double percentile) {
  if (!positives.empty())
    range = std::max(range, percentileOf(positives, percentile));
  if (saturation && *saturation > 0)
    range = std::min(range, *saturation);
  positives.clear();
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// The range of a value that feeds a layer: that of the layer behind it,
/// through whatever has no range of its own; the largest of several. Zero: only
/// constants.
static double
inputRangeOf(Value value,
             const llvm::DenseMap<Operation *, double> &outputRange) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return kInputFullScale;
  if (isa<FrozenOp>(op))
    return 0;
  if (auto known = outputRange.find(op); known != outputRange.end())
    return known->second;
  double range = 0;
  for (Value operand : op->getOperands())
    range = std::max(range, inputRangeOf(operand, outputRange));
  return range;
}

static double outputRangeOf(Watch &watch) {
  if (watch.range > 0)
    return watch.range;
  const double range =
      watch.largestSum > 0 ? watch.largestSum : kZeroLayerRange;
  emitDiagWarning(watch.layer->getLoc(), ntrt::Diag::QuantSilent)
      << "'" << watch.layer.getLayerName()
      << "' has no positive activation; its output_range is taken to be "
      << range;
  return range;
}

LogicalResult Calibrate::watchTasks(ModuleOp module,
                                    ArrayRef<TaskSamples> tasks,
                                    std::vector<Watch> &watches) {
  llvm::DenseMap<Value, SmallVector<Watch *, 1>> watchesOf;
  for (Watch &watch : watches) {
    watchesOf[watch.sums].push_back(&watch);
    if (watch.activation != watch.sums)
      watchesOf[watch.activation].push_back(&watch);
  }
  auto observer = [&](Value value, const HostTensor &tensor) {
    if (auto entry = watchesOf.find(value); entry != watchesOf.end())
      for (Watch *watch : entry->second)
        watch->observe(value, tensor);
  };
  for (const TaskSamples &task : tasks) {
    auto interpreter = Interpreter::create(module, task.task);
    if (failed(interpreter))
      return failure();
    for (size_t i = 0; i < task.data.samples(); ++i) {
      ArrayRef<float> sample(task.data.sample(i), task.data.sampleSize);
      if (failed((*interpreter)->run(sample, observer)))
        return failure();
    }
    for (Watch &watch : watches)
      watch.endTask(percentile);
  }
  return success();
}

/// The encoder takes values from 0 to its full scale.
static void warnOfEncoder(Location loc, ArrayRef<TaskSamples> tasks) {
  size_t outside = 0, values = 0;
  for (const TaskSamples &task : tasks) {
    values += task.data.values.size();
    outside += llvm::count_if(task.data.values, [](float value) {
      return value < 0 || value > kInputFullScale;
    });
  }
  if (outside > 0)
    emitDiagWarning(loc, ntrt::Diag::DataValue)
        << outside << " of " << values
        << " input values are below 0, which the encoder refuses, or above "
        << kInputFullScale << ", which it clips";
}

/// Ranges of one class are not those of the task.
static void warnOneClass(Location loc, const TaskSamples &samples) {
  const std::vector<uint32_t> &labels = samples.data.labels;
  if (labels.size() < kFewSamples || llvm::any_of(labels, [&](uint32_t label) {
        return label != labels.front();
      }))
    return;
  emitDiagWarning(loc, ntrt::Diag::DataClass)
      << "all " << labels.size() << " calibration samples"
      << (samples.task.empty() ? "" : " of task '" + samples.task + "'")
      << " have label " << labels.front();
}

LogicalResult Calibrate::run(ModuleOp module) {
  LogicalResult options = success();
  if (!(percentile > 0 && percentile <= 100)) {
    emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
        << "percentile is " << percentile
        << ", must be above 0 and at most 100";
    options = failure();
  }
  if (samples == 0) {
    emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
        << "samples is 0, at least 1 is needed";
    options = failure();
  }
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network))
    return failure();
  FailureOr<std::unique_ptr<Interpreter>> probe = Interpreter::create(module);
  if (failed(probe))
    return failure();
  for (TaskOp task : module.getOps<TaskOp>())
    if (failed(refuseGains(task)))
      options = failure();
  auto tasks = loadTaskData(module.getLoc(), module, data,
                            (*probe)->inputSize(), samples);
  if (failed(tasks) || failed(options))
    return failure();

  for (const TaskSamples &task : *tasks) {
    if (failed(
            recordDataNormalisation(*network, data, task.data.normalisation)))
      return failure();
    warnOneClass(module.getLoc(), task);
  }
  warnOfEncoder(module.getLoc(), *tasks);

  std::vector<Watch> watches;
  network->walk([&](FrozenLayer layer) { watches.emplace_back(layer); });
  if (failed(watchTasks(module, *tasks, watches)))
    return failure();

  // Walk order is the order of evaluation: what feeds a layer comes before it.
  OpBuilder builder(&getContext());
  llvm::DenseMap<Operation *, double> outputRange;
  for (Watch &watch : watches) {
    double input = 0;
    for (Value operand : watch.layer->getOperands())
      input = std::max(input, inputRangeOf(operand, outputRange));
    outputRange[watch.layer] = outputRangeOf(watch);
    watch.layer->setAttr(
        FrozenLayer::kInputRange,
        builder.getF64FloatAttr(input > 0 ? input : kInputFullScale));
    watch.layer->setAttr(FrozenLayer::kOutputRange,
                         builder.getF64FloatAttr(outputRange[watch.layer]));
  }
  return success();
}
