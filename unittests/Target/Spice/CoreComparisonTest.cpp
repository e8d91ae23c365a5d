//===- CoreComparisonTest.cpp - ngspice against the time model ----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCore.h"

#include "nt/Target/Spice/CoreComparison.h"
#include "ntrt/Bitstream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

using namespace nt::spice;
using namespace nt::spice::test;
using ntrt::Diag;
using ntrt::ResetKind;

namespace {

/// Removes a folder of runs when it goes out of scope.
struct TestFolder {
  TestFolder() {
    std::string name = testing::TempDir() + "nt-compare-XXXXXX";
    EXPECT_TRUE(mkdtemp(name.data()));
    path = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path); }
  std::string path;
};

class EachReset : public testing::TestWithParam<ResetKind> {};

} // namespace

INSTANTIATE_TEST_SUITE_P(Compare, EachReset,
                         testing::Values(ResetKind::Hard, ResetKind::Subtract),
                         [](const auto &info) {
                           return info.param == ResetKind::Hard ? "Hard"
                                                                : "Subtract";
                         });

static CoreComparison compare(const TestCore &test,
                              const ntrt::DeviceModel &device,
                              const CompareOptions &options = {}) {
  auto result =
      compareEvents(test.program, test.task, device, test.events, options);
  EXPECT_TRUE(result) << ntrt::toString(result.diagnostics());
  return result ? *result : CoreComparison();
}

TEST_P(EachReset, SingleNeuronOnRandomCurrents) {
  auto device = tinyDevice(GetParam());
  for (unsigned seed = 1; seed <= 4; ++seed) {
    TestCore test = randomCore(device, 4, 1, 64, seed, 0.15);
    // Enough bias that every seed spikes.
    test.task.cores[0].words[0].code = int8_t(2 + seed);
    CoreComparison result = compare(test, device);
    EXPECT_TRUE(result.passed()) << result.summary();
    EXPECT_EQ(result.spikesFound, result.spikesExpected) << result.summary();
    EXPECT_GT(result.spikesCompared, 10u);
    EXPECT_LT(result.medianTimeError, 0.002);
  }
}

TEST_P(EachReset, Core16x16Over32Slots) {
  auto device = tinyDevice(GetParam());
  CoreComparison result = compare(randomCore(device, 16, 16, 32, 11), device);
  EXPECT_TRUE(result.passed()) << result.summary();
  EXPECT_GT(result.spikesExpected, 80u);
  EXPECT_LE(result.differing.size(), 1u) << result.summary();
  EXPECT_LT(result.medianTimeError, 0.002) << result.summary();
  EXPECT_LT(result.p95TimeError, 0.01) << result.summary();
  EXPECT_EQ(result.neurons.size(), 16u);
}

TEST_P(EachReset, OtherTimeScalesAndRails) {
  auto device = tinyDevice(GetParam());
  // Pulses that touch, a strong leak, and rails that clamp.
  device.synapse.pulseWidth_s = device.slot_s;
  device.neuron.leak_S = device.neuron.capacitance_F / (10 * device.slot_s);
  device.neuron.railHigh_V = device.neuron.vThreshold_V + 0.05;
  device.neuron.railLow_V = device.neuron.vReset_V - 0.05;
  CoreComparison result = compare(randomCore(device, 8, 8, 32, 5), device);
  EXPECT_TRUE(result.passed()) << result.summary();
  EXPECT_GT(result.spikesExpected, 50u);
  EXPECT_LT(result.p95TimeError, 0.01) << result.summary();
}

TEST_P(EachReset, OneSpikeASlotWhenDrivenHard) {
  auto device = tinyDevice(GetParam());
  TestCore test = randomCore(device, 4, 2, 16, 1, 0.3);
  test.program.cores[0].codes = {7, 7, 7, 7, 7, 7, 7, 7};
  test.events.clear();
  for (uint32_t slot = 0; slot < 16; ++slot)
    for (uint32_t axon = 0; axon < 4; ++axon)
      test.events.push_back({slot, axon});
  CoreComparison result = compare(test, device);
  EXPECT_TRUE(result.passed()) << result.summary();
  EXPECT_EQ(result.spikesFound, 2u * 16u);
  EXPECT_TRUE(result.differing.empty()) << result.summary();
}

TEST(CoreComparisonRun, HoldLongerThanASlot) {
  auto device = tinyDevice(ResetKind::Hard);
  device.neuron.refractory_s = 2.5 * device.slot_s;
  CoreComparison result = compare(randomCore(device, 8, 8, 32, 7), device);
  EXPECT_TRUE(result.passed()) << result.summary();
  EXPECT_GT(result.spikesExpected, 30u);
}

