//===- TuneCommand.cpp - ntc tune -----------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"

#include "nt/Tuner/Training.h"

#include "ntrt/Bitstream.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace ntc;

namespace {

/// One run of nt-tune: what differs between the points of a search.
struct TuneRun {
  std::string training, checkpoint, curves;
};

std::string pipelineFor(const TuneOptions &options, const TuneRun &run) {
  std::string text =
      llvm::formatv("nt-tune-pipeline{{task={0} data={1} epochs={2} batch={3} "
                    "lr={4} seed={5} match-outputs={6} checkpoint={7} "
                    "resume={8} progress=true",
                    options.task, quoted(options.data), options.epochs,
                    options.batch, options.learningRate, options.seed,
                    !options.noMatch, quoted(run.checkpoint), options.resume)
          .str();
  auto add = [&](llvm::StringRef key, const std::string &value) {
    if (!value.empty())
      text += (" " + key + "=" + quoted(value)).str();
  };
  add("training", run.training);
  add("test", options.test);
  add("teacher", options.teacher);
  add("curves", run.curves);
  return text + "}";
}

std::string trainingOf(const TuneOptions &options) {
  std::string training = "threads=" + std::to_string(options.threads);
  for (const std::string &entry : options.set)
    training += "," + entry;
  return training;
}

/// Every combination of "key=a|b,key=c|d", as lists key=value,key=value.
std::vector<std::string> gridOf(llvm::StringRef text) {
  std::vector<std::string> grid = {""};
  llvm::SmallVector<llvm::StringRef> fields;
  text.split(fields, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef field : fields) {
    auto [key, values] = field.split('=');
    llvm::SmallVector<llvm::StringRef> choices;
    values.split(choices, '|');
    std::vector<std::string> next;
    for (const std::string &point : grid)
      for (llvm::StringRef choice : choices)
        next.push_back(
            (point + (point.empty() ? "" : ",") + key + "=" + choice).str());
    grid = std::move(next);
  }
  return grid;
}

/// The best validation accuracy in a file of learning curves; nullopt if the
/// file is not there yet.
std::optional<double> bestOf(const std::string &curves) {
  if (!llvm::sys::fs::exists(curves))
    return std::nullopt;
  auto bytes = ntrt::readFile(curves);
  if (!bytes)
    return std::nullopt;
  auto json = llvm::json::parse(llvm::StringRef(
      reinterpret_cast<const char *>(bytes->data()), bytes->size()));
  if (!json) {
    llvm::consumeError(json.takeError());
    return std::nullopt;
  }
  double best = -1;
  if (const llvm::json::Object *object = json->getAsObject())
    if (const llvm::json::Array *epochs = object->getArray("epochs"))
      for (const llvm::json::Value &epoch : *epochs)
        if (const llvm::json::Object *record = epoch.getAsObject())
          best = std::max(
              best, record->getNumber("validation_accuracy").value_or(-1));
  return best;
}

/// Trains each point of the grid with a validation split, leaving its curves
/// beside the output so that a search that was cut goes on; returns the
/// options of the best point.
std::optional<std::string> search(Session &session, ModuleOp module,
                                  const TuneOptions &options) {
  const std::vector<std::string> grid = gridOf(options.search);
  const std::string folder = options.output + ".search";
  if (!makeFolder(folder))
    return std::nullopt;
  std::string best;
  double bestAccuracy = -2;
  llvm::json::Array table;
  for (const std::string &point : grid) {
    std::string training = trainingOf(options);
    // Later keys win; without a split there is nothing to choose by.
    if (!llvm::StringRef(training).contains("validation="))
      training += ",validation=0.1";
    training += "," + point;
    nt::tuner::TrainingOptions settings;
    settings.epochs = options.epochs;
    settings.batch = options.batch;
    settings.learningRate = options.learningRate;
    settings.seed = options.seed;
    if (auto parsed =
            nt::tuner::parseTrainingOptions(training, "--search", settings);
        !parsed) {
      report(parsed.diagnostics());
      return std::nullopt;
    }
    // What else decides the result is in the name, so that a search with other
    // data or epochs does not take these for its own.
    const std::string identity = nt::tuner::toString(settings) + options.data +
                                 options.teacher + options.input;
    const std::string stem =
        folder + "/" +
        llvm::utohexstr(
            ntrt::fnv1a64(reinterpret_cast<const uint8_t *>(identity.data()),
                          identity.size()));
    const std::string curves = stem + ".json";
    std::optional<double> accuracy = bestOf(curves);
    if (!accuracy) {
      TuneOptions resumed = options;
      resumed.resume = true;
      OwningOpRef<ModuleOp> copy = module.clone();
      if (failed(session.run(
              *copy, pipelineFor(resumed, {training, stem + ".ckpt", curves}))))
        return std::nullopt;
      llvm::sys::fs::remove(stem + ".ckpt");
      accuracy = bestOf(curves);
    }
    llvm::errs() << llvm::formatv("search: {0}: validation accuracy {1:f2} %\n",
                                  point, 100 * *accuracy);
    table.push_back(llvm::json::Object{{"options", point},
                                       {"validation_accuracy", *accuracy}});
    if (*accuracy > bestAccuracy) {
      bestAccuracy = *accuracy;
      best = point;
    }
  }
  const std::string text =
      llvm::formatv("{0:2}\n",
                    llvm::json::Value(llvm::json::Object{
                        {"best", best}, {"points", std::move(table)}}))
          .str();
  if (!writeText(folder + "/search.json", text))
    return std::nullopt;
  return best;
}

} // namespace

int ntc::runTune(const TuneOptions &options) {
  if (!checkTaskName(options.task))
    return kUsage;
  Session session;
  OwningOpRef<ModuleOp> module =
      session.load(options.input, options.inputShapes);
  if (!module)
    return kInputFault;
  if (failed(session.runThroughModulate(*module, options.granularity)))
    return kInputFault;

  std::string training = trainingOf(options);
  if (!options.search.empty()) {
    std::optional<std::string> best = search(session, *module, options);
    if (!best)
      return kInputFault;
    training += "," + *best;
  }
  const std::string checkpoint = options.output + ".ckpt";
  if (failed(session.run(*module, pipelineFor(options, {training, checkpoint,
                                                        options.curves}))) ||
      failed(session.write(*module, options.output)))
    return kInputFault;
  llvm::sys::fs::remove(checkpoint);
  return kDone;
}
