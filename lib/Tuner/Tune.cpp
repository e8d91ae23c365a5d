//===- Tune.cpp - Neuromodulatory tuning of a task ------------------------===//
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
#include "nt/Support/Progress.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Training.h"

#include "ntrt/Bitstream.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/JSON.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace nt {
#define GEN_PASS_DEF_TUNE
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

/// How many misfits of one kind are named one by one.
constexpr size_t kNamed = 8;

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
  /// Checks samples against the network; labels only where `labels`.
  LogicalResult checkData(ModuleOp module, const std::string &spec,
                          const ntrt::Dataset &samples, tuner::Engine &engine);
  /// Loads samples as the network takes them, and records on it how they were
  /// normalised.
  FailureOr<ntrt::Dataset> load(ModuleOp module, const std::string &spec,
                                tuner::Engine &engine);
  LogicalResult loadTeacher(ModuleOp module, const ntrt::Dataset &samples,
                            ArrayRef<uint32_t> classOfOutput);
  LogicalResult selectSites(ModuleOp module, tuner::Engine &engine);
  LogicalResult groupByDomain(ModuleOp module, tuner::Engine &engine);
  FailureOr<tuner::TrainingResult>
  trainOn(ModuleOp module, tuner::Engine &engine, const ntrt::Dataset &samples);
  LogicalResult writeReport(ModuleOp module, tuner::Engine &engine,
                            const tuner::TrainingResult &result,
                            ArrayRef<uint32_t> classOfOutput);
  void addTask(ModuleOp module, tuner::Engine &engine,
               ArrayRef<uint32_t> classOfOutput);

  tuner::TrainingOptions settings;
  std::vector<std::vector<uint32_t>> groups;
  double seconds = 0;
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
  if (resume && checkpoint.empty())
    invalid("nt-tune: resume needs checkpoint=<file>");
  if (module.lookupSymbol<TaskOp>(task)) {
    emitDiag(module.getLoc(), ntrt::Diag::TaskExists) << "@" << task;
    result = failure();
  }
  settings.epochs = epochs;
  settings.batch = batch;
  settings.learningRate = learningRate;
  settings.seed = seed;
  settings.checkpoint = checkpoint;
  settings.resume = resume;
  if (ntrt::Status parsed =
          tuner::parseTrainingOptions(training, "nt-tune training", settings);
      !parsed)
    result = emitDiags(module.getLoc(), parsed.diagnostics());
  const bool distils = settings.loss == tuner::LossKind::Distillation;
  if (distils && teacher.empty())
    invalid("nt-tune: loss=distillation needs teacher=<file.npz>");
  if (!distils && !teacher.empty())
    invalid("nt-tune: a teacher needs training='loss=distillation'");
  return result;
}

LogicalResult Tune::checkData(ModuleOp module, const std::string &spec,
                              const ntrt::Dataset &samples,
                              tuner::Engine &engine) {
  const Location loc = module.getLoc();
  LogicalResult result = success();
  if (samples.sampleSize != engine.inputSize()) {
    emitDiag(loc, ntrt::Diag::DataShape)
        << spec << " has " << samples.sampleSize
        << " values a sample, the network takes " << engine.inputSize();
    result = failure();
  }
  if (samples.labels.size() != samples.samples()) {
    emitDiag(loc, ntrt::Diag::DataLabel) << spec << " has no labels";
    return failure();
  }
  size_t bad = 0;
  std::vector<size_t> count(engine.outputSize(), 0);
  for (auto [index, label] : llvm::enumerate(samples.labels)) {
    if (label < engine.outputSize()) {
      ++count[label];
      continue;
    }
    if (bad++ < kNamed)
      emitDiag(loc, ntrt::Diag::DataLabel)
          << "sample " << index << " of " << spec << " has label " << label
          << ", the network has " << engine.outputSize() << " outputs";
  }
  if (bad > kNamed)
    emitDiag(loc, ntrt::Diag::DataLabel)
        << "and " << bad - kNamed << " more samples of " << spec;
  if (bad)
    return failure();
  const size_t classes =
      1 + *std::max_element(samples.labels.begin(), samples.labels.end());
  for (size_t label = 0; label < classes; ++label)
    if (count[label] == 0)
      emitDiagWarning(loc, ntrt::Diag::DataClass)
          << "class " << label << " of " << spec << " (labels 0 to "
          << classes - 1 << ")";
  return result;
}

