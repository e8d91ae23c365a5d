//===- ModulationProblemTest.cpp - Tests of the modulation solver ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/ModulationProblem.h"

#include "gtest/gtest.h"

#include <chrono>
#include <cmath>
#include <random>

using namespace nt::mapping;

namespace {

std::vector<double> geometricSteps(size_t points, double first, double ratio) {
  std::vector<double> steps;
  for (size_t g = 0; g < points; ++g)
    steps.push_back(first * std::pow(ratio, g));
  return steps;
}

ModulationProblem randomBiases(unsigned seed, size_t neurons, size_t domains) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 0.3);
  ModulationProblem problem;
  for (size_t n = 0; n < neurons; ++n)
    problem.targets.push_back(n % 5 ? normal(random) : 0.0);
  problem.steps = geometricSteps(128, 2.5e-4, 1.056);
  problem.maxCode = 7;
  problem.maxDomains = domains;
  return problem;
}

/// Least error of one neuron over the given points.
double leastError(const ModulationProblem &problem, double target,
                  const std::vector<size_t> &points) {
  double least = target * target;
  for (size_t g : points)
    for (int code = -problem.maxCode; code <= problem.maxCode; ++code)
      least = std::min(least, std::pow(target - code * problem.steps[g], 2));
  return least;
}

double totalError(const ModulationProblem &problem,
                  const std::vector<size_t> &points) {
  double total = 0;
  for (double target : problem.targets)
    total += leastError(problem, target, points);
  return total;
}

TEST(ModulationProblemTest, ValuesOnOneGridAreExact) {
  ModulationProblem problem;
  problem.steps = {0.1, 0.25, 0.5};
  problem.targets = {0.25, -1.75, 0.0, 0.75};
  problem.maxCode = 7;
  problem.maxDomains = 1;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->dac, std::vector<uint32_t>{1});
  EXPECT_EQ(solution->codes, (std::vector<int8_t>{1, -7, 0, 3}));
  EXPECT_EQ(solution->error, 0);
  EXPECT_DOUBLE_EQ(problem.realised(*solution, 1), -1.75);
}

TEST(ModulationProblemTest, ZeroIsCodeZeroOfDomainZero) {
  auto solution = solve(randomBiases(1, 100, 4));
  ASSERT_TRUE(solution);
  for (size_t n = 0; n < 100; n += 5) {
    EXPECT_EQ(solution->codes[n], 0);
    EXPECT_EQ(solution->domains[n], 0);
  }
}

TEST(ModulationProblemTest, AllZeroTargetsNeedOneDomainAndNoCurrent) {
  ModulationProblem problem = randomBiases(1, 0, 4);
  problem.targets.assign(9, 0.0);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->dac.size(), 1u);
  EXPECT_EQ(solution->codes, std::vector<int8_t>(9, 0));
}

TEST(ModulationProblemTest, OneDomainEqualsBruteForce) {
  ModulationProblem problem = randomBiases(2, 60, 1);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  double best = totalError(problem, {0});
  for (size_t g = 1; g < problem.steps.size(); ++g)
    best = std::min(best, totalError(problem, {g}));
  EXPECT_NEAR(solution->error, best, 1e-12);
}

TEST(ModulationProblemTest, TwoDomainsEqualBruteForce) {
  ModulationProblem problem = randomBiases(3, 25, 2);
  problem.steps = geometricSteps(24, 2.5e-4, 1.4);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  double best = totalError(problem, {0});
  for (size_t low = 0; low < problem.steps.size(); ++low)
    for (size_t high = low; high < problem.steps.size(); ++high)
      best = std::min(best, totalError(problem, {low, high}));
  EXPECT_NEAR(solution->error, best, 1e-12);
}

TEST(ModulationProblemTest, ThreeDomainsAreNearBruteForce) {
  ModulationProblem problem = randomBiases(4, 25, 3);
  problem.steps = geometricSteps(16, 2e-3, 1.6);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  double best = 1e9;
  for (size_t a = 0; a < 16; ++a)
    for (size_t b = a; b < 16; ++b)
      for (size_t c = b; c < 16; ++c)
        best = std::min(best, totalError(problem, {a, b, c}));
  EXPECT_GE(solution->error, best - 1e-12);
  EXPECT_LE(solution->error, best * 1.1 + 1e-12);
}

