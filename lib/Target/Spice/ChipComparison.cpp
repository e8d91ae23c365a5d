//===- ChipComparison.cpp - A chip's circuit against simulator ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/ChipComparison.h"
#include "CircuitRun.h"
#include "ntrt/TimeModel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

using namespace nt::spice;
using ntrt::CoreConfig;
using ntrt::DeviceModel;
using ntrt::Diag;
using ntrt::Diagnostic;
using ntrt::Program;
using ntrt::SpikeEvent;

bool ChipPhaseComparison::passed() const {
  if (stray)
    return false;
  return std::all_of(judged.begin(), judged.end(),
                     [](const CoreComparison &core) { return core.passed(); });
}

bool ChipComparison::passed() const {
  return !phases.empty() &&
         std::all_of(phases.begin(), phases.end(),
                     [](const auto &phase) { return phase.passed(); });
}

namespace {

/// Compares one transient's waveforms.
class ChipJudge {
public:
  ChipJudge(const Program &program, const DeviceModel &device,
            const std::vector<ChipPhase> &phases, const ChipNetlistInfo &info,
            const ChipCompareOptions &options)
      : program(program), device(device), phases(phases), info(info),
        options(options) {}

  ntrt::Result<ChipComparison> judge(const RawData &data,
                                     const std::string &folder);

private:
  void readPhase(size_t phase, ChipPhaseComparison &result);
  void judgeCores(size_t phase, ChipPhaseComparison &result);
  void findDeviations(size_t phase, ChipPhaseComparison &result) const;
  void addTraces(size_t phase, const RawData &data,
                 ChipPhaseComparison &result) const;
  void addCharges(size_t phase, const RawData &data,
                  ChipPhaseComparison &result) const;
  std::vector<AxonEvent> eventsOf(size_t phase, uint32_t core,
                                  const ChipPhaseComparison &result) const;
  /// Start of a core's first slot in a phase, in the transient's time.
  double startOf(size_t phase, uint32_t core) const {
    return (info.phaseSlot[phase] + program.cores[core].startSlot) *
           device.slot_s;
  }

  const Program &program;
  const DeviceModel &device;
  const std::vector<ChipPhase> &phases;
  const ChipNetlistInfo &info;
  const ChipCompareOptions &options;
  std::vector<std::vector<double>> times; ///< Of each of info.neurons.
  /// Columns of each emitted core, and their spikes in the phase being judged,
  /// from the start of its start slot.
  std::map<uint32_t, std::vector<uint32_t>> columns;
  std::map<uint32_t, std::vector<std::vector<double>>> found;
};

} // namespace

void ChipJudge::readPhase(size_t phase, ChipPhaseComparison &result) {
  columns.clear();
  found.clear();
  result.neurons = info.neurons.size();
  const double slot = device.slot_s;
  const double first = info.phaseSlot[phase] * slot;
  const double last =
      phase + 1 < phases.size() ? info.phaseSlot[phase + 1] * slot : HUGE_VAL;
  for (size_t n = 0; n < info.neurons.size(); ++n) {
    const ChipNeuron &neuron = info.neurons[n];
    columns[neuron.core].push_back(neuron.nodes.column);
    auto &own = found[neuron.core].emplace_back();
    const double start = startOf(phase, neuron.core);
    for (double time : times[n]) {
      if (time < first || time >= last)
        continue;
      if (time < start || time >= start + info.slots * slot) {
        ++result.stray;
        continue;
      }
      own.push_back(time - start);
      auto inPhase = static_cast<uint32_t>((time - first) / slot);
      result.spikes.push_back({inPhase, neuron.core, neuron.nodes.column,
                               time - first - inPhase * slot, 0});
    }
  }
  result.found = result.spikes.size();
}

