//===- CoreComparison.cpp - Circuit against time model --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/CoreComparison.h"
#include "CircuitRun.h"
#include "nt/Target/Spice/ChipComparison.h"
#include "ntrt/TimeModel.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <set>

using namespace nt::spice;
using ntrt::CoreConfig;
using ntrt::CoreModulation;
using ntrt::DeviceModel;
using ntrt::Diag;
using ntrt::Diagnostic;
using ntrt::DiagnosticList;
using ntrt::Program;
using ntrt::SlotOutcome;
using ntrt::SpikeEvent;
using ntrt::TaskOverlay;

uint64_t CoreComparison::excused() const {
  return std::count_if(differing.begin(), differing.end(),
                       [](const auto &neuron) { return neuron.excused; });
}

bool CoreComparison::passed() const {
  return excused() == differing.size() && simulatorMismatches == 0 &&
         medianTimeError <= timeTolerance;
}

std::string CoreComparison::summary() const {
  char line[256];
  std::string text;
  auto print = [&](auto... values) {
    std::snprintf(line, sizeof line, values...);
    text += line;
  };
  print("spikes: %llu expected, %llu found, %llu compared\n",
        static_cast<unsigned long long>(spikesExpected),
        static_cast<unsigned long long>(spikesFound),
        static_cast<unsigned long long>(spikesCompared));
  print("time error of the mean interval (%.3g us): median %.4f %%, 95 %% "
        "%.4f %%, largest %.4f %% (median within %.3g %%)\n",
        meanInterval_s * 1e6, medianTimeError * 100, p95TimeError * 100,
        maxTimeError * 100, timeTolerance * 100);
  print(
      "differing neurons: %zu, of which %llu excused (margin below %.3g mV)\n",
      differing.size(), static_cast<unsigned long long>(excused()),
      marginTolerance_V * 1e3);
  for (const DifferingNeuron &neuron : differing) {
    text += "  " + neuron.layer;
    print("[%u] slot %u: %s, margin %.4g mV", neuron.layerNeuron,
          neuron.firstSlot,
          neuron.expectedSpike ? "the circuit misses a spike"
                               : "the circuit has a spike too many",
          neuron.margin_V * 1e3);
    if (neuron.thresholdShift_V)
      print(", a threshold shifted by %.4g mV gives the circuit's spikes",
            *neuron.thresholdShift_V * 1e3);
    text += neuron.excused ? ", excused\n" : ", not excused\n";
  }
  if (simulatorMismatches)
    print("the recorded simulation differs from the time model in %llu slots\n",
          static_cast<unsigned long long>(simulatorMismatches));
  return text;
}

std::vector<std::vector<SlotOutcome>>
nt::spice::replayColumns(const Program &program, const TaskOverlay &task,
                         const DeviceModel &device, uint32_t coreIndex,
                         const std::vector<uint32_t> &neurons, uint32_t slots,
                         const std::vector<AxonEvent> &events) {
  const CoreConfig &core = program.cores[coreIndex];
  const CoreModulation &modulation = task.cores[coreIndex];
  std::vector<std::vector<uint32_t>> axonsInSlot(slots);
  for (const AxonEvent &event : events)
    axonsInSlot[event.slot].push_back(event.axon);

  ntrt::TimeModel model(device);
  const ntrt::CoreDrive drive = ntrt::driveOf(core, modulation, device);
  std::vector<std::vector<SlotOutcome>> outcomes;
  for (uint32_t neuron : neurons) {
    ntrt::NeuronState state = model.preset();
    std::vector<SlotOutcome> &outcome = outcomes.emplace_back();
    for (uint32_t slot = 0; slot < slots; ++slot) {
      int64_t sums[ntrt::kMaxColumnsPerNeuron] = {};
      for (uint32_t axon : axonsInSlot[slot])
        for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
          sums[i] += core.code(axon, core.columnOf(neuron) + i);
      outcome.push_back(model.step(state, drive.synaptic_A(neuron, sums),
                                   drive.modulation_A[neuron]));
    }
  }
  return outcomes;
}

