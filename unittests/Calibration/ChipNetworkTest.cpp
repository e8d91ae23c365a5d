//===- ChipNetworkTest.cpp - Tests of a chip as a network of rates --------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/ChipNetwork.h"
#include "TestChip.h"
#include "nt/Tuner/Multiply.h"

#include <gtest/gtest.h>

using namespace nt::tuner;
using nt::test::TestChip;

namespace {

TEST(ChipNetworkTest, MultipliesAsGivenAndTransposed) {
  // A is 2 x 3, B is 3 x 2, row-major.
  const float a[] = {1, 2, 3, 4, 5, 6}, b[] = {1, 0, 2, 1, 0, 3};
  const float at[] = {1, 4, 2, 5, 3, 6}, bt[] = {1, 2, 0, 0, 1, 3};
  const std::vector<float> expected = {5, 11, 14, 23};
  for (bool transposeA : {false, true})
    for (bool transposeB : {false, true}) {
      std::vector<float> c(4, 1.0f);
      multiply(transposeA, transposeB, 2, 2, 3, transposeA ? at : a,
               transposeB ? bt : b, 0, c.data());
      EXPECT_EQ(c, expected);
      multiply(transposeA, transposeB, 2, 2, 3, transposeA ? at : a,
               transposeB ? bt : b, 1, c.data());
      EXPECT_EQ(c[3], 46);
    }
}

/// Rates are what the simulator's spikes come to in the long run, on the ideal
/// chip and on one that is drawn.
TEST(ChipNetworkTest, AgreesWithTheSimulatorInTheLongRun) {
  const TestChip chip(5, 20);
  const ntrt::ChipVariation variation(chip.device, 9);
  for (const ntrt::ChipVariation *drawn :
       {static_cast<const ntrt::ChipVariation *>(nullptr), &variation}) {
    auto network =
        ChipNetwork::create(chip.program, chip.task, chip.device, drawn);
    ASSERT_TRUE(network) << ntrt::toString(network.diagnostics());
    auto simulator =
        drawn ? ntrt::Simulator::create(chip.program, chip.task, chip.device,
                                        *drawn)
              : ntrt::Simulator::create(chip.program, chip.task, chip.device);
    ntrt::SimOptions options;
    options.slots = 3000;
    const float *scores = network->forward(chip.data.values.data(), 20);
    for (size_t i = 0; i < 20; ++i) {
      auto run =
          simulator->run(chip.data.sample(i), chip.data.sampleSize, options);
      ASSERT_TRUE(run);
      for (size_t o = 0; o < network->outputSize(); ++o) {
        // A membrane that is negative stops at its rail, and one that fires in
        // every slot cannot fire faster.
        const float sum = scores[i * network->outputSize() + o];
        if (sum > 0 && sum < 1)
          EXPECT_NEAR(run->scores[o] / options.slots, sum, 0.02)
              << i << ' ' << o;
        else
          EXPECT_TRUE(sum <= 0 ? run->scores[o] <= 1
                               : run->scores[o] >= options.slots - 1)
              << i << ' ' << o << ' ' << sum << ' ' << run->scores[o];
      }
    }
  }
}

TEST(ChipNetworkTest, GradientsAreThoseOfDifferences) {
  const TestChip chip(4, 8);
  auto network =
      ChipNetwork::create(chip.program, chip.task, chip.device, nullptr);
  ASSERT_TRUE(network);
  network->scoreScale = 3;
  const size_t outputs = network->outputSize(), batch = 8;
  auto objective = [&] {
    const float *scores = network->forward(chip.data.values.data(), batch);
    double sum = 0;
    for (size_t i = 0; i < batch * outputs; ++i)
      sum += scores[i] * double(i % 7 + 1);
    return sum;
  };
  std::vector<float> slopes;
  for (size_t i = 0; i < batch * outputs; ++i)
    slopes.push_back(static_cast<float>(i % 7 + 1));
  objective();
  network->backward(slopes.data(), batch);
  const std::vector<Site> sites = network->sites();
  size_t checked = 0, kinks = 0;
  for (size_t s = 0; s < sites.size(); ++s)
    for (size_t v = 0; v < sites[s].values.size(); v += 5) {
      const float step = 1e-3f;
      network->sites()[s].values[v] = sites[s].values[v] + step;
      const double above = objective();
      network->sites()[s].values[v] = sites[s].values[v] - step;
      const double below = objective();
      network->sites()[s].values[v] = sites[s].values[v];
      const double slope = (above - below) / (2 * step);
      // A kink within the step moves a difference.
      kinks += std::abs(sites[s].gradients[v] - slope) >
               0.05 * std::abs(slope) + 0.05;
      checked += slope != 0;
    }
  EXPECT_GT(checked, 10u);
  EXPECT_LE(kinks, 2u);
}

TEST(ChipNetworkTest, WordsOfARealChipHaveTheirOwnLevels) {
  const TestChip chip(3, 1);
  const ntrt::ChipVariation variation(chip.device, 2);
  const CoreWords words = wordsOfCore(chip.program.cores[0], chip.task.cores[0],
                                      chip.device, &variation);
  const size_t levels = words.site.levelsPerValue;
  EXPECT_EQ(levels, chip.task.cores[0].dac.size() * 14 + 1);
  EXPECT_EQ(words.words.size(), levels * chip.program.cores[0].neurons);
  EXPECT_NE(words.site.levelsOf(0).front(), words.site.levelsOf(1).front());
  for (size_t n = 0; n < chip.program.cores[0].neurons; ++n)
    EXPECT_TRUE(std::is_sorted(words.site.levelsOf(n).begin(),
                               words.site.levelsOf(n).end()));
}

TEST(ChipNetworkTest, EventsThatGoRoundAreRefused) {
  TestChip chip(3, 1);
  const uint32_t last = uint32_t(chip.program.cores.size()) - 1;
  // Back into the first core, on an axon of its own.
  ntrt::CoreConfig &first = chip.program.cores[0];
  first.codes.insert(first.codes.end(), first.neurons, 0);
  chip.program.routes.push_back({last, 0, 0, first.axons++});
  std::sort(chip.program.routes.begin(), chip.program.routes.end());
  chip.task.programHash = ntrt::programHash(chip.program, chip.device);
  auto network =
      ChipNetwork::create(chip.program, chip.task, chip.device, nullptr);
  ASSERT_FALSE(network);
  EXPECT_EQ(network.diagnostics().front().diag, ntrt::Diag::ChipStructure);
}

} // namespace
