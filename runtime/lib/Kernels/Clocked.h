//===- Clocked.h - Kernels of the clocked engine ----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// One source an instruction set, made of Clocked.inc; all give the same bits.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_KERNELS_CLOCKED_H
#define NTRT_LIB_KERNELS_CLOCKED_H

#include "ntrt/Simulator.h"

namespace ntrt {

/// Neurons whose codes are summed at once, and whose spikes fill a word.
inline constexpr uint32_t kClockedBlock = 64;

/// The neurons of a core in one run, [position] unless said otherwise.
/// Positions are whole blocks.
struct ClockedBank {
  const TimeModel *time;
  const MembraneConstants *m;
  const double *quietDecay, *lsb_A, *modulation_A;
  const double *second_A; ///< LSB of the second columns, in a core of pairs.
  double *start_V;        ///< The membrane at the start of slot `since` ...
  int64_t *since;   ///< ... from which the neuron has had quiet slots only.
  double *hold_s;   ///< At the start of slot `since`.
  double *now_V;    ///< The membrane at the start of slot `nowSlot`.
  int64_t *nowSlot; ///< [vector of ClockedKernels::lanes]
  int64_t *due;     ///< [vector] Its first slot that may need a step.
  /// Steps the neurons of a block that `marked` names, one by one; returns
  /// those that spike. For a `hard` reset.
  uint64_t (*stepMarked)(const ClockedBank &bank, size_t base, int64_t slot,
                         const int32_t *sums, uint64_t marked);
};

struct ClockedKernels {
  uint32_t lanes; ///< Neurons advanced at once.
  /// The sums of `count` rows of a block's codes [row][kClockedBlock]; so many
  /// as `rowsPerSum` cannot overflow eight bits.
  void (*sumRows)(const int8_t *codes, const uint32_t *rows, size_t count,
                  size_t rowsPerSum, int32_t *sums);
  /// Advances a block by up to 64 slots from slot `first` on: `sums` is
  /// [slot][column of a neuron][kClockedBlock], of the slots that `hasRows`
  /// names; in the others there is no event. spiked[slot]: who spikes in it.
  /// [is paired][is leaky][is subtract]
  void (*advance[2][2][2])(const ClockedBank &bank, size_t base, int64_t first,
                           uint32_t slots, const int32_t *sums,
                           uint64_t hasRows, uint64_t *spiked);
  /// Writes `base` + the place of each bit that is set; may write up to 64
  /// numbers. Returns how many there are.
  uint32_t (*listBits)(uint64_t word, uint32_t base, uint32_t *to);
  /// The first `slots` slots of regularSpike() as a train (SpikeTrains.h).
  void (*regularTrain)(double rate, uint32_t slots, uint64_t *train);
  /// Events of each of `sources` trains of `words` words.
  void (*countTrains)(const uint64_t *trains, uint32_t words, size_t sources,
                      uint32_t *counts);
};

/// The best kernels for this machine among those that `kind` (Clocked, Avx2 or
/// Portable) allows.
const ClockedKernels &clockedKernels(EngineKind kind = EngineKind::Clocked);

namespace portable {
extern const ClockedKernels clockedKernels;
}
namespace avx2 {
extern const ClockedKernels clockedKernels;
}
namespace avx512 {
extern const ClockedKernels clockedKernels;
}

} // namespace ntrt

#endif // NTRT_LIB_KERNELS_CLOCKED_H
