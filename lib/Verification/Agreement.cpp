//===- Agreement.cpp - Level against level of a compilation ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Verification/Verification.h"

#include "nt/Dialect/Chip/IR/ChipOps.h"
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Interpreter/SpikeSimulator.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/Progress.h"
#include "nt/Target/Bitstream/Bitstream.h"
#include "nt/Target/CPU/CompiledNetwork.h"
#include "nt/Tuner/BuildEngine.h"

#include "ntrt/Bitstream.h"
#include "ntrt/Simulator.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <map>

using namespace mlir;
using namespace nt;
using namespace nt::verification;

namespace {

/// Largest absolute difference over all samples, relative to the range of the
/// expected values.
class RelativeError {
public:
  void add(double expected, double found) {
    low = std::min(low, expected);
    high = std::max(high, expected);
    const double error = std::abs(expected - found);
    // A NaN on either side must not pass as no difference.
    worst = std::isnan(error) ? INFINITY : std::max(worst, error);
  }
  double value() const { return high > low ? worst / (high - low) : worst; }

private:
  double low = INFINITY, high = -INFINITY, worst = 0;
};

AgreementRow errorRow(StringRef level, StringRef judge,
                      const RelativeError &error, double tolerance,
                      size_t images) {
  AgreementRow row;
  row.level = level.str();
  row.judge = judge.str();
  row.figure =
      llvm::formatv("{0:e2} of range, {1} images", error.value(), images).str();
  row.tolerance = llvm::formatv("{0:e1}", tolerance).str();
  row.passed = images > 0 && error.value() <= tolerance;
  return row;
}

/// A row with its notes becomes one of a comparison spike for spike.
AgreementRow spikeRow(AgreementRow row, std::string level, std::string judge,
                      size_t differing, size_t images, uint64_t spikes) {
  row.level = std::move(level);
  row.judge = std::move(judge);
  row.figure = llvm::formatv("{0} of {1} images differ, {2} spikes", differing,
                             images, spikes)
                   .str();
  row.tolerance = "0";
  row.passed = images > 0 && spikes > 0 && differing == 0;
  return row;
}

std::vector<double> softmax(const std::vector<double> &scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> result;
  double sum = 0;
  for (double score : scores) {
    result.push_back(std::exp(score - largest));
    sum += result.back();
  }
  for (double &value : result)
    value /= sum;
  return result;
}

/// "1 image", "2 images".
std::string counted(uint64_t count, StringRef noun) {
  return llvm::formatv("{0} {1}{2}", count, noun, count == 1 ? "" : "s").str();
}

LogicalResult checkSampleSize(Location loc, const ntrt::Dataset &data,
                              int64_t expected) {
  if (static_cast<int64_t>(data.sampleSize) == expected)
    return success();
  return emitDiag(loc, ntrt::Diag::DataShape)
         << data.sampleSize << " values a sample, the network takes "
         << expected;
}

ArrayRef<float> sampleOf(const ntrt::Dataset &data, size_t index) {
  return ArrayRef<float>(data.sample(index), data.sampleSize);
}

} // namespace

FailureOr<AgreementRow>
nt::verification::checkImport(ModuleOp imported,
                              const std::string &referenceNpz) {
  auto arrays = ntrt::readNpz(referenceNpz);
  if (!arrays)
    return emitDiags(imported.getLoc(), arrays.diagnostics());
  auto x = arrays->find("x"), y = arrays->find("y");
  if (x == arrays->end() || y == arrays->end() || x->second.shape.empty())
    return emitDiag(imported.getLoc(), ntrt::Diag::DataFormat)
           << referenceNpz << ": arrays x and y are needed";
  auto interpreter = Interpreter::create(imported);
  if (failed(interpreter))
    return failure();
  const size_t images = x->second.shape[0];
  const auto inputs = static_cast<size_t>((*interpreter)->inputSize()),
             outputs = static_cast<size_t>((*interpreter)->outputSize());
  if (x->second.values.size() != images * inputs ||
      y->second.values.size() != images * outputs)
    return emitDiag(imported.getLoc(), ntrt::Diag::DataShape)
           << referenceNpz << ": the network takes " << inputs
           << " values and gives " << outputs;
  RelativeError error;
  for (size_t i = 0; i < images; ++i) {
    FailureOr<HostTensor> result =
        (*interpreter)
            ->run(ArrayRef<float>(x->second.values).slice(i * inputs, inputs));
    if (failed(result))
      return failure();
    for (size_t o = 0; o < outputs; ++o)
      error.add(y->second.values[i * outputs + o], result->values[o]);
  }
  return errorRow("import (nt, float)", "ONNX Runtime", error, 1e-4, images);
}

