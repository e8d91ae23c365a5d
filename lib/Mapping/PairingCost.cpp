//===- PairingCost.cpp - What pairs of columns cost -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Mapping/PairingCost.h"

#include <algorithm>
#include <bit>

using namespace nt::mapping;

/// Adds what one core of pairs takes.
static void addCore(const ntrt::CoreConfig &core,
                    const ntrt::DeviceModel &device, PairingCost &cost) {
  cost.neurons += core.neurons;
  ++cost.cores;
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    bool hasFrame = false;
    for (uint32_t column = 0; column < core.columns(); ++column) {
      const uint16_t sources =
          core.sourcesAt(axon, column, device.synapse.digits);
      hasFrame |= sources != 0;
      const double amperes = ntrt::unitsOf(sources) *
                             device.synapseDomain.lsbCurrent_A(
                                 core.synapseDac[core.synapseDomain[column]]);
      cost.peak_A += amperes;
      if (column % core.columnsPerNeuron) {
        cost.secondPeak_A += amperes;
        cost.synapses += sources != 0;
      }
    }
    // Frames that are all off are not sent.
    if (hasFrame)
      cost.configurationBits +=
          uint64_t(core.neurons) * 2 * device.synapse.digits;
  }
  const size_t domains = core.synapseDac.size();
  if (domains > 1)
    cost.configurationBits +=
        uint64_t(core.neurons) * std::bit_width(domains - 1);
}

std::vector<PairingCost>
nt::mapping::pairingCosts(const ntrt::Program &program,
                          const ntrt::DeviceModel &device) {
  std::vector<PairingCost> costs;
  for (uint32_t layer = 0; layer < program.layers.size(); ++layer) {
    PairingCost cost;
    cost.layer = layer;
    for (const ntrt::CoreConfig &core : program.cores)
      if (core.layer == layer && core.isPaired())
        addCore(core, device, cost);
    cost.coresUnpaired =
        (cost.neurons + device.coreNeurons - 1) / device.coreNeurons;
    if (cost.cores > 0)
      costs.push_back(cost);
  }
  return costs;
}
