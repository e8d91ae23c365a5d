//===- ChipNetlist.cpp - The netlist of a chip with its fabric ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/spice.md, "The chip", explains the fabric and its clocks.
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/ChipNetlist.h"
#include "CoreCell.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <sstream>

using namespace nt::spice;
using ntrt::CoreConfig;
using ntrt::DeviceModel;
using ntrt::Diag;
using ntrt::DiagnosticList;
using ntrt::DomainModel;
using ntrt::ModulationWord;
using ntrt::Program;
using ntrt::SpikeEvent;

double nt::spice::domainTimeConstant_s(const DomainModel &domain) {
  double steepest = 0; // Of ln(amperes) over volts.
  for (size_t i = 1; i < domain.curveVolts.size(); ++i)
    steepest =
        std::max(steepest,
                 std::log(domain.curveAmperes[i] / domain.curveAmperes[i - 1]) /
                     (domain.curveVolts[i] - domain.curveVolts[i - 1]));
  double allowed_V = std::log(1.02) / steepest;
  double range_V = domain.voltsMax - domain.voltsMin;
  return domain.settling_s / std::log(std::max(2.0, range_V / allowed_V));
}

namespace {

/// Amperes that 1 V of a domain's LSB node stands for.
constexpr double lsbUnit_A = 1e-9;

/// What drives an axon that is emitted.
struct AxonDriver {
  bool fabric = false;
  std::string reg;                     ///< Register node; of fabric axons.
  std::map<uint32_t, uint32_t> events; ///< Slot to how many; of the others.
};

/// A core to emit, with all that does not depend on the text.
struct Core {
  uint32_t index = 0;
  const CoreConfig *config = nullptr;
  std::vector<NeuronNodes> neurons;
  std::map<uint32_t, AxonDriver> drivers; ///< By axon.
  std::vector<uint32_t> axons;            ///< The keys of `drivers`.
};

/// A level that is fixed or changes with the phases.
struct PhaseLevel {
  std::string node;
  std::vector<double> volts; ///< One a phase.
};

class ChipEmitter {
public:
  ChipEmitter(const Program &program, const DeviceModel &device,
              const std::vector<ChipPhase> &phases, const CellLibrary &cells,
              const ChipNetlistOptions &options, std::ostream &out)
      : program(program), device(device), phases(phases), cells(cells),
        options(options), out(out) {}

  ntrt::Result<ChipNetlistInfo> emit();

private:
  DiagnosticList check() const;
  void prepareTime();
  void prepareCores();
  void prepareDrivers(Core &core);
  double largestCurrent_A(const Core &core) const;
  std::vector<SlotWindow> windowsOf(uint32_t startSlot) const;
  bool isEmitted(uint32_t core, uint32_t neuron) const {
    return emitted.count({core, neuron}) != 0;
  }
  uint32_t stages() const { return 1 + device.linkLatency_slots; }

  bool domainChanges(uint32_t core, uint32_t domain) const;
  bool isDriven(uint32_t core, uint32_t domain) const;
  std::string at(const char *kind, uint32_t core) const {
    return kind + std::to_string(core);
  }

  void emitDomainCell(SpiceNetlist &netlist) const;
  void emitCoreCell(SpiceNetlist &netlist, const Core &core);
  void emitModulation(SpiceNetlist &netlist, const Core &core,
                      const NeuronNodes &nodes);
  SpiceNetlist::Names corePorts(const Core &core) const;
  void emitFabric(SpiceNetlist &netlist);
  void emitDomains(SpiceNetlist &netlist, const Core &core);
  void emitStimulus(SpiceNetlist &netlist);
  void emitAnalysis(SpiceNetlist &netlist) const;
  void emitPwl(SpiceNetlist &netlist, const std::string &node,
               const Waveform &points);
  void emitLevel(SpiceNetlist &netlist, const PhaseLevel &level);

