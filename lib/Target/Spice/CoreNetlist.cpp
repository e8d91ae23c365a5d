//===- CoreNetlist.cpp - The netlist of one mapped core -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/spice.md explains the cells and derives the numbers computed here.
//
//===----------------------------------------------------------------------===//

#include "CoreCell.h"

#include <algorithm>
#include <cmath>
#include <map>
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
using ntrt::ResetKind;
using ntrt::TaskOverlay;

double nt::spice::synapseLsb_A(const CoreConfig &core,
                               const DeviceModel &device, uint32_t column) {
  return device.synapseDomain.lsbCurrent_A(
      core.synapseDac[core.synapseDomain[column]]);
}

double nt::spice::modulationLsb_A(const CoreModulation &modulation,
                                  const DeviceModel &device, uint32_t neuron) {
  return device.modulationDomain.lsbCurrent_A(
      modulation.dac[modulation.words[neuron].domain]);
}

std::vector<AxonEvent>
nt::spice::axonEventsOfCore(const Program &program, const DeviceModel &device,
                            const std::vector<ntrt::SpikeEvent> &spikes,
                            uint32_t core, uint32_t slots) {
  // Axons of this core that a source reaches.
  std::map<std::pair<uint32_t, uint32_t>, std::vector<uint32_t>> axonsOf;
  for (const ntrt::InputRoute &route : program.inputRoutes)
    if (route.targetCore == core)
      axonsOf[{ntrt::SpikeEvent::kInputCore, route.input}].push_back(
          route.targetAxon);
  for (const ntrt::Route &route : program.routes)
    if (route.targetCore == core)
      axonsOf[{route.sourceCore, route.sourceNeuron}].push_back(
          route.targetAxon);

  std::vector<AxonEvent> events;
  uint32_t start = program.cores[core].startSlot;
  for (const ntrt::SpikeEvent &spike : spikes) {
    auto axons = axonsOf.find({spike.core, spike.neuron});
    // Inputs enter beside their cores: only routed spikes cross links.
    bool input = spike.core == ntrt::SpikeEvent::kInputCore;
    uint64_t slot =
        uint64_t(spike.slot) + 1 + (input ? 0 : device.linkLatency_slots);
    if (axons == axonsOf.end() || slot < start || slot - start >= slots)
      continue;
    for (uint32_t axon : axons->second)
      events.push_back({static_cast<uint32_t>(slot - start), axon});
  }
  std::sort(events.begin(), events.end());
  return events;
}

size_t nt::spice::missedCorners(const std::vector<double> &corners_s,
                                double slot_s, const RawData &data) {
  // Well below the cells' shortest edge, above the rounding of times.
  double near = 1e-9 * slot_s;
  size_t missed = 0, point = 0;
  for (double corner : corners_s) {
    while (point < data.points && data.at(point, 0) < corner - near)
      ++point;
    // ngspice's first point is one step after 0.
    if (corner > 0 &&
        (point == data.points || data.at(point, 0) > corner + near))
      ++missed;
  }
  return missed;
}

namespace {

class Emitter {
public:
  Emitter(const Program &program, const TaskOverlay &task,
          const DeviceModel &device, const CellLibrary &cells,
          const CoreNetlistOptions &options, std::ostream &out)
      : program(program), task(task), device(device), cells(cells),
        options(options), core(program.cores[options.core]),
        modulation(task.cores[options.core]), out(out) {}

  CoreNetlistInfo emit();

private:
  void prepare();
  double largestCurrent_A() const;
  void emitCoreCell(SpiceNetlist &netlist);
  void emitColumn(SpiceNetlist &netlist, size_t index);
  void emitStimulus(SpiceNetlist &netlist);
  void emitPwl(SpiceNetlist &netlist, const std::string &node,
               const Waveform &points);
  void emitAnalysis(SpiceNetlist &netlist) const;
  SpiceNetlist::Names corePorts() const;

  const Program &program;
  const TaskOverlay &task;
  const DeviceModel &device;
  const CellLibrary &cells;
  const CoreNetlistOptions &options;
  const CoreConfig &core;
  const CoreModulation &modulation;
  std::ostream &out;

