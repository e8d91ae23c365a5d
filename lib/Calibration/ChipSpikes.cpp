//===- ChipSpikes.cpp - One chip's neurons and sources for training -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ChipSpikes.h"

#include <algorithm>
#include <numeric>
#include <tuple>

using namespace nt;
using namespace nt::calibration;
using ntrt::Diag;
using tuner::SpikingLayer;

/// As VariedEngine draws it.
static ntrt::NeuronModel neuronOf(const ntrt::DeviceModel &device,
                                  const ntrt::NeuronVariation &drawn) {
  ntrt::NeuronModel neuron = device.neuron;
  const double swing_V = neuron.vThreshold_V - neuron.vReset_V;
  neuron.capacitance_F *= drawn.capacitorFactor;
  neuron.leak_S *= drawn.leakFactor;
  neuron.vThreshold_V += drawn.thresholdOffset_V;
  // A spike takes a charge, not a voltage, away.
  if (neuron.reset == ntrt::ResetKind::Subtract)
    neuron.vReset_V = neuron.vThreshold_V - swing_V / drawn.capacitorFactor;
  // Above any rail.
  if (drawn.isDead)
    neuron.vThreshold_V = 1e9;
  return neuron;
}

static SpikingLayer layerOf(const ntrt::CoreConfig &core,
                            const ntrt::CoreModulation &modulation,
                            const ntrt::DeviceModel &device,
                            const ntrt::ChipVariation &chip,
                            const tuner::CoreWords &words, uint32_t index) {
  const ntrt::CorePlace place{core.row, core.column};
  std::vector<double> synapse_A, modulation_A;
  for (uint32_t d = 0; d < core.synapseDac.size(); ++d)
    synapse_A.push_back(tuner::lsbOn(device, &chip, place,
                                     ntrt::DomainKind::Synapse, d,
                                     core.synapseDac[d]));
  for (uint32_t d = 0; d < modulation.dac.size(); ++d)
    modulation_A.push_back(tuner::lsbOn(device, &chip, place,
                                        ntrt::DomainKind::Modulation, d,
                                        modulation.dac[d]));
  SpikingLayer layer;
  layer.name = "core " + std::to_string(index);
  layer.device = device;
  layer.units.assign(core.axons, SpikingLayer::kNone);
  layer.first.push_back(0);
  for (uint32_t n = 0; n < core.neurons; ++n) {
    for (uint32_t axon = 0; axon < core.axons; ++axon) {
      const int16_t held = chip.synapseParts(
          place, axon, n, core.sourcesAt(axon, n, device.synapse.digits));
      if (held == 0)
        continue;
      layer.axon.push_back(axon);
      layer.conductance.push_back(
          static_cast<float>(held / chip.partsPerLsb()));
    }
    layer.first.push_back(static_cast<uint32_t>(layer.axon.size()));
    layer.lsb_A.push_back(synapse_A[core.synapseDomain[n]]);
    layer.neuronsOfChip.push_back(neuronOf(device, chip.neuron(place, n)));
    for (size_t l = 0; l < words.site.levelsPerValue; ++l) {
      const ntrt::ModulationWord word =
          words.words[n * words.site.levelsPerValue + l];
      layer.levels_A.push_back(chip.modulation(place, n, word.code) *
                               modulation_A[word.domain]);
    }
  }
  layer.levels = words.site.levels;
  layer.levelsPerValue = words.site.levelsPerValue;
  return layer;
}

ntrt::Result<ChipSpikes> nt::calibration::chipSpikes(
    const ntrt::Program &program, const ntrt::TaskOverlay &task,
    const ntrt::DeviceModel &device, const ntrt::ChipVariation &chip,
    const std::vector<tuner::CoreWords> &words, uint32_t slots) {
  ntrt::DiagnosticList misfits;
  auto misfit = [&](std::string detail) {
    misfits.push_back({Diag::ChipStructure, program.name, std::move(detail)});
  };
  for (const ntrt::InputRoute &route : program.inputRoutes)
    if (program.cores[route.targetCore].startSlot != 1)
      misfit("inputs go to core " + std::to_string(route.targetCore) +
             ", which does not start in slot 1");
  for (const ntrt::Route &route : program.routes)
    if (program.cores[route.targetCore].startSlot !=
        program.cores[route.sourceCore].startSlot + 1 +
            device.linkLatency_slots)
      misfit("core " + std::to_string(route.targetCore) +
             " does not start when the first events of core " +
             std::to_string(route.sourceCore) + " arrive");
  for (const ntrt::ReadoutNeuron &output : program.readout)
    if (output.core != program.readout.front().core)
      misfit("outputs are on cores " +
             std::to_string(program.readout.front().core) + " and " +
             std::to_string(output.core));
  if (!misfits.empty())
    return misfits;

  ChipSpikes result;
  result.coreOfLayer.resize(program.cores.size());
  std::iota(result.coreOfLayer.begin(), result.coreOfLayer.end(), 0);
  std::sort(result.coreOfLayer.begin(), result.coreOfLayer.end(),
            [&](size_t a, size_t b) {
              return std::pair(program.cores[a].startSlot, a) <
                     std::pair(program.cores[b].startSlot, b);
            });
  std::vector<uint32_t> firstUnit(program.cores.size());
  std::vector<size_t> layerOfCore(program.cores.size());
  uint32_t units = program.inputLines();
  for (size_t l = 0; l < result.coreOfLayer.size(); ++l) {
    const size_t core = result.coreOfLayer[l];
    layerOfCore[core] = l;
    firstUnit[core] = units;
    units += program.cores[core].neurons;
    result.model.layers.push_back(layerOf(program.cores[core], task.cores[core],
                                          device, chip, words[core],
                                          static_cast<uint32_t>(core)));
  }
  for (const ntrt::InputRoute &route : program.inputRoutes)
    result.model.layers[layerOfCore[route.targetCore]].units[route.targetAxon] =
        route.input;
  for (const ntrt::Route &route : program.routes)
    result.model.layers[layerOfCore[route.targetCore]].units[route.targetAxon] =
        firstUnit[route.sourceCore] + route.sourceNeuron;
  result.model.inputs = program.inputs;
  result.model.hasSignedInputs = program.hasSignedInputs();
  result.model.inputFullScale = program.inputFullScale;
  result.model.slots = slots;
  result.model.readout = layerOfCore[program.readout.front().core];
  for (const ntrt::ReadoutNeuron &output : program.readout)
    result.model.outputs.push_back(output.neuron);
  result.model.membraneReadout =
      program.readoutKind != ntrt::ReadoutKind::Count;
  return result;
}