FailureOr<AgreementRow>
nt::verification::checkStage(StringRef level, ModuleOp before, ModuleOp after,
                             StringRef task, const ntrt::Dataset &data,
                             size_t images, double tolerance) {
  auto first = Interpreter::create(before);
  auto second = Interpreter::create(after, task);
  if (failed(first) || failed(second) ||
      failed(checkSampleSize(before.getLoc(), data, (*first)->inputSize())))
    return failure();
  const bool droppedSoftmax = !before->hasAttr("nt.dropped_softmax") &&
                              after->hasAttr("nt.dropped_softmax");
  images = std::min(images, data.samples());
  RelativeError error;
  for (size_t i = 0; i < images; ++i) {
    FailureOr<HostTensor> expected = (*first)->run(sampleOf(data, i)),
                          found = (*second)->run(sampleOf(data, i));
    if (failed(expected) || failed(found))
      return failure();
    if (droppedSoftmax)
      found->values = softmax(found->values);
    for (size_t o = 0; o < expected->values.size(); ++o)
      error.add(expected->values[o], found->values[o]);
  }
  return errorRow(level, "reference interpreter", error, tolerance, images);
}

FailureOr<AgreementRow>
nt::verification::checkEngine(StringRef level, ModuleOp module, StringRef task,
                              const ntrt::Dataset &data, size_t images) {
  auto interpreter = Interpreter::create(module, task);
  auto engine = buildEngine(module);
  if (failed(interpreter) || failed(engine) ||
      failed(
          checkSampleSize(module.getLoc(), data, (*interpreter)->inputSize())))
    return failure();
  loadTask(**engine, module.lookupSymbol<TaskOp>(task));
  images = std::min(images, data.samples());
  RelativeError error;
  for (size_t i = 0; i < images; ++i) {
    FailureOr<HostTensor> expected = (*interpreter)->run(sampleOf(data, i));
    if (failed(expected))
      return failure();
    const float *found = (*engine)->forward(data.sample(i), 1);
    for (size_t o = 0; o < expected->values.size(); ++o)
      error.add(expected->values[o], found[o]);
  }
  return errorRow(level, "reference interpreter", error, 1e-4, images);
}

AgreementRow nt::verification::checkFrozen(ModuleOp before, ModuleOp after) {
  std::map<std::string, std::string> expected, found;
  before.walk([&](FrozenOp op) {
    expected[op.getOrigin().str()] = hashOfElements(op.getValue());
  });
  after.walk([&](FrozenOp op) {
    found[op.getOrigin().str()] = hashOfElements(op.getValue());
  });
  AgreementRow row;
  row.level = "tune: weights frozen (F1)";
  row.judge = "content hash before and after";
  size_t equal = 0;
  for (auto &[origin, hash] : expected) {
    auto other = found.find(origin);
    if (other != found.end() && other->second == hash)
      ++equal;
    else
      row.notes.push_back(origin + " changed");
  }
  row.figure =
      llvm::formatv("{0} of {1} tensors identical", equal, expected.size())
          .str();
  row.tolerance = "all";
  row.passed = !expected.empty() && equal == expected.size() &&
               found.size() == expected.size();
  return row;
}

FailureOr<AgreementRow> nt::verification::checkFrozenSections(
    ModuleOp chip, const ntrt::DeviceModel &device,
    const std::vector<uint8_t> &programBytes) {
  SmallVector<std::string> names;
  for (auto task : chip.getOps<chip::TaskOp>())
    names.push_back(task.getName().str());
  AgreementRow row;
  row.level = "tasks share frozen sections (F2)";
  row.judge = "bytes of each task's program";
  size_t equal = 0;
  for (const std::string &name : names) {
    OwningOpRef<ModuleOp> alone = chip.clone();
    for (auto task : llvm::make_early_inc_range(alone->getOps<chip::TaskOp>()))
      if (task.getName() != name)
        task.erase();
    auto programs = alone->getOps<chip::ProgramOp>();
    if (programs.empty())
      return emitDiag(chip.getLoc(), ntrt::Diag::ChipStructure)
             << "no chip.program";
    FailureOr<ntrt::Program> program =
        chip::toProgram(*programs.begin(), device);
    if (failed(program))
      return failure();
    if (ntrt::encodeProgram(*program, device) == programBytes)
      ++equal;
    else
      row.notes.push_back("@" + name + " has other frozen bytes");
  }
  row.figure = llvm::formatv("{0} of {1} tasks identical, {2} bytes", equal,
                             names.size(), programBytes.size())
                   .str();
  row.tolerance = "all";
  row.passed = !names.empty() && equal == names.size();
  return row;
}

