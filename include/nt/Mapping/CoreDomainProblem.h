//===- CoreDomainProblem.h - Which channels share a core's voltages -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Domains are a core's (rule H2): where a layer spans several cores, each has
// volts of its own, and channels of like scale gain by sharing a core. Chooses
// the channels of each core and its DAC codes together. As a core holds neurons
// of one layer, layers do not depend on each other.
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_COREDOMAINPROBLEM_H
#define NT_MAPPING_COREDOMAINPROBLEM_H

#include "nt/Mapping/DomainProblem.h"

namespace nt::mapping {

/// Groups of channels and the DAC codes of each.
struct CoreDomainSolution {
  /// Group of each channel; every group is used.
  std::vector<uint32_t> groupOfChannel;
  /// DAC code of each channel.
  std::vector<uint32_t> dacOfChannel;
  /// Sum of the channels' costs.
  double cost = 0;
  /// What no choice can beat.
  double lowerBound = 0;
  /// The solver proved that no choice costs less.
  bool optimal = false;

  double gap() const { return cost - lowerBound; }
  /// The layer as if one core held it: the distinct DAC codes, in order, and
  /// the one of each channel.
  DomainSolution asLayer() const;
};

/// Minimise the sum of cost(c, dac[c]) with at most `groups` groups of at most
/// `groupChannels` channels each and at most `costs.maxDomains()` DAC codes in
/// each.
struct CoreDomainProblem {
  DomainProblem costs; ///< Its domains are those of one core.
  size_t groups = 1;
  size_t groupChannels = 1;

  /// The costs are well formed, and the groups hold all channels.
  ntrt::Status check() const;
  /// Groups are few and small enough, none has too many DAC codes (H2), all of
  /// which are on the grid (H3), and the stated cost is the true one.
  ntrt::Status verify(const CoreDomainSolution &solution) const;
};

/// Exact for any costs with up to 10 channels, and of one group as good as
/// solve(DomainProblem). Else channels in the order of their best points are
/// cut into even groups; then volts are chosen for each group and channels
/// moved and swapped between groups in turn until neither helps. The bound is
/// that of groups x domains DAC codes that all channels share. Deterministic.
/// Fails where check() does.
ntrt::Result<CoreDomainSolution> solve(const CoreDomainProblem &problem);

} // namespace nt::mapping

#endif // NT_MAPPING_COREDOMAINPROBLEM_H
