//===- Tune.cpp - Neuromodulatory tuning of a task ------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/Progress.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Training.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

namespace nt {
#define GEN_PASS_DEF_TUNE
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

/// Content hashes of all frozen values, in order: what tuning must not change.
SmallVector<std::string> frozenHashes(ModuleOp module) {
  SmallVector<std::string> hashes;
  module.walk(
      [&](FrozenOp op) { hashes.push_back(hashOfElements(op.getValue())); });
  return hashes;
}

struct Tune : nt::impl::TuneBase<Tune> {
  using TuneBase::TuneBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult run(ModuleOp module);
  LogicalResult checkOptions(ModuleOp module);
  LogicalResult checkData(ModuleOp module, const ntrt::Dataset &samples,
                          tuner::Engine &engine);
  void addTask(ModuleOp module, tuner::Engine &engine,
               ArrayRef<uint32_t> classOfOutput);
};

} // namespace

LogicalResult Tune::checkOptions(ModuleOp module) {
  LogicalResult result = success();
  auto invalid = [&](const Twine &what) {
    emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid) << what.str();
    result = failure();
  };
  if (task.empty())
    invalid("nt-tune needs task=<name>");
  if (data.empty())
    invalid("nt-tune needs data=<samples>");
  if (batch == 0)
    invalid("nt-tune: batch is 0, at least 1 is needed");
  if (!(learningRate > 0))
    invalid("nt-tune: lr must be positive");
  if (module.lookupSymbol<TaskOp>(task)) {
    emitDiag(module.getLoc(), ntrt::Diag::TaskExists) << "@" << task;
    result = failure();
  }
  return result;
}

LogicalResult Tune::checkData(ModuleOp module, const ntrt::Dataset &samples,
                              tuner::Engine &engine) {
  const Location loc = module.getLoc();
  LogicalResult result = success();
  if (samples.sampleSize != engine.inputSize()) {
    emitDiag(loc, ntrt::Diag::DataShape)
        << data << " has " << samples.sampleSize
        << " values a sample, the network takes " << engine.inputSize();
    result = failure();
  }
  if (samples.labels.size() != samples.samples()) {
    emitDiag(loc, ntrt::Diag::DataLabel) << data << " has no labels";
    return failure();
  }
  for (auto [index, label] : llvm::enumerate(samples.labels)) {
    if (label < engine.outputSize())
      continue;
    emitDiag(loc, ntrt::Diag::DataLabel)
        << "sample " << index << " of " << data << " has label " << label
        << ", the network has " << engine.outputSize() << " outputs";
    return failure();
  }
  return result;
}

void Tune::addTask(ModuleOp module, tuner::Engine &engine,
                   ArrayRef<uint32_t> classOfOutput) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  // Behind the tasks there are, so that they stay in order of tuning.
  for (TaskOp other : module.getOps<TaskOp>())
    builder.setInsertionPointAfter(other);
  NamedAttrList values;
  for (const tuner::Site &site : engine.sites())
    values.set(site.name, DenseElementsAttr::get(
                              RankedTensorType::get(
                                  {static_cast<int64_t>(site.values.size())},
                                  builder.getF32Type()),
                              ArrayRef(site.values)));
  builder.create<TaskOp>(module.getLoc(), builder.getStringAttr(task),
                         builder.getDenseI32ArrayAttr(SmallVector<int32_t>(
                             classOfOutput.begin(), classOfOutput.end())),
                         values.getDictionary(builder.getContext()),
                         DictionaryAttr());
}

LogicalResult Tune::run(ModuleOp module) {
  if (failed(checkOptions(module)))
    return failure();
  FailureOr<std::unique_ptr<tuner::Engine>> built = buildEngine(module);
  if (failed(built))
    return failure();
  tuner::Engine &engine = **built;
  if (engine.sites().empty()) {
    emitDiag(module.getLoc(), ntrt::Diag::TuneNoSites)
        << "the network has no nt.modulate";
    return failure();
  }
  ntrt::Result<ntrt::Dataset> loaded = ntrt::Dataset::load(data);
  if (!loaded)
    return emitDiags(module.getLoc(), loaded.diagnostics());
  ntrt::Dataset samples = std::move(*loaded);
  if (failed(checkData(module, samples, engine)))
    return failure();

  const SmallVector<std::string> before = frozenHashes(module);

  const size_t classes =
      1 + *std::max_element(samples.labels.begin(), samples.labels.end());
  std::vector<uint32_t> classOfOutput(engine.outputSize());
  for (size_t i = 0; i < classOfOutput.size(); ++i)
    classOfOutput[i] = static_cast<uint32_t>(i);
  if (matchOutputs)
    classOfOutput = tuner::matchOutputs(engine, samples, classes);

  // Train with labels that name outputs; the task records what they stand for.
  std::vector<uint32_t> outputOfClass(classOfOutput.size());
  for (auto [output, label] : llvm::enumerate(classOfOutput))
    outputOfClass[label] = static_cast<uint32_t>(output);
  for (uint32_t &label : samples.labels)
    label = outputOfClass[label];

  tuner::TrainingOptions options;
  options.epochs = epochs;
  options.batch = batch;
  options.learningRate = learningRate;
  options.seed = seed;
  ProgressBar bar("tune @" + task,
                  samples.samples() * std::max(1u, options.epochs), progress);
  const double loss = tuner::train(
      engine, samples, options, [&](const tuner::TrainingProgress &now) {
        bar.update(now.epoch * now.samplesTotal + now.samplesDone,
                   llvm::formatv("epoch {0}/{1} loss {2:f4} accuracy {3:f2} %",
                                 now.epoch + 1, options.epochs, now.loss,
                                 100 * now.accuracy)
                       .str());
      });
  bar.finish();
  if (!std::isfinite(loss)) {
    emitDiag(module.getLoc(), ntrt::Diag::TuneDiverged)
        << "loss " << loss << " with lr=" << learningRate;
    return failure();
  }
  if (frozenHashes(module) != before) {
    emitDiag(module.getLoc(), ntrt::Diag::FrozenHash) << "changed by nt-tune";
    return failure();
  }
  addTask(module, engine, classOfOutput);
  return success();
}
