//===- CalibrateCommand.cpp - ntc calibrate, ntc chip-map -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Options.h"
#include "RealChip.h"
#include "Session.h"

#include "nt/Calibration/ChipCalibration.h"
#include "nt/Support/Progress.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace ntc;
namespace calibration = nt::calibration;

int ntc::runChipMap(const ChipMapOptions &options) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(options.device, options.program, {});
  if (!artefacts)
    return kInputFault;
  const ntrt::ChipVariation chip(artefacts->device, options.seed);
  ntrt::Status written =
      ntrt::ChipMap::of(chip, artefacts->program, artefacts->device)
          .save(options.output);
  return written ? kDone : report(written.diagnostics());
}

/// The data of each task, in their order, of entries task=<data>; one entry
/// without a name is that of a single task. Prints what is missing or unknown.
static std::optional<std::vector<ntrt::Dataset>>
dataOfTasks(const Artefacts &artefacts, const std::vector<std::string> &entries,
            const std::string &option) {
  ntrt::DiagnosticList misfits;
  auto misfit = [&](ntrt::Diag diag, std::string detail) {
    misfits.push_back({diag, option, std::move(detail)});
  };
  std::vector<std::string> specs(artefacts.tasks.size());
  for (const std::string &entry : entries) {
    const size_t sign = entry.find('=');
    size_t task = 0;
    while (task < specs.size() &&
           artefacts.tasks[task].name != entry.substr(0, sign))
      ++task;
    if (task < specs.size() && sign != std::string::npos)
      specs[task] = entry.substr(sign + 1);
    else if (specs.size() == 1)
      specs[0] = entry;
    else
      misfit(ntrt::Diag::TaskUnknown,
             "'" + entry + "' names none of the tasks given, as <task>=<data>");
  }
  std::vector<ntrt::Dataset> result;
  for (size_t t = 0; t < specs.size(); ++t) {
    if (specs[t].empty()) {
      misfit(ntrt::Diag::TaskUnknown,
             "no data of task '" + artefacts.tasks[t].name + "'");
      continue;
    }
    ntrt::Result<ntrt::Dataset> data =
        ntrt::Dataset::load(specs[t], artefacts.program.normalisation);
    if (data)
      result.push_back(std::move(*data));
    else
      misfits.insert(misfits.end(), data.diagnostics().begin(),
                     data.diagnostics().end());
  }
  if (misfits.empty())
    return result;
  report(misfits);
  return std::nullopt;
}

namespace {
/// Accuracy of the rate network on test data, percent.
struct TestFigures {
  double ideal = 0, before = 0, after = 0;
};
} // namespace

static ntrt::Result<TestFigures>
testFigures(const Artefacts &artefacts, size_t task,
            const calibration::CalibrationResult &fitted,
            const ntrt::ChipVariation &chip, const ntrt::Dataset &data,
            bool afterOnly) {
  TestFigures figures;
  auto measure = [&](const ntrt::Program &program,
                     const ntrt::TaskOverlay &overlay,
                     const ntrt::ChipVariation *on,
                     double &percent) -> ntrt::DiagnosticList {
    ntrt::Result<double> accuracy =
        calibration::rateAccuracy(program, overlay, artefacts.device, on, data);
    if (!accuracy)
      return accuracy.diagnostics();
    percent = *accuracy;
    return {};
  };
  const ntrt::TaskOverlay &overlay = artefacts.tasks[task];
  ntrt::DiagnosticList misfits =
      measure(fitted.program, fitted.tasks[task], &chip, figures.after);
  if (misfits.empty() && !afterOnly)
    misfits = measure(artefacts.program, overlay, nullptr, figures.ideal);
  if (misfits.empty() && !afterOnly)
    misfits = measure(artefacts.program, overlay, &chip, figures.before);
  if (!misfits.empty())
    return misfits;
  return figures;
}

