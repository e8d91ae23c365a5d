//===- Refit.h - Weights for inputs that quantisation changed ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A layer of a quantised network reads other inputs than in the float network.
// The weights to round are those that give the float network's outputs on the
// inputs that there are.
//
//===----------------------------------------------------------------------===//
#ifndef NT_QUANTIZATION_REFIT_H
#define NT_QUANTIZATION_REFIT_H

#include <Eigen/Core>

namespace nt::quantization {

/// Sums over patches, fan-in x fan-in: x of the float network, y of the
/// quantised one.
struct Moments {
  Eigen::MatrixXd hessian; ///< Sum of y y^T.
  Eigen::MatrixXd cross;   ///< Sum of x y^T.
};

/// The weights W' [channels, fan-in] that minimise sum |W x - W' y|^2 +
/// r |W' - W|^2. How strongly W holds them (r) is chosen from a few values, for
/// the least error (on at most 256 rows) on either half of the samples when
/// fitted on the other; if none is better than W itself, or one half is empty,
/// they are W.
Eigen::MatrixXd refit(const Eigen::MatrixXd &weights, const Moments &even,
                      const Moments &odd);

} // namespace nt::quantization

#endif // NT_QUANTIZATION_REFIT_H