TEST(CoreComparisonRun, PiecesAndTheWholeGiveTheSameSpikes) {
  auto device = tinyDevice(ResetKind::Subtract);
  TestCore test = randomCore(device, 8, 8, 16, 3);
  CompareOptions options;
  options.neuronsPerRun = 3;
  CoreComparison pieces = compare(test, device, options);
  options.neuronsPerRun = 1000;
  CoreComparison whole = compare(test, device, options);
  ASSERT_EQ(pieces.neurons.size(), whole.neurons.size());
  for (size_t n = 0; n < whole.neurons.size(); ++n) {
    const auto &a = pieces.neurons[n].foundTimes_s,
               &b = whole.neurons[n].foundTimes_s;
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i)
      EXPECT_NEAR(a[i], b[i], 0.01 * device.slot_s);
  }
}

TEST(CoreComparisonRun, DigitSourcesGiveTheWaveformOfTheirSum) {
  auto device = tinyDevice(ResetKind::Subtract);
  TestCore test = randomCore(device, 8, 4, 16, 9);
  TestFolder folder;
  CompareOptions options;
  options.saveMembranes = true;
  options.neuronsPerRun = 1000;
  options.folder = folder.path + "/sum";
  compare(test, device, options);
  options.folder = folder.path + "/digits";
  options.perDigit = true;
  compare(test, device, options);
  auto sum = readRaw(folder.path + "/sum/run0/core.raw");
  auto digits = readRaw(folder.path + "/digits/run0/core.raw");
  ASSERT_TRUE(sum && digits);
  ASSERT_EQ(sum->names, digits->names);

  // Sampled at the end of each slot: the steps of the two runs may differ.
  auto sample = [](const RawData &data, size_t variable, double time) {
    size_t i = 1;
    while (i + 1 < data.points && data.at(i, 0) < time)
      ++i;
    double from = data.at(i - 1, 0), to = data.at(i, 0);
    double fraction = (time - from) / (to - from);
    return data.at(i - 1, variable) +
           fraction * (data.at(i, variable) - data.at(i - 1, variable));
  };
  for (size_t variable = 1; variable < sum->names.size(); ++variable)
    for (uint32_t slot = 1; slot <= 15; ++slot) {
      double time = (slot - 0.01) * device.slot_s;
      EXPECT_NEAR(sample(*sum, variable, time), sample(*digits, variable, time),
                  1e-3)
          << sum->names[variable] << " slot " << slot;
    }
}

/// Writes cells whose threshold is off by the fraction `1 / divisor` and
/// returns their path.
std::string cellsWithThresholdOff(const TestFolder &folder,
                                  const std::string &divisor) {
  auto cells = ntrt::readFile(NT_SOURCE_DIR "/share/nt/spice/behavioural.lib");
  EXPECT_TRUE(cells);
  std::string text(cells->begin(), cells->end());
  std::string wanted = "Gc 0 ctl mem th {gain}\n";
  size_t at = text.find(wanted);
  EXPECT_NE(at, std::string::npos);
  text.replace(at, wanted.size(),
               wanted + "Gx ctl 0 th 0 {gain/" + divisor + "}\n");
  std::string path = folder.path + "/off.lib";
  EXPECT_TRUE(ntrt::writeFileWhole(path, text.data(), text.size()));
  return path;
}

TEST(CoreComparisonJudge, AWrongCircuitFails) {
  auto device = tinyDevice(ResetKind::Subtract);
  TestCore test = randomCore(device, 8, 8, 32, 4);
  TestFolder folder;
  CompareOptions options;
  options.cells = cellsWithThresholdOff(folder, "20"); // 5 %
  CoreComparison result = compare(test, device, options);
  EXPECT_FALSE(result.passed());
  EXPECT_GT(result.differing.size(), result.excused());
  EXPECT_NE(result.summary().find("not excused"), std::string::npos);
}

// A hold that ends within the next slot's pulse makes a small shift of a
// crossing a large one of the membrane: the margin of the slot that differs is
// large.
TEST(CoreComparisonJudge, AnEarlierCrossingExcusesWithinTheSameTolerance) {
  auto device = tinyDevice(ResetKind::Hard);
  TestFolder folder;
  CompareOptions options;
  options.cells = cellsWithThresholdOff(folder, "800"); // 1.5 of 3 mV
  size_t shifted = 0;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    TestCore test = randomCore(device, 16, 16, 64, seed);
    CoreComparison result = compare(test, device, options);
    for (const DifferingNeuron &neuron : result.differing) {
      if (!neuron.thresholdShift_V)
        continue;
      ++shifted;
      EXPECT_GT(std::abs(neuron.margin_V), result.marginTolerance_V);
      EXPECT_LE(std::abs(*neuron.thresholdShift_V), result.marginTolerance_V);
      EXPECT_TRUE(neuron.excused);
    }
  }
  EXPECT_GT(shifted, 0u);
}