  CoreNetlistInfo info;
  CellNumbers numbers;
  /// Events of each axon that has any: slot to how many.
  std::map<uint32_t, std::map<uint32_t, uint32_t>> rows;
  std::vector<uint32_t> axons; ///< The keys of `rows`.
};

} // namespace

/// The largest current that charges any membrane of the core: what decides how
/// fast a packet must be.
double Emitter::largestCurrent_A() const {
  std::map<uint32_t, std::vector<int64_t>> sums; // By slot.
  for (const auto &[axon, slots] : rows)
    for (const auto &[slot, count] : slots) {
      auto &sum = sums.try_emplace(slot, core.columns(), 0).first->second;
      for (uint32_t column = 0; column < core.columns(); ++column)
        sum[column] += int64_t(count) * core.code(axon, column);
    }
  const ntrt::CoreDrive drive = ntrt::driveOf(core, modulation, device);
  double largest = 0;
  for (uint32_t n = 0; n < core.neurons; ++n) {
    double peak = 0;
    for (const auto &[slot, sum] : sums)
      peak = std::max(peak, drive.synaptic_A(n, &sum[core.columnOf(n)]));
    largest = std::max(largest, peak + drive.modulation_A[n]);
  }
  return largest;
}

void Emitter::prepare() {
  for (const AxonEvent &event : options.events)
    ++rows[event.axon][event.slot];
  for (const auto &[axon, slots] : rows)
    axons.push_back(axon);
  numbers = cellNumbers(device, options.timing, largestCurrent_A());
  info.slots = options.slots ? options.slots : program.defaultSlots;
  info.rows = static_cast<uint32_t>(rows.size());
  info.stop_s = info.slots * device.slot_s;

  std::vector<uint32_t> columns = options.neurons;
  if (columns.empty()) {
    columns.resize(core.neurons);
    std::iota(columns.begin(), columns.end(), 0);
  }
  std::set<std::string> taken;
  for (uint32_t column : columns) {
    info.neurons.push_back(nodesOfColumn(program, core, column,
                                         "_c" + std::to_string(column), taken));
  }
}

SpiceNetlist::Names Emitter::corePorts() const {
  SpiceNetlist::Names ports{"clk"};
  for (const auto &[axon, slots] : rows)
    ports.push_back("a" + std::to_string(axon));
  for (const NeuronNodes &neuron : info.neurons) {
    ports.push_back(neuron.spike);
    ports.push_back(neuron.membrane);
  }
  return ports;
}

void Emitter::emitColumn(SpiceNetlist &netlist, size_t index) {
  const NeuronNodes &nodes = info.neurons[index];
  uint32_t column = nodes.column;
  std::string name = nodes.spike.substr(2);
  netlist.comment(jsonQuote(nodes.layer) + " neuron " +
                  std::to_string(nodes.layerNeuron) + ", column " +
                  std::to_string(core.columnOf(column)) + ", synapse domain " +
                  std::to_string(core.synapseDomain[core.columnOf(column)]));
  netlist.instance(
      "n_" + name,
      {nodes.membrane, nodes.spike, "clk", "th", "lo", "hi", "one", "rst"},
      neuronCellOf(core));
  const ntrt::ModulationWord &word = modulation.words[column];
  // Both cells of a pair take the word.
  if (word.code)
    netlist.instance(
        "m_" + name, {nodes.membrane}, "nt_modulator",
        {{"code", double(word.code)},
         {"lsb", core.columnsPerNeuron *
                     modulationLsb_A(modulation, device, column)}});

  info.synapses +=
      emitSynapses(netlist, core, device, nodes, axons, options.perDigit);
}

void Emitter::emitCoreCell(SpiceNetlist &netlist) {
  netlist.beginSubcircuit("nt_core", corePorts());
  emitCoreLevels(netlist, device);
  for (size_t i = 0; i < info.neurons.size(); ++i)
    emitColumn(netlist, i);
  netlist.endSubcircuit("nt_core");
}

