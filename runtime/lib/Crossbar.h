//===- Crossbar.h - Sums of synapse codes -----------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_CROSSBAR_H
#define NTRT_LIB_CROSSBAR_H

#include "ntrt/Program.h"

namespace ntrt {

/// The codes of one core, laid out to be summed fast.
class Crossbar {
public:
  /// `maxCode` bounds the codes' magnitudes and is 1..127.
  Crossbar(const CoreConfig &core, int32_t maxCode);

  /// Neurons rounded up to whole vectors: the size of a sum.
  size_t stride() const { return columns; }
  /// sums[n] = the codes of neuron n summed over the given axons; `sums` has
  /// stride() entries, those past the neurons become 0.
  void sum(const std::vector<uint32_t> &axons, int32_t *sums) const;
  /// currents_A[n] = the sum of neuron n over the axons * lsb_A[n], of
  /// `neurons` entries each; `sums` is room for stride() entries.
  void currents(const std::vector<uint32_t> &axons, const double *lsb_A,
                int32_t *sums, double *currents_A) const;
  /// Synapses of an axon whose code is not 0.
  uint32_t synapses(uint32_t axon) const { return used[axon]; }

private:
  size_t neurons, columns, rowsPerBlock;
  std::vector<int8_t> codes; ///< [axon][columns]
  std::vector<uint32_t> used;
};

} // namespace ntrt

#endif // NTRT_LIB_CROSSBAR_H