FailureOr<ntrt::Dataset> Tune::load(ModuleOp module, const std::string &spec,
                                    tuner::Engine &engine) {
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network))
    return failure();
  ntrt::Result<ntrt::Dataset> loaded =
      ntrt::Dataset::load(spec, inputNormalisationOf(*network));
  if (!loaded) {
    (void)emitDiags(module.getLoc(), loaded.diagnostics());
    return failure();
  }
  if (failed(checkData(module, spec, *loaded, engine)))
    return failure();
  if (failed(recordDataNormalisation(*network, spec, loaded->normalisation)))
    return failure();
  return std::move(*loaded);
}

/// The teacher's logits, one column a class, in the order of the outputs.
LogicalResult Tune::loadTeacher(ModuleOp module, const ntrt::Dataset &samples,
                                ArrayRef<uint32_t> classOfOutput) {
  if (teacher.empty())
    return success();
  auto arrays = ntrt::readNpz(teacher);
  if (!arrays)
    return emitDiags(module.getLoc(), arrays.diagnostics());
  auto found = arrays->find("y");
  const size_t outputs = classOfOutput.size();
  if (found == arrays->end() || found->second.shape.size() != 2 ||
      found->second.shape[0] != samples.samples() ||
      found->second.shape[1] != outputs)
    return emitDiag(module.getLoc(), ntrt::Diag::TuneTeacher)
           << teacher << " must hold an array y of " << samples.samples()
           << " x " << outputs;
  settings.teacher.resize(found->second.values.size());
  for (size_t i = 0; i < samples.samples(); ++i)
    for (size_t o = 0; o < outputs; ++o)
      settings.teacher[i * outputs + o] =
          found->second.values[i * outputs + classOfOutput[o]];
  return success();
}

/// Marks the sites that the filter names.
LogicalResult Tune::selectSites(ModuleOp module, tuner::Engine &engine) {
  LogicalResult result = success();
  SmallVector<llvm::GlobPattern> patterns;
  for (const std::string &text : settings.filter) {
    auto pattern = llvm::GlobPattern::create(text);
    if (!pattern) {
      emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
          << "filter '" << text << "': " << llvm::toString(pattern.takeError());
      result = failure();
      continue;
    }
    if (llvm::none_of(engine.sites(), [&](const tuner::Site &site) {
          return pattern->match(site.name);
        })) {
      std::string names;
      for (const tuner::Site &site : engine.sites())
        names += (names.empty() ? "" : ", ") + site.name;
      emitDiag(module.getLoc(), ntrt::Diag::TuneFilter)
          << "'" << text << "'; there are " << names;
      result = failure();
    }
    patterns.push_back(std::move(*pattern));
  }
  engine.train([&](const tuner::Site &site) {
    return patterns.empty() ||
           llvm::any_of(patterns, [&](const llvm::GlobPattern &pattern) {
             return pattern.match(site.name);
           });
  });
  return result;
}

/// With granularity=domain, the values of one synapse domain's neurons are one.
LogicalResult Tune::groupByDomain(ModuleOp module, tuner::Engine &engine) {
  if (settings.sharing != tuner::Sharing::Domain)
    return success();
  LogicalResult result = success();
  groups.resize(engine.sites().size());
  module.walk([&](ModulateOp op) {
    auto domains =
        op.getInput().getDefiningOp()->getAttrOfType<DenseI32ArrayAttr>(
            FrozenLayer::kDomainOfChannel);
    for (auto [index, site] : llvm::enumerate(engine.sites())) {
      if (site.name != op.getSite())
        continue;
      if (!domains) {
        emitDiag(op.getLoc(), ntrt::Diag::OptionInvalid)
            << "granularity=domain: layer '" << site.name
            << "' has no domains yet; run nt-assign-domains-pipeline first";
        result = failure();
        continue;
      }
      const size_t positions = site.values.size() / domains.size();
      for (size_t i = 0; i < site.values.size(); ++i)
        groups[index].push_back(
            static_cast<uint32_t>(domains.asArrayRef()[i / positions]));
    }
  });
  return result;
}

