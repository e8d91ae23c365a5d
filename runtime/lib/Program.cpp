//===- Program.cpp - Checking programs and tasks --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Program.h"
#include "Text.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace ntrt;

namespace {
/// Counts the misfits of one rule at one place and reports them as one.
class Tally {
public:
  Tally(Diag diag, std::string place) : diag(diag), place(std::move(place)) {}

  /// `detail` is a function, so that only the first misfit costs a string.
  template <typename Detail> void add(Detail detail) {
    if (count++ == 0)
      first = detail();
  }
  void reportTo(DiagnosticList &diagnostics) const {
    if (count == 0)
      return;
    std::string more =
        count > 1 ? ", and " + std::to_string(count - 1) + " more like it" : "";
    diagnostics.push_back({diag, place, first + more});
  }

private:
  Diag diag;
  std::string place, first;
  uint64_t count = 0;
};

class ProgramChecker {
public:
  ProgramChecker(const Program &program, const DeviceModel &device)
      : program(program), device(device) {}

  DiagnosticList run() {
    checkHeader();
    checkLayers();
    checkCores();
    checkRoutes();
    checkReadout();
    return std::move(diagnostics);
  }

private:
  void checkHeader();
  void checkLayers();
  void checkCores();
  void checkCore(const CoreConfig &core, const std::string &place);
  void checkSources(const CoreConfig &core, const std::string &place);
  void checkDomains(const CoreConfig &core, const std::string &place);
  void checkLayerNeurons(const CoreConfig &core, const std::string &place);
  void checkRoutes();
  void checkReadout();
  /// Marks an axon as driven; reports one that is outside its core or driven
  /// already.
  void checkTarget(uint32_t core, uint32_t axon, Tally &range, Tally &shared);

  void misfit(Diag diag, std::string place, std::string detail) {
    diagnostics.push_back({diag, std::move(place), std::move(detail)});
  }

  const Program &program;
  const DeviceModel &device;
  DiagnosticList diagnostics;
  /// driven[core][axon]; empty for a core whose sizes are out of range.
  std::vector<std::vector<bool>> driven;
};
} // namespace

void ProgramChecker::checkHeader() {
  if (program.deviceHash != device.hash)
    misfit(Diag::BitDevice, "program",
           "compiled for " + quoted(program.deviceName) + " with hash " +
               hex(program.deviceHash) + ", but " + quoted(device.name) +
               " has hash " + hex(device.hash));
  if (program.inputs == 0 || program.inputs > kMaxInputs)
    misfit(Diag::ChipStructure, "program",
           text(program.inputs) + " inputs, the range is 1 to " +
               text(kMaxInputs));
  if (program.encoding != InputEncoding::Regular &&
      program.encoding != InputEncoding::Signed)
    misfit(Diag::ChipStructure, "program",
           "unknown input encoding " + text(uint32_t(program.encoding)));
  if (!(program.inputFullScale > 0) || !std::isfinite(program.inputFullScale))
    misfit(Diag::ChipStructure, "program",
           "the input's full scale is not positive and finite");
  const Normalisation &norm = program.normalisation;
  const Normalisation shortest = norm.canonical();
  auto isFinite = [](float value) { return std::isfinite(value); };
  if (norm.mean != shortest.mean || norm.deviation != shortest.deviation ||
      !std::all_of(norm.mean.begin(), norm.mean.end(), isFinite) ||
      !std::all_of(norm.deviation.begin(), norm.deviation.end(),
                   [&](float value) { return isFinite(value) && value > 0; }))
    misfit(Diag::ChipStructure, "program",
           "the normalisation of inputs is not in its shortest form, not "
           "finite, or has a deviation that is not above 0");
  if (program.readoutKind != ReadoutKind::Count &&
      program.readoutKind != ReadoutKind::Membrane &&
      program.readoutKind != ReadoutKind::First)
    misfit(Diag::ChipStructure, "program",
           "unknown read-out kind " + text(uint32_t(program.readoutKind)));
  if (program.defaultSlots == 0 || program.defaultSlots > kMaxSlots)
    misfit(Diag::SimSlots, "program",
           text(program.defaultSlots) + " default slots, the range is 1 to " +
               text(kMaxSlots));
  // Codes are held in 8 bits, and frame addresses in 16.
  if (device.synapse.digits < 1 || device.synapse.digits > 7)
    misfit(Diag::ChipStructure, "device " + quoted(device.name),
           text(device.synapse.digits) +
               " digits a synapse, a program can hold 1 to 7");
  if (device.coreAxons > 0x10000 || device.gridRows > 0x10000 ||
      device.gridColumns > 0x10000)
    misfit(Diag::ChipStructure, "device " + quoted(device.name),
           "more rows, columns or axons than the 65536 of a frame address");
}

