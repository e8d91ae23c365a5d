//===- TimeLanesTest.cpp - Vectors of runs against the time model ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ntrt/TimeLanes.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace ntrt;

namespace {

DeviceModel device(ResetKind reset, double leak_S, double pulse_s) {
  DeviceModel device;
  device.neuron.capacitance_F = 1;
  device.neuron.leak_S = leak_S;
  device.neuron.vRest_V = 0.1;
  device.neuron.vReset_V = 0.2;
  device.neuron.vThreshold_V = 1.1;
  device.neuron.vInit_V = 0.6;
  device.neuron.railLow_V = -1.5;
  device.neuron.railHigh_V = 1.7;
  device.neuron.refractory_s = 1.3; // Longer than a slot.
  device.neuron.reset = reset;
  device.synapse.pulseWidth_s = pulse_s;
  device.slot_s = 1;
  return device;
}

/// Steps all lanes by stepLanes() in calls of uneven lengths and by
/// TimeModel::step(), and expects the same bits.
void expectSameBits(const TimeModel &time, EngineKind kind, double modulation_A,
                    double quiet, uint64_t seed) {
  constexpr uint32_t kSlots = 1200; // More than the longest quiet run.
  constexpr double kLsb_A = 0.11;
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> code(-20, 24);
  std::bernoulli_distribution isQuiet(quiet);
  LaneStates states = presetLanes(time);
  std::vector<NeuronState> wanted(kTimeLanes, time.preset());
  const StepLanes step = stepLanesOf(time, kind);
  for (uint32_t slot = 0, length = 1; slot < kSlots;
       slot += length, length = length % 7 + 1) {
    std::vector<float> sums(length * kTimeLanes), margins(sums.size());
    for (float &sum : sums)
      sum = isQuiet(random) ? 0.0f : static_cast<float>(code(random));
    std::vector<uint16_t> spiked(length);
    step(time, states,
         {length, sums.data(), kLsb_A, modulation_A, spiked.data(),
          slot % 5 == 0 ? nullptr : margins.data()});
    for (uint32_t t = 0; t < length; ++t)
      for (size_t lane = 0; lane < kTimeLanes; ++lane) {
        const size_t at = t * kTimeLanes + lane;
        const SlotOutcome outcome =
            time.step(wanted[lane], double(sums[at]) * kLsb_A, modulation_A);
        ASSERT_EQ(spiked[t] >> lane & 1, outcome.spiked);
        if (slot % 5 != 0) {
          ASSERT_EQ(margins[at], static_cast<float>(outcome.margin_V));
        }
      }
    for (size_t lane = 0; lane < kTimeLanes; ++lane) {
      ASSERT_EQ(std::bit_cast<uint64_t>(states.membrane_V[lane]),
                std::bit_cast<uint64_t>(wanted[lane].membrane_V));
      ASSERT_EQ(states.hold_s[lane], wanted[lane].hold_s);
    }
  }
}

TEST(TimeLanesTest, LanesAreTheTimeModelToTheLastBit) {
  uint64_t seed = 0;
  for (EngineKind kind :
       {EngineKind::Clocked, EngineKind::Avx2, EngineKind::Portable})
    for (ResetKind reset : {ResetKind::Subtract, ResetKind::Hard})
      for (double leak_S : {0.0, 0.05, 1.5})
        for (double pulse_s : {0.4, 1.0})
          for (double modulation_A : {-0.02, 0.0, 0.03, 0.9})
            for (double quiet : {0.2, 0.97, 1.0})
              expectSameBits(TimeModel(device(reset, leak_S, pulse_s)), kind,
                             modulation_A, quiet, ++seed);
}

TEST(TimeLanesTest, RefractoryTimesShorterThanASlotEndWithinIt) {
  DeviceModel fast = device(ResetKind::Hard, 0.05, 0.4);
  fast.neuron.refractory_s = 0.07;
  for (EngineKind kind : {EngineKind::Clocked, EngineKind::Portable})
    expectSameBits(TimeModel(fast), kind, 0.03, 0.2, 1);
}

TEST(TimeLanesTest, ATimeModelForFewSlotsKeepsFewDecays) {
  const DeviceModel slow = device(ResetKind::Subtract, 0.01, 0.4);
  const TimeModel all(slow), few(slow, 9);
  NeuronState wanted = all.preset(), state = few.preset();
  for (int slot = 0; slot < 9; ++slot) {
    all.step(wanted, 0, 0.01);
    few.step(state, 0, 0.01);
    ASSERT_EQ(state.membrane_V, wanted.membrane_V);
  }
}

} // namespace
