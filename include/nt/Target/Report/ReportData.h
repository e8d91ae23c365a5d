//===- ReportData.h - What a report is made from ----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads compiled and verified folders. A file that is damaged is an error; a
// file or data set that is not there is named in `missing`, so that the report
// can say what it does not show and why.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_REPORT_REPORTDATA_H
#define NT_TARGET_REPORT_REPORTDATA_H

#include "ntrt/Program.h"
#include "ntrt/Simulator.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nt::report {

/// A stage of the compilation and its run time.
struct StageTime {
  std::string name, file;
  double seconds = 0;
};

/// One epoch of a task's training; accuracies are fractions.
struct EpochPoint {
  double loss = 0, accuracy = 0;
  std::optional<double> validationLoss, validationAccuracy;
  double learningRate = 0;
};

/// What `ntc tune --curves` and `ntc compile --task` write of a training.
struct LearningCurve {
  std::string task, data, options;
  int64_t trainedValues = 0, bestEpoch = 0; ///< The epoch counts from 1.
  double seconds = 0;
  std::optional<double> testAccuracy; ///< A fraction.
  std::vector<EpochPoint> epochs;
};

/// manifest.json.
struct Manifest {
  std::string model, device;
  /// Data of each task, as far as it is known: calibration or training data.
  std::map<std::string, std::string> data;
  std::vector<std::string> curves; ///< Files of learning curves.
  std::vector<StageTime> stages;
  std::vector<std::string> overlays; ///< Names of tasks with a .ntm.
};

/// A row of the agreement table.
struct Agreement {
  std::string level, judge, figure, tolerance;
  bool passed = false;
  std::vector<std::string> notes;
};

struct StageAccuracy {
  std::string stage;
  double percent = 0, seconds = 0;
  int64_t images = 0;
};

/// Means over the verified images, by the device's figures.
struct ChipMeans {
  double energy_J = 0, time_s = 0, spikes = 0, synapticEvents = 0;
};

struct VerifiedTask {
  std::string name, data;
  std::vector<StageAccuracy> accuracy;
  std::optional<ChipMeans> chip;
};

/// verify.json.
struct Verification {
  bool passed = false;
  std::vector<Agreement> agreement;
  std::vector<VerifiedTask> tasks;
  std::vector<std::pair<std::string, double>> baselines; ///< Percent.
};

/// One image through the simulated chip, spikes recorded.
struct ImageRun {
  std::string data; ///< Spec of the data set; the image is its first.
  std::vector<size_t> shape;
  std::vector<float> values;
  std::optional<uint32_t> label; ///< As in the data set.
  ntrt::SimResult result;
};

struct TaskReport {
  ntrt::TaskOverlay overlay;
  size_t bytes = 0;
  std::optional<ImageRun> run;
};

/// Where the figures of a device come from, by dotted field name, e.g.
/// "energy.per_spike".
struct DeviceSources {
  std::map<std::string, std::string> source;
  std::string file;    ///< The device file that states them.
  std::string problem; ///< Why there are none, if so.

  /// The stated source, or "source not available: ..." with the reason.
  std::string of(const std::string &field) const;
};

/// Everything one section of the report shows.
/// One effect in one layer, of ntc ledger.
struct LedgerLine {
  std::string layer; ///< Empty: all layers.
  std::string effect;
  double errorAdded = 0; ///< Of the scores, relative.
  double pointsLost = 0; ///< Of accuracy.
};
/// Where one task loses accuracy.
struct TaskLedger {
  std::string task, fixFirst;
  int64_t images = 0;
  std::vector<LedgerLine> lines;
};

struct ModelReport {
  std::string folder;
  Manifest manifest;
  std::optional<Verification> verification;
  std::vector<TaskLedger> ledgers; ///< Of ledger.json, if the folder has one.
  std::optional<ntrt::DeviceModel> device;
  DeviceSources sources;
  std::optional<ntrt::Program> program;
  size_t programBytes = 0;
  std::vector<TaskReport> tasks;
  std::vector<LearningCurve> curves;
  /// What the report cannot show: "the spike raster: no such file ...".
  std::vector<std::string> missing;

  /// The verified task of this name, or null.
  const VerifiedTask *verified(const std::string &task) const;
};

/// Parses the text of a manifest.json, verify.json or file of learning curves;
/// `place` names it in diagnostics, all misfits together.
ntrt::Result<Manifest> parseManifest(const std::string &text,
                                     const std::string &place);
ntrt::Result<Verification> parseVerification(const std::string &text,
                                             const std::string &place);

ntrt::Result<LearningCurve> parseLearningCurve(const std::string &text,
                                               const std::string &place);

/// Parses the text of a ledger.json.
ntrt::Result<std::vector<TaskLedger>> parseLedger(const std::string &text,
                                                  const std::string &place);

/// Looks the named device up and reads the sources its file states, if the file
/// describes the same device.
DeviceSources findSources(const ntrt::DeviceModel &device);

/// A whole report.
struct Report {
  std::string directory;
  std::vector<ModelReport> models;
  /// Subfolders without a manifest.json, which the report leaves out.
  std::vector<std::string> skipped;
};

/// Reads `directory` if it has a manifest.json, else its subfolders that have
/// one, by name. Simulates one image of each task whose data is there.
ntrt::Result<Report> readReport(const std::string &directory);

} // namespace nt::report

#endif // NT_TARGET_REPORT_REPORTDATA_H
