//===- CoreNetlist.cpp - The netlist of one mapped core -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/spice.md explains the cells and derives the numbers computed here.
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/CoreNetlist.h"

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

std::vector<int> nt::spice::codeDigits(int code, uint32_t digits) {
  std::vector<int> result(digits);
  int magnitude = std::abs(code);
  for (uint32_t k = 0; k < digits; ++k)
    if (magnitude >> k & 1)
      result[k] = code < 0 ? -1 : 1;
  return result;
}

double nt::spice::synapseLsb_A(const CoreConfig &core,
                               const DeviceModel &device, uint32_t neuron) {
  return device.synapseDomain.lsbCurrent_A(
      core.synapseDac[core.synapseDomain[neuron]]);
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

size_t nt::spice::missedCorners(const CoreNetlistInfo &info,
                                const RawData &data) {
  // Well below the cells' shortest edge, above the rounding of times.
  double near = 1e-9 * info.stop_s / std::max(1u, info.slots);
  size_t missed = 0, point = 0;
  for (double corner : info.corners_s) {
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

/// The cells' parameters, all from the device and the timing.
struct CellNumbers {
  double cell_s, settle_s, edge_s;
  double gain, hold, blank, dump, clear;
  double packet_Ohm, clamp_Ohm, off_Ohm;
  double refractory_s;
};

/// Volts a packet lifts the refractory timer to: high against the 0.05 V to
/// which ngspice finds a switch's threshold.
constexpr double timerRamp_V = 1000;

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
  CellNumbers cellNumbers() const;
  std::string title() const;
  void emitNeuronCell(SpiceNetlist &netlist) const;
  void emitDigitCell(SpiceNetlist &netlist) const;
  void emitCoreCell(SpiceNetlist &netlist);
  void emitColumn(SpiceNetlist &netlist, size_t index);
  void emitStimulus(SpiceNetlist &netlist);
  void emitPwl(SpiceNetlist &netlist, const std::string &node,
               const std::vector<std::pair<double, double>> &points);
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
};

} // namespace

/// The largest current that charges any membrane of the core: what decides how
/// fast a packet must be.
double Emitter::largestCurrent_A() const {
  std::map<uint32_t, std::vector<int64_t>> sums; // By slot.
  for (const auto &[axon, slots] : rows)
    for (const auto &[slot, count] : slots) {
      auto &sum = sums.try_emplace(slot, core.neurons, 0).first->second;
      for (uint32_t n = 0; n < core.neurons; ++n)
        sum[n] += int64_t(count) * core.code(axon, n);
    }
  double largest = 0;
  for (uint32_t n = 0; n < core.neurons; ++n) {
    int64_t peak = 0;
    for (const auto &[slot, sum] : sums)
      peak = std::max(peak, sum[n]);
    double bias =
        modulation.words[n].code * modulationLsb_A(modulation, device, n);
    largest = std::max(largest, peak * synapseLsb_A(core, device, n) + bias);
  }
  return largest;
}

CellNumbers Emitter::cellNumbers() const {
  const ntrt::NeuronModel &neuron = device.neuron;
  const CellTiming &timing = options.timing;
  CellNumbers n;

  // A packet must be gone long before the current at its spike can drive the
  // membrane from V_th to the rail, where the clamp would eat charge.
  n.cell_s = timing.cell * device.slot_s;
  n.cell_s = std::min(n.cell_s, device.synapse.pulseWidth_s * timing.edge * 5);
  double current = largestCurrent_A();
  double room_C =
      neuron.capacitance_F * (neuron.railHigh_V - neuron.vThreshold_V);
  if (current > 0 && room_C > 0)
    n.cell_s = std::min(n.cell_s, room_C / current / 40);
  n.settle_s = timing.settle * n.cell_s;
  n.edge_s = timing.edge * device.synapse.pulseWidth_s;

  // Levels of the comparator's output and of the slot clock, each above what
  // the one before can overcome: blank, hold, dump, clear.
  n.gain = timing.comparator_V / (neuron.vThreshold_V - neuron.vReset_V);
  double below = 1.1 * n.gain * (neuron.vThreshold_V - neuron.railLow_V);
  double above = 1.1 * n.gain * (neuron.railHigh_V - neuron.vThreshold_V) +
                 0.1 * timing.comparator_V;
  n.blank = above;
  // The latch must win against a reset ten times as fast as its packet.
  n.hold = 1.2 * (below + n.blank) + 12 * timing.comparator_V;
  n.dump = n.hold + 1.5 * above;
  n.clear = n.dump + above;

  n.packet_Ohm = n.cell_s / neuron.capacitance_F;
  n.clamp_Ohm = n.packet_Ohm / 2;
  n.off_Ohm = 1e8 * device.slot_s / neuron.capacitance_F;
  // A shorter hold could fall between two time steps.
  n.refractory_s = std::max(neuron.refractory_s, n.settle_s);
  return n;
}

void Emitter::prepare() {
  for (const AxonEvent &event : options.events)
    ++rows[event.axon][event.slot];
  numbers = cellNumbers();
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
    NeuronNodes nodes;
    nodes.layer = program.layers[core.layer].name;
    nodes.layerNeuron = core.layerNeuron[column];
    nodes.column = column;
    std::string name = neuronName(nodes.layer, nodes.layerNeuron);
    // A neuron may sit in two columns: tell them apart by the column.
    if (!taken.insert(name).second)
      name += "_c" + std::to_string(column);
    nodes.spike = "s_" + name;
    nodes.membrane = "m_" + name;
    info.neurons.push_back(std::move(nodes));
  }
}