void ProgramChecker::checkLayers() {
  if (program.layers.empty())
    misfit(Diag::ChipStructure, "program", "it has no layers");
  for (size_t i = 0; i < program.layers.size(); ++i)
    if (program.layers[i].neurons == 0)
      misfit(Diag::ChipStructure,
             "layer " + text(i) + " " + quoted(program.layers[i].name),
             "it has no neurons");
}

void ProgramChecker::checkCores() {
  if (program.cores.empty())
    misfit(Diag::ChipStructure, "program", "it has no cores");
  uint64_t available = uint64_t(device.gridRows) * device.gridColumns;
  if (program.cores.size() > available)
    misfit(Diag::MapCores, "program",
           text(program.cores.size()) + " cores, the device has " +
               text(available));

  driven.resize(program.cores.size());
  std::map<std::pair<uint32_t, uint32_t>, size_t> at;
  for (size_t i = 0; i < program.cores.size(); ++i) {
    const CoreConfig &core = program.cores[i];
    std::string place = coreName(i, core);
    if (core.row >= device.gridRows || core.column >= device.gridColumns)
      misfit(Diag::ChipStructure, place,
             "outside the grid of " + text(device.gridRows) + " rows and " +
                 text(device.gridColumns) + " columns");
    auto [other, isNew] = at.try_emplace({core.row, core.column}, i);
    if (!isNew)
      misfit(Diag::ChipStructure, place,
             "core " + text(other->second) + " has the same position");
    if (core.axons <= device.coreAxons)
      driven[i].resize(core.axons);
    checkCore(core, place);
  }
}

void ProgramChecker::checkCore(const CoreConfig &core,
                               const std::string &place) {
  if (core.axons > device.coreAxons)
    misfit(Diag::MapFanIn, place,
           text(core.axons) + " axons, a core of the device has " +
               text(device.coreAxons) + " (rule H4)");
  const uint32_t most = device.synapse.maxColumnsPerNeuron();
  if (core.columnsPerNeuron == 0 ||
      core.columnsPerNeuron > kMaxColumnsPerNeuron)
    return misfit(Diag::ChipStructure, place,
                  text(core.columnsPerNeuron) +
                      " columns a neuron, the range is 1 to " +
                      text(kMaxColumnsPerNeuron));
  if (core.columnsPerNeuron > most)
    misfit(Diag::PairDevice, place,
           text(core.columnsPerNeuron) + " columns a neuron, " +
               quoted(device.name) + " joins " + text(most) + " (rule H8)");
  if (core.neurons == 0 ||
      core.neurons > device.coreNeurons / core.columnsPerNeuron)
    misfit(Diag::ChipStructure, place,
           text(core.neurons) + " neurons" +
               (core.isPaired() ? " of 2 columns" : "") +
               ", the range is 1 to " +
               text(device.coreNeurons / core.columnsPerNeuron));
  if (core.startSlot == 0 || core.startSlot > kMaxSlots)
    misfit(Diag::ChipStructure, place,
           "start slot " + text(core.startSlot) + ", the range is 1 to " +
               text(kMaxSlots));

  // Two 32-bit factors: the product cannot overflow 64 bits.
  const uint64_t columns = uint64_t(core.neurons) * core.columnsPerNeuron;
  uint64_t synapses = uint64_t(core.axons) * columns;
  if (core.codes.size() != synapses || columns > UINT32_MAX) {
    misfit(Diag::ChipStructure, place,
           text(core.codes.size()) + " codes for " + text(core.axons) +
               " axons and " + text(columns) + " columns");
  } else {
    int32_t limit = device.synapse.maxCode();
    Tally range(Diag::CodeRange, place);
    for (size_t i = 0; i < core.codes.size(); ++i)
      if (core.codes[i] < -limit || core.codes[i] > limit)
        range.add([&] {
          return "code " + text(core.codes[i]) + " at axon " +
                 text(i / columns) + ", column " + text(i % columns) +
                 ", the limit is " + text(limit) + " (rule H1)";
        });
    range.reportTo(diagnostics);
    checkSources(core, place);
  }
  checkDomains(core, place);
  checkLayerNeurons(core, place);
}

