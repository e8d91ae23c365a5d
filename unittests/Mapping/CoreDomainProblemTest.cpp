//===- CoreDomainProblemTest.cpp - Tests of volts by core -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/CoreDomainProblem.h"
#include "nt/Mapping/ChannelTiles.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>

using namespace nt::mapping;

namespace {

CoreDomainProblem randomProblem(unsigned seed, size_t channels, size_t points,
                                size_t domains, size_t groups,
                                size_t groupChannels) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  CoreDomainProblem problem = {DomainProblem(channels, points, domains), groups,
                               groupChannels};
  for (size_t c = 0; c < channels; ++c)
    for (size_t g = 0; g < points; ++g)
      problem.costs.cost(c, g) = uniform(random);
  return problem;
}

/// Scales as layers have them: the cost grows with the distance in octaves.
CoreDomainProblem layerLike(unsigned seed, size_t channels, size_t domains,
                            size_t groups, size_t groupChannels) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(64, 16);
  CoreDomainProblem problem = {DomainProblem(channels, 128, domains), groups,
                               groupChannels};
  for (size_t c = 0; c < channels; ++c) {
    const double best = normal(random);
    for (size_t g = 0; g < 128; ++g)
      problem.costs.cost(c, g) = (best - g) * (best - g);
  }
  return problem;
}

/// The least cost over all groupings and all DAC codes of each group.
double bruteForce(const CoreDomainProblem &problem, size_t channel = 0,
                  std::vector<std::vector<size_t>> groups = {}) {
  const DomainProblem &costs = problem.costs;
  if (channel == costs.channels()) {
    double total = 0;
    for (const std::vector<size_t> &group : groups) {
      // Every set of grid points, as bits.
      double least = std::numeric_limits<double>::infinity();
      for (size_t set = 1; set < size_t(1) << costs.gridPoints(); ++set) {
        if (static_cast<size_t>(std::popcount(set)) > costs.maxDomains())
          continue;
        double sum = 0;
        for (size_t c : group) {
          double best = std::numeric_limits<double>::infinity();
          for (size_t g = 0; g < costs.gridPoints(); ++g)
            if (set >> g & 1)
              best = std::min(best, costs.cost(c, g));
          sum += best;
        }
        least = std::min(least, sum);
      }
      total += least;
    }
    return total;
  }
  double best = std::numeric_limits<double>::infinity();
  for (size_t g = 0; g <= groups.size() && g < problem.groups; ++g) {
    std::vector<std::vector<size_t>> next = groups;
    if (g == next.size())
      next.emplace_back();
    if (next[g].size() == problem.groupChannels)
      continue;
    next[g].push_back(channel);
    best = std::min(best, bruteForce(problem, channel + 1, std::move(next)));
  }
  return best;
}

TEST(CoreDomainProblemTest, FewChannelsEqualBruteForce) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const size_t channels = 3 + seed % 4, domains = 1 + seed % 2,
                 groups = 2 + seed % 2,
                 groupChannels = (channels + groups - 1) / groups + seed % 2;
    CoreDomainProblem problem =
        randomProblem(seed, channels, 5, domains, groups, groupChannels);
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    EXPECT_TRUE(solution->optimal);
    EXPECT_NEAR(solution->cost, bruteForce(problem), 1e-12) << "seed " << seed;
  }
}

TEST(CoreDomainProblemTest, LikeChannelsShareACore) {
  CoreDomainProblem problem = {DomainProblem(4, 40, 1), 2, 2};
  const double best[4] = {30, 5, 31, 6};
  for (size_t c = 0; c < 4; ++c)
    for (size_t g = 0; g < 40; ++g)
      problem.costs.cost(c, g) = std::abs(best[c] - g);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->groupOfChannel[0], solution->groupOfChannel[2]);
  EXPECT_EQ(solution->groupOfChannel[1], solution->groupOfChannel[3]);
  EXPECT_EQ(solution->cost, 2);
  EXPECT_EQ(solution->asLayer().dac.size(), 2u);
}

TEST(CoreDomainProblemTest, OneGroupIsTheLayer) {
  CoreDomainProblem problem = layerLike(3, 60, 3, 1, 60);
  auto solution = solve(problem);
  auto layer = solve(problem.costs);
  ASSERT_TRUE(solution && layer);
  EXPECT_DOUBLE_EQ(solution->cost, layer->cost);
  EXPECT_TRUE(solution->optimal);
}