void Tune::addTask(ModuleOp module, tuner::Engine &engine,
                   ArrayRef<uint32_t> classOfOutput) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  // Behind the tasks there are, so that they stay in order of tuning.
  for (TaskOp other : module.getOps<TaskOp>())
    builder.setInsertionPointAfter(other);
  NamedAttrList values, gains;
  for (const tuner::Site &site : engine.sites()) {
    auto elements = DenseElementsAttr::get(
        RankedTensorType::get({static_cast<int64_t>(site.values.size())},
                              builder.getF32Type()),
        ArrayRef(site.values));
    if (site.kind == tuner::Site::Kind::Gain)
      gains.set(site.name, elements);
    else
      values.set(site.name, elements);
  }
  auto op = builder.create<TaskOp>(
      module.getLoc(), builder.getStringAttr(task),
      builder.getDenseI32ArrayAttr(
          SmallVector<int32_t>(classOfOutput.begin(), classOfOutput.end())),
      values.getDictionary(builder.getContext()), DictionaryAttr());
  if (!gains.empty())
    op->setAttr(kTaskGains, gains.getDictionary(builder.getContext()));
}

FailureOr<tuner::TrainingResult> Tune::trainOn(ModuleOp module,
                                               tuner::Engine &engine,
                                               const ntrt::Dataset &samples) {
  using Clock = std::chrono::steady_clock;
  const auto held = static_cast<size_t>(settings.validation *
                                        static_cast<double>(samples.samples()));
  const size_t perEpoch = samples.samples() - held;
  ProgressBar bar("tune @" + task, perEpoch * std::max(1u, settings.epochs),
                  progress);
  const auto start = Clock::now();
  size_t first = 0;
  bool hasFirst = false;
  auto result = tuner::train(
      engine, samples, settings,
      [&](const tuner::TrainingProgress &now) {
        const size_t done = now.epoch * now.samplesTotal + now.samplesDone;
        // A resumed run starts in the middle.
        if (!hasFirst)
          first = done;
        hasFirst = true;
        const double passed =
            std::chrono::duration<double>(Clock::now() - start).count();
        const double rate =
            passed > 0 ? static_cast<double>(done - first) / passed : 0;
        const double left =
            rate > 0 ? static_cast<double>(now.samplesTotal * settings.epochs -
                                           done) /
                           rate
                     : 0;
        bar.update(done,
                   llvm::formatv("epoch {0}/{1} loss {2:f4} accuracy {3:f2} % "
                                 "{4:f0} images/s {5:f0} s left",
                                 now.epoch + 1, settings.epochs, now.loss,
                                 100 * now.accuracy, rate, left)
                       .str());
      },
      groups);
  bar.finish();
  seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (!result) {
    (void)emitDiags(module.getLoc(), result.diagnostics());
    return failure();
  }
  if (!std::isfinite(result->loss)) {
    emitDiag(module.getLoc(), ntrt::Diag::TuneDiverged)
        << "loss " << result->loss << " with lr=" << settings.learningRate;
    return failure();
  }
  return std::move(*result);
}

/// Learning curves and what is said of the run, as JSON.
LogicalResult Tune::writeReport(ModuleOp module, tuner::Engine &engine,
                                const tuner::TrainingResult &result,
                                ArrayRef<uint32_t> classOfOutput) {
  double testAccuracy = NAN;
  if (!test.empty()) {
    FailureOr<ntrt::Dataset> samples = load(module, test, engine);
    if (failed(samples))
      return failure();
    testAccuracy = tuner::accuracy(
        engine, *samples,
        std::vector<uint32_t>(classOfOutput.begin(), classOfOutput.end()));
    if (progress)
      llvm::errs() << llvm::formatv(
          "tune @{0}: test accuracy {1:f2} % of {2}\n", task,
          100 * testAccuracy, samples->samples());
  }
  if (curves.empty())
    return success();
  auto number = [](double value) {
    return std::isfinite(value) ? llvm::json::Value(value)
                                : llvm::json::Value(nullptr);
  };
  llvm::json::Array epochRecords;
  for (const tuner::EpochRecord &record : result.curve)
    epochRecords.push_back(llvm::json::Object{
        {"loss", number(record.loss)},
        {"accuracy", number(record.accuracy)},
        {"validation_loss", number(record.validationLoss)},
        {"validation_accuracy", number(record.validationAccuracy)},
        {"learning_rate", number(record.learningRate)}});
  size_t nonZero = 0;
  for (const tuner::Site &site : engine.sites())
    if (site.kind == tuner::Site::Kind::Modulation)
      nonZero += static_cast<size_t>(
          llvm::count_if(site.values, [](float value) { return value != 0; }));
  llvm::json::Object object{
      {"task", task.getValue()},
      {"data", data.getValue()},
      {"options", tuner::toString(settings)},
      {"trained_values", static_cast<int64_t>(result.trainedValues)},
      {"values_not_zero", static_cast<int64_t>(nonZero)},
      {"samples_trained", static_cast<int64_t>(result.samplesTrained)},
      {"samples_held_out", static_cast<int64_t>(result.samplesHeldOut)},
      {"best_epoch", static_cast<int64_t>(result.bestEpoch + 1)},
      {"stopped_early", result.stoppedEarly},
      {"fixed_layers_cached", result.usedFixedCache},
      {"seconds", seconds},
      {"activation_bytes", static_cast<int64_t>(engine.activationBytes())},
      {"test_accuracy", number(testAccuracy)},
      {"epochs", std::move(epochRecords)}};
  const std::string text =
      llvm::formatv("{0:2}\n", llvm::json::Value(std::move(object))).str();
  ntrt::Status written = ntrt::writeFileWhole(curves, text.data(), text.size());
  return written ? success()
                 : emitDiags(module.getLoc(), written.diagnostics());
}

