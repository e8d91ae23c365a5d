//===- Options.h - What the user asked ntc for ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_OPTIONS_H
#define NT_TOOLS_NTC_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ntc {

/// Documented exit codes.
enum ExitCode { kDone = 0, kInputFault = 1, kUsage = 2, kInternal = 3 };

struct ImportOptions {
  std::string model, output;
  std::string normalise; ///< mean=m;std=s of the network's inputs.
  std::vector<std::string> inputShapes; ///< name=1x3x224x224
};

struct InspectOptions {
  std::string model, device, dot;
  std::vector<std::string> inputShapes;
  bool json = false;
};

struct ExportOptions {
  std::string input, output, task;
  bool closedBatch = false, normalise = false;
};

struct RunOptions {
  std::string model, data, output, task;
  std::vector<std::string> inputShapes;
  unsigned threads = 1;
  bool reference = false,
       json = false; ///< The interpreter, in double precision.
};

struct TuneOptions {
  std::string input, output, task, data, test, teacher, curves, search;
  std::vector<std::string> set; ///< key=value of docs/tuning.md
  unsigned epochs = 10, batch = 64, threads = 1;
  double learningRate = 0.01;
  uint64_t seed = 1;
  std::string granularity = "neuron";
  bool resume = false, noMatch = false;
  std::vector<std::string> inputShapes;
};

enum class TaskAction { List, Compare, Merge, Delete, Export };
struct TaskOptions {
  TaskAction action = TaskAction::List;
  std::string module, output, name;
  std::vector<std::string> tasks;
  bool json = false;
};

struct CompileOptions {
  std::string input, outputDir, device;
  std::string data;               ///< Calibration samples of task @source.
  std::vector<std::string> tasks; ///< name=train data: tuned before quantising.
  std::vector<std::string> inputShapes;
  std::string granularity = "neuron";
  unsigned epochs = 10, batch = 64, samples = 256, slots = 64;
  double learningRate = 0.01, percentile = 99.9;
  double clipPercentile = 0; ///< 0: activations are not clipped.
  unsigned domains = 0, threads = 1;
  std::vector<std::string> paired; ///< Layers, or all.
  bool equalize = false;
  std::string volts = "layer", scales = "output", rounding = "descent";
  unsigned retune = 0; ///< Epochs.
  bool retuneVolts = false;
  unsigned spikeCorrect = 0; ///< Rounds.
  unsigned spikeRetune = 0;  ///< Epochs.
  uint64_t seed = 1;
  std::string readout = "membrane";
  std::string stopAfter;
  bool emitCpu = false;
  std::string cpu = "native";
};

/// Which real chip of a device is meant, if one is.
struct ChipOptions {
  std::string map; ///< Its measured sources.
  std::optional<uint64_t> seed;
  std::vector<std::string> without; ///< Effects left out.
};

struct MonteCarloOptions {
  std::string program, task, device, data, output;
  std::vector<std::string> without; ///< Effects left out.
  unsigned chips = 100, slots = 0, threads = 0;
  uint64_t seed = 1;
  bool json = false;
};

struct ChipMapOptions {
  std::string program, device, output;
  uint64_t seed = 1;
};

struct CalibrateOptions {
  std::string program, device, outputDir;
  std::vector<std::string> tasks, data, test; ///< data, test: task=<data>
  ChipOptions chip;
  std::string encoding = "same";
  unsigned epochs = 3, batch = 64, samples = 512, threads = 1;
  unsigned spikes = 0, slots = 0; ///< Epochs through spikes of so many slots.
  double learningRate = 0.1, teacher = 0.5;
  uint64_t seed = 1;
  bool keepWords = false, afterOnly = false, json = false;
};

struct SimOptions {
  ChipOptions chip;
  std::string program, task, device, data, scores, output, picture;
  std::vector<std::string> record, neurons;
  std::string engine = "auto";
  unsigned slots = 0, threads = 0;
  bool json = false;
};

struct SpiceOptions {
  std::string program, task, device, data, output, cells = "behavioural";
  std::string inputs = "rows";
  unsigned image = 0, slots = 0;
  std::vector<unsigned> cores, neurons;
  std::vector<std::string> layers, save;
  bool chip = false, perDigit = false, measure = false;
};

struct CosimOptions {
  std::string directory, task = "source", output, sweep, block, keep;
  std::string cells = "behavioural", inputs = "rows", ngspice;
  std::vector<std::string> data; ///< [task=]<data>
  std::vector<unsigned> images = {0}, cores, dacs;
  std::vector<std::string> layers, retarget;
  bool chip = false, json = false;
  unsigned slots = 0, parallel = 2;
  double timeout = 3600, timeTolerance = 0.01, marginTolerance = 0.01;
};

struct VerifyOptions {
  std::string directory, reference, json, baselines;
  std::vector<std::string> data; ///< task=test data
  unsigned images = 1000, accuracyImages = 0, interpreterImages = 64;
  unsigned spiceImages = 10, threads = 0;
  std::vector<unsigned> spiceCores; ///< Empty: the read-out's.
};

struct ExploreOptions {
  std::string input, device, data, test, task = "source", output;
  std::string digits = "2..5", domains = "1,2,4,8", dacBits = "4..8";
  unsigned samples = 256, images = 50, slots = 64, retune = 0, parallel = 2;
  bool json = false;
};

struct LedgerOptions {
  std::string directory, output;
  std::vector<std::string> data; ///< task=test data
  uint64_t seed = 1;
  unsigned threads = 1;
  bool json = false;
};

struct DisasmOptions {
  std::string program, device, output;
  std::vector<std::string> tasks;
};

struct DemoOptions {
  std::string models = "models", outputDir = "out/demo";
  bool quick = false;
};

/// Which transistor-level cells, and how ngspice is run.
struct CellOptions {
  std::string cells = "mos", corner = "tt", cellFile;
  std::string pdk, pdkSection, nfet, pfet;
  std::string ngspice, keep;
  double temperature = 27;
  unsigned parallel = 2;
};

struct CharacterizeOptions : CellOptions {
  std::string base = "nt1", output, measurements;
  unsigned mismatch = 200, seed = 1, points = 11;
  bool json = false;
};

struct TransistorsOptions : CellOptions {
  std::string program, task, device, data, record;
  unsigned images = 1, slots = 0;
  double timeout = 7200;
};

struct ReportOptions {
  std::string directory, output;
};

int runImport(const ImportOptions &options);
int runExport(const ExportOptions &options);
int runInspect(const InspectOptions &options);
int runRun(const RunOptions &options);
int runTune(const TuneOptions &options);
int runTask(const TaskOptions &options);
int runCompile(const CompileOptions &options);
int runSim(const SimOptions &options);
int runMonteCarlo(const MonteCarloOptions &options);
int runChipMap(const ChipMapOptions &options);
int runCalibrate(const CalibrateOptions &options);
int runSpice(const SpiceOptions &options);
int runCosim(const CosimOptions &options);
int runVerify(const VerifyOptions &options);
int runExplore(const ExploreOptions &options);
int runLedger(const LedgerOptions &options);
int runDisasm(const DisasmOptions &options);
int runDemo(const DemoOptions &options);
int runTransistors(const TransistorsOptions &options);
int runCharacterize(const CharacterizeOptions &options);
int runReport(const ReportOptions &options);

} // namespace ntc

#endif // NT_TOOLS_NTC_OPTIONS_H
