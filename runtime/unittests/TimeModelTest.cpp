//===- TimeModelTest.cpp - One LIF neuron over one slot -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The closed form is judged by an integrator that knows only the differential
// equation, and by integer arithmetic in the limit without leak.
//
//===----------------------------------------------------------------------===//

#include "ntrt/TimeModel.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace ntrt;

namespace {
/// Plain numbers, exact in binary: C = 1 F, unit volts, a slot of 8 s with a
/// pulse of 2 s, no leak.
DeviceModel exactDevice() {
  DeviceModel device;
  device.neuron.capacitance_F = 1;
  device.neuron.leak_S = 0;
  device.neuron.vRest_V = 0;
  device.neuron.vReset_V = 0;
  device.neuron.vThreshold_V = 16;
  device.neuron.vInit_V = 8;
  device.neuron.railLow_V = -64;
  device.neuron.railHigh_V = 64;
  device.neuron.refractory_s = 1;
  device.neuron.reset = ResetKind::Subtract;
  device.synapse.pulseWidth_s = 2;
  device.slot_s = 8;
  return device;
}

DeviceModel exactHardDevice() {
  DeviceModel device = exactDevice();
  device.neuron.reset = ResetKind::Hard;
  return device;
}

DeviceModel shipped(const char *name) {
  Result<DeviceModel> device = DeviceModel::load(
      std::string(NTRT_TEST_SHARE_DIR "/devices/") + name + ".json");
  EXPECT_TRUE(device);
  return *device;
}

/// Integrates the equation by Runge-Kutta with steps of 1/kSteps slot, looking
/// at the membrane after each step only: all it shares with TimeModel is the
/// definition.
struct Integrator {
  static constexpr int kSteps = 20000;
  const DeviceModel &d;
  double v, hold = 0;

  SlotOutcome step(double synaptic, double modulation) {
    SlotOutcome outcome;
    const double h = d.slot_s / kSteps;
    for (int i = 0; i <= kSteps; ++i) {
      double t = i * h;
      if (!outcome.spiked && hold <= 0 && v >= d.neuron.vThreshold_V) {
        outcome.spiked = true;
        outcome.spikeTime_s = t;
        if (d.neuron.reset == ResetKind::Hard) {
          v = d.neuron.vReset_V;
          hold = d.neuron.refractory_s;
        } else {
          v -= d.neuron.vThreshold_V - d.neuron.vReset_V;
        }
      }
      if (i == kSteps)
        break;
      if (hold > h / 2) {
        hold -= h;
        continue;
      }
      hold = 0;
      double current =
          modulation + (t + h / 2 < d.synapse.pulseWidth_s ? synaptic : 0);
      auto slope = [&](double x) {
        return (current - d.neuron.leak_S * (x - d.neuron.vRest_V)) /
               d.neuron.capacitance_F;
      };
      double k1 = slope(v), k2 = slope(v + h / 2 * k1),
             k3 = slope(v + h / 2 * k2), k4 = slope(v + h * k3);
      v += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
      v = std::min(std::max(v, d.neuron.railLow_V), d.neuron.railHigh_V);
    }
    return outcome;
  }
};

/// Runs both on the same random currents; with these seeds no membrane comes so
/// near to threshold that the integrator's step would decide.
void compareWithIntegrator(const DeviceModel &device, unsigned seed) {
  TimeModel model(device);
  NeuronState state = model.preset();
  Integrator judge{device, device.neuron.vInit_V};
  std::mt19937 random(seed);
  const double charge = device.thresholdCharge_C();
  std::uniform_real_distribution<double> synaptic(
      -0.6 * charge / device.synapse.pulseWidth_s,
      1.2 * charge / device.synapse.pulseWidth_s);
  std::uniform_real_distribution<double> modulation(
      -0.2 * charge / device.slot_s, 0.5 * charge / device.slot_s);
  int spikes = 0;
  for (int slot = 0; slot < 120; ++slot) {
    double is = synaptic(random), im = modulation(random);
    SlotOutcome expected = judge.step(is, im);
    SlotOutcome found = model.step(state, is, im);
    ASSERT_EQ(found.spiked, expected.spiked)
        << "slot " << slot << ", margin " << found.margin_V;
    spikes += found.spiked;
    if (found.spiked) {
      EXPECT_NEAR(found.spikeTime_s, expected.spikeTime_s,
                  3 * device.slot_s / Integrator::kSteps)
          << "slot " << slot;
    }
    EXPECT_NEAR(state.membrane_V, judge.v, 1e-3) << "slot " << slot;
    // Keeps the integrator's discretised spike times from adding up.
    judge.v = state.membrane_V;
    judge.hold = state.hold_s;
  }
  EXPECT_GT(spikes, 20);
  EXPECT_LT(spikes, 110);
}
} // namespace

