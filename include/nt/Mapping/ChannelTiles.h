//===- ChannelTiles.h - How many channels of a layer a core holds ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_CHANNELTILES_H
#define NT_MAPPING_CHANNELTILES_H

#include "nt/Mapping/PartitionProblem.h"
#include "nt/Support/ConvGeometry.h"

namespace nt::mapping {

/// Channels of a layer in groups that share no core.
struct ChannelTiles {
  uint32_t groups = 1;
  uint32_t groupChannels = 1;
};

/// The most groups with which a convolution cut into tiles of channels x height
/// x width takes no more cores than with any other tile, whichever channels are
/// in a group. One group of all where no tile fits a core. A dense layer is a
/// convolution of one position.
ChannelTiles channelTiles(const ConvGeometry &geometry,
                          const PartitionLimits &limits);

} // namespace nt::mapping

#endif // NT_MAPPING_CHANNELTILES_H