TEST(CoreDomainProblemTest,
     ManyChannelsCostNoMoreThanTheLayerAndNoLessThanTheBound) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    CoreDomainProblem problem = layerLike(seed, 200, 2, 5, 40);
    auto solution = solve(problem);
    auto layer = solve(problem.costs);
    ASSERT_TRUE(solution && layer);
    EXPECT_LT(solution->cost, layer->cost / 4);
    EXPECT_GE(solution->cost, solution->lowerBound);
    EXPECT_GT(solution->lowerBound, problem.costs.freeBound());
  }
}

TEST(CoreDomainProblemTest, TheHeuristicIsNearTheOptimumWhereThatIsKnown) {
  // Eleven channels are one too many for the exact solver, few enough to force.
  for (unsigned seed = 0; seed < 5; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0, 6);
    CoreDomainProblem problem = {DomainProblem(11, 7, 1), 2, 6};
    for (size_t c = 0; c < 11; ++c) {
      const double best = uniform(random);
      for (size_t g = 0; g < 7; ++g)
        problem.costs.cost(c, g) = (best - g) * (best - g);
    }
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    const double least = bruteForce(problem);
    EXPECT_GE(solution->cost, least * (1 - 1e-12));
    EXPECT_LE(solution->cost, 1.1 * least);
    EXPECT_LE(solution->lowerBound, least * (1 + 1e-12));
  }
}

TEST(CoreDomainProblemTest, GroupsThatDoNotHoldAllChannelsAreRefused) {
  auto solution = solve(randomProblem(1, 9, 4, 1, 2, 4));
  ASSERT_FALSE(solution);
  EXPECT_NE(solution.diagnostics().front().detail.find(
                "2 groups of 4 channels do not hold 9"),
            std::string::npos);
}

TEST(CoreDomainProblemTest, VerifyNamesEveryMisfit) {
  CoreDomainProblem problem = layerLike(1, 4, 1, 2, 2);
  CoreDomainSolution wrong;
  wrong.groupOfChannel = {0, 0, 0, 1};
  wrong.dacOfChannel = {3, 4, 3, 9};
  auto status = problem.verify(wrong);
  ASSERT_FALSE(status);
  // Too many channels, too many domains, a wrong cost.
  EXPECT_EQ(status.diagnostics().size(), 3u);
  wrong.dacOfChannel[1] = 128;
  EXPECT_FALSE(problem.verify(wrong));
}

nt::ConvGeometry dense(int64_t inputs, int64_t outputs) {
  nt::ConvGeometry geometry;
  geometry.inChannels = inputs;
  geometry.outChannels = outputs;
  return geometry;
}

PartitionLimits cores(uint32_t axons, uint32_t neurons) {
  PartitionLimits limits;
  limits.coreAxons = axons;
  limits.coreNeurons = neurons;
  return limits;
}

TEST(ChannelTilesTest, ADenseLayerIsSplitOverAsManyCoresAsItNeeds) {
  ChannelTiles tiles = channelTiles(dense(784, 512), cores(1024, 256));
  EXPECT_EQ(tiles.groups, 2u);
  EXPECT_EQ(tiles.groupChannels, 256u);
}

TEST(ChannelTilesTest, ALayerOfOneCoreIsOneGroup) {
  EXPECT_EQ(channelTiles(dense(512, 5), cores(1024, 256)).groups, 1u);
}

TEST(ChannelTilesTest, WhereNoTileFitsThereIsOneGroup) {
  ChannelTiles tiles = channelTiles(dense(2048, 512), cores(1024, 256));
  EXPECT_EQ(tiles.groups, 1u);
  EXPECT_EQ(tiles.groupChannels, 512u);
}

TEST(ChannelTilesTest, ADepthwiseLayerTakesAChannelACore) {
  nt::ConvGeometry geometry;
  geometry.inChannels = geometry.outChannels = geometry.groups = 32;
  geometry.inHeight = geometry.inWidth = 16;
  geometry.kernelHeight = geometry.kernelWidth = 3;
  geometry.pads = {1, 1, 1, 1};
  ChannelTiles tiles = channelTiles(geometry, cores(1024, 256));
  EXPECT_EQ(tiles.groups, 32u);
  EXPECT_EQ(tiles.groupChannels, 1u);
}

TEST(ChannelTilesTest, AxonsThatChannelsShareKeepThemTogether) {
  // 32 inputs a place: four places of 64 channels take 800 axons, eight of 32
  // channels more than there are.
  nt::ConvGeometry geometry;
  geometry.inChannels = 32;
  geometry.outChannels = 64;
  geometry.inHeight = geometry.inWidth = 14;
  geometry.kernelHeight = geometry.kernelWidth = 3;
  geometry.strides = {2, 2};
  geometry.pads = {1, 1, 1, 1};
  EXPECT_EQ(channelTiles(geometry, cores(1024, 256)).groups, 1u);
}

} // namespace
