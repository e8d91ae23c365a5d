//===- LayerPatches.h - A layer as a weight matrix --------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_DIALECT_NT_TRANSFORMS_LAYERPATCHES_H
#define NT_LIB_DIALECT_NT_TRANSFORMS_LAYERPATCHES_H

#include "nt/Interfaces/NTInterfaces.h"

#include <Eigen/Core>

#include <vector>

namespace nt {

/// One synapse of a neuron: the input it reads, and its column in the row of
/// weights that the neuron's channel has.
struct PatchEntry {
  int64_t input, column;
  bool operator==(const PatchEntry &) const = default;
};
/// What one neuron reads; a column without entry reads padding.
using Patch = std::vector<PatchEntry>;

/// Successive channels whose neurons read the same patches, so that they share
/// one Hessian: all channels of a dense layer, one group of a grouped conv.
struct ChannelGroup {
  std::vector<int64_t> channels;
  std::vector<Patch> patches; ///< One for each neuron of a channel.
};

/// Weights of one row: fan-in without padding.
int64_t fanInOf(FrozenLayer layer);

/// Groups in channel order, found through the SynapseLayer interface alone.
std::vector<ChannelGroup> groupChannels(FrozenLayer layer);

/// Sum of x x^T over the group's patches x of all samples; if these are more
/// than `limit`, over as many spread evenly.
Eigen::MatrixXd patchHessian(const ChannelGroup &group, int64_t fanIn,
                             const std::vector<HostTensor> &samples,
                             size_t limit);

} // namespace nt

#endif // NT_LIB_DIALECT_NT_TRANSFORMS_LAYERPATCHES_H