void ProgramChecker::checkSources(const CoreConfig &core,
                                  const std::string &place) {
  if (core.sources.empty())
    return;
  if (core.sources.size() != core.codes.size())
    return misfit(Diag::ChipStructure, place,
                  text(core.sources.size()) + " entries of sources for " +
                      text(core.codes.size()) + " codes");
  Tally range(Diag::CodeRange, place);
  for (size_t i = 0; i < core.codes.size(); ++i)
    if (codeOf(core.sources[i], device.synapse.digits,
               device.synapse.encoding) != core.codes[i])
      range.add([&] {
        return "sources 0x" + hex(core.sources[i]).substr(14) +
               " do not make code " + text(core.codes[i]) + " at axon " +
               text(i / core.columns()) + ", column " +
               text(i % core.columns()) + " (rule H1)";
      });
  range.reportTo(diagnostics);
}

void ProgramChecker::checkDomains(const CoreConfig &core,
                                  const std::string &place) {
  if (core.synapseDac.size() > device.synapseDomain.countPerCore)
    misfit(Diag::MapDomains, place,
           text(core.synapseDac.size()) +
               " synapse domains, a core of the device has " +
               text(device.synapseDomain.countPerCore) + " (rule H2)");
  for (size_t i = 0; i < core.synapseDac.size(); ++i)
    if (!fitsDac(core.synapseDac[i], device.synapseDomain))
      misfit(Diag::ChipStructure, place,
             "synapse domain " + text(i) + " has DAC code " +
                 text(core.synapseDac[i]) + ", the DAC has " +
                 text(device.synapseDomain.dacBits) + " bits (rule H3)");

  if (core.synapseDomain.size() != core.columns())
    misfit(Diag::ChipStructure, place,
           text(core.synapseDomain.size()) + " synapse domain entries for " +
               text(core.columns()) + " columns");
  Tally range(Diag::ChipStructure, place);
  for (size_t i = 0; i < core.synapseDomain.size(); ++i)
    if (core.synapseDomain[i] >= core.synapseDac.size())
      range.add([&] {
        return "column " + text(i) + " is in synapse domain " +
               text(core.synapseDomain[i]) + ", the core has " +
               text(core.synapseDac.size()) + " (rule H2)";
      });
  range.reportTo(diagnostics);
}

void ProgramChecker::checkLayerNeurons(const CoreConfig &core,
                                       const std::string &place) {
  if (core.layerNeuron.size() != core.neurons)
    misfit(Diag::ChipStructure, place,
           text(core.layerNeuron.size()) + " layer neurons for " +
               text(core.neurons) + " neurons");
  if (core.layer >= program.layers.size()) {
    misfit(Diag::ChipStructure, place,
           "layer " + text(core.layer) + ", the program has " +
               text(program.layers.size()));
    return;
  }
  uint32_t size = program.layers[core.layer].neurons;
  Tally range(Diag::ChipStructure, place);
  for (size_t i = 0; i < core.layerNeuron.size(); ++i)
    if (core.layerNeuron[i] >= size)
      range.add([&] {
        return "neuron " + text(i) + " holds neuron " +
               text(core.layerNeuron[i]) + " of a layer of " + text(size);
      });
  range.reportTo(diagnostics);
}

void ProgramChecker::checkTarget(uint32_t core, uint32_t axon, Tally &range,
                                 Tally &shared) {
  auto name = [&] { return "core " + text(core) + ", axon " + text(axon); };
  if (core >= program.cores.size() || axon >= program.cores[core].axons) {
    range.add([&] { return "no such target: " + name(); });
    return;
  }
  // A core reported for its sizes has no marks.
  if (axon >= driven[core].size())
    return;
  if (driven[core][axon])
    shared.add([&] { return name() + " has more than one source"; });
  driven[core][axon] = true;
}