/// What reached a core's axons in the circuit: inputs and spikes of cores that
/// are not emitted from the recording, the rest from the circuit itself.
std::vector<AxonEvent>
ChipJudge::eventsOf(size_t phase, uint32_t core,
                    const ChipPhaseComparison &result) const {
  std::vector<SpikeEvent> spikes = result.spikes;
  for (const SpikeEvent &spike : phases[phase].spikes) {
    auto emitted = columns.find(spike.core);
    if (emitted == columns.end() ||
        std::find(emitted->second.begin(), emitted->second.end(),
                  spike.neuron) == emitted->second.end())
      spikes.push_back(spike);
  }
  return axonEventsOfCore(program, device, spikes, core, info.slots);
}

void ChipJudge::judgeCores(size_t phase, ChipPhaseComparison &result) {
  for (const auto &[core, selected] : columns) {
    CompareOptions compare;
    compare.core = core;
    compare.marginTolerance = options.marginTolerance;
    compare.timeTolerance = options.timeTolerance;
    result.cores.push_back(core);
    result.judged.push_back(judgeCore(program, *phases[phase].task, device,
                                      eventsOf(phase, core, result), selected,
                                      found.at(core), info.slots, compare));
  }
}

void ChipJudge::findDeviations(size_t phase,
                               ChipPhaseComparison &result) const {
  using Key = std::pair<uint32_t, uint32_t>;
  std::map<Key, std::vector<int>> balance; // Simulated less found, by slot.
  std::map<Key, std::pair<uint32_t, uint32_t>> counts;
  uint32_t lastSlot = 0;
  auto count = [&](const std::vector<SpikeEvent> &spikes, bool simulated) {
    for (const SpikeEvent &spike : spikes) {
      Key key{spike.core, spike.neuron};
      if (!counts.count(key))
        continue;
      ++(simulated ? counts[key].first : counts[key].second);
      auto &slots = balance[key];
      slots.resize(std::max<size_t>(slots.size(), spike.slot + 1));
      slots[spike.slot] += simulated ? 1 : -1;
      lastSlot = std::max(lastSlot, spike.slot);
    }
  };
  for (const ChipNeuron &neuron : info.neurons)
    counts[{neuron.core, neuron.nodes.column}];
  count(phases[phase].spikes, true);
  count(result.spikes, false);
  for (const ChipNeuron &neuron : info.neurons) {
    Key key{neuron.core, neuron.nodes.column};
    auto [simulated, circuit] = counts[key];
    result.simulated += simulated;
    result.equalCounts += simulated == circuit;
    const std::vector<int> &slots = balance[key];
    auto first = std::find_if(slots.begin(), slots.end(),
                              [](int value) { return value != 0; });
    if (first == slots.end())
      continue;
    ChipDeviation deviation{neuron.core,
                            neuron.nodes.layer,
                            neuron.nodes.layerNeuron,
                            neuron.nodes.column,
                            simulated,
                            circuit,
                            static_cast<uint32_t>(first - slots.begin()),
                            false};
    for (size_t i = 0; i < result.cores.size(); ++i)
      if (result.cores[i] == neuron.core)
        for (const DifferingNeuron &differing : result.judged[i].differing)
          deviation.own |= differing.column == neuron.nodes.column;
    result.deviations.push_back(std::move(deviation));
  }
}

/// Linear interpolation of a waveform.
static double sampleAt(const RawData &data, size_t variable, double time_s) {
  size_t low = 0, high = data.points - 1;
  while (high - low > 1) {
    size_t middle = (low + high) / 2;
    (data.at(middle, 0) < time_s ? low : high) = middle;
  }
  double from = data.at(low, 0), to = data.at(high, 0);
  double fraction =
      to > from ? std::clamp((time_s - from) / (to - from), 0.0, 1.0) : 1;
  return data.at(low, variable) +
         fraction * (data.at(high, variable) - data.at(low, variable));
}

