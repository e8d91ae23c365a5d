//===- DomainProblem.h - Which voltage each channel shares ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A layer may use few synapse domains (rule H2), each set to one point of the
// DAC grid (rule H3). Problem, solution and solver are apart: check() judges
// the input before, verify() the solution after, whatever solver made it.
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_DOMAINPROBLEM_H
#define NT_MAPPING_DOMAINPROBLEM_H

#include "ntrt/Diagnostics.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nt::mapping {

/// A choice of at most `maxDomains` grid points and one of them per channel.
struct DomainSolution {
  /// DAC code of each domain, strictly increasing, each used by a channel.
  std::vector<uint32_t> dac;
  /// Index into `dac` of each channel.
  std::vector<uint32_t> domainOfChannel;
  /// Sum of the channels' costs.
  double cost = 0;
  /// What no choice of as many domains can beat; the cost if it is optimal.
  double lowerBound = 0;
  /// Sum of the channels' least costs: a domain for each channel.
  double freeBound = 0;
  /// The solver proved that no choice costs less.
  bool optimal = false;

  double gap() const { return cost - lowerBound; }
};

/// Minimise sum_c min_{g chosen} cost(c, g) over sets of at most `maxDomains`
/// of `gridPoints` DAC codes.
class DomainProblem {
public:
  DomainProblem(size_t channels, size_t gridPoints, size_t maxDomains)
      : numChannels(channels), numGridPoints(gridPoints),
        domainLimit(maxDomains), costs(channels * gridPoints, 0.0) {}

  size_t channels() const { return numChannels; }
  size_t gridPoints() const { return numGridPoints; }
  size_t maxDomains() const { return domainLimit; }

  /// Cost of channel `c` at DAC code `g`: finite and >= 0.
  double &cost(size_t c, size_t g) { return costs[c * numGridPoints + g]; }
  double cost(size_t c, size_t g) const { return costs[c * numGridPoints + g]; }

  /// Sum of the channels' least costs.
  double freeBound() const;
  /// At least freeBound(), and at most the optimum: the optimum of the largest
  /// unimodal costs that are nowhere above these, so of unimodal costs the
  /// optimum itself.
  double lowerBound() const;
  /// The cost of each channel falls to its least and rises after it, over the
  /// grid: then the solver's dynamic programme is exact.
  bool isUnimodal() const;

  /// There are channels, grid points and domains, and every cost is finite and
  /// not negative.
  ntrt::Status check() const;
  /// The solution has at most `maxDomains` domains on the grid (H2, H3), gives
  /// every channel one of them, and states its true cost.
  ntrt::Status verify(const DomainSolution &solution) const;

private:
  size_t numChannels, numGridPoints, domainLimit;
  std::vector<double> costs;
};

/// Exact for any costs with up to 10 channels (dynamic programming over subsets
/// of channels) and where enumerating sets of grid points is small; else by
/// dynamic programming over the grid, exact for unimodal costs, followed by a
/// local search that swaps one grid point at a time. Fails where check() does.
ntrt::Result<DomainSolution> solve(const DomainProblem &problem);

} // namespace nt::mapping

#endif // NT_MAPPING_DOMAINPROBLEM_H
