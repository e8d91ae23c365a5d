//===- RunCommand.cpp - ntc run -------------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"
#include "nt/Support/Progress.h"
#include "nt/Tuner/BuildEngine.h"

#include "ntrt/Dataset.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace ntc;

namespace {
/// Samples to run, and what they stand for where that is known.
struct Input {
  ntrt::NpyArray x;
  std::vector<uint32_t> labels;
};
} // namespace

/// The samples of a data spec with fields or of a folder, normalised as it or
/// the network says; nullopt after a report.
static std::optional<Input> readDataset(const std::string &spec,
                                        int64_t inputSize,
                                        const ntrt::Normalisation &recorded) {
  auto data = ntrt::Dataset::load(spec, recorded);
  if (!data) {
    report(data.diagnostics());
    return std::nullopt;
  }
  if (static_cast<int64_t>(data->sampleSize) != inputSize) {
    report({{ntrt::Diag::DataShape, spec,
             std::to_string(data->sampleSize) +
                 " values a sample, the network takes " +
                 std::to_string(inputSize)}});
    return std::nullopt;
  }
  Input input;
  input.x.shape = {data->samples(), data->sampleSize};
  input.x.values = std::move(data->values);
  input.labels = std::move(data->labels);
  return input;
}

/// The array x of an .npz, or a data set, if its samples are those of the
/// network; nullopt after a report.
static std::optional<Input> readInput(const std::string &path,
                                      int64_t inputSize,
                                      const ntrt::Normalisation &recorded) {
  // As it is, without scaling of bytes.
  if (!llvm::StringRef(path).ends_with(".npz"))
    return readDataset(path, inputSize, recorded);
  auto arrays = ntrt::readNpz(path);
  if (!arrays) {
    report(arrays.diagnostics());
    return std::nullopt;
  }
  auto found = arrays->find("x");
  if (found == arrays->end()) {
    report({{ntrt::Diag::DataShape, path, "it has no array 'x'"}});
    return std::nullopt;
  }
  ntrt::NpyArray &x = found->second;
  const size_t samples = x.shape.empty() ? 0 : x.shape.front();
  if (samples == 0 || x.values.size() % samples ||
      static_cast<int64_t>(x.values.size() / samples) != inputSize) {
    report(
        {{ntrt::Diag::DataShape, path,
          "array 'x' has " + std::to_string(x.values.size()) + " values in " +
              std::to_string(samples) + " samples, the network takes " +
              std::to_string(inputSize) + " a sample"}});
    return std::nullopt;
  }
  if (ntrt::Status status =
          recorded.apply(x.values, {x.shape.begin() + 1, x.shape.end()}, path);
      !status) {
    report(status.diagnostics());
    return std::nullopt;
  }
  Input input;
  input.x = std::move(x);
  return input;
}

/// The engine of the module, or null where it has an op that the engine cannot
/// run in batches.
static std::unique_ptr<nt::tuner::Engine>
engineFor(Session &session, ModuleOp original, const RunOptions &options) {
  // Not an error here: the interpreter runs it.
  ScopedDiagnosticHandler quiet(original.getContext(),
                                [](Diagnostic &) { return success(); });
  // The engine takes batch norms folded; frozen values are not copied.
  OwningOpRef<ModuleOp> clone = original.clone();
  ModuleOp module = *clone;
  if (failed(session.run(module, "nt-fold-batch-norm")))
    return nullptr;
  nt::tuner::EngineOptions engineOptions;
  engineOptions.threads = options.threads;
  if (auto task = options.task.empty()
                      ? nt::TaskOp()
                      : module.lookupSymbol<nt::TaskOp>(options.task))
    engineOptions.gains = task->hasAttr(nt::kTaskGains);
  auto built = nt::buildEngine(module, engineOptions);
  return failed(built) ? nullptr : std::move(*built);
}

/// The softmax that the network ends in and the engine leaves out.
static void applySoftmax(float *scores, size_t count) {
  const double largest = *std::max_element(scores, scores + count);
  double sum = 0;
  for (size_t i = 0; i < count; ++i)
    sum += std::exp(scores[i] - largest);
  for (size_t i = 0; i < count; ++i)
    scores[i] = static_cast<float>(std::exp(scores[i] - largest) / sum);
}