void ProgramChecker::checkRoutes() {
  Tally inputRange(Diag::ChipStructure, "input routes");
  Tally inputOrder(Diag::ChipStructure, "input routes");
  Tally inputShared(Diag::ChipStructure, "input routes");
  for (size_t i = 0; i < program.inputRoutes.size(); ++i) {
    const InputRoute &route = program.inputRoutes[i];
    if (route.input >= program.inputLines())
      inputRange.add([&] {
        return "route " + text(i) + " is of input " + text(route.input) +
               ", the program has " + text(program.inputLines());
      });
    if (i > 0 && !(program.inputRoutes[i - 1] < route))
      inputOrder.add(
          [&] { return "route " + text(i) + " is not above the one before"; });
    checkTarget(route.targetCore, route.targetAxon, inputRange, inputShared);
  }

  Tally range(Diag::ChipStructure, "routes");
  Tally order(Diag::ChipStructure, "routes");
  Tally shared(Diag::ChipStructure, "routes");
  for (size_t i = 0; i < program.routes.size(); ++i) {
    const Route &route = program.routes[i];
    if (route.sourceCore >= program.cores.size() ||
        route.sourceNeuron >= program.cores[route.sourceCore].neurons)
      range.add([&] {
        return "no such source: core " + text(route.sourceCore) + ", neuron " +
               text(route.sourceNeuron);
      });
    if (i > 0 && !(program.routes[i - 1] < route))
      order.add(
          [&] { return "route " + text(i) + " is not above the one before"; });
    checkTarget(route.targetCore, route.targetAxon, range, shared);
  }
  for (const Tally *tally :
       {&inputRange, &inputOrder, &inputShared, &range, &order, &shared})
    tally->reportTo(diagnostics);
}

void ProgramChecker::checkReadout() {
  if (program.readout.empty())
    misfit(Diag::ChipStructure, "read-out", "the program has no outputs");
  Tally range(Diag::ChipStructure, "read-out");
  for (size_t i = 0; i < program.readout.size(); ++i) {
    const ReadoutNeuron &output = program.readout[i];
    if (output.core >= program.cores.size() ||
        output.neuron >= program.cores[output.core].neurons)
      range.add([&] {
        return "output " + text(i) + " reads core " + text(output.core) +
               ", neuron " + text(output.neuron) + ", which does not exist";
      });
  }
  range.reportTo(diagnostics);
}

DiagnosticList ntrt::checkProgram(const Program &program,
                                  const DeviceModel &device) {
  return ProgramChecker(program, device).run();
}

/// Checks the modulation of one core against the device and the core's size.
static void checkModulation(const CoreModulation &core, uint32_t neurons,
                            const DeviceModel &device, const std::string &place,
                            DiagnosticList &diagnostics) {
  const DomainModel &domain = device.modulationDomain;
  if (core.dac.size() > domain.countPerCore)
    diagnostics.push_back(
        {Diag::MapDomains, place,
         text(core.dac.size()) +
             " modulation domains, a core of the device has " +
             text(domain.countPerCore) + " (rule H2)"});
  for (size_t i = 0; i < core.dac.size(); ++i)
    if (!fitsDac(core.dac[i], domain))
      diagnostics.push_back({Diag::SimTask, place,
                             "modulation domain " + text(i) + " has DAC code " +
                                 text(core.dac[i]) + ", the DAC has " +
                                 text(domain.dacBits) + " bits (rule H3)"});
  if (core.words.size() != neurons)
    diagnostics.push_back({Diag::SimTask, place,
                           text(core.words.size()) + " modulation words for " +
                               text(neurons) + " neurons"});

  int32_t limit = device.synapse.maxCode();
  Tally codeRange(Diag::CodeRange, place), domainRange(Diag::SimTask, place);
  for (size_t i = 0; i < core.words.size(); ++i) {
    const ModulationWord &word = core.words[i];
    if (word.code < -limit || word.code > limit)
      codeRange.add([&] {
        return "the modulation word of neuron " + text(i) + " has code " +
               text(word.code) + ", the limit is " + text(limit) + " (rule H1)";
      });
    if (word.domain >= core.dac.size())
      domainRange.add([&] {
        return "neuron " + text(i) + " is in modulation domain " +
               text(word.domain) + ", the task sets " + text(core.dac.size()) +
               " (rule H2)";
      });
  }
  codeRange.reportTo(diagnostics);
  domainRange.reportTo(diagnostics);
}

