//===- Simulator.h - Clocked simulation of a configured chip ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_SIMULATOR_H
#define NTRT_SIMULATOR_H

#include "ntrt/ChipVariation.h"
#include "ntrt/Program.h"
#include "ntrt/TimeModel.h"

#include <functional>
#include <memory>

namespace ntrt {

/// A spike of a neuron, or of an input (core == kInputCore, neuron = input
/// index).
struct SpikeEvent {
  static constexpr uint32_t kInputCore = ~0u;
  uint32_t slot = 0;
  uint32_t core = 0;
  uint32_t neuron = 0;
  double time_s = 0;   ///< From the start of the slot.
  double margin_V = 0; ///< See SlotOutcome.
};

/// How a core is simulated. All engines give the same spikes, times, margins,
/// membranes and scores, to the last bit.
enum class EngineKind {
  Auto,      ///< For each core the one expected to be the fastest.
  Reference, ///< Every axon, neuron and slot: slow and obvious.
  Clocked,   ///< Vectors of neurons, as wide as the machine has them.
  Portable,  ///< The same, with those that every machine has.
  Event,     ///< Only neurons that an event or their own current moves.
  Avx2,      ///< As Clocked, with AVX2 at most.
};

struct SimOptions {
  /// Slots each layer integrates; 0 takes the program's default. The run lasts
  /// slots + (largest start slot) slots in all.
  uint32_t slots = 0;
  bool recordSpikes = false;
  /// The smallest margin of each neuron over the slots it integrates (slow:
  /// takes the reference engine).
  bool recordMargins = false;
  /// Neurons whose membrane to record.
  std::vector<ReadoutNeuron> probes;
};

/// What happened in one core; SimResult says how it is counted.
struct CoreActivity {
  uint64_t synapticEvents = 0, spikes = 0;
  /// Deliveries of its spikes to axons.
  uint64_t routedEvents = 0;
};

struct SimResult {
  std::vector<double> scores;   ///< One per output, of the readout kind.
  std::vector<uint32_t> counts; ///< Spikes of each readout neuron.
  /// Of each readout neuron: slots from its first spike to the end of the run,
  /// that spike's slot included; 0 without a spike.
  std::vector<uint32_t> slotsSinceFirst;
  uint32_t output = 0; ///< Index of the largest score, first of equals.
  uint32_t label = 0;  ///< classOfOutput[output].
  /// Pulses on synapses whose code is not 0, in cores that integrate; spikes of
  /// neurons (not of inputs); deliveries of an event to an axon, inputs' too.
  uint64_t synapticEvents = 0, spikes = 0, routedEvents = 0;
  /// Estimated from the device's energy figures: synapticEvents *
  /// perSynapticEvent_J + spikes (those of pairs of columns twice, as they
  /// empty two membranes) * perSpike_J + routedEvents *
  /// perRoutedEvent_J + (the program's cores * staticPerCore_W + its synapse
  /// and modulation domains * their staticPower_W) * the run's slots * slot_s.
  double energy_J = 0;
  uint64_t droppedEvents = 0;      ///< At links' limits; 0 on an ideal chip.
  std::vector<CoreActivity> cores; ///< The counts above, by core.
  /// If recorded; by slot, core, neuron (inputs after the cores).
  std::vector<SpikeEvent> events;
  /// If recorded: minMargin_V[core][neuron].
  std::vector<std::vector<double>> minMargin_V;
  /// Of each probe: its membrane at the end of each slot it integrates.
  std::vector<std::vector<double>> traces_V;
};

/// Simulates one program with one task. Immutable after creation, so that many
/// threads may run images through one simulator.
///
/// In slot n a core sums the codes of the axons with an event, and each of its
/// neurons takes one TimeModel::step with the currents sum * LSB(its synapse
/// domain) and code * LSB(its modulation domain). A spike registered in slot n
/// acts in slot n + 1 + linkLatency_slots of the device. Inputs are encoded in
/// slots 0 .. slots - 1 and enter the chip without a link: an input event of
/// slot n acts in slot n + 1. A core outside its slots is held: at V_init
/// before, at its last state after; events that reach it there are lost.
class Simulator {
public:
  static Result<Simulator> create(Program program, TaskOverlay task,
                                  const DeviceModel &device,
                                  EngineKind engine = EngineKind::Auto);
  /// Simulates one real chip of the device instead of the ideal one: with the
  /// deviations drawn for it, noise that depends on a sample's number, and
  /// events lost at the links' limits (docs/chip-variation.md). Records no
  /// margins.
  static Result<Simulator> create(Program program, TaskOverlay task,
                                  const DeviceModel &device,
                                  const ChipVariation &variation);
  Simulator(Simulator &&) noexcept;
  Simulator &operator=(Simulator &&) noexcept;
  ~Simulator();

  const Program &program() const;
  const TaskOverlay &task() const;
  /// The engine of a core: never Auto.
  EngineKind engineOf(size_t core) const;
  /// Runs one image: `values` has program().inputs values, each >= 0 and
  /// finite.
  Result<SimResult> run(const float *values, size_t count,
                        const SimOptions &options = {}) const;
  /// Runs many images on `threads` threads (0: all cores); calls `done` (may be
  /// empty) from one thread at a time with the index and result of each.
  Status runMany(const float *values, size_t images, const SimOptions &options,
                 unsigned threads,
                 const std::function<void(size_t, SimResult)> &done) const;

private:
  struct Impl;
  static Result<Simulator> create(Program program, TaskOverlay task,
                                  const DeviceModel &device, EngineKind engine,
                                  const ChipVariation *variation);
  explicit Simulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace ntrt

#endif // NTRT_SIMULATOR_H