FailureOr<AgreementRow> nt::verification::checkChipAgainstSpike(
    ModuleOp spike, const ntrt::Program &program, const ntrt::TaskOverlay &task,
    const ntrt::DeviceModel &device, const ntrt::Dataset &data, size_t images,
    unsigned threads) {
  FailureOr<SpikeSimulator> reference =
      SpikeSimulator::create(spike, task.name);
  if (failed(reference) ||
      failed(checkSampleSize(spike.getLoc(), data, reference->numInputs())))
    return failure();
  ntrt::Result<ntrt::Simulator> simulator =
      ntrt::Simulator::create(program, task, device);
  if (!simulator)
    return emitDiags(spike.getLoc(), simulator.diagnostics());

  // Layers of the program are the populations, by name.
  std::map<std::string, uint32_t> populationOfName;
  for (auto [index, population] : llvm::enumerate(reference->populations()))
    populationOfName[population.name] = static_cast<uint32_t>(index);
  images = std::min(images, data.samples());
  ntrt::SimOptions chipOptions;
  chipOptions.recordSpikes = true;
  SpikeRunOptions spikeOptions;
  spikeOptions.recordSpikes = true;
  ProgressBar bar("chip = spike @" + task.name, images);
  uint64_t spikes = 0;
  size_t differing = 0, done = 0;
  AgreementRow row;
  ntrt::DiagnosticList misfits;
  using Key = std::tuple<uint32_t, uint32_t, uint32_t, double>;
  ntrt::Status status = reference->runMany(
      ArrayRef<float>(data.values).take_front(images * data.sampleSize),
      spikeOptions, threads, [&](size_t image, const SpikeRun &run) {
        std::vector<Key> expected, found;
        for (auto [population, train] : llvm::enumerate(run.spikes))
          for (const PopulationSpike &s : train)
            expected.emplace_back(population, s.slot, s.neuron, s.time_s);
        ntrt::Result<ntrt::SimResult> result =
            simulator->run(data.sample(image), data.sampleSize, chipOptions);
        if (!result) {
          misfits = result.diagnostics();
          return;
        }
        for (const ntrt::SpikeEvent &event : result->events) {
          if (event.core == ntrt::SpikeEvent::kInputCore)
            continue;
          const ntrt::CoreConfig &core = program.cores[event.core];
          found.emplace_back(populationOfName[program.layers[core.layer].name],
                             event.slot, core.layerNeuron[event.neuron],
                             event.time_s);
        }
        std::sort(expected.begin(), expected.end());
        std::sort(found.begin(), found.end());
        spikes += expected.size();
        if (expected != found || run.scores != result->scores) {
          ++differing;
          if (row.notes.size() < 10)
            row.notes.push_back(llvm::formatv("image {0}: {1} spikes in spike, "
                                              "{2} on the chip",
                                              image, expected.size(),
                                              found.size())
                                    .str());
        }
        bar.update(++done);
      });
  if (!status)
    return emitDiags(spike.getLoc(), status.diagnostics());
  if (!misfits.empty())
    return emitDiags(spike.getLoc(), misfits);
  return spikeRow(std::move(row), "chip from bitstream @" + task.name,
                  "spike simulation", differing, images, spikes);
}

