//===- Calibrate.cpp - Activation ranges of layers from samples -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "QuantizationSupport.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"
#include "nt/Support/TaskData.h"
#include "nt/Tuner/StagedEvaluation.h"
#include "nt/Tuner/Threads.h"

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

/// What one spike a slot at the input stands for, where samples do not say.
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
  double range = 0;      ///< Largest percentile of the tasks so far.
  double largestSum = 0; ///< Magnitude.

  explicit Watch(FrozenLayer layer);
  /// Samples [first, end) are those of one task.
  void observe(Value value, const tuner::ActivationStore &store, size_t first,
               size_t end, double percentile);
};

struct Calibrate : nt::impl::CalibrateBase<Calibrate> {
  using CalibrateBase::CalibrateBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult run(ModuleOp module);
  LogicalResult watchTasks(StagedEvaluation &staged,
                           std::vector<Watch> &watches);
};

} // namespace

//===----------------------------------------------------------------------===//
// Watching
//===----------------------------------------------------------------------===//

Watch::Watch(FrozenLayer layer) : layer(layer), sums(sumOf(layer)) {
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

/// Bytes of activations that are looked at at a time.
static constexpr size_t kBatchBytes = size_t(16) << 20;

/// Calls visit(value) for all values of samples [first, end).
template <typename Visit>
static void forEachValue(const tuner::ActivationStore &store, size_t first,
                         size_t end, Visit visit) {
  std::vector<float> scratch;
  tuner::forEachBatch(first, end, store.units() * sizeof(float), kBatchBytes,
                      [&](size_t begin, size_t count) {
                        const float *values = store.read(begin, count, scratch);
                        for (size_t i = 0; i < count * store.units(); ++i)
                          visit(values[i]);
                      });
}

/// Nearest rank: the least positive value that `percentile` per cent of the
/// positive values do not exceed; nothing if there is none. In two passes over
/// the values: floats above 0 are in the order of their bits.
static std::optional<double>
percentileOfPositives(const tuner::ActivationStore &store, size_t first,
                      size_t end, double percentile) {
  std::vector<uint64_t> counts(size_t(1) << 16, 0);
  uint64_t positives = 0;
  forEachValue(store, first, end, [&](float value) {
    if (value > 0) {
      ++counts[llvm::bit_cast<uint32_t>(value) >> 16];
      ++positives;
    }
  });
  if (positives == 0)
    return std::nullopt;
  const auto rank = static_cast<uint64_t>(
      std::ceil(percentile / 100.0 * static_cast<double>(positives)));
  uint64_t wanted = std::clamp<uint64_t>(rank, 1, positives);
  // The bucket of the wanted rank, and the rank within it.
  auto bucketOf = [&] {
    size_t bucket = 0;
    while (counts[bucket] < wanted)
      wanted -= counts[bucket++];
    return static_cast<uint32_t>(bucket);
  };
  const uint32_t high = bucketOf();
  std::fill(counts.begin(), counts.end(), 0);
  forEachValue(store, first, end, [&](float value) {
    if (value > 0 && llvm::bit_cast<uint32_t>(value) >> 16 == high)
      ++counts[llvm::bit_cast<uint32_t>(value) & 0xffff];
  });
  return llvm::bit_cast<float>(high << 16 | bucketOf());
}

void Watch::observe(Value value, const tuner::ActivationStore &store,
                    size_t first, size_t end, double percentile) {
  if (value == sums)
    forEachValue(store, first, end, [&](float sum) {
      largestSum = std::max<double>(largestSum, std::abs(sum));
    });
  if (value != activation)
    return;
  if (auto seen = percentileOfPositives(store, first, end, percentile))
    range = std::max(range, *seen);
  if (saturation && *saturation > 0)
    range = std::min(range, *saturation);
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// The range of a value that feeds a layer: that of the layer behind it,
/// through whatever has no range of its own; the largest of several. Zero: only
/// constants.
static double
inputRangeOf(Value value, double fullScale,
             const llvm::DenseMap<Operation *, double> &outputRange) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return fullScale;
  if (isa<FrozenOp>(op))
    return 0;
  if (auto known = outputRange.find(op); known != outputRange.end())
    return known->second;
  double range = 0;
  for (Value operand : op->getOperands())
    range = std::max(range, inputRangeOf(operand, fullScale, outputRange));
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

LogicalResult Calibrate::watchTasks(StagedEvaluation &staged,
                                    std::vector<Watch> &watches) {
  llvm::DenseMap<Value, SmallVector<Watch *, 1>> watchesOf;
  for (Watch &watch : watches) {
    watchesOf[watch.sums].push_back(&watch);
    if (watch.activation != watch.sums)
      watchesOf[watch.activation].push_back(&watch);
  }
  for (Operation *op : staged.operations()) {
    if (failed(staged.evaluateReference(op)))
      return failure();
    for (Value value : op->getResults())
      for (Watch *watch : watchesOf.lookup(value))
        for (size_t t = 0; t < staged.tasks().size(); ++t)
          watch->observe(value, staged.reference(value), staged.firstSample(t),
                         staged.firstSample(t + 1), percentile);
    staged.release(op);
  }
  return success();
}

namespace {
/// How the network's inputs become spikes.
struct Encoder {
  double fullScale = kInputFullScale;
  bool isSigned = false;
};
} // namespace

/// Values of 0 to kInputFullScale are rates as they are. Else the full scale is
/// the percentile of their magnitudes, of the task that has the largest.
static Encoder encoderFor(ArrayRef<TaskSamples> tasks, double percentile) {
  Encoder encoder;
  bool isBeyond = false;
  double largest = 0;
  for (const TaskSamples &task : tasks) {
    std::vector<float> magnitudes;
    for (float value : task.data.values) {
      encoder.isSigned |= value < 0;
      isBeyond |= std::abs(value) > kInputFullScale;
      if (value != 0)
        magnitudes.push_back(std::abs(value));
    }
    if (magnitudes.empty())
      continue;
    const auto rank = static_cast<size_t>(
        std::ceil(percentile / 100 * static_cast<double>(magnitudes.size())));
    auto at =
        magnitudes.begin() + static_cast<long>(std::max<size_t>(rank, 1) - 1);
    std::nth_element(magnitudes.begin(), at, magnitudes.end());
    largest = std::max<double>(largest, *at);
  }
  if (isBeyond || encoder.isSigned)
    encoder.fullScale = largest;
  return encoder;
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
  if (threads == 0) {
    emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
        << "threads is 0, at least 1 is needed";
    options = failure();
  }
  FailureOr<func::FuncOp> network = findEvaluableNetwork(module);
  if (failed(network))
    return failure();
  for (TaskOp task : module.getOps<TaskOp>())
    if (failed(refuseGains(task)))
      options = failure();
  auto inputType = cast<ShapedType>(network->getArgumentTypes().front());
  auto tasks = loadTaskData(module.getLoc(), module, data,
                            inputType.getNumElements(), samples);
  if (failed(tasks) || failed(options))
    return failure();

  for (const TaskSamples &task : *tasks) {
    if (failed(
            recordDataNormalisation(*network, data, task.data.normalisation)))
      return failure();
    warnOneClass(module.getLoc(), task);
  }
  const Encoder encoder = encoderFor(*tasks, percentile);
  (*network)->removeAttr(kSignedInputs);
  if (encoder.isSigned)
    (*network)->setAttr(kSignedInputs, UnitAttr::get(&getContext()));

  std::vector<Watch> watches;
  network->walk([&](FrozenLayer layer) { watches.emplace_back(layer); });
  FailureOr<std::vector<StagedTask>> staged = stagedTasks(*network, *tasks);
  if (failed(staged))
    return failure();
  tuner::setPrimitiveThreads(threads);
  StagedEvaluation evaluation(*network, std::move(*staged), {threads});
  if (failed(watchTasks(evaluation, watches)))
    return failure();

  // Walk order is the order of evaluation: what feeds a layer comes before it.
  OpBuilder builder(&getContext());
  llvm::DenseMap<Operation *, double> outputRange;
  for (Watch &watch : watches) {
    double input = 0;
    for (Value operand : watch.layer->getOperands())
      input = std::max(input,
                       inputRangeOf(operand, encoder.fullScale, outputRange));
    outputRange[watch.layer] = outputRangeOf(watch);
    watch.layer->setAttr(
        FrozenLayer::kInputRange,
        builder.getF64FloatAttr(input > 0 ? input : encoder.fullScale));
    watch.layer->setAttr(FrozenLayer::kOutputRange,
                         builder.getF64FloatAttr(outputRange[watch.layer]));
  }
  return success();
}
