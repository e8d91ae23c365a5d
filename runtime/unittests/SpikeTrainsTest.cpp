//===- SpikeTrainsTest.cpp - Spikes of many sources, a bit a slot ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../lib/SpikeTrains.h"
#include "../lib/Kernels/Clocked.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

using namespace ntrt;

TEST(SpikeTrainsTest, AddMovesATrainAndLosesWhatFallsOutside) {
  std::mt19937 random(7);
  for (uint32_t slots : {1u, 5u, 63u, 64u, 65u, 128u, 200u}) {
    SpikeTrains from(1, slots);
    for (uint32_t t = 0; t < slots; ++t)
      if (random() % 3 == 0)
        from.set(0, t);
    for (int64_t shift = -int64_t(slots) - 70; shift <= slots + 70; ++shift) {
      SpikeTrains to(3, slots);
      to.add(1, from.of(0), shift);
      for (int64_t t = 0; t < to.words() * 64; ++t) {
        const int64_t source = t - shift;
        const bool expected = t < slots && source >= 0 && source < slots &&
                              from.at(0, uint32_t(source));
        ASSERT_EQ(to.at(1, uint32_t(t)), expected)
            << slots << " slots by " << shift << ", slot " << t;
      }
      ASSERT_EQ(to.of(0)[0], 0u);
      ASSERT_EQ(to.of(2)[0], 0u);
    }
  }
}

TEST(SpikeTrainsTest, ListsNameTheSourcesOfEachSlotOnce) {
  std::mt19937 random(3);
  const uint32_t slots = 150;
  SpikeTrains trains(40, slots);
  for (uint32_t i = 0; i < 600; ++i)
    trains.set(random() % 40, random() % slots);
  std::vector<uint32_t> sources{99};
  AxonLists lists(trains, slots);
  for (uint32_t slot = 0; slot < slots; ++slot) {
    ASSERT_TRUE(lists.next(sources));
    ASSERT_EQ(lists.slot(), slot);
    std::vector<uint32_t> expected;
    for (uint32_t source = 0; source < 40; ++source)
      if (trains.at(source, slot))
        expected.push_back(source);
    ASSERT_EQ(sources, expected);
  }
  EXPECT_FALSE(lists.next(sources));
}

TEST(SpikeTrainsTest, TransposedBitsChangePlaces) {
  std::mt19937_64 random(1);
  uint64_t words[64], before[64];
  for (int i = 0; i < 64; ++i)
    before[i] = words[i] = random();
  transposeBits(words);
  for (int i = 0; i < 64; ++i)
    for (int j = 0; j < 64; ++j)
      ASSERT_EQ(words[j] >> i & 1, before[i] >> j & 1);
}

TEST(SpikeTrainsTest, KernelsOfAllMachinesAgree) {
  std::mt19937_64 random(5);
  for (EngineKind kind :
       {EngineKind::Clocked, EngineKind::Avx2, EngineKind::Portable}) {
    const ClockedKernels &kernels = clockedKernels(kind);
    for (double rate : {1e-9, 0.01, 0.37, 0.5, 1.0, 3.0})
      for (uint32_t slots : {1u, 31u, 64u, 130u}) {
        uint64_t train[3] = {};
        kernels.regularTrain(rate, slots, train);
        for (uint32_t t = 0; t < 64 * ((slots + 63) / 64); ++t)
          ASSERT_EQ(train[t / 64] >> t % 64 & 1,
                    t < slots && regularSpike(rate, t))
              << rate << ", slot " << t << " of " << slots;
      }
    for (int i = 0; i < 50; ++i) {
      const uint64_t word = random() & random();
      uint32_t places[64], expected = 0, count = 0;
      ASSERT_EQ(kernels.listBits(word, 1000, places),
                uint32_t(std::popcount(word)));
      for (uint32_t b = 0; b < 64; ++b)
        if (word >> b & 1)
          ASSERT_EQ(places[expected++], 1000 + b);
      kernels.countTrains(&word, 1, 1, &count);
      ASSERT_EQ(count, expected);
    }
    // More rows than sixteen bits hold the sums of.
    const size_t rows = 6000;
    std::vector<int8_t> codes(rows * kClockedBlock);
    std::vector<uint32_t> all(rows);
    int32_t expected[kClockedBlock] = {}, found[kClockedBlock];
    for (size_t r = 0; r < rows; ++r) {
      all[r] = uint32_t(r);
      for (uint32_t j = 0; j < kClockedBlock; ++j)
        expected[j] += codes[r * kClockedBlock + j] =
            j % 2 ? -7 : int8_t(random() % 8);
    }
    kernels.sumRows(codes.data(), all.data(), rows, 18, found);
    for (uint32_t j = 0; j < kClockedBlock; ++j)
      ASSERT_EQ(found[j], expected[j]);
  }
}