  const Program &program;
  const DeviceModel &device;
  const std::vector<ChipPhase> &phases;
  const CellLibrary &cells;
  const ChipNetlistOptions &options;
  std::ostream &out;

  ChipNetlistInfo info;
  CellNumbers numbers;
  std::vector<Core> cores;
  /// Spike nodes of the emitted neurons, by core and column.
  std::map<std::pair<uint32_t, uint32_t>, std::string> emitted;
  /// Register nodes of inputs and of neurons that drive an emitted axon.
  std::map<std::pair<uint32_t, uint32_t>, std::string> registers;
  std::map<uint32_t, std::map<uint32_t, uint32_t>> inputEvents;
  uint32_t phaseSlots = 0, gapSlots = 0;
  /// Digit nodes of the core being emitted that change with the phases.
  std::map<uint32_t, std::vector<PhaseLevel>> wordLevels;
};

} // namespace

DiagnosticList ChipEmitter::check() const {
  DiagnosticList misfits;
  auto misfit = [&](const std::string &detail) {
    misfits.push_back({Diag::SpiceCore, program.name, detail});
  };
  std::set<uint32_t> seen;
  for (const CoreSelection &selection : options.cores) {
    if (selection.core >= program.cores.size()) {
      misfit("core " + std::to_string(selection.core) + " of " +
             std::to_string(program.cores.size()) + ", counted from 0");
      continue;
    }
    if (!seen.insert(selection.core).second)
      misfit("core " + std::to_string(selection.core) + " is asked for twice");
    std::set<uint32_t> columns;
    for (uint32_t neuron : selection.neurons)
      if (neuron >= program.cores[selection.core].neurons ||
          !columns.insert(neuron).second)
        misfit("neuron " + std::to_string(neuron) + " of " +
               std::to_string(program.cores[selection.core].neurons) +
               " of core " + std::to_string(selection.core) +
               ", counted from 0, each once");
  }
  if (phases.empty())
    misfit("no phase to run");
  const CellTiming &timing = options.timing;
  double needed = device.synapse.pulseWidth_s * (1 + timing.edge) +
                  (stages() + 1) * timing.settle * timing.cell * device.slot_s;
  if (needed > device.slot_s)
    misfits.push_back({Diag::SpiceFabric, device.name,
                       "pulse and event registers take " +
                           formatNumber(needed) + " s, the slot has " +
                           formatNumber(device.slot_s) + " s"});
  return misfits;
}

void ChipEmitter::prepareTime() {
  info.slots = options.slots ? options.slots : program.defaultSlots;
  uint32_t lastStart = 0;
  for (const Core &core : cores)
    lastStart = std::max(lastStart, core.config->startSlot);
  phaseSlots = info.slots + lastStart;
  gapSlots =
      2 + static_cast<uint32_t>(std::ceil(options.gap_s / device.slot_s));
  for (size_t phase = 0; phase < phases.size(); ++phase)
    info.phaseSlot.push_back(
        static_cast<uint32_t>(phase * (phaseSlots + gapSlots)));
  info.stop_s = (info.phaseSlot.back() + phaseSlots) * device.slot_s;
}

void ChipEmitter::prepareCores() {
  std::vector<CoreSelection> selections = options.cores;
  if (selections.empty())
    for (uint32_t core = 0; core < program.cores.size(); ++core)
      selections.push_back({core, {}});
  std::set<std::string> taken;
  for (CoreSelection &selection : selections) {
    Core core;
    core.index = selection.core;
    core.config = &program.cores[selection.core];
    if (selection.neurons.empty()) {
      selection.neurons.resize(core.config->neurons);
      std::iota(selection.neurons.begin(), selection.neurons.end(), 0);
    }
    for (uint32_t column : selection.neurons) {
      NeuronNodes nodes = nodesOfColumn(program, *core.config, column,
                                        "_k" + std::to_string(core.index) +
                                            "_c" + std::to_string(column),
                                        taken);
      emitted[{core.index, column}] = nodes.spike;
      info.neurons.push_back({core.index, nodes});
      core.neurons.push_back(std::move(nodes));
    }
    cores.push_back(std::move(core));
  }
}

