//===- MosCore.cpp - Cores of transistors ---------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/MosCore.h"

#include "BenchText.h"
#include "CoreCell.h"

#include <algorithm>
#include <map>
#include <set>

using namespace nt::spice;
using ntrt::CoreConfig;
using ntrt::CoreModulation;
using ntrt::DeviceModel;
using ntrt::Diag;
using ntrt::DiagnosticList;
using ntrt::Program;
using ntrt::TaskOverlay;

namespace {

/// Edges of row lines (s); half of each counts as on.
constexpr double kEdge_s = 5e-9;

class MosEmitter {
public:
  MosEmitter(const Program &program, const TaskOverlay &task,
             const DeviceModel &device, const TransistorCells &cells,
             const MosCoreOptions &options, std::ostream &out)
      : program(program), task(task), device(device), cells(cells),
        options(options), core(program.cores[options.core]),
        modulation(task.cores[options.core]), kind(resetName(device)),
        out(out) {}

  CoreNetlistInfo emit();

private:
  void nameNeurons();
  void emitDomains(SpiceNetlist &netlist) const;
  void emitColumn(SpiceNetlist &netlist, uint32_t column);
  void emitJoined(SpiceNetlist &netlist, const std::string &name,
                  const std::string &membrane, const std::string &row,
                  ntrt::Sources sources, const std::string &domain) const;
  void emitCoreCell(SpiceNetlist &netlist);
  void emitRows(SpiceNetlist &netlist);
  void emitAnalysis(SpiceNetlist &netlist) const;
  SpiceNetlist::Names corePorts() const;
  SpiceNetlist::Names bits(ntrt::Sources sources, const std::string &nOn,
                           const std::string &pOn) const;

  const Program &program;
  const TaskOverlay &task;
  const DeviceModel &device;
  const TransistorCells &cells;
  const MosCoreOptions &options;
  const CoreConfig &core;
  const CoreModulation &modulation;
  std::string kind;
  std::ostream &out;
  CoreNetlistInfo info;
};

} // namespace

void MosEmitter::nameNeurons() {
  std::set<std::string> taken;
  for (uint32_t column = 0; column < core.neurons; ++column)
    info.neurons.push_back(nodesOfColumn(program, core, column,
                                         "_c" + std::to_string(column), taken));
}

SpiceNetlist::Names MosEmitter::corePorts() const {
  SpiceNetlist::Names ports{"vdn",  "vdd",  "vdom", "vsn",   "vsp",
                            "casn", "casp", "vth",  "vrest", "vrst",
                            "clr",  "blk",  "pkt"};
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    ports.push_back("rn" + std::to_string(axon));
    ports.push_back("rp" + std::to_string(axon));
  }
  for (const NeuronNodes &neuron : info.neurons) {
    ports.push_back(neuron.spike);
    ports.push_back(neuron.membrane);
  }
  return ports;
}

SpiceNetlist::Names MosEmitter::bits(ntrt::Sources sources,
                                     const std::string &nOn,
                                     const std::string &pOn) const {
  SpiceNetlist::Names words;
  std::vector<int> digits = sourceDigits(sources, 3);
  for (int digit : digits)
    words.push_back(digit < 0 ? nOn : "0");
  for (int digit : digits)
    words.push_back(digit > 0 ? pOn : "vdd");
  return words;
}

/// A domain of each DAC code in use, whose volts are ideal: the DAC has a bench
/// of its own.
void MosEmitter::emitDomains(SpiceNetlist &netlist) const {
  auto domain = [&](const std::string &name, double volts_V, double synapses,
                    const std::string &ratio) {
    netlist.voltage("set" + name, "set" + name, volts_V);
    netlist.line({"Xdom" + name, "set" + name, "bn" + name, "bp" + name, "casn",
                  "bufn", "bufp", "vsn", "vsp", "vdom", "nt_domain",
                  "ratio=" + ratio,
                  "drive=" + std::to_string(domainDrive(synapses))});
  };
  double columns =
      double(device.coreNeurons) / device.synapseDomain.countPerCore;
  for (size_t d = 0; d < core.synapseDac.size(); ++d)
    domain("s" + std::to_string(d),
           device.synapseDomain.volts(core.synapseDac[d]),
           columns * device.coreAxons, "1");
  for (size_t d = 0; d < modulation.dac.size(); ++d)
    domain("m" + std::to_string(d),
           device.modulationDomain.volts(modulation.dac[d]), columns,
           "{nt_mod_ratio}");
}

