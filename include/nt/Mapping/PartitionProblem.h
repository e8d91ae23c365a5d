//===- PartitionProblem.h - Which core holds which neurons ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A core holds neurons of one layer, at most as many as it has columns, whose
// distinct inputs are at most as many as it has axons (rule H4). Problem,
// solution and solver are apart: check() judges the input before, verify() the
// solution after, whatever solver made it.
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_PARTITIONPROBLEM_H
#define NT_MAPPING_PARTITIONPROBLEM_H

#include "ntrt/DeviceModel.h"

#include <cstdint>
#include <string>
#include <vector>

namespace nt::mapping {

/// A layer to split over cores. Neurons are numbered in row-major order of
/// channels x height x width; a dense layer is channels x 1 x 1.
struct PartitionLayer {
  std::string name;
  uint32_t channels = 0, height = 1, width = 1;
  /// Number of presynaptic units.
  uint32_t inputs = 0;
  /// inputsOf[neuron]: the presynaptic units it has synapses from, strictly
  /// increasing.
  std::vector<std::vector<uint32_t>> inputsOf;
  /// Columns of a core that a neuron takes, side by side.
  uint32_t columnsPerNeuron = 1;
  /// Domains that any core of the layer may need (the most of all tasks).
  uint32_t synapseDomains = 1, modulationDomains = 1;

  uint64_t neurons() const { return uint64_t(channels) * height * width; }
};

/// What the device gives.
struct PartitionLimits {
  uint32_t coreAxons = 0, coreNeurons = 0, cores = 0;
  uint32_t synapseDomains = 0, modulationDomains = 0;

  /// Neurons of a layer that fit a core.
  uint32_t neuronsOf(const PartitionLayer &layer) const {
    return coreNeurons / layer.columnsPerNeuron;
  }
  static PartitionLimits of(const ntrt::DeviceModel &device);
};

/// The share of one layer that one core holds.
struct CorePart {
  uint32_t layer = 0;
  /// Neuron of the layer that each neuron of the core is.
  std::vector<uint32_t> neurons;
  /// Presynaptic unit that drives each axon, strictly increasing.
  std::vector<uint32_t> inputs;
};

/// Cores in the order of the layers.
struct PartitionSolution {
  std::vector<CorePart> cores;
};

struct PartitionProblem {
  std::vector<PartitionLayer> layers;
  PartitionLimits limits;

  /// The layers are well formed, and no neuron's fan-in (H4) or layer's domains
  /// (H2) exceed a core's. Empty if all is well; else every misfit.
  ntrt::DiagnosticList check() const;
  /// Every neuron is on one core with all its inputs, no core exceeds the
  /// limits, and there are no more cores than the device has.
  ntrt::DiagnosticList verify(const PartitionSolution &solution) const;
};

/// Tries tiles of channels x height x width and greedy runs in row-major and
/// channel-last order on each layer, and takes the one with the fewest cores,
/// then the fewest axons. Deterministic. A problem that fails check() or needs
/// more cores than there are gives every misfit.
ntrt::Result<PartitionSolution> solve(const PartitionProblem &problem);

} // namespace nt::mapping

#endif // NT_MAPPING_PARTITIONPROBLEM_H
