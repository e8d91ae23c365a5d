//===- Chip.cpp - A program with a task, prepared for runs ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Chip.h"
#include "Text.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

using namespace ntrt;

static std::vector<uint32_t> synapsesOf(const CoreConfig &core) {
  std::vector<uint32_t> synapses(core.axons);
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t column = 0; column < core.columns(); ++column)
      synapses[axon] += core.code(axon, column) != 0;
  return synapses;
}

Chip::Chip(Program programIn, TaskOverlay taskIn, const DeviceModel &deviceIn,
           EngineKind kind, const ChipVariation *variation)
    : program(std::move(programIn)), task(std::move(taskIn)), device(deviceIn),
      time(device), inputRoutes(program.inputLines()) {
  size_t synapseDomains = 0, modulationDomains = 0;
  for (size_t c = 0; c < program.cores.size(); ++c) {
    const CoreConfig &config = program.cores[c];
    ChipCore core{config.startSlot,
                  synapsesOf(config),
                  driveOf(config, task.cores[c], device),
                  kind == EngineKind::Auto ? chooseEngine(config) : kind,
                  nullptr,
                  RouteTable(config.neurons)};
    if (!variation)
      core.engine = makeEngine(core.kind, config, core.drive, time,
                               device.synapse.maxCode());
    synapseDomains += config.synapseDac.size();
    modulationDomains += task.cores[c].dac.size();
    lastStart = std::max(lastStart, config.startSlot);
    cores.push_back(std::move(core));
  }
  if (variation)
    vary(*variation);
  for (const Route &route : program.routes)
    cores[route.sourceCore].routes.add(route.sourceNeuron,
                                       {route.targetCore, route.targetAxon});
  for (ChipCore &core : cores)
    core.routes.finish();
  for (const InputRoute &route : program.inputRoutes)
    inputRoutes.add(route.input, {route.targetCore, route.targetAxon});
  inputRoutes.finish();

  forwardOrder = ntrt::forwardOrder(program);
  staticPower_W =
      double(cores.size()) * device.energy.staticPerCore_W +
      double(synapseDomains) * device.synapseDomain.staticPower_W +
      double(modulationDomains) * device.modulationDomain.staticPower_W;
}

/// Gives each core the engine of one real chip; drawing its synapses takes a
/// while, so on all processors.
void Chip::vary(const ChipVariation &variation) {
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t c; (c = next++) < cores.size();)
      cores[c].engine =
          variedEngine(program.cores[c], task.cores[c], device, variation);
  };
  std::vector<std::thread> others;
  for (unsigned t = 1; t < std::max(1u, std::thread::hardware_concurrency());
       ++t)
    others.emplace_back(work);
  work();
  for (std::thread &thread : others)
    thread.join();
  // Room for the rounding of a product such as 1e8 Hz x 10 us.
  linkEvents = size_t(
      std::max(1.0, device.linkEventRate_Hz * device.slot_s * (1 + 1e-9)));
}

std::vector<std::unique_ptr<CoreEngine>> Chip::referenceEngines() const {
  std::vector<std::unique_ptr<CoreEngine>> engines;
  for (size_t c = 0; c < cores.size(); ++c)
    engines.push_back(referenceEngine(program.cores[c], cores[c].drive, time));
  return engines;
}

DiagnosticList Chip::check(const SimOptions &options) const {
  for (const ReadoutNeuron &probe : options.probes)
    if (probe.core >= cores.size() ||
        probe.neuron >= program.cores[probe.core].neurons)
      return {
          {Diag::SimNeurons, "simulation",
           "neuron " + text(probe.neuron) + " of core " + text(probe.core)}};
  if (slotsOf(options) >= 1 && slotsOf(options) <= kMaxSlots)
    return {};
  return {{Diag::SimSlots, "simulation",
           text(slotsOf(options)) + " slots, the range is 1 to " +
               text(kMaxSlots)}};
}

std::string Chip::check(const float *values) const {
  const bool isSigned = program.hasSignedInputs();
  for (uint32_t i = 0; i < program.inputs; ++i)
    if (!std::isfinite(values[i]) || (values[i] < 0 && !isSigned))
      return "input " + text(i) + " is " + std::to_string(values[i]) +
             (isSigned ? ", an input is finite"
                       : ", an input is 0 or more and finite: the program was "
                         "compiled without samples below 0");
  return {};
}
