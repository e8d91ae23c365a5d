//===- MosRun.cpp - A program on cores of transistors ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BenchText.h"
#include "nt/Target/Spice/MosCore.h"
#include "ntrt/Bitstream.h"
#include "ntrt/TimeModel.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>

using namespace nt::spice;
using ntrt::CoreConfig;
using ntrt::CoreModulation;
using ntrt::DeviceModel;
using ntrt::Diag;
using ntrt::Diagnostic;
using ntrt::Done;
using ntrt::Program;
using ntrt::SpikeEvent;
using ntrt::Status;
using ntrt::TaskOverlay;

namespace {

/// One image on its way through the cores.
class MosRun {
public:
  MosRun(const ntrt::Simulator &simulator, const DeviceModel &device,
         const TransistorCells &cells, const MosRunOptions &options)
      : program(simulator.program()), task(simulator.task()), device(device),
        cells(cells), options(options),
        slots(options.slots ? options.slots : program.defaultSlots) {}

  /// `recorded`: the simulator's run, for its input events.
  Status run(const ntrt::SimResult &recorded);
  MosImage image;

private:
  Status runCore(uint32_t core, const ntrt::SimResult &recorded);
  Status read(uint32_t core, const CoreNetlistInfo &info, const RawData &data,
              const std::vector<AxonEvent> &events,
              const ntrt::SimResult &recorded);
  void expect(MosNeuron &neuron, const std::vector<AxonEvent> &events) const;
  void score();

  const Program &program;
  const TaskOverlay &task;
  const DeviceModel &device;
  const TransistorCells &cells;
  const MosRunOptions &options;
  uint32_t slots;
  /// Input events, and the circuit's spikes so far.
  std::vector<SpikeEvent> spikes;
};

} // namespace

/// What the time model does on the events that drove the circuit.
void MosRun::expect(MosNeuron &neuron,
                    const std::vector<AxonEvent> &events) const {
  const CoreConfig &core = program.cores[neuron.core];
  const CoreModulation &modulation = task.cores[neuron.core];
  std::vector<int64_t> sums(slots, 0);
  for (const AxonEvent &event : events)
    sums[event.slot] += core.code(event.axon, neuron.column);
  ntrt::TimeModel model(device);
  ntrt::NeuronState state = model.preset();
  double lsb = synapseLsb_A(core, device, neuron.column);
  double bias = modulation.words[neuron.column].code *
                modulationLsb_A(modulation, device, neuron.column);
  for (uint32_t slot = 0; slot < slots; ++slot) {
    ntrt::SlotOutcome outcome =
        model.step(state, double(sums[slot]) * lsb, bias);
    if (outcome.spiked)
      neuron.expectedSlots.push_back(slot);
    bool found = std::binary_search(neuron.foundSlots.begin(),
                                    neuron.foundSlots.end(), slot);
    if (!neuron.firstSlot && found != outcome.spiked) {
      neuron.firstSlot = slot;
      neuron.firstMargin_V = outcome.margin_V;
    }
  }
  neuron.expectedMembrane_V = state.membrane_V;
}

Status MosRun::read(uint32_t coreIndex, const CoreNetlistInfo &info,
                    const RawData &data, const std::vector<AxonEvent> &events,
                    const ntrt::SimResult &recorded) {
  const CoreConfig &core = program.cores[coreIndex];
  double vdd = cells.parameter("nt_vdd"), vsp = cells.parameter("nt_vsp");
  auto energy = [&](const char *source, double volts_V) -> double {
    auto wave = waveOf(data, source);
    return wave ? -volts_V * wave->integral(0, info.stop_s) : 0;
  };
  image.neuronEnergy_J += energy("i(vdn)", vdd);
  image.synapseEnergy_J += energy("i(vdd)", vdd) + energy("i(vsp)", vsp);
  image.domainEnergy_J += energy("i(vdom)", vdd);
  for (const NeuronNodes &nodes : info.neurons) {
    auto spike = waveOf(data, "v(" + nodes.spike + ")"),
         membrane = waveOf(data, "v(" + nodes.membrane + ")");
    if (!spike)
      return spike.diagnostics();
    if (!membrane)
      return membrane.diagnostics();
    MosNeuron neuron;
    neuron.layer = nodes.layer;
    neuron.layerNeuron = nodes.layerNeuron;
    neuron.core = coreIndex;
    neuron.column = nodes.column;
    for (double time : spike->crossings(vdd / 2, true)) {
      auto slot = static_cast<uint32_t>(time / device.slot_s);
      neuron.foundSlots.push_back(slot);
      spikes.push_back({slot + core.startSlot, coreIndex, nodes.column,
                        time - slot * device.slot_s, 0});
    }
    for (const SpikeEvent &event : recorded.events)
      if (event.core == coreIndex && event.neuron == nodes.column)
        neuron.simulatedSlots.push_back(event.slot - core.startSlot);
    neuron.membrane_V = membrane->y(membrane->size() - 1);
    expect(neuron, events);
    image.neurons.push_back(std::move(neuron));
  }
  return Done{};
}

