//===- ChipComparisonTest.cpp - A chip's circuit against simulator --------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCore.h"

#include "nt/Target/Spice/ChipComparison.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace nt::spice;
using namespace nt::spice::test;
using ntrt::ResetKind;

namespace {

ChipComparison compare(const TestChip &chip, const ntrt::DeviceModel &device,
                       const ChipCompareOptions &options = {}) {
  auto result = compareChip(chip.program, device,
                            {{&chip.task, chip.spikes(device)}}, options);
  EXPECT_TRUE(result) << ntrt::toString(result.diagnostics());
  return result ? *result : ChipComparison();
}

/// Same spikes, or differences that the margin rule excuses.
void expectAlike(const ChipComparison &result) {
  EXPECT_TRUE(result.passed());
  for (const ChipPhaseComparison &phase : result.phases) {
    EXPECT_EQ(phase.stray, 0u);
    EXPECT_GT(phase.simulated, 30u);
    for (const CoreComparison &core : phase.judged) {
      EXPECT_TRUE(core.passed()) << core.summary();
      EXPECT_LT(core.medianTimeError, 0.001) << core.summary();
    }
  }
}

class ChipEachReset : public testing::TestWithParam<ResetKind> {};

} // namespace

INSTANTIATE_TEST_SUITE_P(Chip, ChipEachReset,
                         testing::Values(ResetKind::Hard, ResetKind::Subtract),
                         [](const auto &info) {
                           return info.param == ResetKind::Hard ? "Hard"
                                                                : "Subtract";
                         });

TEST_P(ChipEachReset, SpikesOfOneCoreDriveAnotherInTheCircuit) {
  auto device = tinyDevice(GetParam());
  for (unsigned seed = 1; seed <= 3; ++seed) {
    ChipComparison result =
        compare(randomChip(device, 8, 8, 4, 32, seed), device);
    expectAlike(result);
    EXPECT_EQ(result.registers, 9u); // Hidden neurons and the feedback.
  }
}

TEST_P(ChipEachReset, SpikeSourcesAreTheSameAsRows) {
  auto device = tinyDevice(GetParam());
  ChipCompareOptions options;
  options.netlist.inputs = InputSource::Spikes;
  expectAlike(compare(randomChip(device, 8, 8, 4, 32, 5), device, options));
}

TEST_P(ChipEachReset, LinkLatencyIsARegisterMore) {
  auto device = tinyDevice(GetParam());
  device.linkLatency_slots = 2;
  ChipComparison result = compare(randomChip(device, 8, 8, 4, 32, 6), device);
  expectAlike(result);
  EXPECT_EQ(result.registers, 27u);
}

// Domain volts and modulation words change in the middle of one transient; the
// synapses stay what they are.
TEST_P(ChipEachReset, ATransientIsRetargetedBetweenTwoTasks) {
  auto device = tinyDevice(GetParam());
  TestChip chip = randomChip(device, 8, 8, 4, 32, 9);
  TestChip other = chip;
  other.task.name = "other";
  other.task.cores[0].dac[0] += 6;
  other.task.cores[1].dac.push_back(other.task.cores[1].dac[0] - 4);
  chip.task.cores[1].dac.push_back(chip.task.cores[1].dac[0]);
  for (ntrt::ModulationWord &word : other.task.cores[0].words)
    word.code = int8_t(3 - word.code);
  for (ntrt::ModulationWord &word : other.task.cores[1].words)
    word.domain = 1;
  seal(chip, device);
  seal(other, device);
  const auto first = chip.spikes(device), second = other.spikes(device);
  ASSERT_NE(first.size(), second.size());
  ChipCompareOptions options;
  options.netlist.gap_s = 2 * device.modulationDomain.settling_s;
  auto result = compareChip(
      chip.program, device,
      {{&chip.task, first}, {&other.task, second}, {&chip.task, first}},
      options);
  ASSERT_TRUE(result) << ntrt::toString(result.diagnostics());
  expectAlike(*result);
  ASSERT_EQ(result->phases.size(), 3u);
  EXPECT_NE(result->phases[0].simulated, result->phases[1].simulated);
  EXPECT_FALSE(result->domains.empty());

  // Without the time to settle, the circuit is not the simulator's.
  device.modulationDomain.settling_s *= 20;
  auto hasty = compareChip(chip.program, device,
                           {{&chip.task, first}, {&other.task, second}},
                           ChipCompareOptions());
  ASSERT_TRUE(hasty) << ntrt::toString(hasty.diagnostics());
  EXPECT_TRUE(hasty->phases[0].passed());
  EXPECT_FALSE(hasty->phases[1].passed());
}
