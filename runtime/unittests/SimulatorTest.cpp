//===- SimulatorTest.cpp - The simulator against a naive one --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Simulator.h"
#include "RandomProgram.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>

using namespace ntrt;
using namespace ntrt::test;

namespace {
/// Follows the definition word by word: a set of (slot, core, axon) events, and
/// every axon times every neuron in every slot.
struct NaiveSimulation {
  std::vector<SpikeEvent> events;
  std::map<std::pair<size_t, uint32_t>, NeuronState> states;
  std::map<std::pair<size_t, uint32_t>, double> margins;
  uint64_t synapticEvents = 0, routedEvents = 0, spikes = 0;

  NaiveSimulation(const Program &program, const TaskOverlay &task,
                  const DeviceModel &device, const std::vector<float> &image,
                  uint32_t slots) {
    TimeModel time(device);
    std::set<std::array<uint32_t, 3>> active;
    uint32_t lastStart = 0;
    for (const CoreConfig &core : program.cores)
      lastStart = std::max(lastStart, core.startSlot);
    for (size_t c = 0; c < program.cores.size(); ++c)
      for (uint32_t n = 0; n < program.cores[c].neurons; ++n) {
        states[{c, n}] = time.preset();
        margins[{c, n}] = std::numeric_limits<double>::infinity();
      }

    for (uint32_t slot = 0; slot < slots + lastStart; ++slot) {
      for (uint32_t c = 0; c < program.cores.size(); ++c) {
        const CoreConfig &core = program.cores[c];
        if (slot < core.startSlot || slot >= core.startSlot + slots)
          continue;
        for (uint32_t n = 0; n < core.neurons; ++n) {
          int sum = 0;
          for (uint32_t axon = 0; axon < core.axons; ++axon)
            if (active.count({slot, c, axon})) {
              sum += core.code(axon, n);
              synapticEvents += core.code(axon, n) != 0;
            }
          double synaptic = sum * device.synapseDomain.lsbCurrent_A(
                                      core.synapseDac[core.synapseDomain[n]]);
          ModulationWord word = task.cores[c].words[n];
          double modulation = word.code * device.modulationDomain.lsbCurrent_A(
                                              task.cores[c].dac[word.domain]);
          SlotOutcome outcome = time.step(states[{c, n}], synaptic, modulation);
          double &margin = margins[{c, n}];
          margin = std::min(margin, outcome.margin_V);
          if (!outcome.spiked)
            continue;
          ++spikes;
          events.push_back({slot, c, n, outcome.spikeTime_s, outcome.margin_V});
          for (const Route &route : program.routes)
            if (route.sourceCore == c && route.sourceNeuron == n) {
              active.insert({slot + 1 + device.linkLatency_slots,
                             route.targetCore, route.targetAxon});
              ++routedEvents;
            }
        }
      }
      if (slot >= slots)
        continue;
      for (uint32_t i = 0; i < program.inputs; ++i)
        if (regularSpike(double(image[i]) / program.inputFullScale, slot)) {
          events.push_back({slot, SpikeEvent::kInputCore, i, 0, 0});
          for (const InputRoute &route : program.inputRoutes)
            if (route.input == i) {
              active.insert({slot + 1, route.targetCore, route.targetAxon});
              ++routedEvents;
            }
        }
    }
  }
};

/// One input with a spike in every slot, one synapse, one neuron.
struct OneNeuron {
  DeviceModel device = testDevice();
  Program program;
  TaskOverlay task;

  OneNeuron() {
    device.neuron.leak_S = 0;
    program.deviceName = device.name;
    program.deviceHash = device.hash;
    program.inputs = 1;
    program.layers = {{"fc", 1}};
    CoreConfig core;
    core.axons = core.neurons = 1;
    core.codes = {7};
    core.synapseDomain = {0};
    core.synapseDac = {63};
    core.layerNeuron = {0};
    program.cores = {core};
    program.inputRoutes = {{0, 0, 0}};
    program.readout = {{0, 0}};
    task.deviceHash = device.hash;
    task.cores = {{{0}, {{0, 0}}}};
    task.classOfOutput = {42};
  }