void ChipEmitter::prepareDrivers(Core &core) {
  auto registerOf = [&](uint32_t source, uint32_t neuron) {
    std::string node =
        source == SpikeEvent::kInputCore
            ? at("ri", neuron)
            : "r" + std::to_string(source) + "_" + std::to_string(neuron);
    return registers.try_emplace({source, neuron}, node).first->second;
  };
  if (options.inputs == InputSource::Spikes)
    for (const ntrt::InputRoute &route : program.inputRoutes)
      if (route.targetCore == core.index && inputEvents.count(route.input)) {
        AxonDriver &driver = core.drivers[route.targetAxon];
        driver.fabric = true;
        driver.reg = registerOf(SpikeEvent::kInputCore, route.input);
      }
  for (const ntrt::Route &route : program.routes)
    if (route.targetCore == core.index &&
        isEmitted(route.sourceCore, route.sourceNeuron)) {
      AxonDriver &driver = core.drivers[route.targetAxon];
      driver.fabric = true;
      driver.reg = registerOf(route.sourceCore, route.sourceNeuron);
    }
  for (size_t phase = 0; phase < phases.size(); ++phase)
    for (const AxonEvent &event : axonEventsOfCore(
             program, device, phases[phase].spikes, core.index, info.slots)) {
      auto known = core.drivers.find(event.axon);
      if (known != core.drivers.end() && known->second.fabric)
        continue;
      ++core.drivers[event.axon].events[info.phaseSlot[phase] +
                                        core.config->startSlot + event.slot];
    }
  for (const auto &[axon, driver] : core.drivers)
    core.axons.push_back(axon);
}

/// The largest current that charges any membrane of the core in the recorded
/// runs.
double ChipEmitter::largestCurrent_A(const Core &core) const {
  const CoreConfig &config = *core.config;
  double largest = 0;
  for (const ChipPhase &phase : phases) {
    const ntrt::CoreDrive drive =
        ntrt::driveOf(config, phase.task->cores[core.index], device);
    std::vector<int64_t> sum(config.columns());
    auto take = [&] {
      for (uint32_t n = 0; n < config.neurons; ++n)
        largest =
            std::max(largest, drive.synaptic_A(n, &sum[config.columnOf(n)]) +
                                  drive.modulation_A[n]);
      std::fill(sum.begin(), sum.end(), 0);
    };
    uint32_t slot = 0;
    for (const AxonEvent &event : axonEventsOfCore(
             program, device, phase.spikes, core.index, info.slots)) {
      if (event.slot != slot)
        take();
      slot = event.slot;
      for (uint32_t column = 0; column < config.columns(); ++column)
        sum[column] += config.code(event.axon, column);
    }
    take();
  }
  return largest;
}

std::vector<SlotWindow> ChipEmitter::windowsOf(uint32_t startSlot) const {
  std::vector<SlotWindow> windows;
  for (uint32_t first : info.phaseSlot)
    windows.push_back({first + startSlot, first + startSlot + info.slots});
  return windows;
}

bool ChipEmitter::domainChanges(uint32_t core, uint32_t domain) const {
  return std::any_of(phases.begin(), phases.end(), [&](const ChipPhase &phase) {
    return phase.task->cores[core].dac[domain] !=
           phases.front().task->cores[core].dac[domain];
  });
}

/// Is the domain's LSB current a node? If its volts change, or a word of a
/// neuron on it does.
bool ChipEmitter::isDriven(uint32_t core, uint32_t domain) const {
  if (domainChanges(core, domain))
    return true;
  for (const ChipPhase &phase : phases) {
    const auto &words = phase.task->cores[core].words;
    const auto &first = phases.front().task->cores[core].words;
    for (size_t n = 0; n < words.size(); ++n)
      if (words[n] != first[n] &&
          (words[n].domain == domain || first[n].domain == domain))
        return true;
  }
  return false;
}