FailureOr<AgreementRow> nt::verification::checkCompiled(
    Location loc, const std::string &path, const ntrt::Program &program,
    const ntrt::TaskOverlay &task, const ntrt::DeviceModel &device,
    const ntrt::Dataset &data, size_t images) {
  ntrt::Result<cpu::CompiledNetwork> compiled =
      cpu::CompiledNetwork::load(path);
  if (!compiled)
    return emitDiags(loc, compiled.diagnostics());
  ntrt::Result<ntrt::Simulator> simulator =
      ntrt::Simulator::create(program, task, device);
  if (!simulator)
    return emitDiags(loc, simulator.diagnostics());
  std::vector<uint32_t> firstNeuron{0};
  for (const ntrt::CoreConfig &core : program.cores)
    firstNeuron.push_back(firstNeuron.back() + core.neurons);
  const uint32_t neurons = firstNeuron.back();
  if (compiled->inputs() != program.inputs || compiled->neurons() != neurons)
    return emitDiag(loc, ntrt::Diag::CpuLoad)
           << path << ": " << compiled->inputs() << " inputs and "
           << compiled->neurons() << " neurons, the bitstream has "
           << program.inputs << " and " << neurons;
  if (failed(checkSampleSize(loc, data, program.inputs)))
    return failure();
  images = std::min(images, data.samples());
  ntrt::SimOptions options;
  options.recordSpikes = true;
  size_t differing = 0;
  uint64_t spikes = 0;
  AgreementRow row;
  for (size_t i = 0; i < images; ++i) {
    ntrt::Result<ntrt::SimResult> expected =
        simulator->run(data.sample(i), data.sampleSize, options);
    ntrt::Result<cpu::CompiledNetwork::Run> found =
        compiled->run(data.sample(i), program.defaultSlots);
    if (!expected)
      return emitDiags(loc, expected.diagnostics());
    if (!found)
      return emitDiags(loc, found.diagnostics());
    std::vector<uint8_t> raster(found->spikes.size());
    for (const ntrt::SpikeEvent &event : expected->events)
      if (event.core != ntrt::SpikeEvent::kInputCore)
        raster[size_t(event.slot - program.cores[event.core].startSlot) *
                   neurons +
               firstNeuron[event.core] + event.neuron] = 1;
    spikes += expected->spikes;
    if (raster == found->spikes && expected->scores == found->scores &&
        expected->label == found->label)
      continue;
    ++differing;
    if (row.notes.size() < 10)
      row.notes.push_back("image " + std::to_string(i) + " differs");
  }
  return spikeRow(std::move(row), "compiled for the CPU @" + task.name,
                  "chip simulator, spike for spike", differing, images, spikes);
}

FailureOr<AgreementRow> nt::verification::checkSpice(
    const ntrt::Program &program, const ntrt::TaskOverlay &task,
    const ntrt::DeviceModel &device, const ntrt::Dataset &data, size_t images,
    const spice::CompareOptions &options) {
  auto fail = [](const ntrt::DiagnosticList &list) -> LogicalResult {
    llvm::errs() << ntrt::toString(list);
    return failure();
  };
  ntrt::Result<ntrt::Simulator> simulator =
      ntrt::Simulator::create(program, task, device);
  if (!simulator)
    return fail(simulator.diagnostics());
  images = std::min(images, data.samples());
  ProgressBar bar("ngspice @" + task.name, images);
  AgreementRow row;
  uint64_t expected = 0, found = 0, excused = 0, differing = 0;
  double worstMedian = 0;
  bool passed = images > 0;
  size_t neurons = 0;
  for (size_t image = 0; image < images; ++image) {
    ntrt::Result<spice::CoreComparison> result = spice::compareCore(
        *simulator, device, data.sample(image), data.sampleSize, options);
    if (!result)
      return fail(result.diagnostics());
    expected += result->spikesExpected;
    found += result->spikesFound;
    excused += result->excused();
    differing += result->differing.size();
    neurons = result->neurons.size();
    worstMedian = std::max(worstMedian, result->medianTimeError);
    passed &= result->passed();
    for (const spice::DifferingNeuron &neuron : result->differing) {
      std::string note =
          llvm::formatv("image {0}: {1}[{2}] differs first in slot {3}, margin "
                        "{4:f3} mV",
                        image, neuron.layer, neuron.layerNeuron,
                        neuron.firstSlot, 1e3 * neuron.margin_V);
      if (neuron.thresholdShift_V)
        note += llvm::formatv(", same with the threshold shifted by {0:f3} mV",
                              1e3 * *neuron.thresholdShift_V);
      row.notes.push_back(note + (neuron.excused ? ", excused" : ""));
    }
    bar.update(image + 1);
  }
  row.level = llvm::formatv("SPICE, core {0} ({1} neurons) @{2}", options.core,
                            neurons, task.name)
                  .str();
  row.judge = "ngspice transient";
  row.figure =
      llvm::formatv("{0} of {1} spikes, time {2:f3} %, {3}", found, expected,
                    100 * worstMedian, counted(images, "image"));
  if (differing)
    row.figure += llvm::formatv(", {0} not alike, {1} excused by margin",
                                counted(differing, "neuron"), excused);
  row.tolerance =
      llvm::formatv("all, {0:f1} % of interval", 100 * options.timeTolerance);
  row.passed = passed && expected > 0;
  return row;
}