Status MosRun::runCore(uint32_t core, const ntrt::SimResult &recorded) {
  MosCoreOptions netlist;
  netlist.core = core;
  netlist.slots = slots;
  netlist.events = axonEventsOfCore(program, device, spikes, core, slots);
  NgspiceJob job{options.folder + "/core" + std::to_string(core), 0};
  std::error_code error;
  std::filesystem::create_directories(job.folder, error);
  std::string path = job.folder + '/' + netlistFileName;
  std::ofstream out(path);
  if (error || !out)
    return Diagnostic{Diag::FileNotWritten, path, "cannot be opened"};
  auto info = emitMosCore(program, task, device, cells, netlist, out);
  if (!info)
    return info.diagnostics();
  out.close();
  if (!out)
    return Diagnostic{Diag::FileNotWritten, path, "the disk may be full"};
  job.stop_s = info->stop_s;
  auto start = std::chrono::steady_clock::now();
  auto data = runNgspice(job, options.ngspice);
  image.ngspice_s +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  if (!data)
    return data.diagnostics();
  return read(core, *info, *data, netlist.events, recorded);
}

/// The read-out's scores, as the simulator computes them.
void MosRun::score() {
  double swing = device.neuron.vThreshold_V - device.neuron.vReset_V;
  for (const ntrt::ReadoutNeuron &output : program.readout)
    for (const MosNeuron &neuron : image.neurons)
      if (neuron.core == output.core && neuron.column == output.neuron) {
        ntrt::OutputActivity activity;
        activity.spikes = uint32_t(neuron.foundSlots.size());
        if (activity.spikes > 0)
          activity.slotsSinceFirst = slots - neuron.foundSlots.front();
        activity.residual = (neuron.membrane_V - device.neuron.vInit_V) / swing;
        image.scores.push_back(ntrt::scoreOf(program.readoutKind, activity));
      }
  size_t best = std::max_element(image.scores.begin(), image.scores.end()) -
                image.scores.begin();
  if (best < task.classOfOutput.size())
    image.label = task.classOfOutput[best];
}

Status MosRun::run(const ntrt::SimResult &recorded) {
  for (const SpikeEvent &event : recorded.events)
    if (event.core == SpikeEvent::kInputCore)
      spikes.push_back(event);
  std::vector<uint32_t> order(program.cores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::pair(program.cores[a].startSlot, a) <
           std::pair(program.cores[b].startSlot, b);
  });
  for (uint32_t core : order) {
    Status ran = runCore(core, recorded);
    if (!ran)
      return ran;
  }
  score();
  image.simulatedScores = recorded.scores;
  image.simulatedLabel = recorded.label;
  image.estimated_J = recorded.energy_J;
  image.energy_J =
      image.neuronEnergy_J + image.synapseEnergy_J + image.domainEnergy_J;
  return Done{};
}

ntrt::Result<MosImage> nt::spice::runMosImage(const ntrt::Simulator &simulator,
                                              const DeviceModel &device,
                                              const TransistorCells &cells,
                                              const float *values, size_t count,
                                              const MosRunOptions &options) {
  ntrt::SimOptions sim;
  sim.slots = options.slots;
  sim.recordSpikes = true;
  auto recorded = simulator.run(values, count, sim);
  if (!recorded)
    return recorded.diagnostics();
  MosRun run(simulator, device, cells, options);
  Status ran = run.run(*recorded);
  if (!ran)
    return ran.diagnostics();
  return std::move(run.image);
}