TEST(TimeModel, AgreesWithIntegrationSubtract) {
  for (unsigned seed = 1; seed <= 5; ++seed)
    compareWithIntegrator(shipped("nt1"), seed);
}

TEST(TimeModel, AgreesWithIntegrationHard) {
  for (unsigned seed = 1; seed <= 5; ++seed)
    compareWithIntegrator(shipped("nt1-tiny"), seed);
}

TEST(TimeModel, AgreesWithIntegrationStrongLeak) {
  DeviceModel device = shipped("nt1");
  device.neuron.leak_S = 5e-8; // Time constant of two slots.
  compareWithIntegrator(device, 11);
  device.neuron.reset = ResetKind::Hard;
  device.neuron.refractory_s = 1.3 * device.slot_s;
  compareWithIntegrator(device, 12);
}

TEST(TimeModel, AgreesWithIntegrationWithoutLeak) {
  DeviceModel device = shipped("nt1-tiny");
  device.neuron.leak_S = 0;
  compareWithIntegrator(device, 21);
}

TEST(TimeModel, PresetIsInitialVoltageWithoutHold) {
  NeuronState state = TimeModel(exactDevice()).preset();
  EXPECT_EQ(state.membrane_V, 8);
  EXPECT_EQ(state.hold_s, 0);
}

TEST(TimeModel, PulseActsForItsWidthAndModulationForTheSlot) {
  TimeModel model(exactDevice());
  NeuronState state{0, 0};
  SlotOutcome outcome = model.step(state, 3, 0.5);
  EXPECT_FALSE(outcome.spiked);
  EXPECT_EQ(state.membrane_V, 3 * 2 + 0.5 * 8);
}

TEST(TimeModel, LeakDecaysTowardsRest) {
  DeviceModel device = exactDevice();
  device.neuron.leak_S = 0.25;
  device.neuron.vRest_V = 2;
  TimeModel model(device);
  NeuronState state{10, 0};
  model.step(state, 0, 0);
  EXPECT_NEAR(state.membrane_V, 2 + 8 * std::exp(-2.0), 1e-14);
}

TEST(TimeModel, CrossingTimeIsExactWithoutLeak) {
  TimeModel model(exactDevice());
  NeuronState state{8, 0};
  // 8 V to go: 6 V in the 2 s pulse, the other 2 V at 1 V/s.
  SlotOutcome outcome = model.step(state, 2, 1);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(outcome.spikeTime_s, 2 + 2);
  EXPECT_EQ(state.membrane_V, 4);
}

TEST(TimeModel, EndExactlyAtThresholdIsASpikeInThisSlot) {
  TimeModel model(exactDevice());
  NeuronState state{8, 0};
  SlotOutcome outcome = model.step(state, 0, 1);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(outcome.spikeTime_s, 8);
  EXPECT_EQ(outcome.margin_V, 0);
  EXPECT_EQ(state.membrane_V, 0);
}

TEST(TimeModel, JustBelowThresholdIsNoSpike) {
  TimeModel model(exactDevice());
  NeuronState state{8 - 0x1p-40, 0};
  SlotOutcome outcome = model.step(state, 0, 1);
  EXPECT_FALSE(outcome.spiked);
  EXPECT_EQ(outcome.margin_V, 0x1p-40);
}

TEST(TimeModel, ThresholdAtThePulsesEndFiresThere) {
  TimeModel model(exactDevice());
  NeuronState state{8, 0};
  SlotOutcome outcome = model.step(state, 4, 0);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(outcome.spikeTime_s, 2);
}

TEST(TimeModel, AtMostOneSpikeASlotAndTheRestIsKept) {
  TimeModel model(exactDevice());
  NeuronState state{0, 0};
  SlotOutcome first = model.step(state, 24, 0);
  ASSERT_TRUE(first.spiked);
  // 48 V came in, one packet of 16 V went.
  EXPECT_EQ(state.membrane_V, 32);
  SlotOutcome second = model.step(state, 0, 0);
  ASSERT_TRUE(second.spiked);
  EXPECT_EQ(second.spikeTime_s, 0);
  EXPECT_EQ(state.membrane_V, 16);
  // Exactly at threshold when the slot begins is a spike as well.
  SlotOutcome third = model.step(state, 0, 0);
  ASSERT_TRUE(third.spiked);
  EXPECT_EQ(third.spikeTime_s, 0);
  EXPECT_EQ(state.membrane_V, 0);
  EXPECT_FALSE(model.step(state, 0, 0).spiked);
}