namespace {

/// The spike times of each column of a finished run.
using SpikeTimes = std::vector<std::vector<double>>;

/// The spike times in the waveforms of one run.
ntrt::Result<SpikeTimes> spikeTimes(const CoreNetlistInfo &info,
                                    const RawData &data,
                                    const std::string &folder) {
  SpikeTimes times;
  for (const NeuronNodes &neuron : info.neurons) {
    size_t variable = data.find("v(" + neuron.spike + ")");
    if (variable == data.names.size())
      return Diagnostic{Diag::SpiceRaw, folder + '/' + rawFileName,
                        "no waveform of node " + neuron.spike};
    times.push_back(risingCrossings(data, variable, 0.5));
  }
  return times;
}

/// Columns a run: many rows are worth sharing.
uint32_t chooseColumnsPerRun(const std::vector<AxonEvent> &events) {
  std::set<uint32_t> rows;
  for (const AxonEvent &event : events)
    rows.insert(event.axon);
  return columnsPerRun(rows.size());
}

class Comparer {
public:
  Comparer(const Program &program, const TaskOverlay &task,
           const DeviceModel &device, const std::vector<AxonEvent> &events,
           const CompareOptions &options)
      : program(program), task(task), device(device), events(events),
        options(options), core(program.cores[options.core]),
        slots(options.slots ? options.slots : program.defaultSlots),
        columns(options.neurons) {
    if (columns.empty()) {
      columns.resize(core.neurons);
      std::iota(columns.begin(), columns.end(), 0);
    }
    perRun = options.neuronsPerRun ? options.neuronsPerRun
                                   : chooseColumnsPerRun(events);
  }

  ntrt::Result<CoreComparison> run();
  CoreComparison judge(const std::vector<std::vector<double>> &found) const;

private:
  ntrt::Result<SpikeTimes> simulateCircuit(double &seconds) const;
  std::vector<uint32_t> columnsOf(size_t piece) const;
  void compareColumn(uint32_t column, const std::vector<SlotOutcome> &outcome,
                     const std::vector<double> &found,
                     CoreComparison &comparison) const;
  std::optional<double>
  explainingShift(uint32_t column,
                  const std::vector<std::vector<double>> &foundInSlot,
                  uint32_t lastSlot, double limit_V) const;

  const Program &program;
  const TaskOverlay &task;
  const DeviceModel &device;
  const std::vector<AxonEvent> &events;
  const CompareOptions &options;
  const CoreConfig &core;
  uint32_t slots;
  std::vector<uint32_t> columns;
  size_t perRun;
};

} // namespace

std::vector<uint32_t> Comparer::columnsOf(size_t piece) const {
  size_t first = piece * perRun;
  size_t last = std::min(first + perRun, columns.size());
  if (first >= last)
    return {};
  return {columns.begin() + first, columns.begin() + last};
}

ntrt::Result<SpikeTimes> Comparer::simulateCircuit(double &seconds) const {
  auto cells = CellLibrary::load(options.cells);
  if (!cells)
    return cells.diagnostics();
  WorkFolder work;
  auto made = work.make(options.folder);
  if (!made)
    return made.diagnostics();

  size_t pieces = 0;
  while (!columnsOf(pieces).empty())
    ++pieces;
  std::vector<CoreNetlistInfo> infos(pieces);
  std::vector<SpikeTimes> found(pieces);
  auto write = [&](size_t piece, double factor,
                   std::ostream &out) -> ntrt::Result<CircuitInfo> {
    CoreNetlistOptions netlist;
    netlist.core = options.core;
    netlist.neurons = columnsOf(piece);
    netlist.slots = slots;
    netlist.events = events;
    netlist.perDigit = options.perDigit;
    netlist.save.membranes = options.saveMembranes;
    netlist.timing = options.timing;
    netlist.timing.step *= factor;
    auto info = emitCoreNetlist(program, task, device, *cells, netlist, out);
    if (!info)
      return info.diagnostics();
    infos[piece] = std::move(*info);
    return CircuitInfo{infos[piece].stop_s, device.slot_s,
                       infos[piece].corners_s};
  };
  auto take = [&](size_t piece, RawData data,
                  const std::string &folder) -> ntrt::Status {
    auto times = spikeTimes(infos[piece], data, folder);
    if (!times)
      return times.diagnostics();
    found[piece] = std::move(*times);
    return ntrt::Done{};
  };
  auto done = runCircuits(pieces, work, options.ngspice, write, take, seconds);
  if (!done)
    return done.diagnostics();
  SpikeTimes times;
  for (auto &piece : found)
    for (auto &column : piece)
      times.push_back(std::move(column));
  return times;
}

