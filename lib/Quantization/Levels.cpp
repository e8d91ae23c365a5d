//===- Levels.cpp - Real levels chosen for least output error -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Quantization/Levels.h"

#include <algorithm>

using namespace nt::quantization;
using ntrt::Diag;

ntrt::Status LevelProblem::check() const {
  const auto inputs = static_cast<size_t>(linear.size());
  if (hessian.rows() != linear.size() || hessian.cols() != linear.size() ||
      first.size() != inputs + 1 || first.front() != 0 ||
      first.back() != levels.size() || start.size() != inputs)
    return ntrt::Diagnostic{Diag::MapInternal, "levels", "sizes do not fit"};
  for (size_t i = 0; i < inputs; ++i)
    if (first[i] >= first[i + 1] || start[i] >= first[i + 1] - first[i])
      return ntrt::Diagnostic{Diag::MapInternal,
                              "levels of input " + std::to_string(i),
                              "none, or the start is beyond them"};
  if (!hessian.allFinite() || !linear.allFinite() ||
      !Eigen::Map<const Eigen::VectorXf>(levels.data(),
                                         static_cast<long>(levels.size()))
           .allFinite())
    return ntrt::Diagnostic{Diag::QuantNotFinite, "levels",
                            "of the objective or a level"};
  return ntrt::Done{};
}

static Eigen::VectorXf valuesOf(const LevelProblem &problem,
                                const std::vector<size_t> &choice) {
  Eigen::VectorXf values(problem.linear.size());
  for (long i = 0; i < values.size(); ++i)
    values[i] = problem.levels[problem.first[i] + choice[i]];
  return values;
}

double LevelProblem::costOf(const std::vector<size_t> &choice) const {
  const Eigen::VectorXd x = valuesOf(*this, choice).cast<double>();
  return x.dot(hessian.cast<double>() * x) - 2 * linear.cast<double>().dot(x);
}

ntrt::Result<LevelSolution>
nt::quantization::solve(const LevelProblem &problem) {
  if (ntrt::Status status = problem.check(); !status)
    return status.diagnostics();
  LevelSolution solution;
  solution.choice = problem.start;
  Eigen::VectorXf x = valuesOf(problem, problem.start);
  // Half the gradient: H x - c.
  Eigen::VectorXf slope = problem.hessian * x - problem.linear;
  solution.startCost =
      x.cast<double>().dot((slope - problem.linear).cast<double>());
  for (unsigned sweep = 0; sweep < problem.sweeps; ++sweep) {
    bool changed = false;
    for (long i = 0; i < x.size(); ++i) {
      const size_t first = problem.first[i],
                   count = problem.first[i + 1] - first;
      if (count == 1)
        continue;
      const float curvature = problem.hessian(i, i);
      float best = 0;
      size_t chosen = solution.choice[i];
      for (size_t l = 0; l < count; ++l) {
        const float step = problem.levels[first + l] - x[i];
        const float change = step * (2 * slope[i] + curvature * step);
        // Rounding of the slope must not make the search go to and fro.
        if (change < best - 1e-6f * std::abs(step * slope[i])) {
          best = change;
          chosen = l;
        }
      }
      if (chosen == solution.choice[i])
        continue;
      const float step = problem.levels[first + chosen] - x[i];
      slope += step * problem.hessian.col(i);
      x[i] += step;
      solution.choice[i] = chosen;
      changed = true;
    }
    if (!changed)
      break;
  }
  x = valuesOf(problem, solution.choice);
  slope = problem.hessian * x - problem.linear;
  solution.cost = x.cast<double>().dot((slope - problem.linear).cast<double>());
  if (solution.cost > solution.startCost) {
    solution.choice = problem.start;
    solution.cost = solution.startCost;
  }
  return solution;
}
