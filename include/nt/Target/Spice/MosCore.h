//===- MosCore.h - Cores of transistors -------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One core of a decoded bitstream on the transistor-level cells, and its
// comparison with the time model. Names and events are CoreNetlist's.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_MOSCORE_H
#define NT_TARGET_SPICE_MOSCORE_H

#include "nt/Target/Spice/CoreNetlist.h"
#include "nt/Target/Spice/NgspiceRunner.h"
#include "nt/Target/Spice/TransistorCells.h"

namespace nt::spice {

struct MosCoreOptions {
  uint32_t core = 0;
  uint32_t slots = 0; ///< 0: the program's default.
  std::vector<AxonEvent> events;
  /// Sources that are off stand together, equal transistors as one with a
  /// multiplier. Otherwise every synapse is an nt_synapse.
  bool joinIdle = true;
};

/// Writes the whole core: every synapse of every row and column with all its
/// transistors, whatever its code (options.joinIdle), each used domain,
/// modulator and neuron. The device must be one that was characterised from the
/// same cells. Refuses a core or event the program does not have, and two
/// events of one axon in one slot (NT-SPICE-004).
ntrt::Result<CoreNetlistInfo>
emitMosCore(const ntrt::Program &program, const ntrt::TaskOverlay &task,
            const ntrt::DeviceModel &device, const TransistorCells &cells,
            const MosCoreOptions &options, std::ostream &out);

struct MosNeuron {
  std::string layer;
  uint32_t layerNeuron = 0, core = 0, column = 0;
  /// Slots with a spike: of the time model on the events that drove the
  /// circuit, of the circuit, and of the simulator's own run.
  std::vector<uint32_t> expectedSlots, foundSlots, simulatedSlots;
  /// The time model's margin where the two differ first.
  std::optional<double> firstMargin_V;
  std::optional<uint32_t> firstSlot;
  double membrane_V = 0, expectedMembrane_V = 0; ///< At the end.
};

struct MosImage {
  std::vector<MosNeuron> neurons;
  /// Scores of the read-out: of the circuit, and of the simulator.
  std::vector<double> scores, simulatedScores;
  uint32_t label = 0, simulatedLabel = 0;
  double ngspice_s = 0; ///< Wall-clock time of the runs.
  /// Energy that the circuit's supplies, row drivers and clocks gave, and the
  /// simulator's estimate.
  double energy_J = 0, estimated_J = 0;
  /// Of it, what neurons, references, synapses and domains took.
  double neuronEnergy_J = 0, synapseEnergy_J = 0, domainEnergy_J = 0;
};

struct MosRunOptions {
  uint32_t slots = 0;
  NgspiceOptions ngspice;
  std::string folder; ///< Keeps a run's files; must be there.
};

/// Runs one image through all cores of a program in ngspice, in the order of
/// their start slots: each core is driven by the circuit's own spikes of the
/// cores before it.
ntrt::Result<MosImage> runMosImage(const ntrt::Simulator &simulator,
                                   const ntrt::DeviceModel &device,
                                   const TransistorCells &cells,
                                   const float *values, size_t count,
                                   const MosRunOptions &options);

} // namespace nt::spice

#endif // NT_TARGET_SPICE_MOSCORE_H
