//===- ChipNetlistTest.cpp - The text of a chip's netlist -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCore.h"

#include "nt/Target/Spice/ChipNetlist.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

using namespace nt::spice;
using namespace nt::spice::test;
using ntrt::Diag;
using ntrt::ResetKind;

namespace {

class ChipText : public testing::Test {
protected:
  void SetUp() override {
    chip = randomChip(device, 6, 5, 3, 8, 2);
    spikes = chip.spikes(device);
    auto loaded = CellLibrary::load("behavioural");
    ASSERT_TRUE(loaded);
    cells = *loaded;
  }
  ntrt::Result<ChipNetlistInfo> emit(const ChipNetlistOptions &options,
                                     const std::vector<ChipPhase> &phases) {
    std::ostringstream out;
    auto info =
        emitChipNetlist(chip.program, device, phases, cells, options, out);
    text = out.str();
    return info;
  }
  ntrt::Result<ChipNetlistInfo> emit(const ChipNetlistOptions &options = {}) {
    return emit(options, {{&chip.task, spikes}});
  }
  size_t count(const std::string &pattern) const {
    size_t hits = 0;
    for (size_t at = text.find(pattern); at != std::string::npos;
         at = text.find(pattern, at + 1))
      ++hits;
    return hits;
  }

  ntrt::DeviceModel device = tinyDevice(ResetKind::Hard);
  TestChip chip;
  std::vector<ntrt::SpikeEvent> spikes;
  CellLibrary cells;
  std::string text;
};

} // namespace

TEST_F(ChipText, HasACellForEachPartOfTheChip) {
  auto info = emit();
  ASSERT_TRUE(info) << ntrt::toString(info.diagnostics());
  EXPECT_EQ(count("\nXcore"), 2u);
  EXPECT_EQ(count(" nt_neuron\n"), 9u); // 8 and its .ends.
  EXPECT_EQ(count(" nt_hold "), 9u);    // 8 and its definition.
  // Hidden neurons drive a row each, the first output one of its own core.
  EXPECT_EQ(info->registers, 6u);
  EXPECT_EQ(count(" nt_register chold"), 6u);
  EXPECT_EQ(count(" gate nt_row ron"), 6u);
  EXPECT_EQ(count(" nt_synapse code="), info->synapses);
  EXPECT_EQ(info->neurons.size(), 8u);
  for (const ChipNeuron &neuron : info->neurons)
    EXPECT_EQ(count("* nt-node " + nodeJson(neuron.nodes, neuron.core) + "\n"),
              1u);
}

TEST_F(ChipText, NeuronsThatAreNotEmittedDriveTheirAxonsFromTheRecording) {
  ChipNetlistOptions options;
  options.cores = {{0, {0, 1}}, {1, {}}};
  auto info = emit(options);
  ASSERT_TRUE(info) << ntrt::toString(info.diagnostics());
  EXPECT_EQ(info->neurons.size(), 5u);
  EXPECT_EQ(info->registers, 3u);
  size_t recorded = 0;
  for (uint32_t neuron = 2; neuron < 5; ++neuron)
    recorded += std::any_of(spikes.begin(), spikes.end(),
                            [&](const ntrt::SpikeEvent &spike) {
                              return spike.core == 0 && spike.neuron == neuron;
                            });
  EXPECT_GT(recorded, 0u);
  EXPECT_EQ(count("\nVa1_"), recorded);
}

TEST_F(ChipText, ATaskChangesNoSynapse) {
  auto lines = [&](const std::string &cell) {
    std::vector<std::string> found;
    for (const std::string &line : joinedLines(text))
      if (line.find(" " + cell + " ") != std::string::npos)
        found.push_back(line);
    return found;
  };
  ASSERT_TRUE(emit());
  const auto alone = lines("nt_synapse");
  ntrt::TaskOverlay other = chip.task;
  for (ntrt::ModulationWord &word : other.cores[0].words)
    word.code = int8_t(-word.code);
  other.cores[1].dac[0] += 3;
  ASSERT_TRUE(emit({}, {{&chip.task, spikes}, {&other, spikes}}));
  EXPECT_EQ(lines("nt_synapse"), alone);
  EXPECT_GT(lines("nt_modulator_digit").size(), 2u);
  EXPECT_GT(lines("nt_modulator_driven").size(), 1u);
  EXPECT_EQ(count("\nXdomain0_"), 2u);
}

TEST_F(ChipText, PhasesRestForTheGapBetweenThem) {
  ChipNetlistOptions options;
  options.gap_s = 7.5 * device.slot_s;
  auto info = emit(options, {{&chip.task, spikes}, {&chip.task, spikes}});
  ASSERT_TRUE(info);
  // 8 slots from start slot 2, 8 of the gap, 2 for clearing.
  ASSERT_EQ(info->phaseSlot, (std::vector<uint32_t>{0, 20}));
  EXPECT_NEAR(info->stop_s, 30 * device.slot_s, 1e-12);
}

TEST_F(ChipText, RefusesAllThatIsWrongAtOnce) {
  device.synapse.pulseWidth_s = device.slot_s;
  ChipNetlistOptions options;
  options.cores = {{0, {9}}, {2, {}}, {1, {}}, {1, {}}};
  auto info = emit(options, {});
  ASSERT_FALSE(info);
  EXPECT_EQ(info.diagnostics().size(), 5u)
      << ntrt::toString(info.diagnostics());
  EXPECT_EQ(info.diagnostics().back().diag, Diag::SpiceFabric);
  EXPECT_TRUE(text.empty());
}

TEST(DomainSettling, TheLargestStepIsWithin2PercentAtTheDevicesTime) {
  auto device = tinyDevice(ResetKind::Hard);
  const ntrt::DomainModel &domain = device.modulationDomain;
  double tau = domainTimeConstant_s(domain);
  double left_V =
      (domain.voltsMax - domain.voltsMin) * std::exp(-domain.settling_s / tau);
  // The curve's steepest part: a factor of 3.05 in 0.1 V.
  double steepest = std::log(6.7 / 2.2) / 0.1;
  EXPECT_NEAR(std::exp(left_V * steepest) - 1, 0.02, 1e-4);
}
