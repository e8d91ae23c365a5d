//===- CompileCommand.cpp - ntc import, tune and compile ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Manifest.h"
#include "Options.h"
#include "Session.h"

#include "nt/Dialect/Chip/IR/ChipOps.h"
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Mapping/PairingCost.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Target/Bitstream/Bitstream.h"
#include "nt/Target/CPU/EmitCPU.h"

#include "ntrt/Bitstream.h"
#include "ntrt/Dataset.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace mlir;
using namespace ntc;

namespace {

/// One compilation: runs stages in order and writes what each gives.
class Compilation {
public:
  explicit Compilation(const CompileOptions &options) : options(options) {}
  int run();

private:
  bool splitTasks();
  /// The pipelines of one stage as nt-opt takes them; empty: nothing to do.
  std::vector<std::string> pipelinesOf(Stage stage) const;
  std::string calibrationData() const;
  std::string modulatePipeline() const;
  std::string retunePipeline() const;
  std::string spikePipeline() const;
  /// What the data of some task says of its normalisation, as a spec; empty if
  /// none does.
  std::string normalisationOfData() const;
  /// Checks what training words needs beyond the other stages.
  bool checkRetune() const;
  /// Emits and fails if activations cannot be clipped in a run from `first` on.
  bool checkClip(int first) const;
  bool runStage(Stage stage);
  bool emitArtefacts();
  /// What the pairs of columns cost, for the user and the manifest.
  void reportPairs(const ntrt::Program &program,
                   const ntrt::DeviceModel &device);
  std::string path(llvm::StringRef file) const {
    llvm::SmallString<128> result(options.outputDir);
    llvm::sys::path::append(result, file);
    return result.str().str();
  }

  const CompileOptions &options;
  Session session;
  OwningOpRef<ModuleOp> module;
  Manifest manifest;
};

} // namespace

bool Compilation::splitTasks() {
  bool valid = true;
  llvm::StringSet<> names;
  for (const std::string &task : options.tasks) {
    auto [name, data] = llvm::StringRef(task).split('=');
    if (name.empty() || data.empty()) {
      report({{ntrt::Diag::OptionInvalid, "--task " + task,
               "expected name=<training data>"}});
      valid = false;
      continue;
    }
    if (!checkTaskName(name))
      valid = false;
    else if (!names.insert(name).second) {
      report({{ntrt::Diag::TaskExists, "--task " + task,
               "'" + name.str() + "' is given twice"}});
      valid = false;
    }
    manifest.tasks.push_back({name.str(), data.str(), ""});
  }
  return valid;
}

std::string Compilation::calibrationData() const {
  // Every task calibrates on its own training data, the source task on --data.
  if (options.data.empty() && manifest.tasks.empty())
    return "uniform";
  std::string data;
  if (!options.data.empty())
    data = "source@" + options.data;
  for (const TaskEntry &task : manifest.tasks)
    data += (data.empty() ? "" : "|") + task.name + "@" + task.data;
  return data;
}

std::string Compilation::modulatePipeline() const {
  std::string clip;
  if (options.clipPercentile != 0)
    clip =
        llvm::formatv(" clip={0} data={1} samples={2}", options.clipPercentile,
                      quoted("source@" + options.data), options.samples)
            .str();
  return "nt-modulate-pipeline{granularity=" + options.granularity + clip + "}";
}

std::string Compilation::retunePipeline() const {
  // The last stage before quantisation that this run has been through.
  std::string reference;
  for (const StageEntry &stage : manifest.stages)
    if (*parseStage(stage.name) < Stage::Quantize)
      reference = " reference=" + quoted(path(stage.file));
  return llvm::formatv("nt-retune-pipeline{{device={0} data={1} epochs={2} "
                       "seed={3} volts={4} progress=true threads={5}{6}}",
                       quoted(options.device), quoted(calibrationData()),
                       options.retune, options.seed, options.retuneVolts,
                       options.threads, reference)
      .str();
}

std::string Compilation::spikePipeline() const {
  std::string fit;
  if (options.spikeCorrect != 0 || options.spikeRetune != 0)
    fit = llvm::formatv(" data={0} correct={1} retune={2} seed={3} "
                        "progress=true",
                        quoted(calibrationData()), options.spikeCorrect,
                        options.spikeRetune, options.seed)
              .str();
  return llvm::formatv(
             "nt-spike-pipeline{{device={0} slots={1} readout={2}{3}}",
             quoted(options.device), options.slots, options.readout, fit)
      .str();
}

bool Compilation::checkRetune() const {
  if (!options.data.empty() || !manifest.tasks.empty())
    return true;
  ntrt::DiagnosticList misfits;
  if (options.retune != 0)
    misfits.push_back({ntrt::Diag::QuantNoCalibration, "--retune",
                       "words are trained on labelled samples"});
  if (options.spikeCorrect != 0)
    misfits.push_back({ntrt::Diag::QuantNoCalibration, "--spike-correct",
                       "rates are compared on samples"});
  if (options.spikeRetune != 0)
    misfits.push_back({ntrt::Diag::QuantNoCalibration, "--spike-retune",
                       "words are trained on labelled samples"});
  if (!misfits.empty())
    report(misfits);
  return misfits.empty();
}

