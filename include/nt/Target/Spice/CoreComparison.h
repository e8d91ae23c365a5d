//===- CoreComparison.h - Circuit against time model ------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs one mapped core in ngspice on the axon events of a simulation and
// compares its spikes with those of the time model, neuron by neuron. A
// difference is excused only where the membrane was nearer to its threshold
// than a stated tolerance (docs/spice.md, "Tolerance and margin").
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_CORECOMPARISON_H
#define NT_TARGET_SPICE_CORECOMPARISON_H

#include "nt/Target/Spice/CoreNetlist.h"
#include "nt/Target/Spice/NgspiceRunner.h"

#include <optional>

namespace nt::spice {

struct CompareOptions {
  uint32_t core = 0;
  std::vector<uint32_t> neurons; ///< Columns; empty: all of the core.
  uint32_t slots = 0;            ///< 0: the program's default.
  /// Largest excused |margin|, as a fraction of V_th - V_reset.
  double marginTolerance = 0.01;
  /// Largest median time error, as a fraction of the mean interval.
  double timeTolerance = 0.01;
  /// Columns share nothing but their rows, which are ideal sources, so a core
  /// is run in pieces of this many columns: the time of a piece goes with their
  /// square. 0: chosen by the number of rows.
  uint32_t neuronsPerRun = 0;
  /// Where the netlists, raw files and logs go; made if missing. Empty: a
  /// temporary folder, deleted unless ngspice fails.
  std::string folder;
  std::string cells = "behavioural"; ///< See CellLibrary::load.
  bool perDigit = false;
  bool saveMembranes = false;
  CellTiming timing;
  NgspiceOptions ngspice;
};

/// A neuron whose circuit spikes are not those of the time model.
struct DifferingNeuron {
  std::string layer;
  uint32_t layerNeuron = 0, column = 0;
  uint32_t firstSlot = 0;     ///< The first slot that differs ...
  bool expectedSpike = false; ///< ... and what the time model does in it.
  double margin_V = 0;        ///< The time model's margin in that slot.
  /// Smallest shift of V_th, within the tolerance, with which the time model
  /// fires in the circuit's slots up to and with firstSlot: the margin carried
  /// over from an earlier near-tangent crossing. None: no such shift.
  std::optional<double> thresholdShift_V;
  bool excused = false;
};

struct NeuronComparison {
  std::string layer;
  uint32_t layerNeuron = 0, column = 0;
  uint32_t expected = 0, found = 0; ///< Spikes.
  std::vector<double> expectedTimes_s, foundTimes_s;
  std::vector<uint32_t> expectedSlots;
  /// |found - expected| of each spike before the first differing slot.
  std::vector<double> timeErrors_s;
};

struct CoreComparison {
  std::vector<NeuronComparison> neurons;
  std::vector<DifferingNeuron> differing;
  uint64_t spikesExpected = 0, spikesFound = 0;
  /// Spikes before their neuron's first differing slot: those whose time errors
  /// are judged.
  uint64_t spikesCompared = 0;
  /// Mean of the time model's intervals between spikes of one neuron; of the
  /// slot, if no neuron spikes twice.
  double meanInterval_s = 0;
  /// Of the time errors, as fractions of meanInterval_s; 0 if there is none.
  double medianTimeError = 0, p95TimeError = 0, maxTimeError = 0;
  /// Slots in which the recorded simulation's spikes are not the time model's.
  uint64_t simulatorMismatches = 0;
  double ngspice_s = 0; ///< Wall-clock time of all runs together.
  double timeTolerance = 0, marginTolerance_V = 0;

  uint64_t excused() const;
  /// Every difference is excused, the median is within tolerance, and the
  /// recorded simulation is the time model's.
  bool passed() const;
  /// A few lines for people: figures, tolerances, and each difference.
  std::string summary() const;
};

/// Compares a core on a recorded run of the simulator: `spikes` are the events
/// of SimResult, over options.slots slots.
ntrt::Result<CoreComparison>
compareCore(const ntrt::Program &program, const ntrt::TaskOverlay &task,
            const ntrt::DeviceModel &device,
            const std::vector<ntrt::SpikeEvent> &spikes,
            const CompareOptions &options);

/// Simulates one image and compares a core on it.
ntrt::Result<CoreComparison> compareCore(const ntrt::Simulator &simulator,
                                         const ntrt::DeviceModel &device,
                                         const float *values, size_t count,
                                         const CompareOptions &options);

/// What the time model does on given axon events: outcome[i][slot] of column
/// neurons[i].
std::vector<std::vector<ntrt::SlotOutcome>>
replayColumns(const ntrt::Program &program, const ntrt::TaskOverlay &task,
              const ntrt::DeviceModel &device, uint32_t core,
              const std::vector<uint32_t> &neurons, uint32_t slots,
              const std::vector<AxonEvent> &events);

/// Compares the circuit with the time model on given axon events alone.
ntrt::Result<CoreComparison> compareEvents(const ntrt::Program &program,
                                           const ntrt::TaskOverlay &task,
                                           const ntrt::DeviceModel &device,
                                           const std::vector<AxonEvent> &events,
                                           const CompareOptions &options);

/// Judges the spikes of a circuit, from whatever run: foundTimes_s[i] are the
/// spike times of column columns[i], from the start of the core's start slot.
/// `slots` and `events` are relative to it as well.
CoreComparison judgeCore(const ntrt::Program &program,
                         const ntrt::TaskOverlay &task,
                         const ntrt::DeviceModel &device,
                         const std::vector<AxonEvent> &events,
                         const std::vector<uint32_t> &columns,
                         const std::vector<std::vector<double>> &foundTimes_s,
                         uint32_t slots, const CompareOptions &options);

/// Many comparisons (cores, images) as one; time errors are of the mean
/// interval of all.
CoreComparison mergeComparisons(const std::vector<CoreComparison> &parts,
                                double slot_s);

} // namespace nt::spice

#endif // NT_TARGET_SPICE_CORECOMPARISON_H
