//===- RoundingTest.cpp - Tests of second-order rounding ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "RandomMatrix.h"

#include "nt/Quantization/Rounding.h"

#include <Eigen/LU>

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>

using namespace nt::quantization;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

/// Weights and correlated inputs, at a scale that clips a few weights.
RoundingProblem correlated(unsigned seed, Index channels, Index fanIn) {
  RoundingProblem problem;
  problem.weights = randomMatrix(seed, channels, fanIn);
  MatrixXd mixing = randomMatrix(seed + 1, fanIn, fanIn / 4 + 1);
  MatrixXd inputs = mixing * randomMatrix(seed + 2, fanIn / 4 + 1, 4 * fanIn) +
                    0.1 * randomMatrix(seed + 3, fanIn, 4 * fanIn);
  problem.hessian = inputs * inputs.transpose();
  problem.scales = VectorXd::Constant(channels, 0.4);
  problem.maxCode = 7;
  return problem;
}

MatrixXd residual(const RoundingProblem &problem, const CodeMatrix &codes) {
  return problem.weights - problem.scales.asDiagonal() * codes.cast<double>();
}

TEST(NearestCodeTest, RoundsHalvesAwayFromZeroAndClips) {
  EXPECT_EQ(nearestCode(0.24, 0.1, 7), 2);
  EXPECT_EQ(nearestCode(-0.26, 0.1, 7), -3);
  EXPECT_EQ(nearestCode(0.5, 1.0, 7), 1);
  EXPECT_EQ(nearestCode(-0.5, 1.0, 7), -1);
  EXPECT_EQ(nearestCode(1e30, 0.1, 7), 7);
  EXPECT_EQ(nearestCode(-1e30, 0.1, 7), -7);
  EXPECT_EQ(nearestCode(0.0, 0.1, 7), 0);
}

TEST(NearestCostsTest, ZeroWhereTheScaleFits) {
  VectorXf row(3), importance(3);
  row << 0.2, -0.6, 1.4;
  importance << 1, 1, 1;
  std::vector<double> costs = nearestCosts(row, importance, {0.1, 0.2, 5}, 7);
  // At 0.1 the largest code gives 0.7 of the wanted 1.4.
  EXPECT_NEAR(costs[0], 0.49, 1e-6);
  EXPECT_NEAR(costs[1], 0, 1e-6);
  EXPECT_NEAR(costs[2], row.squaredNorm(), 1e-6);
}

TEST(NearestCostsTest, UnseenInputsDoNotCount) {
  VectorXf row(2), importance(2);
  row << 0.33, 1.0;
  importance << 0, 2;
  EXPECT_NEAR(nearestCosts(row, importance, {1.0}, 7)[0], 0, 1e-6);
}

TEST(NearestCostsTest, EqualsThePlainSum) {
  const VectorXf row = randomMatrix(11, 77, 1).cast<float>(),
                 importance = randomMatrix(12, 77, 1).cwiseAbs().cast<float>();
  const std::vector<double> scales = {0.01, 0.1, 0.25, 3};
  const std::vector<double> costs = nearestCosts(row, importance, scales, 7);
  for (size_t g = 0; g < scales.size(); ++g) {
    double expected = 0;
    for (Index j = 0; j < row.size(); ++j) {
      const double error =
          row(j) - nearestCode(row(j), scales[g], 7) * scales[g];
      expected += importance(j) * error * error;
    }
    EXPECT_NEAR(costs[g], expected, 1e-5 * expected);
  }
}

// So many weights that products are formed in single precision.
TEST(RoundingTest, ManyWeights) {
  RoundingProblem problem = correlated(13, 150, 360);
  problem.sweeps = 20;
  auto alone = solve(problem);
  problem.threads = 3;
  auto shared = solve(problem);
  ASSERT_TRUE(alone && shared);
  EXPECT_TRUE(alone->codes == shared->codes);
  EXPECT_LT(alone->error, 0.5 * alone->nearestError);
  problem.damping = 0;
  auto undamped = solve(problem);
  ASSERT_TRUE(undamped);
  const MatrixXd error = residual(problem, undamped->codes);
  const double expected = (error * problem.hessian * error.transpose()).trace();
  EXPECT_NEAR(undamped->error, expected, 1e-3 * expected);
}

TEST(RoundingTest, DiagonalHessianIsNearestRounding) {
  RoundingProblem problem = correlated(1, 5, 12);
  problem.hessian = VectorXd::LinSpaced(12, 1, 5).asDiagonal();
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  for (Index c = 0; c < 5; ++c)
    for (Index j = 0; j < 12; ++j)
      EXPECT_EQ(solution->codes(c, j),
                nearestCode(problem.weights(c, j), 0.4, 7));
  EXPECT_DOUBLE_EQ(solution->error, solution->nearestError);
}