/// A synapse whose sources that are off stand together, polarity by polarity.
void MosEmitter::emitJoined(SpiceNetlist &netlist, const std::string &name,
                            const std::string &membrane, const std::string &row,
                            ntrt::Sources sources,
                            const std::string &domain) const {
  int digits[2] = {3, 3}, units[2] = {7, 7}; // Off: sinks, sources.
  for (int k = 0; k < 3; ++k) {
    const int32_t digit = ntrt::digitOf(sources, k);
    if (digit == 0)
      continue;
    bool source = digit > 0;
    --digits[source];
    units[source] -= 1 << k;
    std::string cell = std::to_string(k) + '_' + name;
    std::vector<Parameter> parameters{{"units", double(1 << k)}};
    if (source)
      netlist.instance(cell,
                       {membrane, "rp" + row, "bp" + domain, "vsp", "vdd"},
                       "nt_sourcing", parameters);
    else
      netlist.instance(cell,
                       {membrane, "rn" + row, "bn" + domain, "vsn", "vdd"},
                       "nt_sink", parameters);
  }
  auto idle = [&](bool source) {
    return std::vector<Parameter>{{"digits", double(digits[source])},
                                  {"units", double(units[source])}};
  };
  if (digits[0])
    netlist.instance("n_" + name, {membrane, "rn" + row, "bn" + domain, "vsn"},
                     "nt_idle_sinks", idle(false));
  if (digits[1])
    netlist.instance("p_" + name,
                     {membrane, "rp" + row, "bp" + domain, "vsp", "vdd"},
                     "nt_idle_sources", idle(true));
}

void MosEmitter::emitColumn(SpiceNetlist &netlist, uint32_t column) {
  const NeuronNodes &nodes = info.neurons[column];
  std::string name = nodes.spike.substr(2);
  netlist.comment(jsonQuote(nodes.layer) + " neuron " +
                  std::to_string(nodes.layerNeuron) + ", column " +
                  std::to_string(column));
  netlist.instance("n_" + name,
                   {nodes.membrane, nodes.spike, "vth", "vrest", "vrst", "clr",
                    "blk", "pkt", "vbc", "vbl", "vbr", "vdn"},
                   "nt_neuron_" + kind);
  auto place = [&](const std::string &instance, SpiceNetlist::Names nodes,
                   const SpiceNetlist::Names &code, const std::string &domain,
                   const char *cell) {
    nodes.insert(nodes.end(), code.begin(), code.end());
    for (const std::string &node :
         {"bn" + domain, "bp" + domain, std::string("vsn"), std::string("vsp"),
          std::string("vdd")})
      nodes.push_back(node);
    netlist.instance(instance, nodes, cell);
  };
  const ntrt::ModulationWord &word = modulation.words[column];
  place("m_" + name, {nodes.membrane},
        bits(ntrt::leastCurrentSources(word.code, 3), "casn", "casp"),
        "m" + std::to_string(word.domain), "nt_modulator");
  std::string domain = "s" + std::to_string(core.synapseDomain[column]);
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    const ntrt::Sources sources = core.sourcesAt(axon, column, 3);
    info.synapses += sources != 0;
    std::string row = std::to_string(axon);
    if (options.joinIdle) {
      emitJoined(netlist, "s" + row + "_" + name, nodes.membrane, row, sources,
                 domain);
      continue;
    }
    place("s" + row + "_" + name, {nodes.membrane, "rn" + row, "rp" + row},
          bits(sources, "vdd", "0"), domain, "nt_synapse");
  }
}

void MosEmitter::emitCoreCell(SpiceNetlist &netlist) {
  netlist.beginSubcircuit("nt_core", corePorts());
  netlist.line({"Xbias", "vbc", "vbl", "vbr", "bufn", "bufp", "vdn", "nt_bias",
                "ir={nt_ir_" + kind + "}"});
  emitDomains(netlist);
  for (uint32_t column = 0; column < core.neurons; ++column)
    emitColumn(netlist, column);
  netlist.endSubcircuit("nt_core");
}

