//===- PairingCost.h - What pairs of columns cost ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_PAIRINGCOST_H
#define NT_MAPPING_PAIRINGCOST_H

#include "ntrt/Program.h"

#include <cstdint>
#include <vector>

namespace nt::mapping {

/// What the second columns of a layer take.
struct PairingCost {
  uint32_t layer = 0;
  uint64_t neurons = 0; ///< So many columns are second ones.
  uint64_t cores = 0;   ///< That hold the layer.
  /// Cores that its neurons would fill with one column each, if the fan-in of a
  /// core allows them to stand as close.
  uint64_t coresUnpaired = 0;
  uint64_t synapses = 0; ///< Whose second code is not 0.
  /// Of the frames and domains of the second columns.
  uint64_t configurationBits = 0;
  /// All second columns' synapses at once (rule H6), and all columns'.
  double secondPeak_A = 0, peak_A = 0;
};

/// Of each layer that has pairs, in order. The program must have passed
/// checkProgram.
std::vector<PairingCost> pairingCosts(const ntrt::Program &program,
                                      const ntrt::DeviceModel &device);

} // namespace nt::mapping

#endif // NT_MAPPING_PAIRINGCOST_H