TEST(CoreComparisonJudge, OnlySmallMarginsExcuse) {
  CoreComparison result;
  result.timeTolerance = 0.01;
  EXPECT_TRUE(result.passed());
  result.differing.push_back({"fc", 0, 0, 3, true, 1e-4, {}, true});
  EXPECT_TRUE(result.passed());
  result.differing.push_back({"fc", 1, 1, 3, false, 1e-2, {}, false});
  EXPECT_FALSE(result.passed());
  EXPECT_EQ(result.excused(), 1u);
  result.differing.clear();
  result.medianTimeError = 0.011;
  EXPECT_FALSE(result.passed());
  result.medianTimeError = 0;
  result.simulatorMismatches = 1;
  EXPECT_FALSE(result.passed());
}

TEST(CoreComparisonJudge, ARecordedRunThatIsNotTheTimeModelsIsReported) {
  auto device = tinyDevice(ResetKind::Subtract);
  TestCore test = randomCore(device, 4, 2, 8, 2);
  std::vector<ntrt::SpikeEvent> spikes;
  for (const AxonEvent &event : test.events)
    spikes.push_back(
        {event.slot, ntrt::SpikeEvent::kInputCore, event.axon, 0, 0});
  std::vector<uint32_t> columns = {0, 1};
  auto outcomes = replayColumns(test.program, test.task, device, 0, columns, 8,
                                test.events);
  for (uint32_t n = 0; n < 2; ++n)
    for (uint32_t slot = 0; slot < 8; ++slot)
      if (outcomes[n][slot].spiked)
        spikes.push_back({slot + 1, 0, n, outcomes[n][slot].spikeTime_s, 0});
  auto same = compareCore(test.program, test.task, device, spikes, {});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->simulatorMismatches, 0u) << same->summary();
  EXPECT_TRUE(same->passed()) << same->summary();
  ASSERT_GT(same->spikesExpected, 0u);

  spikes.pop_back();
  auto fewer = compareCore(test.program, test.task, device, spikes, {});
  ASSERT_TRUE(fewer);
  EXPECT_EQ(fewer->simulatorMismatches, 1u);
  EXPECT_FALSE(fewer->passed());
}

TEST(CoreComparisonRun, ASimulatedImage) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 16, 16, 16, 6);
  for (uint32_t n = 0; n < 16; ++n)
    test.program.readout.push_back({0, n});
  test.task.classOfOutput.assign(16, 0);
  test.program.deviceHash = test.task.deviceHash = device.hash;
  test.task.programHash =
      ntrt::frozenHash(ntrt::encodeProgram(test.program, device));
  auto simulator = ntrt::Simulator::create(test.program, test.task, device);
  ASSERT_TRUE(simulator) << ntrt::toString(simulator.diagnostics());
  std::vector<float> image;
  for (int i = 0; i < 16; ++i)
    image.push_back(float(i) / 16);
  auto result = compareCore(*simulator, device, image.data(), image.size(), {});
  ASSERT_TRUE(result) << ntrt::toString(result.diagnostics());
  EXPECT_TRUE(result->passed()) << result->summary();
  EXPECT_EQ(result->simulatorMismatches, 0u);
  EXPECT_GT(result->spikesExpected, 20u);
}

TEST(CoreComparisonErrors, FailuresKeepTheirFolderAndNameIt) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 2, 2, 4, 1);
  CompareOptions options;
  options.ngspice.program = "/nonexistent/ngspice";
  auto result =
      compareEvents(test.program, test.task, device, test.events, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().front().diag, Diag::SpiceNoSimulator);

  options = {};
  options.core = 7;
  result = compareEvents(test.program, test.task, device, test.events, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().front().diag, Diag::SpiceCore);

  options = {};
  options.neurons = {9};
  result = compareEvents(test.program, test.task, device, test.events, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().front().diag, Diag::SpiceCore);

  options = {};
  options.cells = "quantum";
  result = compareEvents(test.program, test.task, device, test.events, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().front().diag, Diag::FileMissing);

  options = {};
  options.folder = "/proc/nowhere";
  result = compareEvents(test.program, test.task, device, test.events, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().front().diag, Diag::FileNotWritten);
}
