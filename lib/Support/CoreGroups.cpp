//===- CoreGroups.cpp - Channels that share cores -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Support/CoreGroups.h"

#include <map>
#include <set>

using namespace mlir;

ArrayRef<int32_t> nt::coreGroupsOf(Operation *op) {
  if (auto groups = op->getAttrOfType<DenseI32ArrayAttr>(kCoreGroups))
    return groups;
  return {};
}

LogicalResult nt::verifyCoreGroups(Operation *op, Attribute value) {
  auto groups = dyn_cast<DenseI32ArrayAttr>(value);
  auto domains = op->getAttrOfType<DenseI32ArrayAttr>("domain_of_channel");
  if (!groups || !domains)
    return op->emitOpError() << kCoreGroups
                             << " must be array<i32> beside domain_of_channel "
                                "(rule H2)";
  if (groups.size() != domains.size())
    return op->emitOpError()
           << kCoreGroups << " has " << groups.size() << " entries, must have "
           << domains.size() << ", one a channel (rule H2)";
  for (int32_t group : groups.asArrayRef())
    if (group < 0)
      return op->emitOpError() << kCoreGroups << " holds " << group
                               << ", the least group is 0 (rule H2)";
  return success();
}

size_t nt::domainsOfCore(ArrayRef<int32_t> groups,
                         ArrayRef<int32_t> domainOfChannel, size_t domains) {
  if (groups.empty())
    return domains;
  std::map<int32_t, std::set<int32_t>> taken;
  for (size_t c = 0; c < domainOfChannel.size(); ++c)
    taken[groups[c]].insert(domainOfChannel[c]);
  size_t most = 0;
  for (const auto &[group, used] : taken)
    most = std::max(most, used.size());
  return most;
}