TEST(TimeModel, RailsStopTheMembrane) {
  TimeModel model(exactDevice());
  NeuronState state{0, 0};
  // 1000 V down in the pulse meet the rail at -64 V; then 6 V up.
  model.step(state, -501, 1);
  EXPECT_EQ(state.membrane_V, -64 + 6);
  state = {0, 0};
  SlotOutcome outcome = model.step(state, 1000, 0);
  EXPECT_TRUE(outcome.spiked);
  EXPECT_EQ(state.membrane_V, 64);
}

TEST(TimeModel, HardResetHoldsWhateverTheCurrent) {
  DeviceModel device = exactHardDevice();
  device.neuron.refractory_s = 3;
  TimeModel model(device);
  NeuronState state{8, 0};
  // 8 V in 1 s at 8 A, held to 4 s, then 4 s at 0.5 A.
  SlotOutcome outcome = model.step(state, 7.5, 0.5);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(outcome.spikeTime_s, 1);
  EXPECT_EQ(state.membrane_V, 2);
  EXPECT_EQ(state.hold_s, 0);
}

TEST(TimeModel, HoldReachesIntoLaterSlots) {
  DeviceModel device = exactHardDevice();
  device.neuron.refractory_s = 16;
  TimeModel model(device);
  NeuronState state{8, 0};
  ASSERT_TRUE(model.step(state, 7, 1).spiked); // at 1 s, held to 17 s
  EXPECT_EQ(state.hold_s, 9);
  SlotOutcome whole = model.step(state, 100, 100);
  EXPECT_FALSE(whole.spiked);
  EXPECT_EQ(state.membrane_V, 0);
  EXPECT_EQ(state.hold_s, 1);
  EXPECT_EQ(whole.margin_V, 16);
  // Free after 1 s: 1 s of pulse at 5 A and 6 s at 1 A.
  SlotOutcome partial = model.step(state, 4, 1);
  EXPECT_FALSE(partial.spiked);
  EXPECT_EQ(state.membrane_V, 5 + 6);
  EXPECT_EQ(partial.margin_V, 16 - 11);
}

TEST(TimeModel, SpikeAtTheSlotsEndHoldsTheNextSlot) {
  TimeModel model(exactHardDevice());
  NeuronState state{8, 0};
  ASSERT_TRUE(model.step(state, 0, 1).spiked); // at 8 s
  EXPECT_EQ(state.hold_s, 1);
  model.step(state, 0, 1);
  EXPECT_EQ(state.membrane_V, 7);
}

TEST(TimeModel, ZeroHoldContinuesAtOnce) {
  DeviceModel device = exactHardDevice();
  device.neuron.refractory_s = 0;
  TimeModel model(device);
  NeuronState state{8, 0};
  SlotOutcome outcome = model.step(state, 0, 2);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(outcome.spikeTime_s, 4);
  EXPECT_EQ(state.membrane_V, 8);
}

TEST(TimeModel, HardResetForgetsTheExcess) {
  TimeModel model(exactHardDevice());
  NeuronState state{40, 0};
  ASSERT_TRUE(model.step(state, 0, 0).spiked);
  EXPECT_EQ(state.membrane_V, 0);
}

TEST(TimeModel, MarginOfASpikeIsTheFreeMembranesExcess) {
  TimeModel model(exactDevice());
  NeuronState state{8, 0};
  // Free-running: 8 + 2 * 6 = 20 after the pulse, then down to 20 - 6 = 14.
  SlotOutcome outcome = model.step(state, 7, -1);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(outcome.margin_V, 20 - 16);
}

TEST(TimeModel, MarginWithoutSpikeIsTheDistanceOfThePeak) {
  TimeModel model(exactDevice());
  NeuronState state{8, 0};
  SlotOutcome outcome = model.step(state, 4, -1);
  EXPECT_FALSE(outcome.spiked);
  EXPECT_EQ(outcome.margin_V, 16 - 14);
}

TEST(TimeModel, PulseAsLongAsTheSlot) {
  DeviceModel device = exactDevice();
  device.synapse.pulseWidth_s = 8;
  TimeModel model(device);
  NeuronState state{0, 0};
  EXPECT_FALSE(model.step(state, 1, 0.5).spiked);
  EXPECT_EQ(state.membrane_V, 12);
  EXPECT_TRUE(model.step(state, 1, 0.5).spiked);
  EXPECT_EQ(state.membrane_V, 8);
}

