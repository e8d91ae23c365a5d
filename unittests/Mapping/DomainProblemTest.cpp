//===- DomainProblemTest.cpp - Tests of the domain solver -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/DomainProblem.h"
#include "nt/Mapping/DeviceGrid.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

using namespace nt::mapping;

namespace {

/// Unimodal costs: |position - grid point| with weights of one channel each.
DomainProblem valleys(const std::vector<double> &positions, size_t gridPoints,
                      size_t domains) {
  DomainProblem problem(positions.size(), gridPoints, domains);
  for (size_t c = 0; c < positions.size(); ++c)
    for (size_t g = 0; g < gridPoints; ++g)
      problem.cost(c, g) = (1.0 + c % 3) * std::abs(positions[c] - g);
  return problem;
}

DomainProblem randomProblem(unsigned seed, size_t channels, size_t gridPoints,
                            size_t domains) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  DomainProblem problem(channels, gridPoints, domains);
  for (size_t c = 0; c < channels; ++c)
    for (size_t g = 0; g < gridPoints; ++g)
      problem.cost(c, g) = uniform(random);
  return problem;
}

/// The least cost over all sets of at most `left` further grid points.
double bruteForce(const DomainProblem &problem, size_t left, size_t first = 0,
                  std::vector<double> least = {}) {
  if (least.empty())
    least.assign(problem.channels(), std::numeric_limits<double>::infinity());
  double best = 0;
  for (double cost : least)
    best += cost;
  if (left == 0)
    return best;
  for (size_t g = first; g < problem.gridPoints(); ++g) {
    std::vector<double> next = least;
    for (size_t c = 0; c < next.size(); ++c)
      next[c] = std::min(next[c], problem.cost(c, g));
    best = std::min(best, bruteForce(problem, left - 1, g + 1, next));
  }
  return best;
}

std::string code(const ntrt::DiagnosticList &diagnostics) {
  return std::string(ntrt::diagCode(diagnostics.front().diag));
}

TEST(DomainProblemTest, OneDomainTakesTheCheapestPoint) {
  DomainProblem problem(2, 3, 1);
  double costs[2][3] = {{4, 1, 0}, {0, 1, 9}};
  for (size_t c = 0; c < 2; ++c)
    for (size_t g = 0; g < 3; ++g)
      problem.cost(c, g) = costs[c][g];
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->dac, std::vector<uint32_t>{1});
  EXPECT_EQ(solution->cost, 2);
  EXPECT_EQ(solution->freeBound, 0);
  EXPECT_EQ(solution->lowerBound, 2);
  EXPECT_EQ(solution->gap(), 0);
  EXPECT_TRUE(solution->optimal);
}

TEST(DomainProblemTest, TwoDomainsSeparateTwoGroups) {
  DomainProblem problem = valleys({2, 30, 2, 31, 3}, 40, 2);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->domainOfChannel, (std::vector<uint32_t>{0, 1, 0, 1, 0}));
  EXPECT_EQ(solution->dac.size(), 2u);
}

TEST(DomainProblemTest, AsManyDomainsAsChannelsReachTheBound) {
  DomainProblem problem = randomProblem(3, 4, 9, 4);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_NEAR(solution->gap(), 0, 1e-12);
  EXPECT_TRUE(solution->optimal);
}

TEST(DomainProblemTest, UnusedDomainsAreDropped) {
  DomainProblem problem = valleys({5, 5, 5}, 16, 4);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->dac, std::vector<uint32_t>{5});
}

TEST(DomainProblemTest, MoreDomainsThanGridPointsAreNoError) {
  auto solution = solve(valleys({0, 1, 2}, 2, 8));
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->dac, (std::vector<uint32_t>{0, 1}));
}

TEST(DomainProblemTest, EnumerationEqualsBruteForceOnAnyCosts) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    DomainProblem problem = randomProblem(seed, 12, 10, 3);
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    EXPECT_TRUE(solution->optimal);
    EXPECT_NEAR(solution->cost, bruteForce(problem, 3), 1e-12);
  }
}

