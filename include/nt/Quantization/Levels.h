//===- Levels.h - Real levels chosen for least output error -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A weight that a real chip makes has a few possible values: those of the
// encodings of its code, each off by the mismatch of the sources in it. Which
// are chosen decides the error of the neuron's sum, not of the weight. No IR.
//
//===----------------------------------------------------------------------===//
#ifndef NT_QUANTIZATION_LEVELS_H
#define NT_QUANTIZATION_LEVELS_H

#include "ntrt/Diagnostics.h"

#include <Eigen/Core>

#include <vector>

namespace nt::quantization {

/// Minimise x'Hx - 2c'x where x_i is one of the levels of input i: with H the
/// sum of a a' over samples a of the inputs and c that of a z, the squared
/// error of the neuron's sum against z, but for a constant.
struct LevelProblem {
  explicit LevelProblem(const Eigen::Ref<const Eigen::MatrixXf> &hessian)
      : hessian(hessian) {}

  Eigen::Ref<const Eigen::MatrixXf> hessian; ///< Symmetric.
  Eigen::VectorXf linear;                    ///< c, one an input.
  /// Levels of input i: [first[i], first[i + 1]) of `levels`, at least one.
  std::vector<float> levels;
  std::vector<size_t> first;
  /// Where the search starts: one of each input's levels, from 0.
  std::vector<size_t> start;
  unsigned sweeps = 20;

  /// Sizes fit, and numbers are finite (NT-MAP-007, NT-QUANT-001).
  ntrt::Status check() const;
  /// The objective of a choice.
  double costOf(const std::vector<size_t> &choice) const;
};

struct LevelSolution {
  std::vector<size_t> choice;
  double startCost = 0, cost = 0;
};

/// Coordinate descent: no change of one input alone would be better, unless
/// `sweeps` rounds were not enough. Exact for a diagonal H. Never worse than
/// the start.
ntrt::Result<LevelSolution> solve(const LevelProblem &problem);

} // namespace nt::quantization

#endif // NT_QUANTIZATION_LEVELS_H