  Result<SimResult> tryRun(float value, SimOptions options) {
    task.programHash = frozenHash(encodeProgram(program, device));
    auto simulator = Simulator::create(program, task, device);
    EXPECT_TRUE(simulator) << toString(simulator.diagnostics());
    return simulator->run(&value, 1, options);
  }
  SimResult run(float value, SimOptions options) {
    return *tryRun(value, options);
  }
};

void expectSameEvents(const std::vector<SpikeEvent> &found,
                      const std::vector<SpikeEvent> &expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].slot, expected[i].slot);
    EXPECT_EQ(found[i].core, expected[i].core);
    EXPECT_EQ(found[i].neuron, expected[i].neuron);
    // Bit for bit, not nearly.
    EXPECT_EQ(found[i].time_s, expected[i].time_s);
    EXPECT_EQ(found[i].margin_V, expected[i].margin_V);
  }
}

struct Variant {
  const char *name;
  ResetKind reset;
  double leak_S;
  uint32_t latency;
  double pulse_s;
};
/// Named in messages; GoogleTest would print its bytes.
void PrintTo(const Variant &variant, std::ostream *out) {
  *out << variant.name;
}
class AgainstNaive : public testing::TestWithParam<Variant> {};
} // namespace

TEST_P(AgainstNaive, SpikeForSpike) {
  DeviceModel device = testDevice();
  device.neuron.reset = GetParam().reset;
  device.neuron.leak_S = GetParam().leak_S;
  device.linkLatency_slots = GetParam().latency;
  device.synapse.pulseWidth_s = GetParam().pulse_s;
  uint64_t spikesInAll = 0;
  for (uint32_t seed = 0; seed < 6; ++seed) {
    RandomPrograms random(seed);
    Program program = random.program(device);
    TaskOverlay task = random.task(program, device);
    std::vector<float> image = random.image(program.inputs);
    auto simulator = Simulator::create(program, task, device);
    ASSERT_TRUE(simulator) << toString(simulator.diagnostics());
    SimOptions options;
    options.recordSpikes = true;
    auto result = simulator->run(image.data(), image.size(), options);
    ASSERT_TRUE(result);
    NaiveSimulation naive(program, task, device, image, 20);

    expectSameEvents(result->events, naive.events);
    EXPECT_EQ(result->spikes, naive.spikes);
    EXPECT_EQ(result->synapticEvents, naive.synapticEvents);
    EXPECT_EQ(result->routedEvents, naive.routedEvents);
    for (size_t i = 0; i < program.readout.size(); ++i) {
      auto [core, neuron] = program.readout[i];
      double residual =
          (naive.states[{core, neuron}].membrane_V - device.neuron.vInit_V) /
          (device.neuron.vThreshold_V - device.neuron.vReset_V);
      EXPECT_EQ(result->scores[i], result->counts[i] + residual);
    }

    options.recordMargins = true;
    auto slow = simulator->run(image.data(), image.size(), options);
    expectSameEvents(slow->events, naive.events);
    for (const auto &[at, margin] : naive.margins)
      EXPECT_EQ(slow->minMargin_V[at.first][at.second], margin);
    spikesInAll += naive.spikes;
  }
  // The comparison means something only if much happens.
  EXPECT_GT(spikesInAll, 1000u);
}

