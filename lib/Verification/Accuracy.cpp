//===- Accuracy.cpp - Accuracy of a task at each stage --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/SpikeSimulator.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/Progress.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Training.h"
#include "nt/Verification/Verification.h"

#include "ntrt/Simulator.h"

#include <chrono>
#include <numeric>

using namespace mlir;
using namespace nt;
using namespace nt::verification;

namespace {
class Stopwatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
};
} // namespace

FailureOr<AccuracyRow>
nt::verification::networkAccuracy(StringRef stage, ModuleOp module,
                                  StringRef taskName,
                                  const ntrt::Dataset &data) {
  Stopwatch watch;
  auto engine = buildEngine(module);
  if (failed(engine))
    return failure();
  auto task = module.lookupSymbol<TaskOp>(taskName);
  if (!task)
    return emitDiag(module.getLoc(), ntrt::Diag::TaskUnknown)
           << "@" << taskName;
  if (data.sampleSize != (*engine)->inputSize())
    return emitDiag(module.getLoc(), ntrt::Diag::DataShape)
           << data.sampleSize << " values a sample, the network takes "
           << (*engine)->inputSize();
  loadTask(**engine, task);
  const std::vector<uint32_t> classes(task.getClasses().begin(),
                                      task.getClasses().end());
  AccuracyRow row;
  row.stage = stage.str();
  row.percent = 100 * tuner::accuracy(**engine, data, classes);
  row.images = data.samples();
  row.seconds = watch.seconds();
  return row;
}

FailureOr<AccuracyRow>
nt::verification::spikeAccuracy(ModuleOp spike, StringRef task,
                                const ntrt::Dataset &data, unsigned threads) {
  Stopwatch watch;
  FailureOr<SpikeSimulator> simulator = SpikeSimulator::create(spike, task);
  if (failed(simulator))
    return failure();
  ProgressBar bar(("spike @" + task).str(), data.samples());
  size_t correct = 0, done = 0;
  ntrt::Status status = simulator->runMany(
      data.values, {}, threads, [&](size_t image, const SpikeRun &run) {
        correct += run.label == data.labels[image];
        bar.update(++done);
      });
  if (!status)
    return emitDiags(spike.getLoc(), status.diagnostics());
  AccuracyRow row;
  row.stage = "spiking";
  row.percent = 100.0 * static_cast<double>(correct) /
                static_cast<double>(data.samples());
  row.images = data.samples();
  row.seconds = watch.seconds();
  return row;
}

FailureOr<ChipFigures> nt::verification::chipFigures(
    const ntrt::Program &program, const ntrt::TaskOverlay &task,
    const ntrt::DeviceModel &device, const ntrt::Dataset &data, unsigned slots,
    unsigned threads, bool progress, ntrt::EngineKind engine,
    const ntrt::ChipVariation *chip) {
  Stopwatch watch;
  auto fail = [](const ntrt::DiagnosticList &list) -> LogicalResult {
    llvm::errs() << ntrt::toString(list);
    return failure();
  };
  if (data.sampleSize != program.inputs)
    return fail({{ntrt::Diag::DataShape, "",
                  std::to_string(data.sampleSize) +
                      " values a sample, the program takes " +
                      std::to_string(program.inputs)}});
  ntrt::Result<ntrt::Simulator> simulator =
      chip ? ntrt::Simulator::create(program, task, device, *chip)
           : ntrt::Simulator::create(program, task, device, engine);
  if (!simulator)
    return fail(simulator.diagnostics());
  ProgressBar bar("chip @" + task.name, data.samples(), progress);
  ChipFigures figures;
  const size_t outputs = program.readout.size();
  figures.scores.resize(data.samples() * outputs);
  figures.cores.resize(program.cores.size());
  const bool labelled = data.labels.size() == data.samples();
  size_t correct = 0, done = 0;
  // Added up in the order of images, not in that of threads.
  std::vector<double> energies_J(data.samples());
  double spikes = 0, events = 0;
  ntrt::SimOptions options;
  options.slots = slots;
  ntrt::Status status = simulator->runMany(
      data.values.data(), data.samples(), options, threads,
      [&](size_t image, ntrt::SimResult result) {
        correct += labelled && result.label == data.labels[image];
        energies_J[image] = result.energy_J;
        spikes += static_cast<double>(result.spikes);
        events += static_cast<double>(result.synapticEvents);
        for (size_t c = 0; c < result.cores.size(); ++c) {
          figures.cores[c].spikes += result.cores[c].spikes;
          figures.cores[c].synapticEvents += result.cores[c].synapticEvents;
          figures.cores[c].routedEvents += result.cores[c].routedEvents;
        }
        std::copy(result.scores.begin(), result.scores.end(),
                  figures.scores.begin() + image * outputs);
        bar.update(++done);
      });
  if (!status)
    return fail(status.diagnostics());
  const double images = static_cast<double>(data.samples());
  uint32_t lastStart = 0;
  for (const ntrt::CoreConfig &core : program.cores)
    lastStart = std::max(lastStart, core.startSlot);
  figures.accuracy = 100.0 * static_cast<double>(correct) / images;
  figures.seconds = watch.seconds();
  figures.energyPerImage_J =
      std::accumulate(energies_J.begin(), energies_J.end(), 0.0) / images;
  figures.area_m2 =
      static_cast<double>(program.cores.size()) * device.coreArea_m2();
  figures.retarget_s = device.modulationDomain.settling_s;
  figures.configure_s =
      std::max(device.synapseDomain.settling_s, figures.retarget_s);
  figures.timePerImage_s =
      ((slots ? slots : program.defaultSlots) + lastStart) * device.slot_s;
  figures.spikesPerImage = spikes / images;
  figures.synapticEventsPerImage = events / images;
  return figures;
}
