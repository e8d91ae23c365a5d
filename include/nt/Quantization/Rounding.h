//===- Rounding.h - Second-order rounding of weights to codes ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GPTQ (Frantar 2022) on plain matrices: rounding that looks at the error of
// the layer's output, not of its weights. See docs/quantisation.md.
//
//===----------------------------------------------------------------------===//
#ifndef NT_QUANTIZATION_ROUNDING_H
#define NT_QUANTIZATION_ROUNDING_H

#include "ntrt/Diagnostics.h"

#include <Eigen/Core>

#include <cstdint>
#include <vector>

namespace nt::quantization {

/// Codes of channels x fan-in.
using CodeMatrix = Eigen::Matrix<int8_t, Eigen::Dynamic, Eigen::Dynamic>;

/// The code of |code| <= maxCode whose multiple of `scale` (> 0) is nearest to
/// `weight`; halves go away from zero.
int32_t nearestCode(double weight, double scale, int32_t maxCode);

/// A row of weights, or what stands beside each of them.
using RowRef = Eigen::Ref<const Eigen::VectorXf>;

/// Squared error of nearest rounding at each scale, each input weighted by
/// `importance` (>= 0): the cost of a row at every point of the DAC grid. In
/// single precision, summed in double.
std::vector<double> nearestCosts(const RowRef &row, const RowRef &importance,
                                 const std::vector<double> &scales,
                                 int32_t maxCode);

/// Squared error of the row's output at each scale, with codes by descent from
/// the nearest: (w - s q) H (w - s q)^T. For rows of few weights, whose errors
/// the choice of scales must see together.
std::vector<double> descentCosts(const RowRef &row,
                                 const Eigen::MatrixXd &hessian,
                                 const std::vector<double> &scales,
                                 int32_t maxCode);

/// Squared distance, in octaves, of each scale from the one at which 99.9 % of
/// the row's magnitudes (nearest rank) are at most maxCode, times the row's
/// energy: costs that a channel's percentile scale minimises. A row of zeros
/// costs nothing anywhere.
std::vector<double> percentileCosts(const RowRef &row,
                                    const std::vector<double> &scales,
                                    int32_t maxCode);

/// Nearest: each weight alone. Sequential: the error of each is spread over
/// those still to come (GPTQ).
enum class Method { Nearest, Sequential };

/// Minimise trace((W - QS) H (W - QS)^T) over integer Q, |Q| <= maxCode, with
/// S the diagonal of row scales.
struct RoundingProblem {
  Eigen::MatrixXd weights; ///< Channels x fan-in.
  Eigen::MatrixXd hessian; ///< Fan-in x fan-in: sum of x x^T over patches x.
  Eigen::VectorXd scales;  ///< One a channel, > 0.
  int32_t maxCode = 0;
  Method method = Method::Sequential;
  /// Added to the Hessian's diagonal, as a share of its mean: keeps inputs that
  /// calibration hardly saw from being spent as slack.
  double damping = 0.01;
  /// Round the inputs with the largest diagonal first.
  bool activationOrder = true;
  /// Rounds of coordinate descent on single codes after the sequential
  /// rounding, each only taken if it lowers the error.
  unsigned sweeps = 0;
  /// Rows of at most this many weights get the codes of least error.
  unsigned exactInputs = 0;
  /// Do not change the result.
  unsigned threads = 1;

  /// Shapes fit, weights and Hessian are finite, scales positive, diagonal not
  /// negative.
  ntrt::Status check() const;
};

struct RoundingSolution {
  CodeMatrix codes;
  /// The objective with the damped Hessian, of these codes and of rounding each
  /// weight to the nearest.
  double error = 0, nearestError = 0;
};

/// No row is worse than nearest rounding, to single precision where there are
/// many weights. Inputs that calibration never saw
/// (diagonal 0) are rounded to the nearest. Fails where check() does.
ntrt::Result<RoundingSolution> solve(const RoundingProblem &problem);

} // namespace nt::quantization

#endif // NT_QUANTIZATION_ROUNDING_H