/// Runs all samples of `x` on the engine; false if the network must go to the
/// interpreter.
static bool runOnEngine(Session &session, ModuleOp module,
                        const RunOptions &options, const ntrt::NpyArray &x,
                        ntrt::NpyArray &y) {
  auto network = *module.getOps<func::FuncOp>().begin();
  Value result = network.getBody().front().getTerminator()->getOperand(0);
  auto type = cast<RankedTensorType>(result.getType());
  auto softmax = result.getDefiningOp<nt::SoftmaxOp>();
  if (type.getRank() == 0 || type.getDimSize(0) != 1 ||
      (softmax && type.getRank() != 2))
    return false;
  std::unique_ptr<nt::tuner::Engine> engine =
      engineFor(session, module, options);
  if (!engine)
    return false;
  if (!options.task.empty())
    nt::loadTask(*engine, module.lookupSymbol<nt::TaskOp>(options.task));
  const size_t samples = x.shape.front(), outputs = engine->outputSize();
  y.shape.assign(type.getShape().begin(), type.getShape().end());
  y.shape.front() = samples;
  y.values.resize(samples * outputs);
  // One by one while one sample is work enough for all threads.
  constexpr size_t batch = 64;
  nt::ProgressBar progress("run", samples);
  for (size_t first = 0; first < samples; first += batch) {
    const size_t count = std::min(batch, samples - first);
    const float *scores =
        engine->forward(x.values.data() + first * engine->inputSize(), count);
    std::copy_n(scores, count * outputs, y.values.data() + first * outputs);
    progress.update(first + count);
  }
  if (softmax)
    for (size_t i = 0; i < samples; ++i)
      applySoftmax(y.values.data() + i * outputs, outputs);
  return true;
}

/// Runs all samples on the reference interpreter.
static LogicalResult runOnInterpreter(nt::Interpreter &interpreter,
                                      const ntrt::NpyArray &x,
                                      ntrt::NpyArray &y) {
  const size_t samples = x.shape.front();
  const size_t size = x.values.size() / samples;
  nt::ProgressBar progress("run", samples);
  for (size_t i = 0; i != samples; ++i) {
    auto result =
        interpreter.run(llvm::ArrayRef(x.values).slice(i * size, size));
    if (failed(result))
      return failure();
    if (i == 0) {
      y.shape.assign(result->shape.begin(), result->shape.end());
      // Samples in place of the batch of 1.
      if (y.shape.empty() || y.shape.front() != 1)
        y.shape.insert(y.shape.begin(), 1);
      y.shape.front() = samples;
    }
    for (double value : result->values)
      y.values.push_back(static_cast<float>(value));
    progress.update(i + 1);
  }
  return success();
}

/// How many samples get their label, with the task's classes.
static size_t countCorrect(ModuleOp module, const RunOptions &options,
                           const Input &input, const ntrt::NpyArray &y) {
  llvm::ArrayRef<int32_t> classes;
  if (!options.task.empty())
    classes = module.lookupSymbol<nt::TaskOp>(options.task).getClasses();
  const size_t outputs = y.values.size() / input.labels.size();
  size_t correct = 0;
  for (auto [i, label] : llvm::enumerate(input.labels)) {
    const float *scores = y.values.data() + i * outputs;
    const size_t best = static_cast<size_t>(
        std::max_element(scores, scores + outputs) - scores);
    const size_t given =
        best < classes.size() ? static_cast<size_t>(classes[best]) : best;
    correct += given == label;
  }
  return correct;
}

int ntc::runRun(const RunOptions &options) {
  Session session;
  OwningOpRef<ModuleOp> module =
      session.load(options.model, options.inputShapes);
  if (!module)
    return kInputFault;
  if (!stageOf(*module) && failed(session.run(*module, "nt-import-pipeline")))
    return kInputFault;
  auto network = nt::findNetwork(*module);
  if (failed(network))
    return kInputFault;
  if (!options.task.empty() &&
      !module->lookupSymbol<nt::TaskOp>(options.task)) {
    nt::emitDiag(module->getLoc(), ntrt::Diag::TaskUnknown)
        << "@" << options.task;
    return kInputFault;
  }
  auto input = readInput(
      options.data,
      cast<ShapedType>(network->getArgument(0).getType()).getNumElements(),
      nt::inputNormalisationOf(*network));
  if (!input)
    return kInputFault;

  const ntrt::NpyArray &x = input->x;
  ntrt::NpyArray y;
  if (options.reference || !runOnEngine(session, *module, options, x, y)) {
    if (!options.reference)
      llvm::errs() << "run: an op is not one of the engine's; the reference "
                      "interpreter computes the outputs\n";
    auto interpreter = nt::Interpreter::create(*module, options.task);
    if (failed(interpreter) || failed(runOnInterpreter(**interpreter, x, y)))
      return kInputFault;
  }
  if (!input->labels.empty()) {
    const size_t correct = countCorrect(*module, options, *input, y);
    const size_t samples = input->labels.size();
    const double percent =
        100.0 * static_cast<double>(correct) / static_cast<double>(samples);
    if (options.json)
      llvm::outs() << llvm::formatv(
          "{0}\n",
          llvm::json::Value(llvm::json::Object{{"accuracy_percent", percent},
                                               {"correct", int64_t(correct)},
                                               {"samples", int64_t(samples)}}));
    else
      llvm::outs() << llvm::formatv("accuracy {0:f2} % ({1} of {2})\n", percent,
                                    correct, samples);
  }
  if (options.output.empty())
    return kDone;
  ntrt::Status written = ntrt::writeNpz(options.output, {{"y", y}});
  return written ? kDone : report(written.diagnostics());
}
