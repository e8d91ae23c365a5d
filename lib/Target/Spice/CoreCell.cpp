//===- CoreCell.cpp - What netlists of cores and chips share --------------===//
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

using namespace nt::spice;
using ntrt::CoreConfig;
using ntrt::DeviceModel;
using ntrt::ResetKind;

/// Volts a packet lifts the refractory timer to: high against the 0.05 V to
/// which ngspice finds a switch's threshold.
static constexpr double timerRamp_V = 1000;

std::vector<int> nt::spice::sourceDigits(ntrt::Sources sources,
                                         uint32_t digits) {
  std::vector<int> result;
  for (uint32_t k = 0; k < digits; ++k)
    result.push_back(ntrt::digitOf(sources, k));
  return result;
}

std::vector<int> nt::spice::codeDigits(int code, uint32_t digits) {
  return sourceDigits(ntrt::leastCurrentSources(code, digits), digits);
}

CellNumbers nt::spice::cellNumbers(const DeviceModel &device,
                                   const CellTiming &timing, double largest_A) {
  const ntrt::NeuronModel &neuron = device.neuron;
  CellNumbers n;

  // A packet must be gone long before the current at its spike can drive the
  // membrane from V_th to the rail, where the clamp would eat charge.
  n.cell_s = timing.cell * device.slot_s;
  n.cell_s = std::min(n.cell_s, device.synapse.pulseWidth_s * timing.edge * 5);
  double room_C =
      neuron.capacitance_F * (neuron.railHigh_V - neuron.vThreshold_V);
  if (largest_A > 0 && room_C > 0)
    n.cell_s = std::min(n.cell_s, room_C / largest_A / 40);
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

/// A neuron of `membranes` joined ones: every conductance and charge so many
/// times that of one.
static void emitCell(SpiceNetlist &netlist, const DeviceModel &device,
                     const CellNumbers &numbers, const std::string &name,
                     double membranes) {
  const ntrt::NeuronModel &neuron = device.neuron;
  SpiceNetlist::Names ports{"mem", "spk", "clk", "th",
                            "lo",  "hi",  "one", "rst"};
  netlist.beginSubcircuit(name, ports);
  std::vector<Parameter> parameters{{"c", membranes * neuron.capacitance_F},
                                    {"g", membranes * neuron.leak_S},
                                    {"vrest", neuron.vRest_V},
                                    {"vinit", neuron.vInit_V}};
  std::string cell = "nt_neuron_hard";
  if (neuron.reset == ResetKind::Subtract) {
    cell = "nt_neuron_subtract";
    ports.pop_back();
    parameters.push_back({"charge", membranes * device.thresholdCharge_C()});
  } else {
    parameters.push_back({"tref", numbers.refractory_s});
    parameters.push_back({"ramp", timerRamp_V});
  }
  for (const Parameter &solver :
       {Parameter{"gain", numbers.gain}, Parameter{"hold", numbers.hold},
        Parameter{"dump", numbers.dump},
        Parameter{"rclamp", numbers.clamp_Ohm / membranes},
        Parameter{"rpkt", numbers.packet_Ohm / membranes},
        Parameter{"roff", numbers.off_Ohm / membranes}})
    parameters.push_back(solver);
  netlist.instance("n", ports, cell, parameters);
  netlist.endSubcircuit(name);
}

void nt::spice::emitNeuronCell(SpiceNetlist &netlist, const DeviceModel &device,
                               const CellNumbers &numbers) {
  emitCell(netlist, device, numbers, "nt_neuron", 1);
}

void nt::spice::emitPairCell(SpiceNetlist &netlist, const DeviceModel &device,
                             const CellNumbers &numbers) {
  emitCell(netlist, device, numbers, "nt_neuron_pair", 2);
}

void nt::spice::emitDigitCell(SpiceNetlist &netlist,
                              const DeviceModel &device) {
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

/// One synapse, if its code is not 0.
static bool emitSynapse(SpiceNetlist &netlist, const CoreConfig &core,
                        const DeviceModel &device, const NeuronNodes &nodes,
                        uint32_t column, uint32_t axon, bool perDigit) {
  const int code = core.code(axon, column);
  if (!code)
    return false;
  const double lsb = synapseLsb_A(core, device, column);
  const std::string number = std::to_string(axon), row = 'a' + number;
  std::string instance = 's' + number + '_' + nodes.spike.substr(2);
  if (column != core.columnOf(nodes.column))
    instance += "_second";
  if (!perDigit) {
    netlist.instance(instance, {nodes.membrane, row}, "nt_synapse",
                     {{"code", double(code)}, {"lsb", lsb}});
    return true;
  }
  std::vector<Parameter> parameters{{"lsb", lsb}};
  const std::vector<int> digits =
      sourceDigits(core.sourcesAt(axon, column, device.synapse.digits),
                   device.synapse.digits);
  for (size_t k = 0; k < digits.size(); ++k)
    parameters.push_back({"d" + std::to_string(k), double(digits[k])});
  netlist.instance(instance, {nodes.membrane, row}, "nt_synapse_digits",
                   parameters);
  return true;
}

uint64_t nt::spice::emitSynapses(SpiceNetlist &netlist, const CoreConfig &core,
                                 const DeviceModel &device,
                                 const NeuronNodes &nodes,
                                 const std::vector<uint32_t> &axons,
                                 bool perDigit) {
  uint64_t synapses = 0;
  for (uint32_t axon : axons)
    for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
      synapses += emitSynapse(netlist, core, device, nodes,
                              core.columnOf(nodes.column) + i, axon, perDigit);
  return synapses;
}

void nt::spice::emitCoreLevels(SpiceNetlist &netlist,
                               const DeviceModel &device) {
  netlist.voltage("th", "th", device.neuron.vThreshold_V);
  netlist.voltage("lo", "lo", device.neuron.railLow_V);
  netlist.voltage("hi", "hi", device.neuron.railHigh_V);
  netlist.voltage("rst", "rst", device.neuron.vReset_V);
  netlist.voltage("one", "one", 1);
}

void nt::spice::emitSolverOptions(SpiceNetlist &netlist,
                                  const DeviceModel &device) {
  double swing_V = device.neuron.vThreshold_V - device.neuron.vReset_V;
  double charge_C = device.thresholdCharge_C();
  netlist.line({".options", "method=trap", "xmu=0.45", "reltol=0.001",
                "vntol=" + formatNumber(1e-6 * swing_V),
                "chgtol=" + formatNumber(2e-7 * charge_C),
                "abstol=" + formatNumber(2e-8 * charge_C / device.slot_s),
                "minbreak=" + formatNumber(1e-10 * device.slot_s)});
}

NeuronNodes nt::spice::nodesOfColumn(const ntrt::Program &program,
                                     const CoreConfig &core, uint32_t column,
                                     const std::string &apart,
                                     std::set<std::string> &taken) {
  NeuronNodes nodes;
  nodes.layer = program.layers[core.layer].name;
  nodes.layerNeuron = core.layerNeuron[column];
  nodes.column = column;
  std::string name = neuronName(nodes.layer, nodes.layerNeuron);
  if (!taken.insert(name).second)
    name += apart;
  nodes.spike = "s_" + name;
  nodes.membrane = "m_" + name;
  return nodes;
}

std::string nt::spice::coreTitle(const ntrt::Program &program,
                                 const ntrt::TaskOverlay &task,
                                 const DeviceModel &device, uint32_t core) {
  return "NT core " + std::to_string(core) + " of program " +
         jsonQuote(program.name) + ", task " + jsonQuote(task.name) +
         ", device " + jsonQuote(device.name);
}

void nt::spice::emitSaves(SpiceNetlist &netlist,
                          const std::vector<NeuronNodes> &neurons,
                          const std::vector<std::string> &rows,
                          const SaveOptions &save) {
  SpiceNetlist::Names words{".save"};
  for (const NeuronNodes &neuron : neurons) {
    words.push_back("v(" + neuron.spike + ")");
    if (save.membranes || save.measures)
      words.push_back("v(" + neuron.membrane + ")");
  }
  if (save.rows)
    for (const std::string &row : rows)
      words.push_back("v(" + row + ")");
  netlist.line(words);
  if (!save.measures)
    return;
  for (const NeuronNodes &neuron : neurons) {
    std::string name = neuron.spike.substr(2);
    netlist.line({".meas", "tran", "first_" + name, "WHEN",
                  "v(" + neuron.spike + ")=0.5", "RISE=1"});
    netlist.line(
        {".meas", "tran", "peak_" + name, "MAX", "v(" + neuron.membrane + ")"});
  }
}

double nt::spice::onGrid(double time_s, double slot_s) {
  double grid = slot_s * 1e-9;
  return std::round(time_s / grid) * grid;
}

Waveform nt::spice::pulseTrain(const std::map<uint32_t, uint32_t> &countOfSlot,
                               double slot_s, double width_s, double edge_s) {
  std::map<double, int64_t> bends; // Change of slope at a time.
  for (const auto &[slot, count] : countOfSlot) {
    double start = slot * slot_s;
    for (auto [time, bend] : {std::pair(start, 1),
                              {start + edge_s, -1},
                              {start + width_s, -1},
                              {start + width_s + edge_s, 1}})
      bends[onGrid(time, slot_s)] += bend * int64_t(count);
  }

  Waveform points{{0, 0}};
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

/// The corners of the clock at a slot's start: up to `blank` before it, to
/// `clear` at it, and down to `after`.
static void rearm(Waveform &points, const CellNumbers &numbers, double start_s,
                  double after_V, double slot_s) {
  double edge = numbers.cell_s, settle = numbers.settle_s;
  const std::pair<double, double> corners[] = {{-settle, 0},
                                               {-settle + edge, numbers.blank},
                                               {0, numbers.blank},
                                               {edge, numbers.clear},
                                               {settle, numbers.clear},
                                               {settle + edge, numbers.blank},
                                               {settle + 2 * edge, after_V}};
  for (auto [offset, volts] : corners)
    points.push_back({onGrid(start_s + offset, slot_s), volts});
}

Waveform nt::spice::slotClock(const CellNumbers &numbers, uint32_t slots,
                              double slot_s) {
  Waveform points{{0, 0}};
  for (uint32_t slot = 1; slot < slots; ++slot)
    rearm(points, numbers, slot * slot_s, 0, slot_s);
  return points;
}

Waveform nt::spice::windowClock(const CellNumbers &numbers,
                                const std::vector<SlotWindow> &windows,
                                double slot_s) {
  Waveform points{{0, numbers.blank}};
  for (const SlotWindow &window : windows) {
    double start = onGrid(window.first * slot_s, slot_s);
    if (start > points.back().first)
      points.push_back({start, numbers.blank});
    points.push_back({onGrid(start + numbers.cell_s, slot_s), 0});
    for (uint32_t slot = window.first + 1; slot < window.end; ++slot)
      rearm(points, numbers, slot * slot_s, 0, slot_s);
    rearm(points, numbers, window.end * slot_s, numbers.blank, slot_s);
  }
  return points;
}
