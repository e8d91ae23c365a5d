//===- SubsetPartition.h - Parting few things into groups -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_MAPPING_SUBSETPARTITION_H
#define NT_LIB_MAPPING_SUBSETPARTITION_H

#include "nt/Mapping/DomainProblem.h"

#include <cstddef>
#include <vector>

namespace nt::mapping {

/// Channels up to which every way to part them into groups is considered.
constexpr size_t kPartitionLimit = 10;

/// For each set of channels (bit c: channel c): the least cost if all take one
/// grid point, and this point. The empty set costs infinity.
struct GroupCosts {
  std::vector<double> cost;
  std::vector<size_t> point;
};
GroupCosts costsOfGroups(const DomainProblem &problem);

/// The cheapest way to part each set into at most `count` groups, by dynamic
/// programming over subsets: the first element not yet in a group takes its
/// group with it.
class SubsetPartition {
public:
  /// `groupCost[set]`: of a group that is this set; infinity if it must not be.
  SubsetPartition(const std::vector<double> &groupCost, size_t count);

  /// Of each set; infinity if it cannot be parted.
  const std::vector<double> &least() const { return leastCost; }
  /// The groups of the cheapest way.
  std::vector<size_t> groupsOf(size_t set) const;

private:
  std::vector<double> leastCost;
  std::vector<std::vector<size_t>> chosen; ///< [round][set].
};

} // namespace nt::mapping

#endif // NT_LIB_MAPPING_SUBSETPARTITION_H
