//===- EventEngine.cpp - Work that grows with the spikes ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A neuron is advanced in a slot only if an event reaches it, if it is held, or
// if its modulation current may make it spike: a calendar says when to look. In
// between, its membrane follows from that at the start of its quiet run.
//
//===----------------------------------------------------------------------===//

#include "CoreEngine.h"
#include "Membrane.h"

#include <algorithm>

using namespace ntrt;

namespace {
struct Synapse {
  uint32_t neuron;
  uint16_t column; ///< Which of the neuron's.
  int16_t code;
};

struct EventCore final : CoreEngine {
  EventCore(const CoreConfig &core, const CoreDrive &drive,
            const TimeModel &time);
  std::unique_ptr<CoreRun> start() const override;

  uint32_t neurons;
  std::vector<size_t> first; ///< synapses[first[axon]] .. first[axon + 1]
  std::vector<Synapse> synapses;
  CoreDrive drive;
  TimeModel time;
};

/// A neuron at the start of slot `since`, with quiet slots only from there.
struct Lazy {
  double start_V, hold_s;
  uint64_t since, due;
  int32_t sums[kMaxColumnsPerNeuron];
  bool isTouched;
};

class EventRun final : public CoreRun {
public:
  explicit EventRun(const EventCore &core)
      : core(core), lazy(core.neurons), calendar(kMaxQuietSlots + 2) {}
  void reset(uint64_t slot, uint64_t image) override;
  void step(uint64_t slot, const std::vector<uint32_t> &axons, bool withTimes,
            std::vector<CoreSpike> &spikes) override;
  double membrane_V(uint32_t neuron, uint64_t slot) const override;

private:
  void advance(uint32_t neuron, uint64_t slot, std::vector<CoreSpike> &spikes);
  std::vector<uint32_t> &lookedAt(uint64_t slot) {
    return calendar[slot % calendar.size()];
  }

  const EventCore &core;
  std::vector<Lazy> lazy;
  std::vector<uint32_t> touched;
  /// The neurons to look at in each coming slot; one whose `due` is another
  /// slot was touched since.
  std::vector<std::vector<uint32_t>> calendar;
};
} // namespace

EventCore::EventCore(const CoreConfig &core, const CoreDrive &drive,
                     const TimeModel &time)
    : neurons(core.neurons), first{0}, drive(drive), time(time) {
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    for (uint32_t column = 0; column < core.columns(); ++column)
      if (int8_t code = core.code(axon, column))
        synapses.push_back({column / core.columnsPerNeuron,
                            uint16_t(column % core.columnsPerNeuron), code});
    first.push_back(synapses.size());
  }
}

std::unique_ptr<CoreRun> EventCore::start() const {
  return std::make_unique<EventRun>(*this);
}

void EventRun::reset(uint64_t slot, uint64_t) {
  const double init_V = core.time.preset().membrane_V;
  for (std::vector<uint32_t> &neurons : calendar)
    neurons.clear();
  std::vector<uint32_t> &first = lookedAt(slot);
  for (uint32_t n = 0; n < core.neurons; ++n) {
    lazy[n] = {init_V, 0, slot, slot, {}, false};
    first.push_back(n);
  }
}

void EventRun::step(uint64_t slot, const std::vector<uint32_t> &axons, bool,
                    std::vector<CoreSpike> &spikes) {
  touched.clear();
  auto touch = [&](uint32_t neuron) {
    if (!lazy[neuron].isTouched) {
      lazy[neuron].isTouched = true;
      touched.push_back(neuron);
    }
  };
  for (uint32_t axon : axons)
    for (size_t i = core.first[axon]; i < core.first[axon + 1]; ++i) {
      const Synapse &synapse = core.synapses[i];
      lazy[synapse.neuron].sums[synapse.column] += synapse.code;
      touch(synapse.neuron);
    }
  std::vector<uint32_t> &dueNow = lookedAt(slot);
  for (uint32_t neuron : dueNow)
    if (lazy[neuron].due == slot)
      touch(neuron);
  dueNow.clear();
  std::sort(touched.begin(), touched.end());
  for (uint32_t neuron : touched)
    advance(neuron, slot, spikes);
}

void EventRun::advance(uint32_t neuron, uint64_t slot,
                       std::vector<CoreSpike> &spikes) {
  Lazy &state = lazy[neuron];
  const double modulation = core.drive.modulation_A[neuron];
  NeuronState full;
  full.membrane_V = membrane_V(neuron, slot);
  full.hold_s = state.hold_s;
  full.quietSlots = uint32_t(slot - state.since);
  full.quietStart_V = state.start_V;
  full.quietModulation_A = modulation;
  const SlotOutcome outcome = core.time.step(
      full, core.drive.synaptic_A(neuron, state.sums), modulation);
  std::fill(std::begin(state.sums), std::end(state.sums), 0);
  state.isTouched = false;
  state.hold_s = full.hold_s;
  state.since = slot + 1 - full.quietSlots;
  state.start_V = full.quietSlots ? full.quietStart_V : full.membrane_V;
  if (outcome.spiked)
    spikes.push_back({neuron, outcome.spikeTime_s, outcome.margin_V});

  const MembraneConstants &m = core.time.constants();
  double quiet = 0;
  if (full.hold_s == 0)
    quiet =
        m.isLeaky
            ? membrane::surelyQuietSlots<true>(m, full.membrane_V, modulation)
            : membrane::surelyQuietSlots<false>(m, full.membrane_V, modulation);
  const uint64_t due =
      std::min(slot + 1 + uint64_t(quiet), state.since + kMaxQuietSlots);
  // A neuron touched in the slot for which it was due may be due again there.
  if (due == state.due && due > slot)
    return;
  state.due = due;
  lookedAt(due).push_back(neuron);
}

double EventRun::membrane_V(uint32_t neuron, uint64_t slot) const {
  const Lazy &state = lazy[neuron];
  const uint64_t passed = slot - state.since;
  if (passed == 0)
    return state.start_V;
  const MembraneConstants &m = core.time.constants();
  const double modulation = core.drive.modulation_A[neuron];
  return m.isLeaky
             ? membrane::advanceQuiet<true>(m, state.start_V, modulation,
                                            core.time.quietDecay()[passed])
             : membrane::advanceQuiet<false>(m, state.start_V, modulation,
                                             double(passed));
}

std::unique_ptr<CoreEngine> ntrt::eventEngine(const CoreConfig &core,
                                              const CoreDrive &drive,
                                              const TimeModel &time) {
  return std::make_unique<EventCore>(core, drive, time);
}
