//===- Retune.cpp - Retune modulation words on the quantised network ------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TaskLabels.h"
#include "TaskWords.h"

#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/Progress.h"
#include "nt/Support/TaskData.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Retuning.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"

namespace nt {
#define GEN_PASS_DEF_RETUNE
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using ntrt::Diag;

namespace {

struct Retune : nt::impl::RetuneBase<Retune> {
  using RetuneBase::RetuneBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult checkOptions(ModuleOp module);
  LogicalResult run(ModuleOp module);
  LogicalResult retuneTask(TaskOp task, TaskSamples samples,
                           const ntrt::DeviceModel &model,
                           tuner::Engine &engine, tuner::Engine *teacher,
                           ModuleOp teacherModule);
  FailureOr<tuner::RetuningResult>
  train(TaskOp task, tuner::TunableNetwork &network, const ntrt::Dataset &data,
        const std::vector<float> &logits, std::vector<SiteWords> &words,
        std::vector<std::vector<float>> &latent);
  FailureOr<std::vector<SiteWords>>
  chooseVolts(TaskOp task, ArrayRef<SiteWords> words,
              ArrayRef<std::vector<float>> latent,
              const ntrt::DeviceModel &model);
};

/// Codes, scales, domains and frozen values, hashed: what may not change.
std::string frozenState(ModuleOp module) {
  std::string state;
  llvm::raw_string_ostream stream(state);
  module.walk(
      [&](FrozenOp op) { stream << hashOfElements(op.getValue()) << '\n'; });
  module.walk([&](FrozenLayer layer) {
    for (StringRef name : {FrozenLayer::kScales, FrozenLayer::kDomainOfChannel,
                           FrozenLayer::kDomainDac})
      stream << layer->getAttr(name) << '\n';
  });
  return state;
}

} // namespace

LogicalResult Retune::checkOptions(ModuleOp module) {
  LogicalResult result = success();
  auto invalid = [&](const Twine &what) {
    emitDiag(module.getLoc(), Diag::OptionInvalid) << what.str();
    result = failure();
  };
  if (batch == 0)
    invalid("nt-retune: batch is 0, at least 1 is needed");
  if (!(learningRate > 0))
    invalid("nt-retune: lr must be positive");
  if (share != "neuron" && share != "channel")
    invalid("nt-retune: share is '" + share + "', it is neuron or channel");
  if (!(teacherWeight >= 0 && teacherWeight <= 1))
    invalid(
        llvm::formatv("nt-retune: teacher-weight is {0}, it is a share from "
                      "0 to 1",
                      teacherWeight.getValue())
            .str());
  if (device.empty())
    result = emitDiag(module.getLoc(), Diag::DeviceNotFound)
             << "the option device is empty";
  return result;
}

FailureOr<tuner::RetuningResult>
Retune::train(TaskOp task, tuner::TunableNetwork &network,
              const ntrt::Dataset &data, const std::vector<float> &logits,
              std::vector<SiteWords> &words,
              std::vector<std::vector<float>> &latent) {
  std::vector<tuner::WordSite> sites;
  for (auto [site, word, values] :
       llvm::zip_equal(network.sites(), words, latent))
    sites.push_back({word.levels, 0, values,
                     share == "channel" ? site.valuesPerChannel() : 1});
  tuner::RetuningOptions options;
  options.epochs = epochs;
  options.batch = batch;
  options.learningRate = learningRate;
  options.seed = seed;
  options.teacherWeight = teacherWeight;
  ProgressBar bar(("retune @" + task.getSymName()).str(),
                  epochs * data.samples(), progress);
  auto result =
      tuner::retune(network, data, logits, sites, options,
                    [&](size_t done, size_t /*total*/) { bar.update(done); });
  if (!result)
    return emitDiags(task.getLoc(), result.diagnostics());
  for (auto [index, site] : llvm::enumerate(network.sites())) {
    words[index].values = site.values;
    latent[index] = sites[index].latent;
  }
  return *result;
}

FailureOr<std::vector<SiteWords>>
Retune::chooseVolts(TaskOp task, ArrayRef<SiteWords> words,
                    ArrayRef<std::vector<float>> latent,
                    const ntrt::DeviceModel &model) {
  std::vector<SiteWords> chosen;
  for (auto [site, targets] : llvm::zip_equal(words, latent)) {
    FailureOr<SiteWords> next =
        withVoltsFor(task.getLoc(), site, targets, model);
    if (failed(next))
      return failure();
    chosen.push_back(std::move(*next));
  }
  return chosen;
}

LogicalResult Retune::retuneTask(TaskOp task, TaskSamples samples,
                                 const ntrt::DeviceModel &model,
                                 tuner::Engine &engine, tuner::Engine *teacher,
                                 ModuleOp teacherModule) {
  std::vector<ModulateOp> sites;
  for (const tuner::Site &site : engine.sites())
    task->getParentOfType<ModuleOp>().walk([&](ModulateOp op) {
      if (op.getSite() == site.name)
        sites.push_back(op);
    });
  FailureOr<std::vector<SiteWords>> words = wordsOf(task, sites, model);
  if (failed(words) ||
      failed(labelsToOutputs(task, task.getClasses(), samples.data)))
    return failure();
  warnOneOutput(task, samples.data);

  std::vector<float> logits;
  if (teacher) {
    auto reference = teacherModule.lookupSymbol<TaskOp>(task.getSymName());
    if (!reference)
      return emitDiag(task, Diag::TaskUnknown)
             << "the reference has no task '" << task.getSymName() << "'";
    loadTask(*teacher, reference);
    tuner::EngineNetwork network(*teacher);
    logits = tuner::logitsOf(network, samples.data);
  }
  loadTask(engine, task);
  tuner::EngineNetwork network(engine);
  std::vector<std::vector<float>> latent;
  for (const SiteWords &site : *words)
    latent.push_back(site.values);
  const std::vector<std::vector<float>> start = latent;
  auto result = train(task, network, samples.data, logits, *words, latent);
  if (failed(result))
    return failure();
  if (volts) {
    FailureOr<std::vector<SiteWords>> again =
        chooseVolts(task, *words, latent, model);
    if (failed(again))
      return failure();
    // The same samples are held out, so that the two compare.
    auto second = train(task, network, samples.data, logits, *again, latent);
    if (failed(second))
      return failure();
    if (second->lossAfter < result->lossAfter) {
      result->lossAfter = second->lossAfter;
      result->accuracyAfter = second->accuracyAfter;
      *words = std::move(*again);
    }
  }
  storeWords(task, *words);
  size_t changed = 0;
  for (auto [site, values] : llvm::zip_equal(*words, start))
    for (auto [now, before] : llvm::zip_equal(site.values, values))
      changed += now != before;
  task->setAttr(kTaskRetuned,
                Builder(task.getContext())
                    .getI32IntegerAttr(static_cast<int>(result->bestEpoch)));
  if (progress)
    llvm::errs() << llvm::formatv(
        "  @{0}: loss {1:f4} -> {2:f4}, accuracy {3:f2} -> {4:f2} % of {5} "
        "samples held out, {6} words changed\n",
        task.getSymName(), result->lossBefore, result->lossAfter,
        100 * result->accuracyBefore, 100 * result->accuracyAfter,
        result->samplesHeldOut, changed);
  return success();
}

LogicalResult Retune::run(ModuleOp module) {
  if (failed(checkOptions(module)))
    return failure();
  ntrt::Result<ntrt::DeviceModel> model =
      ntrt::DeviceModel::load(device.getValue());
  if (!model)
    return emitDiags(module.getLoc(), model.diagnostics());
  tuner::EngineOptions engineOptions;
  engineOptions.threads = threads;
  auto engine = buildEngine(module, engineOptions);
  if (failed(engine))
    return failure();
  auto samples = loadTaskData(module.getLoc(), module, data,
                              static_cast<int64_t>((*engine)->inputSize()), 0);
  if (failed(samples))
    return failure();

  OwningOpRef<ModuleOp> teacherModule;
  std::unique_ptr<tuner::Engine> teacher;
  if (!reference.empty()) {
    teacherModule = parseSourceFile<ModuleOp>(reference, module.getContext());
    if (!teacherModule)
      return failure();
    auto built = buildEngine(*teacherModule, engineOptions);
    if (failed(built))
      return failure();
    teacher = std::move(*built);
    if (teacher->inputSize() != (*engine)->inputSize() ||
        teacher->outputSize() != (*engine)->outputSize())
      return emitDiag(module.getLoc(), Diag::TuneTeacher)
             << "the network of " << reference << " maps "
             << teacher->inputSize() << " values to " << teacher->outputSize()
             << ", this one " << (*engine)->inputSize() << " to "
             << (*engine)->outputSize();
  }

  const std::string before = frozenState(module);
  for (TaskSamples &taskSamples : *samples) {
    auto task = module.lookupSymbol<TaskOp>(taskSamples.task);
    if (!task)
      return emitDiag(module.getLoc(), Diag::TaskUnknown)
             << "the module has no nt.task";
    if (failed(retuneTask(task, std::move(taskSamples), *model, **engine,
                          teacher.get(), teacherModule.get())))
      return failure();
  }
  if (frozenState(module) != before)
    return emitDiag(module.getLoc(), Diag::FrozenHash)
           << "changed by nt-retune";
  return success();
}