TEST(RoundingTest, WeightsOnTheGridAreKept) {
  RoundingProblem problem = correlated(2, 4, 10);
  CodeMatrix wanted(4, 10);
  for (Index c = 0; c < 4; ++c)
    for (Index j = 0; j < 10; ++j)
      wanted(c, j) = static_cast<int8_t>((3 * c + 5 * j) % 15 - 7);
  problem.weights = problem.scales.asDiagonal() * wanted.cast<double>();
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_TRUE(solution->codes == wanted);
  EXPECT_NEAR(solution->error, 0, 1e-9);
}

TEST(RoundingTest, BeatsNearestRoundingOnCorrelatedInputs) {
  auto solution = solve(correlated(3, 16, 80));
  ASSERT_TRUE(solution);
  EXPECT_LT(solution->error, 0.5 * solution->nearestError);
}

TEST(RoundingTest, StatedErrorIsTheOutputError) {
  RoundingProblem problem = correlated(4, 6, 40);
  problem.damping = 0;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  MatrixXd error = residual(problem, solution->codes);
  double expected = (error * problem.hessian * error.transpose()).trace();
  EXPECT_NEAR(solution->error, expected, 1e-6 * expected);
}

TEST(RoundingTest, NoRowIsWorseThanNearest) {
  for (unsigned seed = 10; seed < 30; ++seed) {
    auto solution = solve(correlated(seed, 1, 9));
    ASSERT_TRUE(solution);
    EXPECT_LE(solution->error, solution->nearestError) << "seed " << seed;
  }
}

TEST(RoundingTest, FeedbackFollowsOnInTheNextInput) {
  // Two inputs that are always equal: only the sum of the codes matters, and
  // 0.4 + 0.4 is nearer to 1 than to 0.
  RoundingProblem problem;
  problem.weights = MatrixXd::Constant(1, 2, 0.4);
  problem.hessian = MatrixXd::Constant(2, 2, 100.0);
  problem.scales = VectorXd::Constant(1, 1.0);
  problem.maxCode = 7;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->codes(0, 0) + solution->codes(0, 1), 1);
}

TEST(RoundingTest, CodesStayWithinTheLimit) {
  RoundingProblem problem = correlated(5, 8, 30);
  problem.weights *= 10;
  problem.maxCode = 3;
  problem.sweeps = 3;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->codes.cast<int>().maxCoeff(), 3);
  EXPECT_EQ(solution->codes.cast<int>().minCoeff(), -3);
}

TEST(RoundingTest, UnseenInputsAreRoundedToTheNearest) {
  RoundingProblem problem = correlated(6, 5, 20);
  for (Index dead : {3, 11}) {
    problem.hessian.row(dead).setZero();
    problem.hessian.col(dead).setZero();
  }
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  for (Index c = 0; c < 5; ++c)
    for (Index dead : {3, 11})
      EXPECT_EQ(solution->codes(c, dead),
                nearestCode(problem.weights(c, dead), 0.4, 7));
}

TEST(RoundingTest, AllInputsUnseenIsNearestRounding) {
  RoundingProblem problem = correlated(7, 3, 8);
  problem.hessian.setZero();
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->codes(2, 5), nearestCode(problem.weights(2, 5), 0.4, 7));
}

TEST(RoundingTest, ZeroRowsStayZero) {
  RoundingProblem problem = correlated(8, 4, 16);
  problem.weights.row(2).setZero();
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_TRUE((solution->codes.row(2).array() == 0).all());
}

TEST(RoundingTest, RankDeficientHessianIsSolved) {
  RoundingProblem problem = correlated(9, 4, 30);
  VectorXd direction = randomMatrix(1, 30, 1);
  problem.hessian = direction * direction.transpose();
  problem.damping = 0;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  EXPECT_LT(solution->error, solution->nearestError);
}

TEST(RoundingTest, EachRowUsesItsOwnScale) {
  RoundingProblem problem = correlated(20, 3, 24);
  problem.scales << 0.4, 4.0, 0.04;
  problem.weights.row(1) *= 10;
  problem.weights.row(2) *= 0.1;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  for (Index c = 0; c < 3; ++c)
    EXPECT_LT(residual(problem, solution->codes).row(c).norm(),
              problem.weights.row(c).norm());
}