TEST(ModulationProblemTest, MoreDomainsAreNeverWorse) {
  double last = 1e9;
  for (size_t domains = 1; domains <= 6; ++domains) {
    auto solution = solve(randomBiases(5, 300, domains));
    ASSERT_TRUE(solution);
    EXPECT_LE(solution->error, last + 1e-12) << domains << " domains";
    EXPECT_LE(solution->dac.size(), domains);
    last = solution->error;
  }
}

TEST(ModulationProblemTest, UnreachableTargetsSaturate) {
  ModulationProblem problem;
  problem.steps = {0.1, 0.2};
  problem.targets = {5.0, -5.0};
  problem.maxCode = 7;
  problem.maxDomains = 2;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->codes, (std::vector<int8_t>{7, -7}));
  EXPECT_DOUBLE_EQ(problem.reach(), 1.4);
  EXPECT_DOUBLE_EQ(problem.realised(*solution, 0), 1.4);
}

TEST(ModulationProblemTest, SolutionIsTheSameEachTime) {
  auto first = solve(randomBiases(6, 500, 4));
  auto second = solve(randomBiases(6, 500, 4));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->dac, second->dac);
  EXPECT_EQ(first->domains, second->domains);
  EXPECT_EQ(first->codes, second->codes);
}

// The largest layer of the CNN has 6,272 neurons; the bound is generous for a
// busy machine, a quadratic solver would miss it by far.
TEST(ModulationProblemTest, LargeLayersTakeLittleTime) {
  ModulationProblem problem = randomBiases(8, 6272, 4);
  auto start = std::chrono::steady_clock::now();
  auto solution = solve(problem);
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(solution);
  EXPECT_LT(elapsed.count(), 5.0);
  double power = 0;
  for (double target : problem.targets)
    power += target * target;
  EXPECT_LT(solution->error, 0.002 * power);
}

// More neurons than points are chosen for: the best point for all of them is
// hardly better.
TEST(ModulationProblemTest, ManyNeuronsAreSolvedAsWellAsFew) {
  const ModulationProblem problem = randomBiases(9, 60000, 1);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  double best = totalError(problem, {0});
  for (size_t g = 1; g < problem.steps.size(); ++g)
    best = std::min(best, totalError(problem, {g}));
  EXPECT_GE(solution->error, best * (1 - 1e-9));
  EXPECT_LE(solution->error, best * 1.001);
}

TEST(ModulationProblemTest, CheckReportsAllMisfitsAtOnce) {
  ModulationProblem problem;
  problem.steps = {0.2, 0.1};
  problem.targets = {std::nan("")};
  problem.maxCode = 0;
  problem.maxDomains = 0;
  auto status = problem.check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.diagnostics().size(), 4u);
}

TEST(ModulationProblemTest, VerifyRefusesACodeBeyondTheLimit) {
  ModulationProblem problem = randomBiases(9, 10, 2);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  solution->codes[3] = 8;
  auto status = problem.verify(*solution);
  ASSERT_FALSE(status);
  EXPECT_EQ(ntrt::diagCode(status.diagnostics().front().diag), "NT-SYN-001");
}

TEST(ModulationProblemTest, VerifyRefusesTooManyDomains) {
  ModulationProblem problem = randomBiases(9, 10, 1);
  ModulationSolution solution;
  solution.dac = {1, 2};
  solution.domains.assign(10, 1);
  solution.codes.assign(10, 1);
  auto status = problem.verify(solution);
  ASSERT_FALSE(status);
  EXPECT_EQ(ntrt::diagCode(status.diagnostics().front().diag), "NT-DOM-002");
}

TEST(ModulationProblemTest, VerifyRecomputesTheError) {
  ModulationProblem problem = randomBiases(9, 10, 2);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  solution->error *= 0.5;
  solution->error -= 1e-3;
  EXPECT_FALSE(problem.verify(*solution));
}

TEST(ModulationProblemTest, VerifyRefusesMissingWords) {
  ModulationProblem problem = randomBiases(9, 10, 2);
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  solution->codes.pop_back();
  EXPECT_FALSE(problem.verify(*solution));
}

} // namespace