std::string Emitter::title() const {
  return "NT core " + std::to_string(options.core) + " of program " +
         jsonQuote(program.name) + ", task " + jsonQuote(task.name) +
         ", device " + jsonQuote(device.name);
}

/// nt_neuron: the device's kind of neuron with its figures. The only place of
/// the netlist that holds them.
void Emitter::emitNeuronCell(SpiceNetlist &netlist) const {
  const ntrt::NeuronModel &neuron = device.neuron;
  SpiceNetlist::Names ports{"mem", "spk", "clk", "th",
                            "lo",  "hi",  "one", "rst"};
  netlist.beginSubcircuit("nt_neuron", ports);
  std::vector<Parameter> parameters{{"c", neuron.capacitance_F},
                                    {"g", neuron.leak_S},
                                    {"vrest", neuron.vRest_V},
                                    {"vinit", neuron.vInit_V}};
  std::string cell = "nt_neuron_hard";
  if (neuron.reset == ResetKind::Subtract) {
    cell = "nt_neuron_subtract";
    ports.pop_back();
    parameters.push_back({"charge", device.thresholdCharge_C()});
  } else {
    parameters.push_back({"tref", numbers.refractory_s});
    parameters.push_back({"ramp", timerRamp_V});
  }
  for (const Parameter &solver :
       {Parameter{"gain", numbers.gain}, Parameter{"hold", numbers.hold},
        Parameter{"dump", numbers.dump}, Parameter{"rclamp", numbers.clamp_Ohm},
        Parameter{"rpkt", numbers.packet_Ohm},
        Parameter{"roff", numbers.off_Ohm}})
    parameters.push_back(solver);
  netlist.instance("n", ports, cell, parameters);
  netlist.endSubcircuit("nt_neuron");
}

void Emitter::emitDigitCell(SpiceNetlist &netlist) const {
  std::vector<Parameter> defaults{{"lsb", 0}};
  for (uint32_t k = 0; k < device.synapse.digits; ++k)
    defaults.push_back({"d" + std::to_string(k), 0});
  netlist.beginSubcircuit("nt_synapse_digits", {"col", "row"}, defaults);
  for (uint32_t k = 0; k < device.synapse.digits; ++k) {
    std::string digit = std::to_string(k);
    netlist.line({"X" + digit, "col", "row", "nt_source",
                  "units={" + std::to_string(1u << k) + "*d" + digit + "}",
                  "lsb={lsb}"});
  }
  netlist.endSubcircuit("nt_synapse_digits");
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
                  std::to_string(column) + ", synapse domain " +
                  std::to_string(core.synapseDomain[column]));
  netlist.instance(
      "n_" + name,
      {nodes.membrane, nodes.spike, "clk", "th", "lo", "hi", "one", "rst"},
      "nt_neuron");
  const ntrt::ModulationWord &word = modulation.words[column];
  if (word.code)
    netlist.instance("m_" + name, {nodes.membrane}, "nt_modulator",
                     {{"code", double(word.code)},
                      {"lsb", modulationLsb_A(modulation, device, column)}});

  double lsb = synapseLsb_A(core, device, column);
  for (const auto &[axon, slots] : rows) {
    int code = core.code(axon, column);
    if (!code)
      continue;
    ++info.synapses;
    std::string row = "a" + std::to_string(axon);
    std::string instance = "s" + std::to_string(axon) + "_" + name;
    if (!options.perDigit) {
      netlist.instance(instance, {nodes.membrane, row}, "nt_synapse",
                       {{"code", double(code)}, {"lsb", lsb}});
      continue;
    }
    std::vector<Parameter> parameters{{"lsb", lsb}};
    std::vector<int> digits = codeDigits(code, device.synapse.digits);
    for (size_t k = 0; k < digits.size(); ++k)
      parameters.push_back({"d" + std::to_string(k), double(digits[k])});
    netlist.instance(instance, {nodes.membrane, row}, "nt_synapse_digits",
                     parameters);
  }
}