/// The smallest |shift| of V_th up to `limit_V` with which the time model of a
/// column spikes in the slots `foundInSlot` up to `lastSlot`.
std::optional<double>
Comparer::explainingShift(uint32_t column,
                          const std::vector<std::vector<double>> &foundInSlot,
                          uint32_t lastSlot, double limit_V) const {
  constexpr int steps = 100;
  for (int step = 1; step <= steps; ++step)
    for (double sign : {1.0, -1.0}) {
      const double shift = sign * limit_V * step / steps;
      DeviceModel shifted = device;
      shifted.neuron.vThreshold_V += shift;
      // The packet that `subtract` takes away stays what it is.
      if (device.neuron.reset == ntrt::ResetKind::Subtract)
        shifted.neuron.vReset_V += shift;
      const std::vector<SlotOutcome> outcome =
          replayColumns(program, task, shifted, options.core, {column}, slots,
                        events)
              .front();
      bool same = true;
      for (uint32_t slot = 0; slot <= lastSlot && same; ++slot)
        same = foundInSlot[slot].size() == size_t(outcome[slot].spiked);
      if (same)
        return shift;
    }
  return std::nullopt;
}

void Comparer::compareColumn(uint32_t column,
                             const std::vector<SlotOutcome> &outcome,
                             const std::vector<double> &found,
                             CoreComparison &comparison) const {
  NeuronComparison neuron;
  neuron.layer = program.layers[core.layer].name;
  neuron.layerNeuron = core.layerNeuron[column];
  neuron.column = column;
  neuron.foundTimes_s = found;
  neuron.found = static_cast<uint32_t>(found.size());

  // The circuit blanks its comparators around a slot's start: no spike of it
  // falls so near a boundary that rounding could move it to the other side.
  std::vector<std::vector<double>> foundInSlot(slots);
  for (double time : found) {
    auto slot = static_cast<uint32_t>(time / device.slot_s);
    foundInSlot[std::min(slot, slots - 1)].push_back(time);
  }

  bool differs = false;
  for (uint32_t slot = 0; slot < slots; ++slot) {
    const SlotOutcome &expected = outcome[slot];
    double expectedTime = slot * device.slot_s + expected.spikeTime_s;
    if (expected.spiked) {
      ++neuron.expected;
      neuron.expectedTimes_s.push_back(expectedTime);
      neuron.expectedSlots.push_back(slot);
    }
    if (differs)
      continue;
    if (foundInSlot[slot].size() != size_t(expected.spiked)) {
      differs = true;
      double limit = comparison.marginTolerance_V;
      DifferingNeuron difference{
          neuron.layer,    neuron.layerNeuron, column,       slot,
          expected.spiked, expected.margin_V,  std::nullopt, false};
      // Two spikes in one slot are a fault of the cell, near or not.
      if (foundInSlot[slot].size() <= 1) {
        difference.excused = std::abs(expected.margin_V) < limit;
        if (!difference.excused) {
          difference.thresholdShift_V =
              explainingShift(column, foundInSlot, slot, limit);
          difference.excused = difference.thresholdShift_V.has_value();
        }
      }
      comparison.differing.push_back(std::move(difference));
    } else if (expected.spiked) {
      neuron.timeErrors_s.push_back(
          std::abs(foundInSlot[slot].front() - expectedTime));
    }
  }
  comparison.spikesExpected += neuron.expected;
  comparison.spikesFound += neuron.found;
  comparison.neurons.push_back(std::move(neuron));
}

/// The time errors of all neurons as fractions of their mean interval.
static void computeStatistics(CoreComparison &comparison, double slot_s) {
  double sum = 0;
  uint64_t intervals = 0;
  std::vector<double> errors;
  for (const NeuronComparison &neuron : comparison.neurons) {
    const auto &times = neuron.expectedTimes_s;
    if (times.size() > 1) {
      sum += times.back() - times.front();
      intervals += times.size() - 1;
    }
    errors.insert(errors.end(), neuron.timeErrors_s.begin(),
                  neuron.timeErrors_s.end());
  }
  comparison.meanInterval_s = intervals ? sum / intervals : slot_s;
  comparison.spikesCompared = errors.size();
  if (errors.empty())
    return;
  std::sort(errors.begin(), errors.end());
  auto quantile = [&](double q) {
    size_t rank = static_cast<size_t>(std::ceil(q * errors.size()));
    return errors[std::max<size_t>(rank, 1) - 1] / comparison.meanInterval_s;
  };
  comparison.medianTimeError = quantile(0.5);
  comparison.p95TimeError = quantile(0.95);
  comparison.maxTimeError = quantile(1);
}