LogicalResult Tune::run(ModuleOp module) {
  if (failed(checkOptions(module)))
    return failure();
  tuner::EngineOptions engineOptions;
  engineOptions.threads = settings.threads;
  engineOptions.gains = settings.gain;
  FailureOr<std::unique_ptr<tuner::Engine>> built =
      buildEngine(module, engineOptions);
  if (failed(built))
    return failure();
  tuner::Engine &engine = **built;
  if (engine.sites().empty()) {
    emitDiag(module.getLoc(), ntrt::Diag::TuneNoSites)
        << "the network has no nt.modulate";
    return failure();
  }
  const LogicalResult selected = selectSites(module, engine);
  if (failed(groupByDomain(module, engine)) || failed(selected))
    return failure();
  if (!settings.classWeights.empty() &&
      settings.classWeights.size() != engine.outputSize())
    return emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
           << "class-weights: " << settings.classWeights.size()
           << " weights for " << engine.outputSize() << " outputs";
  FailureOr<ntrt::Dataset> loaded = load(module, data, engine);
  if (failed(loaded))
    return failure();
  ntrt::Dataset samples = std::move(*loaded);
  if (settings.augmentation.isActive() && samples.sampleShape.size() < 2)
    return emitDiag(module.getLoc(), ntrt::Diag::DataShape)
           << "flip, shift and crop need images, " << data << " has rows";

  const SmallVector<std::string> before = frozenHashes(module);

  const size_t classes =
      1 + *std::max_element(samples.labels.begin(), samples.labels.end());
  std::vector<uint32_t> classOfOutput(engine.outputSize());
  for (size_t i = 0; i < classOfOutput.size(); ++i)
    classOfOutput[i] = static_cast<uint32_t>(i);
  if (matchOutputs)
    classOfOutput = tuner::matchOutputs(engine, samples, classes);
  if (failed(loadTeacher(module, samples, classOfOutput)))
    return failure();

  // Train with labels that name outputs; the task records what they stand for.
  std::vector<uint32_t> outputOfClass(classOfOutput.size());
  for (auto [output, label] : llvm::enumerate(classOfOutput))
    outputOfClass[label] = static_cast<uint32_t>(output);
  for (uint32_t &label : samples.labels)
    label = outputOfClass[label];
  // Weights are given by class.
  if (std::vector<double> byClass = settings.classWeights; !byClass.empty())
    for (auto [label, output] : llvm::enumerate(outputOfClass))
      settings.classWeights[output] = byClass[label];

  FailureOr<tuner::TrainingResult> result = trainOn(module, engine, samples);
  if (failed(result))
    return failure();
  if (frozenHashes(module) != before) {
    emitDiag(module.getLoc(), ntrt::Diag::FrozenHash) << "changed by nt-tune";
    return failure();
  }
  if (failed(writeReport(module, engine, *result, classOfOutput)))
    return failure();
  addTask(module, engine, classOfOutput);
  return success();
}
