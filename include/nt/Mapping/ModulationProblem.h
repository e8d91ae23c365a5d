//===- ModulationProblem.h - Biases as modulation words ---------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A task gives each neuron a bias; the chip gives it a word (domain, code) on
// one of few modulation domains (rule H2), each at a point of the DAC grid
// (rule H3).
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_MODULATIONPROBLEM_H
#define NT_MAPPING_MODULATIONPROBLEM_H

#include "ntrt/Diagnostics.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nt::mapping {

/// One word a neuron.
struct ModulationSolution {
  /// DAC code of each domain, strictly increasing; at least one.
  std::vector<uint32_t> dac;
  /// Index into `dac`, and code, of each neuron. A code of 0 is in domain 0.
  std::vector<uint8_t> domains;
  std::vector<int8_t> codes;
  /// Sum of squared differences between target and realised bias.
  double error = 0;
};

/// Minimise sum_n (target_n - code_n * step[dac[domain_n]])^2 over at most
/// `maxDomains` DAC codes and words with |code| <= maxCode.
struct ModulationProblem {
  std::vector<double> targets; ///< Wanted bias of each neuron, network units.
  std::vector<double> steps;   ///< Bias of code 1 at each DAC code, increasing.
  int32_t maxCode = 0;
  size_t maxDomains = 0;

  /// The bias a solution gives to neuron n.
  double realised(const ModulationSolution &solution, size_t n) const {
    return solution.codes[n] * steps[solution.dac[solution.domains[n]]];
  }
  /// The largest bias any word gives.
  double reach() const { return maxCode * steps.back(); }

  /// Targets are finite; steps are positive and strictly increasing; there is a
  /// domain, and codes and domains fit a byte.
  ntrt::Status check() const;
  /// At most `maxDomains` domains on the grid (H2, H3), codes within the limit
  /// (H1), one word a neuron, and the stated error is the true one.
  ntrt::Status verify(const ModulationSolution &solution) const;
};

/// Exact for one and two domains (every point, every pair) and up to 16384
/// neurons with a target other than zero; of more, points are chosen for that
/// many targets of evenly spread rank. With more domains, points are
/// added greedily to the best pair and then swapped one at a time, so more
/// domains are never worse than two. Fails where check() does.
ntrt::Result<ModulationSolution> solve(const ModulationProblem &problem);

} // namespace nt::mapping

#endif // NT_MAPPING_MODULATIONPROBLEM_H