/// nt_domain: the DAC's volts settle; the curve of the device, log-linear
/// between its points, gives the LSB current.
void ChipEmitter::emitDomainCell(SpiceNetlist &netlist) const {
  const DomainModel &domain = device.modulationDomain;
  const auto &volts = domain.curveVolts;
  const auto &amperes = domain.curveAmperes;
  auto slope = [&](size_t k) {
    return std::log(amperes[k + 1] / amperes[k]) / (volts[k + 1] - volts[k]);
  };
  std::string text = formatNumber(std::log(amperes[0] / lsbUnit_A)) + "+(" +
                     formatNumber(slope(0)) + ")*(v(volts)-" +
                     formatNumber(volts[0]) + ")";
  for (size_t k = 1; k + 1 < volts.size(); ++k)
    text += "+(" + formatNumber(slope(k) - slope(k - 1)) + ")*max(v(volts)-" +
            formatNumber(volts[k]) + ",0)";
  netlist.beginSubcircuit("nt_domain", {"dac", "volts", "lsb", "neg"},
                          {{"v0", 0}});
  double capacitance = device.neuron.capacitance_F;
  netlist.line({"Rd", "dac", "volts",
                formatNumber(domainTimeConstant_s(domain) / capacitance)});
  netlist.line({"Cd", "volts", "0", formatNumber(capacitance), "ic={v0}"});
  netlist.line({"El", "lsb", "0", "VALUE={exp(" + text + ")}"});
  netlist.line({"Gn", "neg", "0", "lsb", "0", "1"});
  netlist.line({"Rn", "neg", "0", "1"});
  netlist.endSubcircuit("nt_domain");
}

SpiceNetlist::Names ChipEmitter::corePorts(const Core &core) const {
  SpiceNetlist::Names ports{at("clk", core.config->startSlot),
                            at("en", core.config->startSlot)};
  for (uint32_t axon : core.axons)
    ports.push_back("a" + std::to_string(axon));
  for (const NeuronNodes &neuron : core.neurons) {
    ports.push_back(neuron.spike);
    ports.push_back(neuron.membrane);
  }
  for (uint32_t domain = 0; domain < device.modulationDomain.countPerCore;
       ++domain)
    if (domain < phases.front().task->cores[core.index].dac.size() &&
        isDriven(core.index, domain)) {
      ports.push_back("lsb" + std::to_string(domain));
      ports.push_back("neg" + std::to_string(domain));
    }
  auto levels = wordLevels.find(core.index);
  if (levels != wordLevels.end())
    for (const PhaseLevel &level : levels->second)
      ports.push_back(level.node);
  if (options.meters)
    ports.push_back("q");
  return ports;
}

