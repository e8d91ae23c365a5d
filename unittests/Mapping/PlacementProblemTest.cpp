//===- PlacementProblemTest.cpp - Cores on the grid -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/PlacementProblem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

using namespace nt::mapping;
using ntrt::Diag;

static PlacementProblem chain(uint32_t cores, uint32_t rows, uint32_t columns) {
  PlacementProblem problem{rows, columns, cores, {}};
  for (uint32_t i = 0; i + 1 < cores; ++i)
    problem.flows.push_back({i, i + 1, 10});
  return problem;
}

/// The least cost over all placements, by enumeration.
static uint64_t leastCost(const PlacementProblem &problem) {
  std::vector<uint32_t> points(problem.rows * problem.columns);
  std::iota(points.begin(), points.end(), 0u);
  uint64_t least = ~uint64_t(0);
  do {
    std::vector<GridPlace> places;
    for (uint32_t core = 0; core < problem.cores; ++core)
      places.push_back(
          {points[core] / problem.columns, points[core] % problem.columns});
    least = std::min(least, problem.cost(places));
  } while (std::next_permutation(points.begin(), points.end()));
  return least;
}

TEST(PlacementProblem, CostIsEventsTimesManhattanDistance) {
  PlacementProblem problem{4, 4, 3, {{0, 1, 5}, {1, 2, 7}, {2, 0, 1}}};
  EXPECT_EQ(problem.cost({{0, 0}, {2, 3}, {2, 3}}), 5u * 5 + 0 + 5);
  EXPECT_EQ(problem.cost({{1, 1}, {0, 1}, {3, 0}}), 5u * 1 + 7 * 4 + 3);
}

TEST(PlacementProblem, ChainIsPlacedWithoutDetours) {
  PlacementProblem problem = chain(16, 4, 4);
  auto solution = solve(problem);
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->cost, 15u * 10);
}

TEST(PlacementProblem, SmallProblemsAreNearTheOptimum) {
  uint32_t state = 7;
  auto next = [&](uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % below;
  };
  for (int round = 0; round < 8; ++round) {
    PlacementProblem problem{2, 3, 3 + next(4), {}};
    for (uint32_t a = 0; a < problem.cores; ++a)
      for (uint32_t b = 0; b < problem.cores; ++b)
        if (a != b && next(2))
          problem.flows.push_back({a, b, 1 + next(9)});
    auto solution = solve(problem);
    ASSERT_TRUE(bool(solution));
    uint64_t least = leastCost(problem);
    EXPECT_GE(solution->cost, least);
    EXPECT_LE(double(solution->cost), 1.15 * double(least));
  }
}

TEST(PlacementProblem, SwapsRepairWhatGreedyCannotKnow) {
  // The last core of a star is its centre: greedy puts it at the rim.
  PlacementProblem problem{3, 3, 9, {}};
  for (uint32_t i = 0; i < 8; ++i)
    problem.flows.push_back({i, 8, 1});
  auto solution = solve(problem);
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->places[8], (GridPlace{1, 1}));
  EXPECT_EQ(solution->cost, 4u * 1 + 4u * 2);
}

TEST(PlacementProblem, SolutionIsTheSameEveryTime) {
  PlacementProblem problem = chain(11, 4, 5);
  problem.flows.push_back({0, 10, 30});
  auto first = solve(problem), second = solve(problem);
  ASSERT_TRUE(bool(first) && bool(second));
  EXPECT_EQ(first->places, second->places);
}

TEST(PlacementProblem, FullGridAndNoFlows) {
  auto solution = solve(PlacementProblem{2, 2, 4, {}});
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->cost, 0u);
}

TEST(PlacementProblem, FlowOfACoreToItselfCostsNothing) {
  auto solution = solve(PlacementProblem{1, 2, 2, {{0, 0, 99}, {0, 1, 3}}});
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->cost, 3u);
}

TEST(PlacementProblem, MoreCoresThanPlacesAreRefused) {
  auto solution = solve(chain(5, 2, 2));
  ASSERT_FALSE(bool(solution));
  EXPECT_EQ(solution.diagnostics()[0].diag, Diag::MapCores);
  EXPECT_EQ(solution.diagnostics()[0].detail, "5 cores, the device has 4");
}

TEST(PlacementProblem, FlowsOfMissingCoresAreRefused) {
  auto misfits = PlacementProblem{2, 2, 2, {{0, 2, 1}}}.check();
  ASSERT_EQ(misfits.size(), 1u);
  EXPECT_EQ(misfits[0].diag, Diag::MapInternal);
}

TEST(PlacementProblem, VerifyRefusesSharedPlaces) {
  PlacementProblem problem{2, 2, 2, {}};
  auto misfits = problem.verify({{{0, 1}, {0, 1}}, 0});
  ASSERT_EQ(misfits.size(), 1u);
  EXPECT_EQ(misfits[0].detail, "core 1 is where core 0 is");
}

TEST(PlacementProblem, VerifyRefusesPlacesOutsideTheGrid) {
  PlacementProblem problem{2, 2, 2, {}};
  EXPECT_EQ(problem.verify({{{0, 2}, {2, 0}}, 0}).size(), 2u);
}

TEST(PlacementProblem, VerifyRefusesAWrongCostOrSize) {
  PlacementProblem problem{2, 2, 2, {{0, 1, 4}}};
  EXPECT_TRUE(problem.verify({{{0, 0}, {1, 1}}, 8}).empty());
  EXPECT_EQ(problem.verify({{{0, 0}, {1, 1}}, 7}).size(), 1u);
  EXPECT_EQ(problem.verify({{{0, 0}}, 0}).size(), 1u);
}