// Any costs, also such as no weights have.
TEST(DomainProblemTest, UpToTenChannelsEqualBruteForce) {
  std::mt19937 random(13);
  for (unsigned trial = 0; trial < 4000; ++trial) {
    const size_t channels = 1 + random() % 10, points = 1 + random() % 12,
                 domains = 1 + random() % 6;
    DomainProblem problem = randomProblem(trial, channels, points, domains);
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    EXPECT_TRUE(solution->optimal);
    ASSERT_NEAR(solution->cost, bruteForce(problem, std::min(domains, points)),
                1e-12)
        << "trial " << trial << ": " << channels << " channels, " << points
        << " points, " << domains << " domains";
  }
}

// Rows of weights on a device-like grid: costs with many local minima.
TEST(DomainProblemTest, NeuronsWithRandomWeightsEqualBruteForce) {
  std::mt19937 random(17);
  std::normal_distribution<double> normal;
  for (unsigned trial = 0; trial < 1000; ++trial) {
    const size_t channels = 2 + random() % 9, domains = 1 + random() % 3;
    DomainProblem problem(channels, 24, domains);
    for (size_t c = 0; c < channels; ++c) {
      const double spread = std::exp(normal(random));
      std::vector<double> weights(20);
      for (double &weight : weights)
        weight = spread * normal(random);
      for (size_t g = 0; g < 24; ++g) {
        const double scale = 0.02 * std::pow(1.25, g);
        for (double weight : weights) {
          const double error =
              weight -
              scale * std::clamp(std::round(weight / scale), -7.0, 7.0);
          problem.cost(c, g) += error * error;
        }
      }
    }
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    const double best = bruteForce(problem, domains);
    ASSERT_NEAR(solution->cost, best, 1e-9 * best) << "trial " << trial;
    EXPECT_LE(problem.lowerBound(), best * (1 + 1e-9));
    EXPECT_GE(problem.lowerBound(), problem.freeBound());
  }
}

TEST(DomainProblemTest, TheBoundIsTheOptimumOfUnimodalCosts) {
  DomainProblem problem = valleys({1, 4, 9, 16, 25, 36, 49}, 60, 2);
  EXPECT_DOUBLE_EQ(problem.lowerBound(), bruteForce(problem, 2));
  EXPECT_GT(problem.lowerBound(), problem.freeBound());
}

TEST(DomainProblemTest, NoChoiceBeatsTheBoundOfAnyCosts) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    DomainProblem problem = randomProblem(seed, 8, 12, 1 + seed % 3);
    EXPECT_LE(problem.lowerBound(),
              bruteForce(problem, 1 + seed % 3) * (1 + 1e-12));
    EXPECT_GE(problem.lowerBound(), problem.freeBound());
  }
}

// Too large to enumerate in solve(), small enough to enumerate here: the
// dynamic programme must find the optimum of unimodal costs.
TEST(DomainProblemTest, DynamicProgrammeEqualsBruteForceOnUnimodalCosts) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0, 60);
  for (int trial = 0; trial < 3; ++trial) {
    std::vector<double> positions(400);
    for (double &position : positions)
      position = uniform(random);
    DomainProblem problem = valleys(positions, 60, 3);
    ASSERT_TRUE(problem.isUnimodal());
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    EXPECT_TRUE(solution->optimal);
    EXPECT_NEAR(solution->cost, bruteForce(problem, 3), 1e-9);
  }
}

TEST(DomainProblemTest, LargeIrregularCostsStayNearTheOptimum) {
  DomainProblem problem = randomProblem(11, 300, 60, 3);
  ASSERT_FALSE(problem.isUnimodal());
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_FALSE(solution->optimal);
  double best = bruteForce(problem, 3);
  EXPECT_GE(solution->cost, best - 1e-9);
  EXPECT_LE(solution->cost, best * 1.02);
}

TEST(DomainProblemTest, MoreDomainsNeverCostMore) {
  DomainProblem base = randomProblem(5, 50, 128, 1);
  double last = std::numeric_limits<double>::infinity();
  for (size_t domains = 1; domains <= 6; ++domains) {
    DomainProblem problem(50, 128, domains);
    for (size_t c = 0; c < 50; ++c)
      for (size_t g = 0; g < 128; ++g)
        problem.cost(c, g) = base.cost(c, g);
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    EXPECT_LE(solution->cost, last);
    EXPECT_GE(solution->cost, solution->lowerBound);
    last = solution->cost;
  }
}