void ChipEmitter::emitModulation(SpiceNetlist &netlist, const Core &core,
                                 const NeuronNodes &nodes) {
  const std::string name = nodes.spike.substr(2);
  auto wordOf = [&](size_t phase) -> const ModulationWord & {
    return phases[phase].task->cores[core.index].words[nodes.column];
  };
  bool fixed = true;
  for (size_t phase = 1; phase < phases.size(); ++phase)
    fixed &= wordOf(phase) == wordOf(0);
  const ModulationWord &first = wordOf(0);
  std::string lsb = "lsb" + std::to_string(first.domain);
  // Both cells of a pair take the word.
  const double cells = core.config->columnsPerNeuron;
  if (fixed && first.code && domainChanges(core.index, first.domain))
    netlist.instance(
        "m_" + name, {nodes.membrane, lsb}, "nt_modulator_driven",
        {{"code", double(first.code)}, {"unit", cells * lsbUnit_A}});
  else if (fixed && first.code)
    netlist.instance(
        "m_" + name, {nodes.membrane}, "nt_modulator",
        {{"code", double(first.code)},
         {"lsb", cells * modulationLsb_A(phases.front().task->cores[core.index],
                                         device, nodes.column)}});
  if (fixed)
    return;
  // Sources of the digits that any phase uses, on each domain it uses them of.
  for (uint32_t domain = 0; domain < device.modulationDomain.countPerCore;
       ++domain)
    for (uint32_t digit = 0; digit < device.synapse.digits; ++digit) {
      const std::string suffix =
          std::to_string(domain) + "_" + std::to_string(digit) + "_" + name;
      PhaseLevel source{"wp" + suffix, {}}, sink{"wn" + suffix, {}};
      bool used = false;
      for (size_t phase = 0; phase < phases.size(); ++phase) {
        const ModulationWord &word = wordOf(phase);
        int value = word.domain == domain
                        ? codeDigits(word.code, device.synapse.digits)[digit]
                        : 0;
        source.volts.push_back(value > 0);
        sink.volts.push_back(value < 0);
        used |= value != 0;
      }
      if (!used)
        continue;
      std::string rail = std::to_string(domain);
      netlist.instance(
          "w" + suffix,
          {nodes.membrane, "lsb" + rail, "neg" + rail, source.node, sink.node},
          "nt_modulator_digit",
          {{"units", double(1u << digit)},
           {"unit", cells * lsbUnit_A},
           {"ron", 1e-3},
           {"roff", 1e9},
           {"rsel", 1e3}});
      wordLevels[core.index].push_back(std::move(source));
      wordLevels[core.index].push_back(std::move(sink));
    }
}

void ChipEmitter::emitCoreCell(SpiceNetlist &netlist, const Core &core) {
  const CoreConfig &config = *core.config;
  // The words' nodes are ports: known before the subcircuit opens.
  std::ostringstream modulation;
  SpiceNetlist inner(modulation);
  const std::string clock = at("clk", config.startSlot),
                    enable = at("en", config.startSlot);
  for (const NeuronNodes &nodes : core.neurons)
    emitModulation(inner, core, nodes);
  netlist.beginSubcircuit(at("nt_core_", core.index), corePorts(core));
  emitCoreLevels(netlist, device);
  netlist.voltage("ini", "ini", device.neuron.vInit_V);
  netlist.verbatim(modulation.str());
  for (const NeuronNodes &nodes : core.neurons) {
    const std::string name = nodes.spike.substr(2);
    netlist.comment(
        jsonQuote(nodes.layer) + " neuron " +
        std::to_string(nodes.layerNeuron) + ", column " +
        std::to_string(config.columnOf(nodes.column)) + ", synapse domain " +
        std::to_string(config.synapseDomain[config.columnOf(nodes.column)]));
    netlist.instance(
        "n_" + name,
        {nodes.membrane, nodes.spike, clock, "th", "lo", "hi", "one", "rst"},
        neuronCellOf(config));
    netlist.instance(
        "h_" + name, {nodes.membrane, "ini", enable}, "nt_hold",
        {{"ron", numbers.packet_Ohm / 10}, {"roff", numbers.off_Ohm}});
    info.synapses += emitSynapses(netlist, config, device, nodes, core.axons,
                                  options.perDigit);
  }
  if (options.meters)
    for (uint32_t axon : core.axons) {
      double amperes = 0;
      for (const NeuronNodes &nodes : core.neurons)
        for (uint32_t i = 0; i < config.columnsPerNeuron; ++i) {
          const uint32_t column = config.columnOf(nodes.column) + i;
          amperes += std::max<int>(0, config.code(axon, column)) *
                     synapseLsb_A(config, device, column);
        }
      std::string row = "a" + std::to_string(axon);
      netlist.instance("q_" + row, {row, "q"}, "nt_meter",
                       {{"amperes", amperes}});
    }
  netlist.endSubcircuit(at("nt_core_", core.index));
}