int ntc::runCalibrate(const CalibrateOptions &options) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(options.device, options.program, options.tasks);
  if (!artefacts)
    return kInputFault;
  if (options.chip.map.empty() && !options.chip.seed)
    return report({{ntrt::Diag::OptionInvalid, "--map",
                    "which chip: give its --map, or the --chip-seed of one "
                    "that is drawn"}});
  ntrt::DeviceModel device = artefacts->device;
  if (options.spikes == 0)
    // Rates know of a chip's sources alone.
    device.variation = {};
  else
    // Words cannot be fitted to what differs from run to run.
    leaveOut(device, {"noise", "droop"});
  ntrt::Result<std::optional<ntrt::ChipVariation>> chip =
      realChip(options.chip, artefacts->program, device);
  if (!chip)
    return report(chip.diagnostics());
  auto data = dataOfTasks(*artefacts, options.data, "--data");
  auto test = options.test.empty()
                  ? std::optional<std::vector<ntrt::Dataset>>(std::in_place)
                  : dataOfTasks(*artefacts, options.test, "--test");
  if (!data || !test)
    return kInputFault;

  calibration::CalibrationOptions fit;
  fit.encoding = llvm::StringSwitch<calibration::Encoding>(options.encoding)
                     .Case("keep", calibration::Encoding::Keep)
                     .Case("same", calibration::Encoding::Same)
                     .Default(calibration::Encoding::Neighbours);
  fit.words = !options.keepWords;
  fit.epochs = options.epochs;
  fit.spikeEpochs = options.spikes;
  fit.slots = options.slots;
  fit.batch = options.batch;
  fit.samples = options.samples;
  fit.learningRate = options.learningRate;
  fit.teacherWeight = options.teacher;
  fit.seed = options.seed;
  fit.threads = options.threads;
  nt::ProgressBar bar("calibrating", 1000, !options.json);
  ntrt::Result<calibration::CalibrationResult> fitted = calibration::calibrate(
      artefacts->program, artefacts->tasks, device, **chip, *data, fit,
      [&](double share) { bar.update(static_cast<size_t>(1000 * share)); });
  if (!fitted)
    return report(fitted.diagnostics());
  bar.finish();

  std::vector<TestFigures> figures;
  for (size_t t = 0; t < test->size(); ++t) {
    auto measured = testFigures(*artefacts, t, *fitted, **chip, (*test)[t],
                                options.afterOnly);
    if (!measured)
      return report(measured.diagnostics());
    figures.push_back(*measured);
  }
  if (!makeFolder(options.outputDir))
    return kInputFault;
  auto write = [&](const std::string &name, const ntrt::Bytes &bytes) {
    ntrt::Status written = ntrt::writeFileWhole(options.outputDir + '/' + name,
                                                bytes.data(), bytes.size());
    if (!written)
      report(written.diagnostics());
    return static_cast<bool>(written);
  };
  if (!write("model.ntb",
             ntrt::encodeProgram(fitted->program, artefacts->device)))
    return kInputFault;
  for (const ntrt::TaskOverlay &task : fitted->tasks)
    if (!write(task.name + ".ntm", ntrt::encodeTask(task, artefacts->device)))
      return kInputFault;

  if (options.json) {
    llvm::json::Array tasks;
    for (size_t t = 0; t < fitted->tasks.size(); ++t) {
      const calibration::TaskCalibration &outcome = fitted->taskResults[t];
      llvm::json::Object object{
          {"name", fitted->tasks[t].name},
          {"words_changed", static_cast<int64_t>(outcome.wordsChanged)},
          {"loss_before", outcome.retuning.lossBefore},
          {"loss_after", outcome.retuning.lossAfter},
          {"best_epoch", outcome.retuning.bestEpoch}};
      if (options.spikes != 0) {
        object["spikes_loss_before"] = outcome.throughSpikes.lossBefore;
        object["spikes_loss_after"] = outcome.throughSpikes.lossAfter;
        object["spikes_before_percent"] =
            100 * outcome.throughSpikes.accuracyBefore;
        object["spikes_after_percent"] =
            100 * outcome.throughSpikes.accuracyAfter;
      }
      if (t < figures.size()) {
        if (!options.afterOnly) {
          object["ideal_percent"] = figures[t].ideal;
          object["before_percent"] = figures[t].before;
        }
        object["after_percent"] = figures[t].after;
      }
      tasks.push_back(std::move(object));
    }
    llvm::outs() << llvm::formatv(
        "{0:2}\n",
        llvm::json::Value(llvm::json::Object{
            {"synapses", static_cast<int64_t>(fitted->synapses)},
            {"encodings_changed",
             static_cast<int64_t>(fitted->encodingsChanged)},
            {"codes_changed", static_cast<int64_t>(fitted->codesChanged)},
            {"error_before", fitted->errorBefore},
            {"error_after", fitted->errorAfter},
            {"tasks", std::move(tasks)}}));
    return kDone;
  }
  llvm::outs() << llvm::formatv(
      "{0} of {1} synapses have other sources, {2} of them another code\n"
      "sums are {3:f4} spikes a slot off those of the ideal chip (RMS), with "
      "these sources {4:f4}\n",
      fitted->encodingsChanged, fitted->synapses, fitted->codesChanged,
      std::sqrt(fitted->errorBefore), std::sqrt(fitted->errorAfter));
  for (size_t t = 0; t < fitted->tasks.size(); ++t) {
    llvm::outs() << llvm::formatv("@{0}: {1} words changed\n",
                                  fitted->tasks[t].name,
                                  fitted->taskResults[t].wordsChanged);
    const nt::tuner::RetuningResult &spikes =
        fitted->taskResults[t].throughSpikes;
    if (options.spikes != 0)
      llvm::outs() << llvm::formatv(
          "  through spikes: loss {0:f4} -> {1:f4}, accuracy {2:f2} -> {3:f2} "
          "% of {4} samples held out\n",
          spikes.lossBefore, spikes.lossAfter, 100 * spikes.accuracyBefore,
          100 * spikes.accuracyAfter, spikes.samplesHeldOut);
    if (t < figures.size() && options.afterOnly)
      llvm::outs() << llvm::formatv("  rates on test data: {0:f2} %\n",
                                    figures[t].after);
    else if (t < figures.size())
      llvm::outs() << llvm::formatv(
          "  rates on test data: ideal chip {0:f2} %, this one {1:f2} %, "
          "calibrated {2:f2} %\n",
          figures[t].ideal, figures[t].before, figures[t].after);
  }
  return kDone;
}