void Emitter::emitCoreCell(SpiceNetlist &netlist) {
  netlist.beginSubcircuit("nt_core", corePorts());
  netlist.voltage("th", "th", device.neuron.vThreshold_V);
  netlist.voltage("lo", "lo", device.neuron.railLow_V);
  netlist.voltage("hi", "hi", device.neuron.railHigh_V);
  netlist.voltage("rst", "rst", device.neuron.vReset_V);
  netlist.voltage("one", "one", 1);
  for (size_t i = 0; i < info.neurons.size(); ++i)
    emitColumn(netlist, i);
  netlist.endSubcircuit("nt_core");
}

/// Corner times on one grid. ngspice follows a PWL source from breakpoint to
/// breakpoint and loses the rest if another source's breakpoint is almost, but
/// not exactly, at the same time: equal times must be the same number.
static double onGrid(double time_s, double slot_s) {
  double grid = slot_s * 1e-9;
  return std::round(time_s / grid) * grid;
}

/// A row's volts: a pulse of `count` volts in each slot with events. Edges
/// start at the pulse's start and end, so that its area is exactly count *
/// width, and pulses that touch add up.
static std::vector<std::pair<double, double>>
pulseTrain(const std::map<uint32_t, uint32_t> &countOfSlot, double slot_s,
           double width_s, double edge_s) {
  std::map<double, int64_t> bends; // Change of slope at a time.
  for (const auto &[slot, count] : countOfSlot) {
    double start = slot * slot_s;
    for (auto [time, bend] : {std::pair(start, 1),
                              {start + edge_s, -1},
                              {start + width_s, -1},
                              {start + width_s + edge_s, 1}})
      bends[onGrid(time, slot_s)] += bend * int64_t(count);
  }

  std::vector<std::pair<double, double>> points{{0, 0}};
  double volts = 0, before = 0;
  int64_t slope = 0; // In volts an edge.
  for (auto [time, bend] : bends) {
    if (!bend)
      continue;
    volts += slope * (time - before) / edge_s;
    if (std::abs(volts - std::round(volts)) < 1e-3)
      volts = std::round(volts);
    if (time > 0)
      points.push_back({time, volts});
    slope += bend;
    before = time;
  }
  return points;
}

/// The slot clock: up to `blank` before each slot's start but the first, to
/// `clear` at it, down again, and to 0.
static std::vector<std::pair<double, double>>
slotClock(const CellNumbers &numbers, uint32_t slots, double slot_s) {
  std::vector<std::pair<double, double>> points{{0, 0}};
  double edge = numbers.cell_s, settle = numbers.settle_s;
  for (uint32_t slot = 1; slot < slots; ++slot) {
    double start = slot * slot_s;
    const std::pair<double, double> corners[] = {
        {-settle, 0},
        {-settle + edge, numbers.blank},
        {0, numbers.blank},
        {edge, numbers.clear},
        {settle, numbers.clear},
        {settle + edge, numbers.blank},
        {settle + 2 * edge, 0}};
    for (auto [offset, volts] : corners)
      points.push_back({onGrid(start + offset, slot_s), volts});
  }
  return points;
}

void Emitter::emitPwl(SpiceNetlist &netlist, const std::string &node,
                      const std::vector<std::pair<double, double>> &points) {
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
  double swing_V = device.neuron.vThreshold_V - device.neuron.vReset_V;
  double charge_C = device.thresholdCharge_C();
  netlist.line({".options", "method=trap", "xmu=0.45", "reltol=0.001",
                "vntol=" + formatNumber(1e-6 * swing_V),
                "chgtol=" + formatNumber(2e-7 * charge_C),
                "abstol=" + formatNumber(2e-8 * charge_C / device.slot_s),
                "minbreak=" + formatNumber(1e-10 * device.slot_s)});
  SpiceNetlist::Names save{".save"};
  for (const NeuronNodes &neuron : info.neurons) {
    save.push_back("v(" + neuron.spike + ")");
    if (options.saveMembranes)
      save.push_back("v(" + neuron.membrane + ")");
  }
  netlist.line(save);
  std::string step = formatNumber(options.timing.step * device.slot_s);
  netlist.line({".tran", step, formatNumber(info.stop_s), "0", step, "uic"});
  netlist.line({".end"});
}

CoreNetlistInfo Emitter::emit() {
  prepare();
  SpiceNetlist netlist(out, title());
  netlist.comment("Written by NT; docs/spice.md explains the cells. Run:");
  netlist.comment("  ngspice -b -r core.raw core.cir");
  netlist.comment("Nodes of neurons:");
  for (const NeuronNodes &neuron : info.neurons)
    netlist.comment("nt-node " + nodeJson(neuron));
  netlist.verbatim(cells.text());
  netlist.comment("The neuron of the device.");
  emitNeuronCell(netlist);
  if (options.perDigit)
    emitDigitCell(netlist);
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