void ChipEmitter::emitPwl(SpiceNetlist &netlist, const std::string &node,
                          const Waveform &points) {
  netlist.voltagePwl(node, node, points);
  for (const auto &[time, volts] : points)
    if (time < info.stop_s)
      info.corners_s.push_back(time);
}

void ChipEmitter::emitLevel(SpiceNetlist &netlist, const PhaseLevel &level) {
  Waveform points{{0, level.volts.front()}};
  for (size_t phase = 1; phase < phases.size(); ++phase) {
    if (level.volts[phase] == level.volts[phase - 1])
      continue;
    // One slot into the rest, when all latches are cleared.
    double start = (info.phaseSlot[phase] - gapSlots + 1) * device.slot_s;
    points.push_back({onGrid(start, device.slot_s), level.volts[phase - 1]});
    points.push_back(
        {onGrid(start + numbers.settle_s, device.slot_s), level.volts[phase]});
  }
  if (points.size() == 1)
    netlist.voltage(level.node, level.node, level.volts.front());
  else
    emitPwl(netlist, level.node, points);
}

void ChipEmitter::emitFabric(SpiceNetlist &netlist) {
  netlist.comment("The event fabric: a register for each source of an emitted "
                  "axon, a driver for each row.");
  for (const auto &[source, node] : registers) {
    auto [core, neuron] = source;
    const bool input = core == SpikeEvent::kInputCore;
    std::string from = input ? at("i", neuron) : emitted.at(source);
    // Inputs enter beside their cores: only routed spikes cross links.
    const uint32_t last = input ? 1 : stages();
    for (uint32_t stage = 1; stage <= last; ++stage) {
      std::string to =
          stage == last ? node : node + "_" + std::to_string(stage);
      netlist.instance(to, {from, to, at("smp", stage)}, "nt_register",
                       {{"chold", device.neuron.capacitance_F},
                        {"rtrack", numbers.packet_Ohm / 10},
                        {"roff", numbers.off_Ohm}});
      ++info.registers;
      from = to;
    }
  }
  for (const Core &core : cores)
    for (const auto &[axon, driver] : core.drivers)
      if (driver.fabric) {
        std::string row =
            "a" + std::to_string(core.index) + "_" + std::to_string(axon);
        netlist.instance("d" + row, {row, driver.reg, "gate"}, "nt_row",
                         {{"ron", 1}, {"roff", 1e12}, {"rrow", 1e6}});
      }
}

void ChipEmitter::emitDomains(SpiceNetlist &netlist, const Core &core) {
  const auto &dac = phases.front().task->cores[core.index].dac;
  for (uint32_t domain = 0; domain < dac.size(); ++domain) {
    if (!isDriven(core.index, domain))
      continue;
    const std::string suffix =
        std::to_string(domain) + "_" + std::to_string(core.index);
    PhaseLevel level{"dac" + suffix, {}};
    for (const ChipPhase &phase : phases)
      level.volts.push_back(device.modulationDomain.volts(
          phase.task->cores[core.index].dac[domain]));
    emitLevel(netlist, level);
    info.domainVolts.push_back("v" + suffix);
    netlist.instance("domain" + suffix,
                     {level.node, "v" + suffix, "lsb" + suffix, "neg" + suffix},
                     "nt_domain", {{"v0", level.volts.front()}});
  }
  for (const PhaseLevel &level : wordLevels[core.index])
    emitLevel(netlist, level);
}

