//===- SubsetPartition.cpp - Parting few things into groups ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "SubsetPartition.h"

#include <bit>
#include <limits>

using namespace nt::mapping;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

GroupCosts nt::mapping::costsOfGroups(const DomainProblem &problem) {
  const size_t subsets = size_t(1) << problem.channels();
  std::vector<double> sum(subsets, 0.0);
  GroupCosts groups = {std::vector<double>(subsets, kInfinity),
                       std::vector<size_t>(subsets, 0)};
  for (size_t g = 0; g < problem.gridPoints(); ++g)
    for (size_t set = 1; set < subsets; ++set) {
      const auto channel = static_cast<size_t>(std::countr_zero(set));
      sum[set] = sum[set & (set - 1)] + problem.cost(channel, g);
      if (sum[set] < groups.cost[set]) {
        groups.cost[set] = sum[set];
        groups.point[set] = g;
      }
    }
  return groups;
}

SubsetPartition::SubsetPartition(const std::vector<double> &groupCost,
                                 size_t count)
    : leastCost(groupCost.size(), kInfinity),
      chosen(count, std::vector<size_t>(groupCost.size(), 0)) {
  leastCost[0] = 0;
  for (std::vector<size_t> &choice : chosen) {
    std::vector<double> next = leastCost;
    for (size_t set = 1; set < groupCost.size(); ++set) {
      const size_t first = set & (~set + 1), rest = set ^ first;
      for (size_t others = rest;; others = (others - 1) & rest) {
        const size_t group = others | first;
        if (double cost = groupCost[group] + leastCost[set ^ group];
            cost < next[set]) {
          next[set] = cost;
          choice[set] = group;
        }
        if (others == 0)
          break;
      }
    }
    leastCost = std::move(next);
  }
}

std::vector<size_t> SubsetPartition::groupsOf(size_t set) const {
  std::vector<size_t> groups;
  for (size_t round = chosen.size(); round-- > 0;)
    if (size_t group = chosen[round][set]) {
      groups.push_back(group);
      set ^= group;
    }
  return groups;
}
