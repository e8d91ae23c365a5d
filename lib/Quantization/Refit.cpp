//===- Refit.cpp - Weights for inputs that quantisation changed -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Quantization/Refit.h"

#include <Eigen/Cholesky>

using namespace nt::quantization;
using Eigen::MatrixXd;

/// Shares of the Hessian's mean diagonal by which the given weights hold.
static constexpr double kHolds[] = {0.001, 0.01, 0.1, 1, 10};

/// Rows on which the hold is chosen, at most.
static constexpr Eigen::Index kJudges = 256;

namespace {
/// Weights against the moments of some samples.
class Fit {
public:
  Fit(const MatrixXd &weights, const Moments &moments)
      : weights(weights), moments(moments), wanted(weights * moments.cross),
        lost((wanted - weights * moments.hessian).transpose()) {}

  /// The least squares' solution at one hold; nothing moves if there is no
  /// input.
  MatrixXd at(double hold) const {
    const double mean = moments.hessian.diagonal().mean();
    if (!(mean > 0))
      return weights;
    MatrixXd held = moments.hessian;
    held.diagonal().array() += hold * mean;
    return weights + held.llt().solve(lost).transpose();
  }

  /// Sum of |W x - W' y|^2, less what does not depend on W'.
  double errorOf(const MatrixXd &fitted) const {
    return (fitted * moments.hessian - 2 * wanted).cwiseProduct(fitted).sum();
  }

private:
  const MatrixXd &weights;
  const Moments &moments;
  MatrixXd wanted; ///< Sum of W x y^T.
  MatrixXd lost;   ///< What W y lacks of it: [fan-in, channels].
};
} // namespace

/// Zero: none is better than the weights as they are.
static double chooseHold(const MatrixXd &weights, const Moments &even,
                         const Moments &odd) {
  const Fit ofEven(weights, even), ofOdd(weights, odd);
  double least = ofEven.errorOf(weights) + ofOdd.errorOf(weights), best = 0;
  for (double hold : kHolds) {
    const double error =
        ofOdd.errorOf(ofEven.at(hold)) + ofEven.errorOf(ofOdd.at(hold));
    if (error < least) {
      least = error;
      best = hold;
    }
  }
  return best;
}

MatrixXd nt::quantization::refit(const MatrixXd &weights, const Moments &even,
                                 const Moments &odd) {
  const Eigen::Index step = (weights.rows() + kJudges - 1) / kJudges;
  const MatrixXd judges = weights(
      Eigen::seqN(0, (weights.rows() + step - 1) / step, step), Eigen::all);
  const double hold = chooseHold(judges, even, odd);
  if (hold == 0)
    return weights;
  const Moments all = {even.hessian + odd.hessian, even.cross + odd.cross};
  return Fit(weights, all).at(hold);
}