bool Compilation::checkClip(int first) const {
  if (options.clipPercentile == 0)
    return true;
  ntrt::DiagnosticList misfits;
  if (options.data.empty())
    misfits.push_back({ntrt::Diag::QuantNoCalibration, "--clip-percentile",
                       "activations are seen on the source task's samples"});
  if (first > static_cast<int>(Stage::Modulate))
    misfits.push_back({ntrt::Diag::OptionInvalid, "--clip-percentile",
                       "tasks are tuned with clipped activations, and " +
                           options.input +
                           " is behind the stage modulate: go on from "
                           "normalize.mlirbc or from the model"});
  if (!misfits.empty())
    report(misfits);
  return misfits.empty();
}

std::string Compilation::normalisationOfData() const {
  std::vector<std::string> specs{options.data};
  for (const TaskEntry &task : manifest.tasks)
    specs.push_back(task.data);
  for (const std::string &spec : specs)
    if (ntrt::Result<ntrt::Normalisation> said =
            ntrt::Dataset::normalisationFor(spec);
        said && !said->isIdentity())
      return said->str();
  return {};
}

std::vector<std::string> Compilation::pipelinesOf(Stage stage) const {
  const std::string device = quoted(options.device);
  const std::string paired =
      options.paired.empty()
          ? ""
          : " paired=" + quoted(llvm::join(options.paired, "|"));
  switch (stage) {
  case Stage::Import:
    return {"nt-import-pipeline"};
  case Stage::Normalize:
    return {"nt-normalize-pipeline"};
  case Stage::Modulate: {
    std::vector<std::string> result{modulatePipeline()};
    // Said with some of the data, it holds for all of it.
    if (const std::string said = normalisationOfData(); !said.empty())
      result.push_back("nt-record-normalisation{values=" + quoted(said) + "}");
    return result;
  }
  case Stage::Tune: {
    std::vector<std::string> result;
    for (const TaskEntry &task : manifest.tasks)
      result.push_back(
          llvm::formatv("nt-tune-pipeline{{task={0} data={1} epochs={2} "
                        "batch={3} lr={4} seed={5} progress=true curves={6}}",
                        task.name, quoted(task.data), options.epochs,
                        options.batch, options.learningRate, options.seed,
                        quoted(path(task.name + ".curves.json")))
              .str());
    return result;
  }
  case Stage::Quantize:
    return {
        llvm::formatv("nt-quantize-pipeline{{device={0} data={1} "
                      "samples={2} percentile={3} domains={4} scales={5} "
                      "rounding={6} threads={7} volts={8} equalize={9}{10}}",
                      device, quoted(calibrationData()), options.samples,
                      options.percentile, options.domains, options.scales,
                      options.rounding, options.threads, options.volts,
                      options.equalize, paired)
            .str()};
  case Stage::AssignDomains:
    return {llvm::formatv("nt-assign-domains-pipeline{{device={0} data={1} "
                          "samples={2} domains={3} rounding={4} threads={5}}",
                          device, quoted(calibrationData()), options.samples,
                          options.domains, options.rounding, options.threads)
                .str()};
  case Stage::Retune:
    return {retunePipeline()};
  case Stage::Spike:
    return {spikePipeline()};
  case Stage::Chip:
    return {"nt-chip-pipeline{device=" + device + "}"};
  }
  return {};
}

bool Compilation::runStage(Stage stage) {
  const auto start = std::chrono::steady_clock::now();
  for (const std::string &pipeline : pipelinesOf(stage)) {
    manifest.pipelines.push_back(pipeline);
    if (failed(session.run(*module, pipeline)))
      return false;
  }
  const std::string file = (nameOf(stage) + ".mlirbc").str();
  if (failed(session.write(*module, path(file))))
    return false;
  if (stage == Stage::Tune)
    for (TaskEntry &task : manifest.tasks)
      task.curves = task.name + ".curves.json";
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  manifest.stages.push_back({nameOf(stage).str(), file, seconds});
  llvm::errs() << llvm::formatv("  {0,-15} {1,6:f2} s  {2}\n", nameOf(stage),
                                seconds, path(file));
  return true;
}

void Compilation::reportPairs(const ntrt::Program &program,
                              const ntrt::DeviceModel &device) {
  for (const nt::mapping::PairingCost &cost :
       nt::mapping::pairingCosts(program, device)) {
    const std::string &layer = program.layers[cost.layer].name;
    llvm::errs() << llvm::formatv(
        "  {0,-15} {1} columns more for {1} neurons of '{2}', in {3} cores "
        "where {4} have the neurons; {5} configuration bits, {6:e2} A of a "
        "peak of {7:e2} A\n",
        "pairs", cost.neurons, layer, cost.cores, cost.coresUnpaired,
        cost.configurationBits, cost.secondPeak_A, cost.peak_A);
    manifest.pairs.push_back(
        {layer, cost.neurons, cost.cores, cost.coresUnpaired, cost.synapses,
         cost.configurationBits, cost.secondPeak_A, cost.peak_A});
  }
}

