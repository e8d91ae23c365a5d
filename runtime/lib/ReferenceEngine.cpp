//===- ReferenceEngine.cpp - Every neuron in every slot -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoreEngine.h"

using namespace ntrt;

namespace {
struct ReferenceCore final : CoreEngine {
  ReferenceCore(const CoreConfig &core, const CoreDrive &drive,
                const TimeModel &time)
      : neurons(core.neurons), columnsPerNeuron(core.columnsPerNeuron),
        codes(core.codes), drive(drive), time(time) {}
  std::unique_ptr<CoreRun> start() const override;

  uint32_t neurons, columnsPerNeuron;
  std::vector<int8_t> codes; ///< [axon][column]
  CoreDrive drive;
  TimeModel time;
};

class ReferenceRun final : public CoreRun {
public:
  explicit ReferenceRun(const ReferenceCore &core)
      : core(core), states(core.neurons) {}

  void reset(uint64_t, uint64_t) override {
    std::fill(states.begin(), states.end(), core.time.preset());
  }

  void step(uint64_t, const std::vector<uint32_t> &axons, bool,
            std::vector<CoreSpike> &spikes) override {
    for (uint32_t n = 0; n < core.neurons; ++n) {
      int64_t sums[kMaxColumnsPerNeuron] = {};
      for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
        for (uint32_t axon : axons)
          sums[i] += core.codes[(size_t(axon) * core.neurons + n) *
                                    core.columnsPerNeuron +
                                i];
      SlotOutcome outcome =
          core.time.step(states[n], core.drive.synaptic_A(n, sums),
                         core.drive.modulation_A[n]);
      if (outcome.spiked)
        spikes.push_back({n, outcome.spikeTime_s, outcome.margin_V});
      if (margins)
        (*margins)[n] = std::min((*margins)[n], outcome.margin_V);
    }
  }

  double membrane_V(uint32_t neuron, uint64_t) const override {
    return states[neuron].membrane_V;
  }

  void recordMargins(std::vector<double> *least_V) override {
    margins = least_V;
  }

private:
  const ReferenceCore &core;
  std::vector<NeuronState> states;
  std::vector<double> *margins = nullptr;
};
} // namespace

std::unique_ptr<CoreRun> ReferenceCore::start() const {
  return std::make_unique<ReferenceRun>(*this);
}

std::unique_ptr<CoreEngine> ntrt::referenceEngine(const CoreConfig &core,
                                                  const CoreDrive &drive,
                                                  const TimeModel &time) {
  return std::make_unique<ReferenceCore>(core, drive, time);
}
