//===- RefitTest.cpp - Tests of weights for changed inputs ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "RandomMatrix.h"

#include "nt/Quantization/Refit.h"

#include "gtest/gtest.h"

#include <random>

using namespace nt::quantization;
using Eigen::Index;
using Eigen::MatrixXd;

namespace {

Moments momentsOf(const MatrixXd &x, const MatrixXd &y) {
  return {y * y.transpose(), x * y.transpose()};
}

/// RMS of W x - W' y over that of W x.
double lossOf(const MatrixXd &weights, const MatrixXd &fitted,
              const MatrixXd &x, const MatrixXd &y) {
  return (weights * x - fitted * y).norm() / (weights * x).norm();
}

TEST(RefitTest, EqualInputsLeaveTheWeights) {
  const MatrixXd weights = randomMatrix(1, 4, 6), x = randomMatrix(2, 6, 50),
                 more = randomMatrix(3, 6, 50);
  EXPECT_EQ(refit(weights, momentsOf(x, x), momentsOf(more, more)), weights);
}

TEST(RefitTest, AKnownChangeOfInputsIsUndone) {
  const MatrixXd weights = randomMatrix(1, 4, 6);
  MatrixXd change = MatrixXd::Identity(6, 6) + 0.3 * randomMatrix(2, 6, 6);
  const MatrixXd x = randomMatrix(3, 6, 400), more = randomMatrix(4, 6, 400),
                 unseen = randomMatrix(5, 6, 400);
  const MatrixXd fitted =
      refit(weights, momentsOf(x, change * x), momentsOf(more, change * more));
  EXPECT_LT(lossOf(weights, fitted, unseen, change * unseen),
            0.1 * lossOf(weights, weights, unseen, change * unseen));
}

TEST(RefitTest, FewNoisySamplesDoNotSpoilTheWeights) {
  // Fewer samples than inputs: an unheld fit would follow the noise.
  const MatrixXd weights = randomMatrix(1, 4, 60);
  auto noisy = [](const MatrixXd &x, unsigned seed) {
    return MatrixXd(x + 0.5 * randomMatrix(seed, x.rows(), x.cols()));
  };
  const MatrixXd x = randomMatrix(2, 60, 20), more = randomMatrix(3, 60, 20),
                 unseen = randomMatrix(4, 60, 2000);
  const MatrixXd fitted = refit(weights, momentsOf(x, noisy(x, 5)),
                                momentsOf(more, noisy(more, 6)));
  const MatrixXd seen = noisy(unseen, 7);
  EXPECT_LE(lossOf(weights, fitted, unseen, seen),
            1.02 * lossOf(weights, weights, unseen, seen));
}

TEST(RefitTest, HalfWithoutSamplesLeavesTheWeights) {
  const MatrixXd weights = randomMatrix(1, 2, 3), x = randomMatrix(2, 3, 30),
                 none = MatrixXd::Zero(3, 1);
  EXPECT_EQ(refit(weights, momentsOf(x, 2 * x), momentsOf(none, none)),
            weights);
}

} // namespace
