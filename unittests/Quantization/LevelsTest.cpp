//===- LevelsTest.cpp - Tests of levels chosen for least output error -----===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Quantization/Levels.h"

#include <gtest/gtest.h>

#include <random>

using namespace nt::quantization;

namespace {

/// A problem of correlated inputs with one to three levels each.
struct RandomProblem {
  Eigen::MatrixXf hessian;
  LevelProblem problem;

  RandomProblem(int inputs, uint32_t seed, bool isDiagonal)
      : hessian(hessianOf(inputs, seed, isDiagonal)), problem(hessian) {
    std::mt19937 generator(seed + 1);
    std::normal_distribution<float> normal;
    problem.linear = hessian * Eigen::VectorXf::NullaryExpr(inputs, [&] {
                       return 3 * normal(generator);
                     });
    problem.first = {0};
    for (int i = 0; i < inputs; ++i) {
      const auto count = 1 + generator() % 3;
      for (size_t l = 0; l < count; ++l)
        problem.levels.push_back(3 * normal(generator));
      problem.start.push_back(generator() % count);
      problem.first.push_back(problem.levels.size());
    }
  }

  static Eigen::MatrixXf hessianOf(int inputs, uint32_t seed, bool isDiagonal) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    const Eigen::MatrixXf samples = Eigen::MatrixXf::NullaryExpr(
        inputs, 3 * inputs, [&] { return normal(generator); });
    const Eigen::MatrixXf full = samples * samples.transpose();
    return isDiagonal ? Eigen::MatrixXf(full.diagonal().asDiagonal()) : full;
  }

  double bruteForce() const {
    std::vector<size_t> choice(problem.start.size(), 0);
    double least = problem.costOf(choice);
    for (;;) {
      size_t i = 0;
      while (i < choice.size() &&
             ++choice[i] == problem.first[i + 1] - problem.first[i])
        choice[i++] = 0;
      if (i == choice.size())
        return least;
      least = std::min(least, problem.costOf(choice));
    }
  }
};

TEST(LevelsTest, ExactForADiagonal) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    const RandomProblem random(6, seed, true);
    auto solution = solve(random.problem);
    ASSERT_TRUE(solution);
    const double least = random.bruteForce();
    EXPECT_NEAR(solution->cost, least, 1e-4 * std::abs(least) + 1e-3) << seed;
  }
}

TEST(LevelsTest, NoSingleChangeIsBetterAndMostAreOptimal) {
  size_t optimal = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const RandomProblem random(6, seed, false);
    const LevelProblem &problem = random.problem;
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    EXPECT_LE(solution->cost, solution->startCost);
    const double tolerance = 1e-4 * std::abs(solution->cost) + 1e-3;
    EXPECT_NEAR(solution->cost, problem.costOf(solution->choice), tolerance);
    EXPECT_NEAR(solution->startCost, problem.costOf(problem.start), tolerance);
    for (size_t i = 0; i < solution->choice.size(); ++i)
      for (size_t l = 0; l < problem.first[i + 1] - problem.first[i]; ++l) {
        std::vector<size_t> other = solution->choice;
        other[i] = l;
        EXPECT_GE(problem.costOf(other), solution->cost - tolerance) << seed;
      }
    const double least = random.bruteForce();
    EXPECT_GE(solution->cost, least - tolerance);
    optimal += solution->cost <= least + tolerance;
  }
  EXPECT_GT(optimal, 200u);
}

TEST(LevelsTest, WhatDoesNotFitIsRefused) {
  const RandomProblem random(4, 1, false);
  LevelProblem shape(random.problem), start(random.problem),
      value(random.problem);
  shape.linear.conservativeResize(3);
  start.start[2] = 9;
  value.levels[0] = NAN;
  EXPECT_EQ(solve(shape).diagnostics().front().diag, ntrt::Diag::MapInternal);
  EXPECT_EQ(solve(start).diagnostics().front().diag, ntrt::Diag::MapInternal);
  EXPECT_EQ(solve(value).diagnostics().front().diag,
            ntrt::Diag::QuantNotFinite);
}

} // namespace
