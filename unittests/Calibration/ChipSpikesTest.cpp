//===- ChipSpikesTest.cpp - Tests of training on a chip's spikes ----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ChipSpikes.h"
#include "TestChip.h"

#include "nt/Calibration/ChipCalibration.h"

#include <gtest/gtest.h>

using namespace nt::calibration;
using nt::test::TestChip;

namespace {

constexpr uint32_t kSlots = 24;

/// A device all of whose chips differ in all that spikes are trained on.
ntrt::DeviceModel differing(ntrt::DeviceModel device, ntrt::ResetKind reset) {
  device.neuron.reset = reset;
  device.neuron.leak_S = 0.02 * device.neuron.capacitance_F / device.slot_s;
  device.neuron.refractory_s = 0.1 * device.slot_s;
  device.neuron.thresholdSigma_V =
      0.05 * (device.neuron.vThreshold_V - device.neuron.vReset_V);
  device.variation.capacitorSigma = 0.05;
  device.variation.leakSigma = 0.2;
  device.variation.voltsSigma_V = 0.005;
  device.variation.deadNeurons = 0.05;
  return device;
}

std::vector<nt::tuner::CoreWords> wordsOf(const TestChip &chip,
                                          const ntrt::DeviceModel &device,
                                          const ntrt::ChipVariation &drawn) {
  std::vector<nt::tuner::CoreWords> words;
  for (size_t c = 0; c < chip.program.cores.size(); ++c)
    words.push_back(nt::tuner::wordsOfCore(chip.program.cores[c],
                                           chip.task.cores[c], device, &drawn));
  return words;
}

/// Outputs on one core, whatever the random program has.
void readOneCore(TestChip &chip) {
  const uint32_t core = chip.program.readout.front().core;
  std::erase_if(chip.program.readout,
                [&](const ntrt::ReadoutNeuron &o) { return o.core != core; });
}

TEST(ChipSpikesTest, ScoresAreThoseOfTheSimulatedChip) {
  for (uint32_t seed : {3, 4, 7})
    for (ntrt::ResetKind reset :
         {ntrt::ResetKind::Subtract, ntrt::ResetKind::Hard}) {
      TestChip chip(seed, 20);
      readOneCore(chip);
      const ntrt::DeviceModel device = differing(chip.device, reset);
      const ntrt::ChipVariation drawn(device, 9);
      const auto words = wordsOf(chip, device, drawn);
      auto spikes =
          chipSpikes(chip.program, chip.task, device, drawn, words, kSlots);
      ASSERT_TRUE(spikes) << ntrt::toString(spikes.diagnostics());
      nt::tuner::SpikingNetwork network(spikes->model, 2);
      for (size_t l = 0; l < spikes->coreOfLayer.size(); ++l) {
        const size_t core = spikes->coreOfLayer[l];
        const auto &site = words[core].site;
        for (size_t n = 0; n < network.sites()[l].values.size(); ++n) {
          const ntrt::ModulationWord word = chip.task.cores[core].words[n];
          for (size_t i = 0; i < site.levelsPerValue; ++i)
            if (const ntrt::ModulationWord found =
                    words[core].words[n * site.levelsPerValue + i];
                found == word || (word.code == 0 && found.code == 0))
              network.sites()[l].values[n] = site.levelsOf(n)[i];
        }
      }
      auto simulator =
          ntrt::Simulator::create(chip.program, chip.task, device, drawn);
      ASSERT_TRUE(simulator) << ntrt::toString(simulator.diagnostics());
      ntrt::SimOptions options;
      options.slots = kSlots;
      const float *scores = network.forward(chip.data.values.data(), 20);
      const size_t outputs = network.outputSize();
      size_t spiked = 0;
      for (size_t i = 0; i < 20; ++i) {
        auto run =
            simulator->run(chip.data.sample(i), chip.data.sampleSize, options);
        ASSERT_TRUE(run);
        for (size_t o = 0; o < outputs; ++o) {
          EXPECT_NEAR(scores[i * outputs + o] * kSlots, run->scores[o], 1e-4)
              << "seed " << seed << " image " << i << " output " << o;
          spiked += run->scores[o] > 1;
        }
      }
      EXPECT_GT(spiked, 0u) << "seed " << seed;
    }
}

TEST(ChipSpikesTest, WhatCannotBeTrainedIsNamed) {
  TestChip chip(3, 2);
  readOneCore(chip);
  const ntrt::ChipVariation drawn(chip.device, 9);
  const auto words = wordsOf(chip, chip.device, drawn);
  for (ntrt::CoreConfig &core : chip.program.cores)
    core.startSlot += 2;
  auto spikes =
      chipSpikes(chip.program, chip.task, chip.device, drawn, words, kSlots);
  ASSERT_FALSE(spikes);
  EXPECT_EQ(spikes.diagnostics().front().diag, ntrt::Diag::ChipStructure);
}

TEST(ChipSpikesTest, WordsAreTrainedThroughSpikes) {
  TestChip chip;
  readOneCore(chip);
  const ntrt::DeviceModel device =
      differing(chip.device, ntrt::ResetKind::Hard);
  const ntrt::ChipVariation drawn(device, 11);
  ntrt::Dataset data = chip.data;
  for (uint32_t &label : data.labels)
    label = chip.task.classOfOutput[label % chip.program.readout.size()];
  CalibrationOptions options;
  options.encoding = Encoding::Keep;
  options.epochs = 0;
  options.spikeEpochs = 3;
  options.slots = kSlots;
  options.teacherWeight = 1;
  auto one =
      calibrate(chip.program, {chip.task}, device, drawn, {data}, options);
  ASSERT_TRUE(one) << ntrt::toString(one.diagnostics());
  const nt::tuner::RetuningResult &outcome = one->taskResults[0].throughSpikes;
  EXPECT_GT(outcome.bestEpoch, 0u);
  EXPECT_LT(outcome.lossAfter, outcome.lossBefore);
  EXPECT_GT(one->taskResults[0].wordsChanged, 0u);
  options.threads = 3;
  auto three =
      calibrate(chip.program, {chip.task}, device, drawn, {data}, options);
  ASSERT_TRUE(three);
  EXPECT_EQ(ntrt::encodeTask(one->tasks[0], device),
            ntrt::encodeTask(three->tasks[0], device));
}

TEST(ChipSpikesTest, OptionsThatDoNotFitAreNamed) {
  TestChip chip(3, 2);
  const ntrt::ChipVariation drawn(chip.device, 9);
  CalibrationOptions options;
  options.words = false;
  options.spikeEpochs = 1;
  options.slots = ntrt::kMaxSlots + 1;
  auto fitted = calibrate(chip.program, {chip.task}, chip.device, drawn,
                          {chip.data}, options);
  ASSERT_FALSE(fitted);
  EXPECT_EQ(fitted.diagnostics().size(), 2u);
  for (const ntrt::Diagnostic &misfit : fitted.diagnostics())
    EXPECT_EQ(misfit.diag, ntrt::Diag::OptionInvalid);
}

} // namespace
