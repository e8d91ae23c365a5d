//===- BlockLayout.h - Columns side by side that share axons ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_BLOCKLAYOUT_H
#define NTRT_BLOCKLAYOUT_H

#include "ntrt/Program.h"

namespace ntrt {

/// A core's neurons in blocks of `width`, so that an event touches few of them:
/// neurons that share most of their axons are laid side by side (an image's
/// patch in a convolution).
struct BlockLayout {
  BlockLayout(const CoreConfig &core, uint32_t width);

  uint32_t neurons, blocks;
  std::vector<uint32_t> neuronAt;   ///< [position], positions below `neurons`.
  std::vector<uint32_t> positionOf; ///< [neuron]
  /// Do the axons use most blocks? Then all count as used.
  bool isDense;
  /// The blocks that each axon uses: blockOf[firstBlock[axon]] ..
  /// blockOf[firstBlock[axon + 1]].
  std::vector<uint32_t> firstBlock, blockOf;
};

} // namespace ntrt

#endif // NTRT_BLOCKLAYOUT_H
