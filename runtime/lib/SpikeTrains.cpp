//===- SpikeTrains.cpp - Spikes of many sources, a bit a slot -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SpikeTrains.h"

#include <algorithm>
#include <bit>

using namespace ntrt;

void SpikeTrains::clear() { std::fill(bits.begin(), bits.end(), 0); }

uint32_t SpikeTrains::firstSlot(uint32_t source) const {
  const uint64_t *train = of(source);
  for (uint32_t w = 0; w < perTrain; ++w)
    if (train[w])
      return w * kTrainSlots + uint32_t(std::countr_zero(train[w]));
  return slots;
}

void SpikeTrains::add(uint32_t source, const uint64_t *train, int64_t shift) {
  uint64_t *to = of(source);
  const int64_t whole = shift >> 6, part = shift & 63, last = perTrain;
  for (int64_t w = std::max<int64_t>(0, whole);
       w < std::min(last, last + whole + 1); ++w) {
    const int64_t from = w - whole;
    uint64_t word = from < last ? train[from] << part : 0;
    if (part && from > 0)
      word |= train[from - 1] >> (64 - part);
    to[w] |= word;
  }
  if (slots % kTrainSlots)
    to[last - 1] &= (uint64_t(1) << slots % kTrainSlots) - 1;
}

AxonLists::AxonLists(const SpikeTrains &trains, uint32_t slots)
    : trains(trains), slots(slots) {}

bool AxonLists::next(std::vector<uint32_t> &sources) {
  if (following == slots)
    return false;
  if (following % kTrainSlots == 0)
    for (uint32_t source = 0; source < trains.sources(); ++source)
      for (uint64_t word = trains.of(source)[following / kTrainSlots]; word;
           word &= word - 1)
        lists[std::countr_zero(word)].push_back(source);
  std::vector<uint32_t> &mine = lists[following++ % kTrainSlots];
  std::swap(sources, mine);
  mine.clear();
  return true;
}

void ntrt::transposeBits(uint64_t (&words)[64]) {
  // Swaps ever smaller squares across the diagonal (Warren, Hacker's Delight,
  // 7-3).
  uint64_t mask = 0xffffffff;
  for (uint32_t side = 32; side; side /= 2, mask ^= mask << side)
    for (uint32_t first = 0; first < 64; first += 2 * side)
      for (uint32_t i = first; i < first + side; ++i) {
        const uint64_t swap = (words[i] >> side ^ words[i + side]) & mask;
        words[i] ^= swap << side;
        words[i + side] ^= swap;
      }
}