void Emitter::emitPwl(SpiceNetlist &netlist, const std::string &node,
                      const Waveform &points) {
  netlist.voltagePwl(node, node, points);
  for (const auto &[time, volts] : points)
    if (time < info.stop_s)
      info.corners_s.push_back(time);
}

void Emitter::emitStimulus(SpiceNetlist &netlist) {
  for (const auto &[axon, slots] : rows)
    emitPwl(netlist, "a" + std::to_string(axon),
            pulseTrain(slots, device.slot_s, device.synapse.pulseWidth_s,
                       numbers.edge_s));
  netlist.comment("Slot clock: blanks the comparators before a slot starts, "
                  "then rearms them.");
  emitPwl(netlist, "clk", slotClock(numbers, info.slots, device.slot_s));
  auto &corners = info.corners_s;
  std::sort(corners.begin(), corners.end());
  corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
}

void Emitter::emitAnalysis(SpiceNetlist &netlist) const {
  emitSolverOptions(netlist, device);
  std::vector<std::string> rowNodes;
  for (uint32_t axon : axons)
    rowNodes.push_back("a" + std::to_string(axon));
  emitSaves(netlist, info.neurons, rowNodes, options.save);
  std::string step = formatNumber(options.timing.step * device.slot_s);
  netlist.line({".tran", step, formatNumber(info.stop_s), "0", step, "uic"});
  netlist.line({".end"});
}

CoreNetlistInfo Emitter::emit() {
  prepare();
  SpiceNetlist netlist(out, coreTitle(program, task, device, options.core));
  netlist.comment("Written by NT; docs/spice.md explains the cells. Run:");
  netlist.comment("  ngspice -b -r core.raw core.cir");
  netlist.comment("Nodes of neurons:");
  for (const NeuronNodes &neuron : info.neurons)
    netlist.comment("nt-node " + nodeJson(neuron));
  netlist.verbatim(cells.text());
  netlist.comment("The neuron of the device.");
  core.isPaired() ? emitPairCell(netlist, device, numbers)
                  : emitNeuronCell(netlist, device, numbers);
  if (options.perDigit)
    emitDigitCell(netlist, device);
  emitCoreCell(netlist);
  netlist.instance("core", corePorts(), "nt_core");
  emitStimulus(netlist);
  emitAnalysis(netlist);
  return std::move(info);
}

ntrt::Result<CoreNetlistInfo>
nt::spice::emitCoreNetlist(const Program &program, const TaskOverlay &task,
                           const DeviceModel &device, const CellLibrary &cells,
                           const CoreNetlistOptions &options,
                           std::ostream &out) {
  DiagnosticList misfits;
  auto misfit = [&](const std::string &detail) {
    misfits.push_back({Diag::SpiceCore, program.name, detail});
  };
  if (options.core >= program.cores.size() ||
      options.core >= task.cores.size()) {
    misfit("core " + std::to_string(options.core) + " of " +
           std::to_string(program.cores.size()) + ", counted from 0");
    return misfits;
  }
  const CoreConfig &core = program.cores[options.core];
  std::set<uint32_t> seen;
  for (uint32_t neuron : options.neurons) {
    if (neuron >= core.neurons)
      misfit("neuron " + std::to_string(neuron) + " of " +
             std::to_string(core.neurons) + " of core " +
             std::to_string(options.core) + ", counted from 0");
    else if (!seen.insert(neuron).second)
      misfit("neuron " + std::to_string(neuron) + " is asked for twice");
  }
  uint32_t slots = options.slots ? options.slots : program.defaultSlots;
  for (const AxonEvent &event : options.events)
    if (event.axon >= core.axons || event.slot >= slots)
      misfit("an event on axon " + std::to_string(event.axon) + " of " +
             std::to_string(core.axons) + " in slot " +
             std::to_string(event.slot) + " of " + std::to_string(slots));
  if (!misfits.empty())
    return misfits;
  return Emitter(program, task, device, cells, options, out).emit();
}
