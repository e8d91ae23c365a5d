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

/// The least squares' solution at one hold; nothing moves if there is no input.
static MatrixXd fit(const MatrixXd &weights, const Moments &moments,
                    double hold) {
  const double mean = moments.hessian.diagonal().mean();
  if (!(mean > 0))
    return weights;
  MatrixXd held = moments.hessian;
  held.diagonal().array() += hold * mean;
  const MatrixXd lost = weights * (moments.cross - moments.hessian);
  return weights + held.llt().solve(lost.transpose()).transpose();
}

/// Sum of |W x - W' y|^2, less what does not depend on W'.
static double errorOf(const MatrixXd &weights, const MatrixXd &fitted,
                      const Moments &moments) {
  return (fitted * moments.hessian - 2 * weights * moments.cross)
      .cwiseProduct(fitted)
      .sum();
}

MatrixXd nt::quantization::refit(const MatrixXd &weights, const Moments &even,
                                 const Moments &odd) {
  double least =
      errorOf(weights, weights, even) + errorOf(weights, weights, odd);
  double best = 0;
  for (double hold : kHolds) {
    const double error = errorOf(weights, fit(weights, even, hold), odd) +
                         errorOf(weights, fit(weights, odd, hold), even);
    if (error < least) {
      least = error;
      best = hold;
    }
  }
  if (best == 0)
    return weights;
  return fit(weights, {even.hessian + odd.hessian, even.cross + odd.cross},
             best);
}