// Blocks of columns are an implementation detail: a fan-in beyond one block
// must give what column-by-column feedback gives.
TEST(RoundingTest, BlocksEqualColumnByColumnFeedback) {
  RoundingProblem problem = correlated(21, 2, 150);
  problem.activationOrder = false;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);

  MatrixXd hessian = problem.hessian;
  hessian.diagonal().array() += 0.01 * hessian.diagonal().mean();
  MatrixXd weights = problem.weights, inverse = hessian.inverse();
  // The textbook form: eliminate one input after another from the inverse.
  for (Index j = 0; j < 150; ++j) {
    for (Index c = 0; c < 2; ++c) {
      int code = nearestCode(weights(c, j), problem.scales(c), 7);
      EXPECT_EQ(solution->codes(c, j), code) << "row " << c << " input " << j;
      double error = (weights(c, j) - code * problem.scales(c)) / inverse(j, j);
      weights.row(c) -= error * inverse.row(j);
    }
    MatrixXd update = inverse.col(j) * inverse.row(j) / inverse(j, j);
    inverse -= update;
  }
}

TEST(RoundingTest, SweepsLowerTheError) {
  RoundingProblem problem = correlated(22, 10, 60);
  auto without = solve(problem);
  problem.sweeps = 20;
  auto with = solve(problem);
  ASSERT_TRUE(without && with);
  EXPECT_LT(with->error, without->error);
}

TEST(RoundingTest, SweepsEndWhereNoSingleCodeHelps) {
  RoundingProblem problem = correlated(23, 3, 12);
  problem.damping = 0;
  problem.sweeps = 1000;
  auto solution = solve(problem);
  ASSERT_TRUE(solution);
  auto errorOf = [&](const CodeMatrix &codes) {
    MatrixXd error = residual(problem, codes);
    return (error * problem.hessian * error.transpose()).trace();
  };
  double least = errorOf(solution->codes);
  for (Index c = 0; c < 3; ++c)
    for (Index j = 0; j < 12; ++j)
      for (int step : {-1, 1}) {
        CodeMatrix moved = solution->codes;
        moved(c, j) = static_cast<int8_t>(moved(c, j) + step);
        if (std::abs(int(moved(c, j))) <= 7) {
          EXPECT_GE(errorOf(moved), least * (1 - 1e-9));
        }
      }
}

TEST(RoundingTest, NotFiniteWeightsAreRefused) {
  for (double bad : {std::numeric_limits<double>::quiet_NaN(),
                     std::numeric_limits<double>::infinity()}) {
    RoundingProblem problem = correlated(24, 2, 6);
    problem.weights(1, 4) = bad;
    auto solution = solve(problem);
    ASSERT_FALSE(solution);
    EXPECT_EQ(ntrt::diagCode(solution.diagnostics().front().diag),
              "NT-QUANT-001");
  }
}

TEST(RoundingTest, MisfitsAreAllReported) {
  RoundingProblem problem = correlated(25, 2, 6);
  problem.scales(0) = 0;
  problem.maxCode = 0;
  problem.hessian.resize(5, 5);
  problem.hessian.setIdentity();
  auto status = problem.check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.diagnostics().size(), 3u);
}

double errorOf(const RoundingProblem &problem, const VectorXd &codes) {
  VectorXd error =
      problem.weights.row(0).transpose() - problem.scales(0) * codes;
  MatrixXd hessian = problem.hessian;
  hessian.diagonal().array() += problem.damping * hessian.diagonal().mean();
  return error.dot(hessian * error);
}

TEST(RoundingTest, RowsOfFewWeightsGetTheBestCodes) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    RoundingProblem problem = correlated(10 * seed, 1, 4);
    problem.maxCode = 3;
    problem.sweeps = 20;
    problem.exactInputs = 4;
    auto solution = solve(problem);
    ASSERT_TRUE(solution);
    double least = std::numeric_limits<double>::infinity();
    VectorXd codes(4);
    for (int i = 0; i < 7 * 7 * 7 * 7; ++i) {
      codes << i % 7 - 3, i / 7 % 7 - 3, i / 49 % 7 - 3, i / 343 - 3;
      least = std::min(least, errorOf(problem, codes));
    }
    EXPECT_NEAR(solution->error, least, 1e-9 * least) << "seed " << seed;
    EXPECT_NEAR(
        errorOf(problem, solution->codes.row(0).transpose().cast<double>()),
        least, 1e-9 * least);
  }
}

TEST(RoundingTest, DescentCostsAreAtMostThoseOfNearestCodes) {
  RoundingProblem problem = correlated(3, 1, 9);
  const VectorXf row = problem.weights.row(0).transpose().cast<float>();
  const std::vector<double> scales = {0.1, 0.2, 0.4, 0.8};
  const std::vector<double> costs =
      descentCosts(row, problem.hessian, scales, 7);
  ASSERT_EQ(costs.size(), scales.size());
  for (size_t g = 0; g < scales.size(); ++g) {
    VectorXd error = row.cast<double>();
    for (Index j = 0; j < error.size(); ++j)
      error(j) -= scales[g] * nearestCode(error(j), scales[g], 7);
    EXPECT_LE(costs[g], error.dot(problem.hessian * error) * (1 + 1e-9));
    EXPECT_GE(costs[g], 0);
  }
}

} // namespace
