//===- CoreEngine.h - Ways to simulate one core -----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A core reaches the rest of the chip through spikes alone, so each core may be
// simulated by the engine that suits it. All give the same spikes and the same
// membranes, to the last bit.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_COREENGINE_H
#define NTRT_LIB_COREENGINE_H

#include "SpikeTrains.h"
#include "ntrt/ChipVariation.h"
#include "ntrt/Program.h"
#include "ntrt/Simulator.h"

#include <memory>

namespace ntrt {

struct CoreSpike {
  uint32_t neuron = 0;
  double time_s = 0, margin_V = 0; ///< If asked for.
};

/// A core in one run. Not for several threads at once.
class CoreRun {
public:
  virtual ~CoreRun() = default;
  /// All neurons at preset; `slot` is the first they integrate, `image` the
  /// number of the sample (noise differs from one to the next).
  virtual void reset(uint64_t slot, uint64_t image) = 0;
  /// Advances by one slot, in which the given axons have an event; slots come
  /// one after the other. Appends the spikes, in any order.
  virtual void step(uint64_t slot, const std::vector<uint32_t> &axons,
                    bool withTimes, std::vector<CoreSpike> &spikes) = 0;
  /// Advances by all slots of a run from `first` on, given what each axon gets
  /// and noting what each neuron does: `axons` and `spikes` (empty) begin with
  /// slot `first`. As step() for one after the other.
  virtual void run(uint64_t first, uint32_t slots, const SpikeTrains &axons,
                   SpikeTrains &spikes);
  /// The membrane of a neuron at the start of a slot, the one after the last
  /// step.
  virtual double membrane_V(uint32_t neuron, uint64_t slot) const = 0;
  /// From here on each step lowers the entries of `least_V`, one per neuron, to
  /// the slot's margins; null ends it. The reference alone does so.
  virtual void recordMargins(std::vector<double> *) {}
};

/// A core as it stays through all runs, laid out for one engine. Safe for
/// threads.
class CoreEngine {
public:
  virtual ~CoreEngine() = default;
  virtual std::unique_ptr<CoreRun> start() const = 0;
};

/// Each axon times each neuron, each neuron in each slot: obviously right.
std::unique_ptr<CoreEngine> referenceEngine(const CoreConfig &core,
                                            const CoreDrive &drive,
                                            const TimeModel &time);
/// Sums whole vectors of codes, advances whole vectors of neurons; `kind` is
/// Clocked, Avx2 or Portable.
std::unique_ptr<CoreEngine> clockedEngine(const CoreConfig &core,
                                          const CoreDrive &drive,
                                          const TimeModel &time,
                                          int32_t maxCode, EngineKind kind);
/// Follows the synapses of the axons with an event, and advances the neurons
/// that they reach and those that may spike by themselves.
std::unique_ptr<CoreEngine> eventEngine(const CoreConfig &core,
                                        const CoreDrive &drive,
                                        const TimeModel &time);

/// A core of a chip that differs from its device (docs/chip-variation.md).
std::unique_ptr<CoreEngine> variedEngine(const CoreConfig &core,
                                         const CoreModulation &modulation,
                                         const DeviceModel &device,
                                         const ChipVariation &variation);

/// The engine that `kind` names, or with Auto the one expected to be the
/// fastest on this core.
std::unique_ptr<CoreEngine> makeEngine(EngineKind kind, const CoreConfig &core,
                                       const CoreDrive &drive,
                                       const TimeModel &time, int32_t maxCode);
/// What Auto takes for a core.
EngineKind chooseEngine(const CoreConfig &core);

} // namespace ntrt

#endif // NTRT_LIB_COREENGINE_H