void ChipEmitter::emitStimulus(SpiceNetlist &netlist) {
  const double slot = device.slot_s;
  for (const Core &core : cores)
    for (const auto &[axon, driver] : core.drivers)
      if (!driver.fabric)
        emitPwl(netlist,
                "a" + std::to_string(core.index) + "_" + std::to_string(axon),
                pulseTrain(driver.events, slot, device.synapse.pulseWidth_s,
                           numbers.edge_s));
  for (const auto &[source, node] : registers)
    if (source.first == SpikeEvent::kInputCore)
      emitPwl(
          netlist, at("i", source.second),
          pulseTrain(inputEvents[source.second], slot, slot, numbers.cell_s));

  netlist.comment("Slot clocks and holds, one of each start slot.");
  std::set<uint32_t> starts;
  for (const Core &core : cores)
    starts.insert(core.config->startSlot);
  for (uint32_t start : starts) {
    std::vector<SlotWindow> windows = windowsOf(start);
    emitPwl(netlist, at("clk", start), windowClock(numbers, windows, slot));
    Waveform hold;
    for (const SlotWindow &window : windows) {
      double from = window.first * slot, to = window.end * slot;
      if (hold.empty() && from - numbers.cell_s > 0)
        hold.push_back({0, 1});
      if (from - numbers.cell_s > 0)
        hold.push_back({onGrid(from - numbers.cell_s, slot), 1});
      hold.push_back({onGrid(from, slot), 0});
      hold.push_back({onGrid(to, slot), 0});
      hold.push_back({onGrid(to + numbers.cell_s, slot), 1});
    }
    emitPwl(netlist, at("en", start), hold);
  }
  if (registers.empty())
    return;
  netlist.comment("Sampling of the registers at the end of each slot, and the "
                  "pulse of the next.");
  std::map<uint32_t, uint32_t> pulses;
  for (uint32_t first : info.phaseSlot)
    for (uint32_t s = 1; s < phaseSlots; ++s)
      pulses[first + s] = 1;
  emitPwl(
      netlist, "gate",
      pulseTrain(pulses, slot, device.synapse.pulseWidth_s, numbers.edge_s));
  for (uint32_t stage = 1; stage <= stages(); ++stage) {
    Waveform sampling{{0, 0}};
    for (uint32_t first : info.phaseSlot)
      for (uint32_t s = 1; s <= phaseSlots; ++s) {
        double end = (first + s) * slot - (stage - 1) * numbers.settle_s;
        double edge = numbers.cell_s;
        for (auto [offset, volts] :
             {std::pair(2 * edge - numbers.settle_s, 0.0),
              {3 * edge - numbers.settle_s, 1.0},
              {-2 * edge, 1.0},
              {-edge, 0.0}})
          sampling.push_back({onGrid(end + offset, slot), volts});
      }
    emitPwl(netlist, at("smp", stage), sampling);
  }
}

void ChipEmitter::emitAnalysis(SpiceNetlist &netlist) const {
  emitSolverOptions(netlist, device);
  std::vector<NeuronNodes> neurons;
  for (const ChipNeuron &neuron : info.neurons)
    neurons.push_back(neuron.nodes);
  std::vector<std::string> rows;
  for (const Core &core : cores)
    for (uint32_t axon : core.axons)
      rows.push_back("a" + std::to_string(core.index) + "_" +
                     std::to_string(axon));
  emitSaves(netlist, neurons, rows, options.save);
  SpiceNetlist::Names more{".save"};
  for (const std::string &meter : info.meters)
    more.push_back("v(" + meter + ")");
  for (const std::string &volts : info.domainVolts)
    more.push_back("v(" + volts + ")");
  if (more.size() > 1)
    netlist.line(more);
  std::string step = formatNumber(options.timing.step * device.slot_s);
  netlist.line({".tran", step, formatNumber(info.stop_s), "0", step, "uic"});
  netlist.line({".end"});
}