TEST(DomainProblemTest, CheckRefusesNoDomain) {
  auto solution = solve(valleys({1}, 4, 0));
  ASSERT_FALSE(solution);
  EXPECT_EQ(code(solution.diagnostics()), "NT-DOM-002");
}

TEST(DomainProblemTest, CheckReportsAllMisfitsAtOnce) {
  DomainProblem problem = valleys({1, 2}, 4, 0);
  problem.cost(0, 1) = std::nan("");
  problem.cost(1, 3) = -1;
  auto status = problem.check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.diagnostics().size(), 3u);
}

TEST(DomainProblemTest, VerifyRefusesTooManyDomains) {
  DomainProblem problem = valleys({0, 3}, 4, 1);
  DomainSolution solution;
  solution.dac = {0, 3};
  solution.domainOfChannel = {0, 1};
  auto status = problem.verify(solution);
  ASSERT_FALSE(status);
  EXPECT_EQ(code(status.diagnostics()), "NT-DOM-002");
}

TEST(DomainProblemTest, VerifyRefusesACodeBeyondTheDac) {
  DomainProblem problem = valleys({0, 3}, 4, 2);
  DomainSolution solution;
  solution.dac = {0, 4};
  solution.domainOfChannel = {0, 1};
  auto status = problem.verify(solution);
  ASSERT_FALSE(status);
  EXPECT_EQ(code(status.diagnostics()), "NT-DOM-001");
}

TEST(DomainProblemTest, VerifyRefusesAChannelWithoutDomain) {
  DomainProblem problem = valleys({0, 3}, 4, 2);
  DomainSolution solution;
  solution.dac = {0};
  solution.domainOfChannel = {0, 1};
  EXPECT_FALSE(problem.verify(solution));
  solution.domainOfChannel = {0};
  EXPECT_FALSE(problem.verify(solution));
}

TEST(DomainProblemTest, VerifyRecomputesTheCost) {
  DomainProblem problem = valleys({0, 3}, 4, 2);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_TRUE(problem.verify(*solution));
  solution->cost += 0.5;
  EXPECT_FALSE(problem.verify(*solution));
}

ntrt::DeviceModel nt1() {
  auto device =
      ntrt::DeviceModel::load(NT_SOURCE_DIR "/share/nt/devices/nt1.json");
  EXPECT_TRUE(device);
  return *device;
}

TEST(DeviceGridTest, ScalesFollowTheCurveAndTheRanges) {
  ntrt::DeviceModel device = nt1();
  std::vector<double> scales = synapseScales(device, 2.0, 6.0);
  ASSERT_EQ(scales.size(), device.synapseDomain.dacCodes());
  for (size_t g = 0; g < scales.size(); ++g) {
    EXPECT_DOUBLE_EQ(scales[g],
                     device.synapseStep(device.synapseDomain.lsbCurrent_A(g)) *
                         3.0);
    if (g) {
      EXPECT_GT(scales[g], scales[g - 1]);
    }
  }
}

TEST(DeviceGridTest, ScalesChangeWithTheDevice) {
  ntrt::DeviceModel device = nt1();
  std::vector<double> before = synapseScales(device, 1.0, 1.0);
  std::vector<double> stepsBefore = modulationSteps(device, 1.0);
  device.neuron.capacitance_F *= 2;
  std::vector<double> after = synapseScales(device, 1.0, 1.0);
  EXPECT_NEAR(after[10], before[10] / 2, 1e-12);
  EXPECT_NEAR(modulationSteps(device, 1.0)[10], stepsBefore[10] / 2, 1e-12);
}

TEST(DeviceGridTest, ModulationActsThroughoutTheSlot) {
  ntrt::DeviceModel device = nt1();
  std::vector<double> steps = modulationSteps(device, 4.0);
  ASSERT_EQ(steps.size(), device.modulationDomain.dacCodes());
  double charge = device.modulationDomain.lsbCurrent_A(5) * device.slot_s;
  EXPECT_NEAR(steps[5], charge / device.thresholdCharge_C() * 4.0, 1e-15);
}

} // namespace
