//===- SpikeTrains.h - Spikes of many sources, a bit a slot -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_SPIKETRAINS_H
#define NTRT_LIB_SPIKETRAINS_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ntrt {

/// Slots that one word of a train holds.
inline constexpr uint32_t kTrainSlots = 64;

inline uint32_t wordsOfTrain(uint32_t slots) {
  return (slots + kTrainSlots - 1) / kTrainSlots;
}

/// What many sources (inputs, neurons, axons) do in a run of slots: bit t % 64
/// of word t / 64 of a source's train is its event in slot t.
class SpikeTrains {
public:
  SpikeTrains() = default;
  SpikeTrains(uint32_t sources, uint32_t slots)
      : numSources(sources), slots(slots), perTrain(wordsOfTrain(slots)),
        bits(size_t(sources) * perTrain) {}

  uint32_t sources() const { return numSources; }
  uint32_t words() const { return perTrain; }
  uint64_t *of(uint32_t source) { return &bits[size_t(source) * perTrain]; }
  const uint64_t *of(uint32_t source) const {
    return &bits[size_t(source) * perTrain];
  }
  bool at(uint32_t source, uint32_t slot) const {
    return of(source)[slot / kTrainSlots] >> slot % kTrainSlots & 1;
  }
  void set(uint32_t source, uint32_t slot) {
    of(source)[slot / kTrainSlots] |= uint64_t(1) << slot % kTrainSlots;
  }
  void clear();
  /// The slot of a source's first event; the number of slots if it has none.
  uint32_t firstSlot(uint32_t source) const;
  /// Adds a train of as many slots, moved by `shift` slots; what falls outside
  /// is lost.
  void add(uint32_t source, const uint64_t *train, int64_t shift);

private:
  uint32_t numSources = 0, slots = 0, perTrain = 0;
  std::vector<uint64_t> bits;
};

/// Goes through the slots of trains, one after the other.
class AxonLists {
public:
  AxonLists(const SpikeTrains &trains, uint32_t slots);
  /// Goes to the next slot, the first at the start: the sources with an event
  /// in it, rising. False at the end.
  bool next(std::vector<uint32_t> &sources);
  uint32_t slot() const { return following - 1; }

private:
  const SpikeTrains &trains;
  uint32_t slots, following = 0;
  /// Of the word of slots that `following` is in.
  std::vector<uint32_t> lists[kTrainSlots];
};

/// Bit j of word i becomes bit i of word j.
void transposeBits(uint64_t (&words)[64]);

} // namespace ntrt

#endif // NTRT_LIB_SPIKETRAINS_H
