//===- ChipComparison.h - A chip's circuit against simulator ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs cores of a chip with their event fabric in ngspice and compares every
// spike with the simulator. What a core's own circuit does is judged by the
// time model on the events that reached it in the circuit, so that a neuron
// that only follows another's difference is told from one that differs by
// itself.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_CHIPCOMPARISON_H
#define NT_TARGET_SPICE_CHIPCOMPARISON_H

#include "nt/Target/Spice/ChipNetlist.h"
#include "nt/Target/Spice/CoreComparison.h"

namespace nt::spice {

struct ChipCompareOptions {
  ChipNetlistOptions netlist;
  /// See CompareOptions.
  double marginTolerance = 0.01, timeTolerance = 0.01;
  std::string folder, cells = "behavioural";
  NgspiceOptions ngspice;
};

/// A neuron whose circuit spikes are not in the simulator's slots.
struct ChipDeviation {
  uint32_t core = 0;
  std::string layer;
  uint32_t layerNeuron = 0, column = 0;
  uint32_t simulated = 0, found = 0; ///< Spikes.
  uint32_t firstSlot = 0;            ///< Of the phase.
  /// The neuron differs on its own inputs too; else it follows another's.
  bool own = false;
};

/// Membrane of one neuron at the ends of slots: circuit and simulator.
struct MembraneTrace {
  uint32_t core = 0;
  std::string layer;
  uint32_t layerNeuron = 0, column = 0;
  std::vector<double> time_s, circuit_V; ///< The waveform, from the phase on.
  /// The time model on the circuit's events, at the end of each slot.
  std::vector<double> slotEnd_s, simulated_V;
  std::vector<double> circuitSpikes_s, simulatedSpikes_s;
};

/// One phase: one image with one task.
struct ChipPhaseComparison {
  std::string task;
  std::vector<uint32_t> cores;
  std::vector<CoreComparison> judged; ///< Of each core, on its own inputs.
  std::vector<ChipDeviation> deviations;
  uint64_t neurons = 0, equalCounts = 0; ///< Neurons with equal spike counts.
  uint64_t simulated = 0, found = 0;     ///< Spikes of emitted neurons.
  /// Spikes outside the slots of their core: a fault of the circuit.
  uint64_t stray = 0;
  /// Charge that synapses took from the supply (C), if metered, and what the
  /// simulator's events give: sum of positive codes * LSB * pulse width.
  double measuredCharge_C = 0, expectedCharge_C = 0;
  /// Charge of the modulation sources from the supply, from the words (C).
  double modulationCharge_C = 0;
  std::vector<MembraneTrace> traces; ///< If membranes are saved.
  /// Spikes of the circuit in the simulator's form, slots of the phase.
  std::vector<ntrt::SpikeEvent> spikes;

  bool passed() const;
};

struct ChipComparison {
  std::vector<ChipPhaseComparison> phases;
  uint64_t synapses = 0, registers = 0, rows = 0;
  double stop_s = 0;    ///< Simulated time.
  double ngspice_s = 0; ///< Wall-clock time.
  /// Volts of modulation domains that change, "v<domain>_<core>", sampled.
  struct DomainTrace {
    std::string node;
    std::vector<double> time_s, volts;
  };
  std::vector<DomainTrace> domains;
  std::vector<double> phaseStart_s;

  bool passed() const;
};

/// One transient of many: what runs, on which cores (empty: those of the
/// options).
struct ChipRun {
  std::vector<ChipPhase> phases;
  std::vector<CoreSelection> cores;
};

/// Columns of a core that are worth one run: a time step costs by rows and
/// columns, and each column's spikes ask for more of them.
uint32_t columnsPerRun(size_t rows);

/// Compares one transient of `phases` with their recorded spikes.
ntrt::Result<ChipComparison> compareChip(const ntrt::Program &program,
                                         const ntrt::DeviceModel &device,
                                         const std::vector<ChipPhase> &phases,
                                         const ChipCompareOptions &options);

/// Compares many transients, several in ngspice at a time; results in their
/// order. All failures together. The wall-clock time of all is shared evenly
/// among them.
ntrt::Result<std::vector<ChipComparison>>
compareChips(const ntrt::Program &program, const ntrt::DeviceModel &device,
             const std::vector<ChipRun> &runs,
             const ChipCompareOptions &options);

/// A recorded run in which only the busiest `rows` sources of a core (first of
/// equals) reach it, and its neurons `columns` spike as the time model does on
/// that: a block of a core, with its real codes and events, as a circuit of its
/// own. The core must not drive itself.
std::vector<ntrt::SpikeEvent>
cutBlock(const ntrt::Program &program, const ntrt::TaskOverlay &task,
         const ntrt::DeviceModel &device,
         const std::vector<ntrt::SpikeEvent> &spikes, uint32_t core,
         uint32_t rows, const std::vector<uint32_t> &columns, uint32_t slots);

/// Pieces of one chip's cores, run apart on the same phases, as one.
ChipComparison mergePieces(const std::vector<ChipComparison> &pieces,
                           const ntrt::DeviceModel &device);

} // namespace nt::spice

#endif // NT_TARGET_SPICE_CHIPCOMPARISON_H