void ChipJudge::addTraces(size_t phase, const RawData &data,
                          ChipPhaseComparison &result) const {
  ntrt::TimeModel model(device);
  for (const ChipNeuron &neuron : info.neurons) {
    const CoreConfig &core = program.cores[neuron.core];
    const uint32_t column = neuron.nodes.column;
    size_t variable = data.find("v(" + neuron.nodes.membrane + ")");
    if (variable == data.names.size())
      continue;
    MembraneTrace trace;
    trace.core = neuron.core;
    trace.layer = neuron.nodes.layer;
    trace.layerNeuron = neuron.nodes.layerNeuron;
    trace.column = column;
    const double start = startOf(phase, neuron.core);
    const double end = start + info.slots * device.slot_s;
    for (size_t point = 0; point < data.points; ++point)
      if (data.at(point, 0) >= start && data.at(point, 0) <= end) {
        trace.time_s.push_back(data.at(point, 0) - start);
        trace.circuit_V.push_back(data.at(point, variable));
      }
    std::vector<std::array<int64_t, ntrt::kMaxColumnsPerNeuron>> sums(
        info.slots);
    for (const AxonEvent &event : eventsOf(phase, neuron.core, result))
      for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
        sums[event.slot][i] += core.code(event.axon, core.columnOf(column) + i);
    const ntrt::CoreDrive drive =
        ntrt::driveOf(core, phases[phase].task->cores[neuron.core], device);
    ntrt::NeuronState state = model.preset();
    for (uint32_t slot = 0; slot < info.slots; ++slot) {
      ntrt::SlotOutcome outcome =
          model.step(state, drive.synaptic_A(column, sums[slot].data()),
                     drive.modulation_A[column]);
      if (outcome.spiked)
        trace.simulatedSpikes_s.push_back(slot * device.slot_s +
                                          outcome.spikeTime_s);
      trace.slotEnd_s.push_back((slot + 1) * device.slot_s);
      trace.simulated_V.push_back(state.membrane_V);
    }
    const auto &own = columns.at(neuron.core);
    size_t index = std::find(own.begin(), own.end(), column) - own.begin();
    trace.circuitSpikes_s = found.at(neuron.core)[index];
    result.traces.push_back(std::move(trace));
  }
}

void ChipJudge::addCharges(size_t phase, const RawData &data,
                           ChipPhaseComparison &result) const {
  const double from = info.phaseSlot[phase] * device.slot_s;
  const double to = phase + 1 < phases.size()
                        ? (info.phaseSlot[phase + 1] - 1) * device.slot_s
                        : info.stop_s;
  for (const std::string &meter : info.meters) {
    size_t variable = data.find("v(" + meter + ")");
    if (variable != data.names.size())
      result.measuredCharge_C +=
          info.meter_F *
          (sampleAt(data, variable, to) - sampleAt(data, variable, from));
  }
  for (const auto &[core, selected] : columns) {
    const CoreConfig &config = program.cores[core];
    const ntrt::CoreModulation &modulation = phases[phase].task->cores[core];
    for (const AxonEvent &event : axonEventsOfCore(
             program, device, phases[phase].spikes, core, info.slots))
      for (uint32_t neuron : selected)
        for (uint32_t i = 0; i < config.columnsPerNeuron; ++i) {
          const uint32_t column = config.columnOf(neuron) + i;
          result.expectedCharge_C +=
              std::max<int>(0, config.code(event.axon, column)) *
              synapseLsb_A(config, device, column) *
              device.synapse.pulseWidth_s;
        }
    for (uint32_t neuron : selected)
      result.modulationCharge_C +=
          config.columnsPerNeuron *
          std::max<int>(0, modulation.words[neuron].code) *
          modulationLsb_A(modulation, device, neuron) * info.slots *
          device.slot_s;
  }
}

