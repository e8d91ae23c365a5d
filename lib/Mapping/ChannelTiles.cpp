//===- ChannelTiles.cpp - How many channels of a layer a core holds -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/ChannelTiles.h"

#include <algorithm>

using namespace nt::mapping;

static uint64_t ceilDiv(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

/// Inputs along one axis that `extent` successive outputs read, at most.
static uint64_t reach(const nt::ConvGeometry &geometry, int axis,
                      uint64_t extent) {
  const int64_t kernel =
                    axis == 0 ? geometry.kernelHeight : geometry.kernelWidth,
                inputs = axis == 0 ? geometry.inHeight : geometry.inWidth;
  // Where strides leave gaps between windows, only what is read counts.
  const int64_t outputs = static_cast<int64_t>(extent),
                span = (outputs - 1) * geometry.strides[axis] +
                       (kernel - 1) * geometry.dilations[axis] + 1;
  return static_cast<uint64_t>(std::min({span, inputs, outputs * kernel}));
}

ChannelTiles nt::mapping::channelTiles(const ConvGeometry &geometry,
                                       const PartitionLimits &limits) {
  const auto channels = static_cast<uint64_t>(geometry.outChannels),
             height = static_cast<uint64_t>(geometry.outHeight()),
             width = static_cast<uint64_t>(geometry.outWidth()),
             inputGroup =
                 static_cast<uint64_t>(geometry.inChannels / geometry.groups);
  uint64_t fewest = UINT64_MAX;
  ChannelTiles best = {1, static_cast<uint32_t>(channels)};
  for (uint64_t parts = 1; parts <= channels; ++parts) {
    const uint64_t tile = ceilDiv(channels, parts);
    // Any channels may meet in a group, each of another group of inputs.
    const uint64_t inputs =
        inputGroup *
        std::min<uint64_t>(tile, static_cast<uint64_t>(geometry.groups));
    for (uint64_t rows = 1; rows <= height; ++rows) {
      if (tile * rows > limits.coreNeurons)
        break;
      for (uint64_t columns = 1; columns <= width; ++columns) {
        if (tile * rows * columns > limits.coreNeurons ||
            inputs * reach(geometry, 0, rows) * reach(geometry, 1, columns) >
                limits.coreAxons)
          break;
        const uint64_t cores =
            parts * ceilDiv(height, rows) * ceilDiv(width, columns);
        if (cores <= fewest) {
          fewest = cores;
          best = {static_cast<uint32_t>(parts), static_cast<uint32_t>(tile)};
        }
      }
    }
  }
  return best;
}
