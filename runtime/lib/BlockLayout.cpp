//===- BlockLayout.cpp - Columns side by side that share axons ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/BlockLayout.h"

#include <algorithm>
#include <bit>

using namespace ntrt;

/// Columns in an order in which neighbours share axons: each joins the first
/// group with whose founder it shares at least half of the axons of both.
static bool isConnected(const CoreConfig &core, uint32_t axon,
                        uint32_t neuron) {
  for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
    if (core.code(axon, core.columnOf(neuron) + i))
      return true;
  return false;
}

static std::vector<uint32_t> groupNeurons(const CoreConfig &core) {
  const size_t words = (core.axons + 63) / 64;
  std::vector<uint64_t> used(words * core.neurons);
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t n = 0; n < core.neurons; ++n)
      if (isConnected(core, axon, n))
        used[n * words + axon / 64] |= uint64_t(1) << axon % 64;
  // Comparing each column with each group is for cores of a usual size.
  constexpr uint32_t kMostGroups = 512;
  std::vector<std::vector<uint32_t>> groups;
  for (uint32_t n = 0; n < core.neurons; ++n) {
    auto shares = [&](const std::vector<uint32_t> &group) {
      const uint64_t *a = &used[n * words], *b = &used[group[0] * words];
      size_t both = 0, either = 0;
      for (size_t w = 0; w < words; ++w) {
        both += size_t(std::popcount(a[w] & b[w]));
        either += size_t(std::popcount(a[w] | b[w]));
      }
      return 2 * both >= either;
    };
    auto group = std::find_if(groups.begin(), groups.end(), shares);
    if (group == groups.end() && groups.size() == kMostGroups)
      --group;
    if (group == groups.end())
      groups.push_back({n});
    else
      group->push_back(n);
  }
  std::vector<uint32_t> order;
  for (const std::vector<uint32_t> &group : groups)
    order.insert(order.end(), group.begin(), group.end());
  return order;
}

BlockLayout::BlockLayout(const CoreConfig &core, uint32_t width)
    : neurons(core.neurons), blocks((core.neurons + width - 1) / width),
      neuronAt(groupNeurons(core)), positionOf(core.neurons) {
  for (uint32_t position = 0; position < neurons; ++position)
    positionOf[neuronAt[position]] = position;
  auto isUsed = [&](uint32_t axon, uint32_t block) {
    for (uint32_t i = block * width; i < std::min((block + 1) * width, neurons);
         ++i)
      if (isConnected(core, axon, neuronAt[i]))
        return true;
    return false;
  };
  size_t used = 0;
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t block = 0; block < blocks; ++block)
      used += isUsed(axon, block);
  isDense = 4 * used >= 3 * size_t(core.axons) * blocks;
  firstBlock.push_back(0);
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    for (uint32_t block = 0; block < blocks; ++block)
      if (isDense || isUsed(axon, block))
        blockOf.push_back(block);
    firstBlock.push_back(uint32_t(blockOf.size()));
  }
}