ntrt::Result<ChipNetlistInfo> ChipEmitter::emit() {
  auto chipCells = cells.checkChipCells();
  DiagnosticList misfits = check();
  if (!chipCells)
    misfits.insert(misfits.end(), chipCells.diagnostics().begin(),
                   chipCells.diagnostics().end());
  if (!misfits.empty())
    return misfits;
  prepareCores();
  prepareTime();
  for (size_t phase = 0; phase < phases.size(); ++phase)
    for (const SpikeEvent &spike : phases[phase].spikes)
      if (spike.core == SpikeEvent::kInputCore)
        ++inputEvents[spike.neuron][info.phaseSlot[phase] + spike.slot];
  double largest = 0;
  for (Core &core : cores) {
    prepareDrivers(core);
    info.rows += core.axons.size();
    largest = std::max(largest, largestCurrent_A(core));
  }
  numbers = cellNumbers(device, options.timing, largest);

  SpiceNetlist netlist(out, "NT chip of program " + jsonQuote(program.name) +
                                ", task " +
                                jsonQuote(phases.front().task->name) +
                                ", device " + jsonQuote(device.name));
  netlist.comment("Written by NT; docs/spice.md explains the cells. Run:");
  netlist.comment("  ngspice -b -r core.raw core.cir");
  for (size_t phase = 0; phase < phases.size(); ++phase)
    netlist.comment("Phase " + std::to_string(phase) + ": task " +
                    jsonQuote(phases[phase].task->name) + " from slot " +
                    std::to_string(info.phaseSlot[phase]) + " on.");
  netlist.comment("Nodes of neurons:");
  for (const ChipNeuron &neuron : info.neurons)
    netlist.comment("nt-node " + nodeJson(neuron.nodes, neuron.core));
  netlist.verbatim(cells.text());
  netlist.comment("The neuron of the device.");
  auto isPaired = [](const Core &core) { return core.config->isPaired(); };
  if (!std::all_of(cores.begin(), cores.end(), isPaired))
    emitNeuronCell(netlist, device, numbers);
  if (std::any_of(cores.begin(), cores.end(), isPaired))
    emitPairCell(netlist, device, numbers);
  if (options.perDigit)
    emitDigitCell(netlist, device);
  bool driven = false;
  for (const Core &core : cores)
    for (uint32_t domain = 0;
         domain < phases.front().task->cores[core.index].dac.size(); ++domain)
      driven |= isDriven(core.index, domain);
  if (driven)
    emitDomainCell(netlist);
  for (const Core &core : cores)
    emitCoreCell(netlist, core);
  info.meter_F = 1e4 * device.thresholdCharge_C();
  for (const Core &core : cores) {
    const std::string suffix = "_" + std::to_string(core.index);
    SpiceNetlist::Names nodes;
    for (const std::string &port : corePorts(core)) {
      const char kind = port[0];
      // Rows, domains and meters are nodes of this core; the rest are global.
      const bool own = (kind == 'a' || port.rfind("lsb", 0) == 0 ||
                        port.rfind("neg", 0) == 0);
      nodes.push_back(port == "q"   ? at("q", core.index)
                      : !own        ? port
                      : kind == 'a' ? "a" + std::to_string(core.index) + "_" +
                                          port.substr(1)
                                    : port + suffix);
    }
    netlist.instance(at("core", core.index), nodes, at("nt_core_", core.index));
    if (options.meters) {
      info.meters.push_back(at("q", core.index));
      netlist.line({at("Cq", core.index), at("q", core.index), "0",
                    formatNumber(info.meter_F), "ic=0"});
    }
    emitDomains(netlist, core);
  }
  emitFabric(netlist);
  emitStimulus(netlist);
  emitAnalysis(netlist);
  auto &corners = info.corners_s;
  std::sort(corners.begin(), corners.end());
  corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
  return std::move(info);
}

ntrt::Result<ChipNetlistInfo> nt::spice::emitChipNetlist(
    const Program &program, const DeviceModel &device,
    const std::vector<ChipPhase> &phases, const CellLibrary &cells,
    const ChipNetlistOptions &options, std::ostream &out) {
  return ChipEmitter(program, device, phases, cells, options, out).emit();
}