ntrt::Result<ChipComparison> ChipJudge::judge(const RawData &data,
                                              const std::string &folder) {
  for (const ChipNeuron &neuron : info.neurons) {
    size_t variable = data.find("v(" + neuron.nodes.spike + ")");
    if (variable == data.names.size())
      return Diagnostic{Diag::SpiceRaw, folder + '/' + rawFileName,
                        "no waveform of node " + neuron.nodes.spike};
    times.push_back(risingCrossings(data, variable, 0.5));
  }
  ChipComparison comparison;
  comparison.synapses = info.synapses;
  comparison.registers = info.registers;
  comparison.rows = info.rows;
  comparison.stop_s = info.stop_s;
  for (size_t phase = 0; phase < phases.size(); ++phase) {
    ChipPhaseComparison &result = comparison.phases.emplace_back();
    result.task = phases[phase].task->name;
    comparison.phaseStart_s.push_back(info.phaseSlot[phase] * device.slot_s);
    readPhase(phase, result);
    judgeCores(phase, result);
    findDeviations(phase, result);
    addCharges(phase, data, result);
    if (options.netlist.save.membranes)
      addTraces(phase, data, result);
  }
  for (const std::string &node : info.domainVolts) {
    ChipComparison::DomainTrace trace;
    trace.node = node;
    size_t variable = data.find("v(" + node + ")");
    if (variable == data.names.size())
      continue;
    constexpr int samples = 600;
    for (int i = 0; i <= samples; ++i) {
      double time = info.stop_s * i / samples;
      trace.time_s.push_back(time);
      trace.volts.push_back(sampleAt(data, variable, time));
    }
    comparison.domains.push_back(std::move(trace));
  }
  return comparison;
}

ntrt::Result<std::vector<ChipComparison>>
nt::spice::compareChips(const Program &program, const DeviceModel &device,
                        const std::vector<ChipRun> &runs,
                        const ChipCompareOptions &options) {
  auto cells = CellLibrary::load(options.cells);
  if (!cells)
    return cells.diagnostics();
  WorkFolder work;
  auto made = work.make(options.folder);
  if (!made)
    return made.diagnostics();
  std::vector<ChipNetlistInfo> infos(runs.size());
  std::vector<ChipComparison> results(runs.size());
  auto write = [&](size_t run, double factor,
                   std::ostream &out) -> ntrt::Result<CircuitInfo> {
    ChipNetlistOptions netlist = options.netlist;
    netlist.timing.step *= factor;
    if (!runs[run].cores.empty())
      netlist.cores = runs[run].cores;
    auto info = emitChipNetlist(program, device, runs[run].phases, *cells,
                                netlist, out);
    if (!info)
      return info.diagnostics();
    infos[run] = std::move(*info);
    return CircuitInfo{infos[run].stop_s, device.slot_s, infos[run].corners_s};
  };
  auto take = [&](size_t run, RawData data,
                  const std::string &folder) -> ntrt::Status {
    auto comparison =
        ChipJudge(program, device, runs[run].phases, infos[run], options)
            .judge(data, folder);
    if (!comparison)
      return comparison.diagnostics();
    results[run] = std::move(*comparison);
    return ntrt::Done{};
  };
  double seconds = 0;
  auto done =
      runCircuits(runs.size(), work, options.ngspice, write, take, seconds);
  if (!done)
    return done.diagnostics();
  for (ChipComparison &result : results)
    result.ngspice_s = seconds / static_cast<double>(results.size());
  return results;
}

ntrt::Result<ChipComparison>
nt::spice::compareChip(const Program &program, const DeviceModel &device,
                       const std::vector<ChipPhase> &phases,
                       const ChipCompareOptions &options) {
  auto results = compareChips(program, device, {{phases, {}}}, options);
  if (!results)
    return results.diagnostics();
  return std::move(results->front());
}

uint32_t nt::spice::columnsPerRun(size_t rows) {
  return static_cast<uint32_t>(std::clamp<size_t>(rows / 16, 8, 32));
}