DiagnosticList ntrt::checkTask(const TaskOverlay &task, const Program &program,
                               const DeviceModel &device) {
  DiagnosticList diagnostics;
  std::string place = "task " + quoted(task.name);
  auto misfit = [&](Diag diag, std::string detail) {
    diagnostics.push_back({diag, place, std::move(detail)});
  };

  if (task.deviceHash != device.hash)
    misfit(Diag::BitDevice, "for the device with hash " + hex(task.deviceHash) +
                                ", but " + quoted(device.name) + " has hash " +
                                hex(device.hash));
  // Only a sound program can be encoded, and so be compared by its hash.
  if (!checkProgram(program, device).empty())
    misfit(Diag::SimTask, "its program " + quoted(program.name) +
                              " does not fit the device itself");
  else if (uint64_t hash = programHash(program, device);
           task.programHash != hash)
    misfit(Diag::BitNetwork,
           "for the program with hash " + hex(task.programHash) + ", but " +
               quoted(program.name) + " has hash " + hex(hash));

  if (task.cores.size() != program.cores.size())
    misfit(Diag::SimTask, "it sets " + text(task.cores.size()) +
                              " cores, the program has " +
                              text(program.cores.size()));
  for (size_t i = 0; i < task.cores.size() && i < program.cores.size(); ++i)
    checkModulation(task.cores[i], program.cores[i].neurons, device,
                    place + ", " + coreName(i, program.cores[i]), diagnostics);

  if (task.classOfOutput.size() != program.readout.size())
    misfit(Diag::SimTask, "it names " + text(task.classOfOutput.size()) +
                              " classes, the program has " +
                              text(program.readout.size()) + " outputs");
  for (size_t i = 0; i < task.classOfOutput.size(); ++i)
    if (task.classOfOutput[i] > INT32_MAX)
      misfit(Diag::SimTask, "the class of output " + text(i) + " is " +
                                text(task.classOfOutput[i]) +
                                ", the largest label is " + text(INT32_MAX));
  return diagnostics;
}

double ntrt::scoreOf(ReadoutKind kind, const OutputActivity &output) {
  switch (kind) {
  case ReadoutKind::Count:
    break;
  case ReadoutKind::Membrane:
    return output.spikes + output.residual;
  case ReadoutKind::First:
    return output.slotsSinceFirst;
  }
  return output.spikes;
}

std::vector<uint32_t> ntrt::forwardOrder(const Program &program) {
  std::vector<std::set<uint32_t>> targets(program.cores.size());
  for (const Route &route : program.routes)
    targets[route.sourceCore].insert(route.targetCore);
  std::vector<size_t> sources(program.cores.size());
  for (const std::set<uint32_t> &ofCore : targets)
    for (uint32_t target : ofCore)
      ++sources[target];
  std::vector<uint32_t> order;
  for (uint32_t core = 0; core < sources.size(); ++core)
    if (sources[core] == 0)
      order.push_back(core);
  for (size_t i = 0; i < order.size(); ++i)
    for (uint32_t target : targets[order[i]])
      if (--sources[target] == 0)
        order.push_back(target);
  if (order.size() < program.cores.size())
    order.clear();
  return order;
}

CoreDrive ntrt::driveOf(const CoreConfig &core,
                        const CoreModulation &modulation,
                        const DeviceModel &device) {
  CoreDrive drive{core.columnsPerNeuron, {}, {}};
  for (uint8_t domain : core.synapseDomain)
    drive.lsb_A.push_back(
        device.synapseDomain.lsbCurrent_A(core.synapseDac[domain]) /
        core.columnsPerNeuron);
  for (uint32_t n = 0; n < core.neurons; ++n) {
    const ModulationWord &word = modulation.words[n];
    drive.modulation_A.push_back(
        word.code *
        device.modulationDomain.lsbCurrent_A(modulation.dac[word.domain]));
  }
  return drive;
}