INSTANTIATE_TEST_SUITE_P(
    Variants, AgainstNaive,
    testing::Values(
        Variant{"SubtractLeaky", ResetKind::Subtract, 5e-9, 0, 1e-6},
        Variant{"SubtractLossless", ResetKind::Subtract, 0, 0, 1e-6},
        Variant{"SubtractLeakyLatency", ResetKind::Subtract, 5e-9, 2, 1e-6},
        Variant{"HardLeaky", ResetKind::Hard, 5e-9, 0, 1e-6},
        Variant{"HardLosslessLatency", ResetKind::Hard, 0, 2, 1e-6},
        Variant{"HardLeakyHalfSlotPulse", ResetKind::Hard, 5e-9, 1, 5e-6},
        Variant{"SubtractWholeSlotPulse", ResetKind::Subtract, 5e-9, 0, 1e-5}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(SimulatorTest, InputActsOneSlotLaterAndOutputIsLabelled) {
  OneNeuron chip;
  SimOptions options;
  options.slots = 4;
  options.recordSpikes = true;
  // 0.7 V an event: one spike in each slot from slot 1 on.
  SimResult result = chip.run(1, options);
  ASSERT_EQ(result.events.size(), 8u);
  EXPECT_EQ(result.events[0].core, SpikeEvent::kInputCore);
  EXPECT_EQ(result.events[0].slot, 0u);
  EXPECT_EQ(result.events[1].core, 0u);
  EXPECT_EQ(result.events[1].slot, 1u);
  EXPECT_EQ(result.events.back().slot, 4u);
  EXPECT_EQ(result.counts, std::vector<uint32_t>{4});
  EXPECT_EQ(result.label, 42u);
}

TEST(SimulatorTest, CoreIsHeldBeforeItsStartAndFrozenAfterItsEnd) {
  OneNeuron chip;
  chip.program.cores[0].startSlot = 3;
  chip.task.cores[0] = {{63}, {{0, 1}}};
  SimOptions options;
  options.slots = 5;
  options.recordSpikes = true;
  SimResult result = chip.run(1, options);
  uint32_t first = ~0u, last = 0;
  for (const SpikeEvent &event : result.events)
    if (event.core == 0) {
      first = std::min(first, event.slot);
      last = std::max(last, event.slot);
    }
  EXPECT_GE(first, 3u);
  EXPECT_LE(last, 7u);
  // Input events of slots 0 and 1 reach a held core: routed, but not summed.
  EXPECT_EQ(result.routedEvents, 5u);
  EXPECT_EQ(result.synapticEvents, 3u);
}

TEST(SimulatorTest, ModulationAloneChargesTheMembrane) {
  OneNeuron chip;
  chip.task.cores[0] = {{63}, {{0, -3}}};
  SimOptions options;
  options.slots = 2;
  // Two slots of -3 * 2 nA for 10 us on 1 pF.
  SimResult result = chip.run(0, options);
  EXPECT_EQ(result.spikes, 0u);
  EXPECT_NEAR(result.scores[0], -2 * 6e-2 / 0.3, 1e-9);
}

TEST(SimulatorTest, CountReadoutLeavesTheResidualOut) {
  OneNeuron chip;
  chip.program.readoutKind = ReadoutKind::Count;
  chip.task.cores[0] = {{63}, {{0, -3}}};
  SimOptions options;
  options.slots = 2;
  EXPECT_EQ(chip.run(0, options).scores[0], 0);
  chip.program.readoutKind = ReadoutKind::Membrane;
  EXPECT_LT(chip.run(0, options).scores[0], 0);
}

TEST(SimulatorTest, FirstReadoutCountsSlotsFromTheFirstSpike) {
  OneNeuron chip;
  chip.program.readoutKind = ReadoutKind::First;
  for (uint32_t start : {1u, 3u}) {
    chip.program.cores[0].startSlot = start;
    SimOptions options;
    options.slots = 8;
    options.recordSpikes = true;
    for (float value : {1.0f, 0.3f, 0.1f}) {
      SimResult result = chip.run(value, options);
      double expected = 0;
      for (const SpikeEvent &event : result.events)
        if (event.core == 0 && expected == 0)
          expected = start + 8 - event.slot;
      EXPECT_EQ(result.scores[0], expected);
      EXPECT_EQ(result.slotsSinceFirst[0], uint32_t(expected));
      EXPECT_GT(expected, 0);
    }
    EXPECT_EQ(chip.run(0, options).scores[0], 0);
  }
}

TEST(SimulatorTest, SignedInputsComeOnTwoLines) {
  OneNeuron chip;
  SimOptions options;
  options.slots = 8;
  auto refused = chip.tryRun(-1, options);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(has(refused.diagnostics(), Diag::DataValue, "0 or more"));
  // The neuron hears values below 0 only.
  chip.program.encoding = InputEncoding::Signed;
  chip.program.inputFullScale = 2;
  chip.program.inputRoutes = {{1, 0, 0}};
  EXPECT_EQ(chip.run(-2, options).routedEvents, 8u);
  EXPECT_EQ(chip.run(-1, options).routedEvents, 4u);
  EXPECT_EQ(chip.run(-9, options).routedEvents, 8u);
  EXPECT_EQ(chip.run(2, options).routedEvents, 0u);
  auto infinite = chip.tryRun(-std::numeric_limits<float>::infinity(), options);
  ASSERT_FALSE(infinite);
  EXPECT_TRUE(has(infinite.diagnostics(), Diag::DataValue, "is finite"));
}

TEST(SimulatorTest, EnergyIsThatOfTheDevicesFigures) {
  OneNeuron chip;
  SimOptions options;
  options.slots = 4;
  SimResult result = chip.run(1, options);
  // Four events and spikes, five slots, one core with one domain of each kind.
  EXPECT_EQ(result.synapticEvents, 4u);
  EXPECT_NEAR(result.energy_J,
              4 * 1e-14 + 4 * 2e-13 + 4 * 1e-12 +
                  (1e-5 + 3e-6 + 3e-6) * 5 * 1e-5,
              1e-18);
}

TEST(SimulatorTest, FirstOfEqualScoresWins) {
  OneNeuron chip;
  chip.program.readout = {{0, 0}, {0, 0}};
  chip.task.classOfOutput = {5, 3};
  SimResult result = chip.run(1, {});
  EXPECT_EQ(result.output, 0u);
  EXPECT_EQ(result.label, 5u);
}

TEST(SimulatorTest, InputFullScaleIsOneSpikeASlot) {
  OneNeuron chip;
  chip.program.inputFullScale = 4;
  SimOptions options;
  options.slots = 8;
  EXPECT_EQ(chip.run(4, options).routedEvents, 8u);
  EXPECT_EQ(chip.run(9, options).routedEvents, 8u);
  EXPECT_EQ(chip.run(1, options).routedEvents, 2u);
}

TEST(SimulatorTest, ThreadsDoNotChangeResults) {
  DeviceModel device = testDevice();
  RandomPrograms random(11);
  Program program = random.program(device);
  TaskOverlay task = random.task(program, device);
  auto simulator = Simulator::create(program, task, device);
  ASSERT_TRUE(simulator);
  size_t images = 23;
  std::vector<float> values = random.image(uint32_t(images) * program.inputs);
  SimOptions options;
  std::vector<SimResult> one(images), four(images);
  size_t calls = 0;
  ASSERT_TRUE(simulator->runMany(values.data(), images, options, 1,
                                 [&](size_t i, SimResult result) {
                                   one[i] = std::move(result);
                                   ++calls;
                                 }));
  ASSERT_TRUE(simulator->runMany(
      values.data(), images, options, 4,
      [&](size_t i, SimResult result) { four[i] = std::move(result); }));
  EXPECT_EQ(calls, images);
  for (size_t i = 0; i < images; ++i) {
    EXPECT_EQ(one[i].scores, four[i].scores);
    auto alone = simulator->run(values.data() + i * program.inputs,
                                program.inputs, options);
    EXPECT_EQ(alone->scores, one[i].scores);
    EXPECT_EQ(alone->energy_J, four[i].energy_J);
  }
}

TEST(SimulatorTest, RunManyReportsEveryBadSampleAndRunsNone) {
  OneNeuron chip;
  chip.task.programHash = frozenHash(encodeProgram(chip.program, chip.device));
  auto simulator = Simulator::create(chip.program, chip.task, chip.device);
  ASSERT_TRUE(simulator);
  float values[] = {1, -1, 0.5f, std::numeric_limits<float>::quiet_NaN(),
                    std::numeric_limits<float>::infinity()};
  size_t calls = 0;
  Status status =
      simulator->runMany(values, 5, {}, 2, [&](size_t, SimResult) { ++calls; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.diagnostics().size(), 3u);
  EXPECT_TRUE(has(status.diagnostics(), Diag::DataValue, "sample 1"));
  EXPECT_EQ(calls, 0u);
}

TEST(SimulatorTest, BadSizesAndSlotsAreReported) {
  OneNeuron chip;
  chip.task.programHash = frozenHash(encodeProgram(chip.program, chip.device));
  auto simulator = Simulator::create(chip.program, chip.task, chip.device);
  ASSERT_TRUE(simulator);
  float values[2] = {0, 0};
  SimOptions options;
  options.slots = kMaxSlots + 1;
  auto result = simulator->run(values, 2, options);
  ASSERT_FALSE(result);
  EXPECT_TRUE(has(result.diagnostics(), Diag::SimSlots));
  EXPECT_TRUE(has(result.diagnostics(), Diag::SimInput, "2 values"));
}

TEST(SimulatorTest, ProgramAndTaskAreCheckedBeforeTheyRun) {
  OneNeuron chip;
  chip.task.programHash = 5;
  auto simulator = Simulator::create(chip.program, chip.task, chip.device);
  ASSERT_FALSE(simulator);
  EXPECT_TRUE(has(simulator.diagnostics(), Diag::BitNetwork));
}

TEST(SimulatorTest, EventsThatGoRoundAreSimulatedToo) {
  // The last core feeds the first: no order of the cores goes forward only.
  for (uint32_t latency : {0u, 3u}) {
    DeviceModel device = testDevice();
    device.linkLatency_slots = latency;
    RandomPrograms random(4);
    Program program = random.program(device);
    uint32_t last = uint32_t(program.cores.size()) - 1;
    // The first core's axons above 9 get neurons of the last core instead.
    std::erase_if(program.inputRoutes, [](const InputRoute &route) {
      return route.targetCore == 0 && route.targetAxon > 9;
    });
    for (uint32_t axon = 10; axon < program.cores[0].axons; ++axon)
      program.routes.push_back(
          {last, random.below(program.cores[last].neurons), 0, axon});
    std::sort(program.routes.begin(), program.routes.end());
    TaskOverlay task = random.task(program, device);
    std::vector<float> image = random.image(program.inputs);
    auto simulator = Simulator::create(program, task, device);
    ASSERT_TRUE(simulator) << toString(simulator.diagnostics());
    SimOptions options;
    options.recordSpikes = true;
    auto result = simulator->run(image.data(), image.size(), options);
    NaiveSimulation naive(program, task, device, image, 20);
    expectSameEvents(result->events, naive.events);
    EXPECT_EQ(result->synapticEvents, naive.synapticEvents);
  }
}

TEST(SimulatorTest, LongLatencyLosesEventsThatComeTooLate) {
  OneNeuron chip;
  chip.device.linkLatency_slots = 1000000;
  // The neuron also feeds a second axon of its own, far in the future.
  CoreConfig &core = chip.program.cores[0];
  core.axons = 2;
  core.codes = {7, 7};
  chip.program.routes = {{0, 0, 0, 1}};
  SimOptions options;
  options.slots = 4;
  SimResult result = chip.run(1, options);
  EXPECT_EQ(result.routedEvents, 8u);
  EXPECT_EQ(result.synapticEvents, 4u);
}

TEST(SimulatorTest, AFullCoreSumsWithoutOverflow) {
  // 1000 axons at the largest code, all active at once.
  for (uint32_t digits = 1; digits <= 7; ++digits) {
    OneNeuron chip;
    chip.device.synapse.digits = digits;
    chip.device.coreAxons = 1000;
    // Small enough for 127,000 LSB not to reach the threshold or a rail.
    chip.device.synapseDomain.curveAmperes = {1e-13, 1e-12};
    chip.program.inputs = 1000;
    chip.program.inputRoutes.clear();
    CoreConfig &core = chip.program.cores[0];
    core.axons = 1000;
    core.codes.assign(1000, int8_t(chip.device.synapse.maxCode()));
    for (uint32_t i = 0; i < 1000; ++i)
      chip.program.inputRoutes.push_back({i, 0, i});
    chip.task.programHash =
        frozenHash(encodeProgram(chip.program, chip.device));
    auto simulator = Simulator::create(chip.program, chip.task, chip.device);
    ASSERT_TRUE(simulator) << toString(simulator.diagnostics());
    std::vector<float> image(1000, 1);
    SimOptions options;
    options.slots = 1;
    auto result = simulator->run(image.data(), image.size(), options);
    // 1000 codes * 1 pA * 1 us on 1 pF, of 0.3 V.
    EXPECT_NEAR(result->scores[0], chip.device.synapse.maxCode() * 1e-3 / 0.3,
                1e-6);
  }
}