std::vector<SpikeEvent>
nt::spice::cutBlock(const Program &program, const ntrt::TaskOverlay &task,
                    const DeviceModel &device,
                    const std::vector<SpikeEvent> &spikes, uint32_t core,
                    uint32_t rows, const std::vector<uint32_t> &columns,
                    uint32_t slots) {
  using Source = std::pair<uint32_t, uint32_t>;
  std::map<uint32_t, Source> sourceOfAxon;
  for (const ntrt::InputRoute &route : program.inputRoutes)
    if (route.targetCore == core)
      sourceOfAxon[route.targetAxon] = {SpikeEvent::kInputCore, route.input};
  for (const ntrt::Route &route : program.routes)
    if (route.targetCore == core)
      sourceOfAxon[route.targetAxon] = {route.sourceCore, route.sourceNeuron};
  std::map<Source, uint64_t> events;
  for (const AxonEvent &event :
       axonEventsOfCore(program, device, spikes, core, slots))
    ++events[sourceOfAxon.at(event.axon)];
  std::vector<std::pair<uint64_t, Source>> busiest;
  for (const auto &[source, count] : events)
    busiest.push_back({UINT64_MAX - count, source});
  std::sort(busiest.begin(), busiest.end());
  busiest.resize(std::min<size_t>(busiest.size(), rows));
  std::set<Source> kept;
  for (const auto &[order, source] : busiest)
    kept.insert(source);

  std::vector<SpikeEvent> block;
  for (const SpikeEvent &spike : spikes)
    if (kept.count({spike.core, spike.neuron}))
      block.push_back(spike);
  auto outcomes =
      replayColumns(program, task, device, core, columns, slots,
                    axonEventsOfCore(program, device, block, core, slots));
  const uint32_t start = program.cores[core].startSlot;
  for (size_t i = 0; i < columns.size(); ++i)
    for (uint32_t slot = 0; slot < slots; ++slot)
      if (outcomes[i][slot].spiked)
        block.push_back({start + slot, core, columns[i],
                         outcomes[i][slot].spikeTime_s,
                         outcomes[i][slot].margin_V});
  return block;
}

/// Adds a piece's figures to a phase; cores are merged by mergePieces.
static void addPiece(ChipPhaseComparison &sum,
                     const ChipPhaseComparison &piece) {
  auto append = [](auto &to, const auto &from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(sum.deviations, piece.deviations);
  append(sum.traces, piece.traces);
  append(sum.spikes, piece.spikes);
  sum.neurons += piece.neurons;
  sum.equalCounts += piece.equalCounts;
  sum.simulated += piece.simulated;
  sum.found += piece.found;
  sum.stray += piece.stray;
  sum.measuredCharge_C += piece.measuredCharge_C;
  sum.expectedCharge_C += piece.expectedCharge_C;
  sum.modulationCharge_C += piece.modulationCharge_C;
}

ChipComparison nt::spice::mergePieces(const std::vector<ChipComparison> &pieces,
                                      const DeviceModel &device) {
  ChipComparison all = pieces.front();
  for (size_t i = 1; i < pieces.size(); ++i) {
    all.synapses += pieces[i].synapses;
    all.registers += pieces[i].registers;
    all.rows = std::max(all.rows, pieces[i].rows);
    all.ngspice_s += pieces[i].ngspice_s;
    for (size_t phase = 0; phase < all.phases.size(); ++phase)
      addPiece(all.phases[phase], pieces[i].phases[phase]);
  }
  for (size_t phase = 0; phase < all.phases.size(); ++phase) {
    std::map<uint32_t, std::vector<CoreComparison>> parts;
    for (const ChipComparison &piece : pieces)
      for (size_t i = 0; i < piece.phases[phase].cores.size(); ++i)
        parts[piece.phases[phase].cores[i]].push_back(
            piece.phases[phase].judged[i]);
    all.phases[phase].cores.clear();
    all.phases[phase].judged.clear();
    for (const auto &[core, comparisons] : parts) {
      all.phases[phase].cores.push_back(core);
      all.phases[phase].judged.push_back(
          mergeComparisons(comparisons, device.slot_s));
    }
  }
  return all;
}
