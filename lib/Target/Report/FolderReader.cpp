//===- FolderReader.cpp - Reading compiled folders ------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/ReportData.h"

#include "ntrt/Bitstream.h"
#include "ntrt/Dataset.h"

#include <algorithm>
#include <filesystem>

using namespace nt::report;
namespace fs = std::filesystem;

const VerifiedTask *ModelReport::verified(const std::string &task) const {
  if (verification)
    for (const VerifiedTask &candidate : verification->tasks)
      if (candidate.name == task)
        return &candidate;
  return nullptr;
}

namespace {

bool exists(const std::string &path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Reads one folder. Damaged files are collected in `misfits`.
class Reader {
public:
  Reader(const std::string &folder, ntrt::DiagnosticList &misfits)
      : misfits(misfits) {
    model.folder = folder;
  }
  ModelReport read();

private:
  void readManifest();
  void readVerification();
  void readLedger();
  void readDevice();
  void readProgram();
  void readTasks();
  void readCurves();
  void runImage(TaskReport &task);

  std::string path(const std::string &file) const {
    return model.folder + "/" + file;
  }
  /// The value of a result, or nullopt with its diagnostics collected.
  template <typename T> std::optional<T> take(ntrt::Result<T> result) {
    if (result)
      return std::move(*result);
    misfits.insert(misfits.end(), result.diagnostics().begin(),
                   result.diagnostics().end());
    return std::nullopt;
  }
  std::optional<std::string> readText(const std::string &file) {
    std::optional<ntrt::Bytes> bytes = take(ntrt::readFile(path(file)));
    if (!bytes)
      return std::nullopt;
    return std::string(bytes->begin(), bytes->end());
  }
  void lacks(const std::string &what, const std::string &why) {
    model.missing.push_back(what + ": " + why);
  }

  ntrt::DiagnosticList &misfits;
  ModelReport model;
};

} // namespace

void Reader::readManifest() {
  if (std::optional<std::string> text = readText("manifest.json"))
    if (auto manifest = take(parseManifest(*text, path("manifest.json"))))
      model.manifest = std::move(*manifest);
}

void Reader::readVerification() {
  if (!exists(path("verify.json")))
    return lacks("agreement, accuracy and mean energy",
                 "the folder has no verify.json; run ntc verify " +
                     model.folder + " --data <task>=<test data> --json " +
                     path("verify.json"));
  if (std::optional<std::string> text = readText("verify.json"))
    model.verification = take(parseVerification(*text, path("verify.json")));
}

void Reader::readLedger() {
  // Optional: a folder that was not asked where it loses accuracy lacks
  // nothing.
  if (!exists(path("ledger.json")))
    return;
  if (std::optional<std::string> text = readText("ledger.json"))
    if (auto ledgers = take(parseLedger(*text, path("ledger.json"))))
      model.ledgers = std::move(*ledgers);
}

void Reader::readDevice() {
  if (!exists(path("device.json")))
    return lacks("everything about the chip", "the folder has no device.json");
  model.device = take(ntrt::DeviceModel::load(path("device.json")));
  if (model.device)
    model.sources = findSources(*model.device);
}

void Reader::readProgram() {
  if (!exists(path("model.ntb")))
    return lacks("floorplan, weights, modulation and spikes",
                 "the folder has no model.ntb (the compilation stopped before "
                 "the chip stage)");
  if (!model.device)
    return;
  std::optional<ntrt::Bytes> bytes = take(ntrt::readFile(path("model.ntb")));
  if (!bytes)
    return;
  model.programBytes = bytes->size();
  model.program =
      take(ntrt::decodeProgram(*bytes, *model.device, path("model.ntb")));
}

void Reader::readTasks() {
  if (!model.program)
    return;
  if (model.manifest.overlays.empty())
    lacks("modulation and spikes", "the manifest names no task overlay (.ntm)");
  for (const std::string &name : model.manifest.overlays) {
    const std::string file = path(name + ".ntm");
    if (!exists(file)) {
      lacks("modulation and spikes of @" + name, "the folder has no " + name +
                                                     ".ntm, which the manifest "
                                                     "names");
      continue;
    }
    std::optional<ntrt::Bytes> bytes = take(ntrt::readFile(file));
    if (!bytes)
      continue;
    std::optional<ntrt::TaskOverlay> overlay =
        take(ntrt::decodeTask(*bytes, *model.program, *model.device, file));
    if (!overlay)
      continue;
    model.tasks.push_back({std::move(*overlay), bytes->size(), {}});
    runImage(model.tasks.back());
  }
}

void Reader::readCurves() {
  for (const std::string &file : model.manifest.curves) {
    if (!exists(path(file)))
      lacks("a learning curve",
            "the folder has no " + file + ", which the manifest names");
    else if (std::optional<std::string> text = readText(file))
      if (auto curve = take(parseLearningCurve(*text, path(file))))
        model.curves.push_back(std::move(*curve));
  }
}

void Reader::runImage(TaskReport &task) {
  const std::string what = "spike raster of @" + task.overlay.name;
  std::string spec;
  if (const VerifiedTask *verified = model.verified(task.overlay.name))
    spec = verified->data;
  else if (auto known = model.manifest.data.find(task.overlay.name);
           known != model.manifest.data.end())
    spec = known->second;
  if (spec.empty())
    return lacks(what, "no data of the task is known");
  ntrt::Result<ntrt::Dataset> data =
      ntrt::Dataset::load(spec, model.program->normalisation);
  if (!data)
    return lacks(what, data.diagnostics().front().str());
  if (data->samples() == 0)
    return lacks(what, spec + " has no samples");
  if (data->sampleSize != model.program->inputs)
    return lacks(what, spec + " has samples of " +
                           std::to_string(data->sampleSize) +
                           " values, the chip has " +
                           std::to_string(model.program->inputs) + " inputs");
  ntrt::Result<ntrt::Simulator> simulator =
      ntrt::Simulator::create(*model.program, task.overlay, *model.device);
  if (!simulator)
    return lacks(what, simulator.diagnostics().front().str());
  ntrt::SimOptions options;
  options.recordSpikes = true;
  ntrt::Result<ntrt::SimResult> result =
      simulator->run(data->sample(0), data->sampleSize, options);
  if (!result)
    return lacks(what, result.diagnostics().front().str());
  ImageRun run;
  run.data = spec;
  run.shape = data->sampleShape;
  run.values.assign(data->sample(0), data->sample(0) + data->sampleSize);
  if (!data->labels.empty())
    run.label = data->labels.front();
  run.result = std::move(*result);
  task.run = std::move(run);
}

ModelReport Reader::read() {
  readManifest();
  readVerification();
  readLedger();
  readDevice();
  readProgram();
  readTasks();
  readCurves();
  return std::move(model);
}

ntrt::Result<Report> nt::report::readReport(const std::string &directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error))
    return ntrt::Diagnostic{ntrt::Diag::FileMissing, directory,
                            error ? error.message() : "not a folder"};
  Report report;
  report.directory = directory;
  std::vector<std::string> folders;
  if (exists(directory + "/manifest.json")) {
    folders.push_back(directory);
  } else {
    for (fs::directory_iterator entry(directory, error), end;
         !error && entry != end; entry.increment(error)) {
      const std::string folder = entry->path().string();
      if (exists(folder + "/manifest.json"))
        folders.push_back(folder);
      else if (std::error_code ignored; entry->is_directory(ignored))
        report.skipped.push_back(folder);
    }
    if (error)
      return ntrt::Diagnostic{ntrt::Diag::FileMissing, directory,
                              error.message()};
  }
  if (folders.empty())
    return ntrt::Diagnostic{
        ntrt::Diag::FileMissing, directory,
        "neither it nor a folder in it has a manifest.json, as ntc compile "
        "writes"};
  std::sort(folders.begin(), folders.end());
  std::sort(report.skipped.begin(), report.skipped.end());
  ntrt::DiagnosticList misfits;
  for (const std::string &folder : folders)
    report.models.push_back(Reader(folder, misfits).read());
  if (!misfits.empty())
    return misfits;
  return report;
}