/// Row lines of every axon: at rest, or with a pulse in each slot with an
/// event.
void MosEmitter::emitRows(SpiceNetlist &netlist) {
  std::map<uint32_t, std::vector<uint32_t>> slotsOf;
  for (const AxonEvent &event : options.events)
    slotsOf[event.axon].push_back(event.slot);
  info.rows = static_cast<uint32_t>(slotsOf.size());
  double vdd = cells.parameter("nt_vdd");
  auto train = [&](const std::string &node, double rest, double active,
                   const std::vector<uint32_t> &slots) {
    std::vector<std::pair<double, double>> points{{0, rest}};
    for (uint32_t slot : slots) {
      // The first slot's pulse has its edge right after time 0.
      double start = slot * device.slot_s + kEdge_s / 10;
      double end = slot * device.slot_s + device.synapse.pulseWidth_s;
      points.push_back({start, rest});
      points.push_back({start + kEdge_s, active});
      points.push_back({end, active});
      points.push_back({end + kEdge_s, rest});
    }
    netlist.voltagePwl(node, node, points);
  };
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    std::string row = std::to_string(axon);
    auto slots = slotsOf.find(axon);
    if (slots == slotsOf.end()) {
      netlist.voltage("rn" + row, "rn" + row, 0);
      netlist.voltage("rp" + row, "rp" + row, vdd);
      continue;
    }
    train("rn" + row, 0, cells.parameter("nt_vcn"), slots->second);
    train("rp" + row, vdd, cells.parameter("nt_vcp"), slots->second);
  }
}

void MosEmitter::emitAnalysis(SpiceNetlist &netlist) const {
  netlist.verbatim(slotClocks(kind, device.slot_s));
  netlist.verbatim("Vth vth 0 {nt_vth}\nVrst vrst 0 {nt_vrst}\n"
                   "Vrest vrest 0 {nt_vrest}\n");
  netlist.verbatim(transistorSolverOptions());
  // Most of a core's transistors rest most of the time. A charge tolerance of
  // 0.1 pC moves a spike by 0.05 us against 1e-15 and halves the time points.
  netlist.line({".options", "bypass=1", "chgtol=1e-13"});
  SpiceNetlist::Names save{".save", "i(vdn)", "i(vdd)", "i(vdom)", "i(vsp)"};
  for (const NeuronNodes &neuron : info.neurons) {
    netlist.line(
        {".ic",
         "v(" + neuron.membrane + ")=" + formatNumber(device.neuron.vInit_V),
         "v(" + neuron.spike + ")=0"});
    save.push_back("v(" + neuron.spike + ")");
    save.push_back("v(" + neuron.membrane + ")");
  }
  netlist.line(save);
  std::string step = formatNumber(device.slot_s / 50);
  netlist.line({".tran", step, formatNumber(info.stop_s), "0", step});
  netlist.line({".end"});
}

CoreNetlistInfo MosEmitter::emit() {
  info.slots = options.slots ? options.slots : program.defaultSlots;
  info.stop_s = info.slots * device.slot_s;
  nameNeurons();
  SpiceNetlist netlist(out, coreTitle(program, task, device, options.core) +
                                ", " + cells.description());
  netlist.comment("Written by NT; docs/cells explains the cells.");
  for (const NeuronNodes &neuron : info.neurons)
    netlist.comment("nt-node " + nodeJson(neuron));
  netlist.verbatim(cells.preamble(device.coreAxons));
  emitCoreCell(netlist);
  netlist.verbatim("Vdn vdn 0 {nt_vdd}\nVdd vdd 0 {nt_vdd}\n"
                   "Vdom vdom 0 {nt_vdd}\nVsn vsn 0 {nt_vsn}\n"
                   "Vsp vsp 0 {nt_vsp}\nVcn casn 0 {nt_vcn}\n"
                   "Vcp casp 0 {nt_vcp}\n");
  netlist.instance("core", corePorts(), "nt_core");
  emitRows(netlist);
  emitAnalysis(netlist);
  return std::move(info);
}

ntrt::Result<CoreNetlistInfo>
nt::spice::emitMosCore(const Program &program, const TaskOverlay &task,
                       const DeviceModel &device, const TransistorCells &cells,
                       const MosCoreOptions &options, std::ostream &out) {
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
  if (device.synapse.digits != 3)
    misfit("the transistor-level synapse has 3 digits, the device " +
           std::to_string(device.synapse.digits));
  const CoreConfig &core = program.cores[options.core];
  if (core.isPaired())
    misfits.push_back({Diag::PairStage, program.name,
                       "transistor-level cells of core " +
                           std::to_string(options.core) +
                           ": they join no membranes"});
  uint32_t slots = options.slots ? options.slots : program.defaultSlots;
  std::set<AxonEvent> seen;
  for (const AxonEvent &event : options.events) {
    std::string what = "event on axon " + std::to_string(event.axon) +
                       " in slot " + std::to_string(event.slot);
    if (event.axon >= core.axons || event.slot >= slots)
      misfit(what + " of " + std::to_string(core.axons) + " axons and " +
             std::to_string(slots) + " slots");
    else if (!seen.insert(event).second)
      misfit("more than one " + what + ", and a row line has one pulse a slot");
  }
  if (!misfits.empty())
    return misfits;
  return MosEmitter(program, task, device, cells, options, out).emit();
}
