//===- Crossbar.cpp - Sums of synapse codes -------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Crossbar.h"
#include "TargetClones.h"

#include <algorithm>
#include <cstring>

using namespace ntrt;

namespace {
typedef int8_t Lanes __attribute__((vector_size(32)));
} // namespace
/// Columns summed at a time: two vectors.
static constexpr size_t kGroup = 2 * sizeof(Lanes);

Crossbar::Crossbar(const CoreConfig &core, int32_t maxCode)
    : neurons(core.neurons),
      columns((core.neurons + kGroup - 1) / kGroup * kGroup),
      // So many codes cannot overflow eight bits.
      rowsPerBlock(size_t(127 / maxCode)), codes(core.axons * columns),
      used(core.axons) {
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t neuron = 0; neuron < core.neurons; ++neuron) {
      int8_t code = core.code(axon, neuron);
      codes[axon * columns + neuron] = code;
      used[axon] += code != 0;
    }
}

/// Adds in eight bits within a block of rows, then widens.
NTRT_TARGET_CLONES static void sumRows(const int8_t *codes, size_t columns,
                                       size_t rowsPerBlock,
                                       const uint32_t *axons, size_t count,
                                       int32_t *sums) {
  for (size_t column = 0; column < columns; column += kGroup) {
    int32_t *group = sums + column;
    std::fill(group, group + kGroup, 0);
    for (size_t first = 0; first < count; first += rowsPerBlock) {
      size_t last = std::min(count, first + rowsPerBlock);
      Lanes low{}, high{};
      for (size_t i = first; i < last; ++i) {
        const int8_t *row = codes + axons[i] * columns + column;
        Lanes rowLow, rowHigh;
        std::memcpy(&rowLow, row, sizeof rowLow);
        std::memcpy(&rowHigh, row + sizeof rowLow, sizeof rowHigh);
        low += rowLow;
        high += rowHigh;
      }
      int8_t partial[kGroup];
      std::memcpy(partial, &low, sizeof low);
      std::memcpy(partial + sizeof low, &high, sizeof high);
      for (size_t j = 0; j < kGroup; ++j)
        group[j] += partial[j];
    }
  }
}

void Crossbar::sum(const std::vector<uint32_t> &axons, int32_t *sums) const {
  sumRows(codes.data(), columns, rowsPerBlock, axons.data(), axons.size(),
          sums);
}

NTRT_TARGET_CLONES static void scale(const int32_t *sums, const double *lsb_A,
                                     double *currents_A, size_t count) {
  for (size_t i = 0; i < count; ++i)
    currents_A[i] = double(sums[i]) * lsb_A[i];
}

void Crossbar::currents(const std::vector<uint32_t> &axons, const double *lsb_A,
                        int32_t *sums, double *currents_A) const {
  sum(axons, sums);
  scale(sums, lsb_A, currents_A, neurons);
}