bool Compilation::emitArtefacts() {
  ntrt::Result<ntrt::DeviceModel> device =
      ntrt::DeviceModel::load(options.device);
  if (!device) {
    report(device.diagnostics());
    return false;
  }
  auto programs = module->getOps<nt::chip::ProgramOp>();
  if (programs.empty()) {
    nt::emitDiag(module->getLoc(), ntrt::Diag::ChipStructure)
        << "the module has no chip.program";
    return false;
  }
  FailureOr<ntrt::Program> program =
      nt::chip::toProgram(*programs.begin(), *device);
  if (failed(program))
    return false;
  const ntrt::Bytes bytes = ntrt::encodeProgram(*program, *device);
  // What is written is what decodes to the same program.
  ntrt::Result<ntrt::Program> decoded =
      ntrt::decodeProgram(bytes, *device, "model.ntb");
  if (!decoded) {
    report(decoded.diagnostics());
    return false;
  }
  auto writeBytes = [&](llvm::StringRef file, const ntrt::Bytes &content) {
    ntrt::Status written =
        ntrt::writeFileWhole(path(file), content.data(), content.size());
    if (!written)
      report(written.diagnostics());
    else
      llvm::errs() << llvm::formatv("  {0,-15} {1,9} bytes  {2}\n", "bitstream",
                                    content.size(), path(file));
    return bool(written);
  };
  if (!writeBytes("model.ntb", bytes))
    return false;
  if (!writeText(path("device.json"), device->canonicalJson))
    return false;
  manifest.cores = program->cores.size();
  reportPairs(*program, *device);
  std::vector<ntrt::TaskOverlay> overlays;
  for (auto task : module->getOps<nt::chip::TaskOp>()) {
    FailureOr<ntrt::TaskOverlay> overlay =
        nt::chip::toTask(task, *program, *device);
    if (failed(overlay))
      return false;
    overlay->programHash = ntrt::frozenHash(bytes);
    const ntrt::Bytes taskBytes = ntrt::encodeTask(*overlay, *device);
    if (!writeBytes(overlay->name + ".ntm", taskBytes))
      return false;
    manifest.overlays.push_back(overlay->name);
    ntrt::Result<ntrt::TaskOverlay> decodedTask =
        ntrt::decodeTask(taskBytes, *decoded, *device, overlay->name + ".ntm");
    if (!decodedTask) {
      report(decodedTask.diagnostics());
      return false;
    }
    overlays.push_back(std::move(*decodedTask));
  }
  if (!options.emitCpu)
    return true;
  for (const ntrt::TaskOverlay &task : overlays)
    if (failed(nt::cpu::emitSharedLibrary(session.context(), options.outputDir,
                                          decoded->name + "_" + task.name,
                                          *decoded, task, *device,
                                          options.cpu)))
      return false;
  return true;
}

int Compilation::run() {
  if (!splitTasks() || !checkRetune())
    return kUsage;
  // A wrong device shows now, not after minutes of tuning.
  if (ntrt::Result<ntrt::DeviceModel> device =
          ntrt::DeviceModel::load(options.device);
      !device)
    return report(device.diagnostics());
  module = session.load(options.input, options.inputShapes);
  if (!module)
    return kInputFault;
  if (!makeFolder(options.outputDir))
    return kInputFault;
  manifest.model = options.input;
  manifest.device = options.device;
  manifest.data = options.data;
  manifest.slots = options.slots;

  const Stage last =
      options.stopAfter.empty() ? kLastStage : *parseStage(options.stopAfter);
  const std::optional<Stage> done = stageOf(*module);
  const int first = done ? static_cast<int>(*done) + 1 : 0;
  if (!checkClip(first))
    return kUsage;
  for (int stage = first; stage <= static_cast<int>(last); ++stage) {
    // Without a new task there is nothing to tune.
    if (static_cast<Stage>(stage) == Stage::Tune && manifest.tasks.empty())
      continue;
    if (static_cast<Stage>(stage) == Stage::Retune && options.retune == 0) {
      // One of an earlier run is not what the chip gets now.
      llvm::sys::fs::remove(path("retune.mlirbc"));
      continue;
    }
    if (!runStage(static_cast<Stage>(stage)))
      return kInputFault;
  }
  if (last == kLastStage && !emitArtefacts())
    return kInputFault;
  return writeText(path("manifest.json"), manifest.toJson()) ? kDone
                                                             : kInputFault;
}

int ntc::runCompile(const CompileOptions &options) {
  return Compilation(options).run();
}

int ntc::runImport(const ImportOptions &options) {
  Session session;
  OwningOpRef<ModuleOp> module =
      session.load(options.model, options.inputShapes);
  if (!module || failed(session.run(*module, "nt-import-pipeline")))
    return kInputFault;
  if (!options.normalise.empty() &&
      failed(session.run(*module, "nt-record-normalisation{values=" +
                                      quoted(options.normalise) + "}")))
    return kInputFault;
  if (failed(session.write(*module, options.output)))
    return kInputFault;
  return kDone;
}