TEST(TimeModel, WithoutLeakItIsTheIntegerSnn) {
  // Design section 3a: no leak and subtract give the T-step SNN, in units of
  // 1/64 V here. The bias is not negative and a slot's gain is below threshold,
  // so that the end of the slot is the membrane's peak (docs/time-model.md).
  DeviceModel device = exactDevice();
  device.neuron.railLow_V = -1e6;
  device.neuron.railHigh_V = 1e6;
  TimeModel model(device);
  std::mt19937 random(5);
  std::uniform_int_distribution<int> weights(-300, 350), biases(0, 35);
  const int64_t threshold = 16 * 64;
  int spikes = 0;
  for (int run = 0; run < 20; ++run) {
    NeuronState state = model.preset();
    int64_t integer = threshold / 2, bias = biases(random);
    for (int slot = 0; slot < 200; ++slot) {
      int64_t weight = weights(random);
      integer += 2 * weight + 8 * bias;
      bool expected = integer >= threshold;
      if (expected)
        integer -= threshold;
      spikes += expected;
      SlotOutcome outcome = model.step(state, weight / 64.0, bias / 64.0);
      ASSERT_EQ(outcome.spiked, expected) << "run " << run << " slot " << slot;
      ASSERT_EQ(state.membrane_V, integer / 64.0);
    }
  }
  EXPECT_GT(spikes, 400);
}

TEST(TimeModel, NegativeModulationDoesNotHideThePulsesPeak) {
  TimeModel model(exactDevice());
  // 8 + 2 * 5 = 18 at the pulse's end, 12 at the slot's without the spike.
  NeuronState state{8, 0};
  SlotOutcome outcome = model.step(state, 6, -1);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(state.membrane_V, 12 - 16);
}

TEST(TimeModel, InhibitionDoesNotStopARestAboveThreshold) {
  TimeModel model(exactDevice());
  NeuronState state{17, 0};
  SlotOutcome outcome = model.step(state, -4, 0);
  ASSERT_TRUE(outcome.spiked);
  EXPECT_EQ(outcome.spikeTime_s, 0);
  EXPECT_EQ(outcome.margin_V, 1);
  EXPECT_EQ(state.membrane_V, 17 - 8 - 16);
}

TEST(TimeModel, RateRisesWithCurrent) {
  for (const char *name : {"nt1", "nt1-tiny"}) {
    DeviceModel device = shipped(name);
    TimeModel model(device);
    double unit = device.thresholdCharge_C() / device.slot_s;
    int last = 0;
    for (int i = 0; i <= 60; ++i) {
      NeuronState state = model.preset();
      int spikes = 0;
      for (int slot = 0; slot < 256; ++slot)
        spikes += model.step(state, 0, unit * i / 50).spiked;
      EXPECT_GE(spikes, last) << name << " at " << i;
      last = spikes;
    }
    EXPECT_GT(last, 180) << name;
  }
}

TEST(TimeModel, SameInputsSameBits) {
  TimeModel a(shipped("nt1")), b(shipped("nt1"));
  NeuronState x = a.preset(), y = b.preset();
  for (int slot = 0; slot < 500; ++slot) {
    double current = 1e-8 * std::sin(slot);
    SlotOutcome p = a.step(x, 20 * current, current);
    SlotOutcome q = b.step(y, 20 * current, current);
    ASSERT_EQ(p.spiked, q.spiked);
    ASSERT_EQ(p.margin_V, q.margin_V);
    ASSERT_EQ(x.membrane_V, y.membrane_V);
  }
}

TEST(RegularSpike, RateOfKInTGivesKSpikes) {
  for (uint32_t slots : {1u, 7u, 16u, 64u, 100u, 1000u})
    for (uint32_t k = 0; k <= slots; k += 1 + slots / 50) {
      uint32_t spikes = 0;
      for (uint32_t slot = 0; slot < slots; ++slot)
        spikes += regularSpike(double(k) / slots, slot);
      EXPECT_EQ(spikes, k) << k << " of " << slots;
    }
}

TEST(RegularSpike, IsRegular) {
  // One spike in four slots, centred: intervals are equal.
  for (uint32_t slot = 0; slot < 64; ++slot)
    EXPECT_EQ(regularSpike(0.25, slot), slot % 4 == 1) << slot;
}

TEST(RegularSpike, ClipsRates) {
  for (uint32_t slot : {0u, 1u, 17u, ~0u}) {
    EXPECT_TRUE(regularSpike(1, slot));
    EXPECT_TRUE(regularSpike(7, slot));
    EXPECT_FALSE(regularSpike(0, slot));
    EXPECT_FALSE(regularSpike(-3, slot));
    EXPECT_FALSE(regularSpike(std::nan(""), slot));
  }
}