CoreComparison
Comparer::judge(const std::vector<std::vector<double>> &found) const {
  CoreComparison comparison;
  comparison.timeTolerance = options.timeTolerance;
  comparison.marginTolerance_V =
      options.marginTolerance *
      (device.neuron.vThreshold_V - device.neuron.vReset_V);
  auto outcomes = replayColumns(program, task, device, options.core, columns,
                                slots, events);
  for (size_t i = 0; i < columns.size(); ++i)
    compareColumn(columns[i], outcomes[i], found[i], comparison);
  computeStatistics(comparison, device.slot_s);
  return comparison;
}

ntrt::Result<CoreComparison> Comparer::run() {
  // The circuit first: the emitter checks what the replay relies on.
  double seconds = 0;
  auto found = simulateCircuit(seconds);
  if (!found)
    return found.diagnostics();
  CoreComparison comparison = judge(*found);
  comparison.ngspice_s = seconds;
  return comparison;
}

CoreComparison nt::spice::judgeCore(
    const Program &program, const TaskOverlay &task, const DeviceModel &device,
    const std::vector<AxonEvent> &events, const std::vector<uint32_t> &columns,
    const std::vector<std::vector<double>> &foundTimes_s, uint32_t slots,
    const CompareOptions &options) {
  CompareOptions all = options;
  all.neurons = columns;
  all.slots = slots;
  return Comparer(program, task, device, events, all).judge(foundTimes_s);
}

CoreComparison
nt::spice::mergeComparisons(const std::vector<CoreComparison> &parts,
                            double slot_s) {
  CoreComparison all;
  for (const CoreComparison &part : parts) {
    all.neurons.insert(all.neurons.end(), part.neurons.begin(),
                       part.neurons.end());
    all.differing.insert(all.differing.end(), part.differing.begin(),
                         part.differing.end());
    all.spikesExpected += part.spikesExpected;
    all.spikesFound += part.spikesFound;
    all.simulatorMismatches += part.simulatorMismatches;
    all.ngspice_s += part.ngspice_s;
    all.timeTolerance = part.timeTolerance;
    all.marginTolerance_V = part.marginTolerance_V;
  }
  computeStatistics(all, slot_s);
  return all;
}

ntrt::Result<CoreComparison> nt::spice::compareEvents(
    const Program &program, const TaskOverlay &task, const DeviceModel &device,
    const std::vector<AxonEvent> &events, const CompareOptions &options) {
  if (options.core >= program.cores.size() || options.core >= task.cores.size())
    return Diagnostic{Diag::SpiceCore, program.name,
                      "core " + std::to_string(options.core) + " of " +
                          std::to_string(program.cores.size()) +
                          ", counted from 0"};
  return Comparer(program, task, device, events, options).run();
}

/// Slots in which a neuron's recorded spikes are not those of the time model.
static uint64_t countMismatches(const Program &program,
                                const CompareOptions &options,
                                const std::vector<SpikeEvent> &spikes,
                                const CoreComparison &comparison,
                                uint32_t slots) {
  const CoreConfig &core = program.cores[options.core];
  uint64_t mismatches = 0;
  for (const NeuronComparison &neuron : comparison.neurons) {
    std::vector<int> balance(slots);
    for (const SpikeEvent &spike : spikes)
      if (spike.core == options.core && spike.neuron == neuron.column &&
          spike.slot >= core.startSlot && spike.slot - core.startSlot < slots)
        ++balance[spike.slot - core.startSlot];
    for (uint32_t slot : neuron.expectedSlots)
      --balance[slot];
    mismatches += std::count_if(balance.begin(), balance.end(),
                                [](int count) { return count != 0; });
  }
  return mismatches;
}

ntrt::Result<CoreComparison> nt::spice::compareCore(
    const Program &program, const TaskOverlay &task, const DeviceModel &device,
    const std::vector<SpikeEvent> &spikes, const CompareOptions &options) {
  if (options.core >= program.cores.size())
    return compareEvents(program, task, device, {}, options);
  uint32_t slots = options.slots ? options.slots : program.defaultSlots;
  auto events = axonEventsOfCore(program, device, spikes, options.core, slots);
  auto comparison = compareEvents(program, task, device, events, options);
  if (comparison)
    comparison->simulatorMismatches =
        countMismatches(program, options, spikes, *comparison, slots);
  return comparison;
}
