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
#include "nt/Tuner/ActivationStore.h"

#include <Eigen/Core>

#include <vector>

namespace nt {

/// Successive channels whose neurons read the same patches, so that they share
/// one Hessian: all channels of a dense layer, one group of a grouped conv.
struct ChannelGroup {
  int64_t first = 0, count = 0;
};

/// Weights of one row: fan-in without padding.
int64_t fanInOf(FrozenLayer layer);

/// Groups in channel order.
std::vector<ChannelGroup> groupChannels(FrozenLayer layer);

/// Sum of x x^T over patches x, what one neuron reads: in blocks of columns
/// along the diagonal, what lies beside them left out.
struct PatchHessian {
  std::vector<Eigen::MatrixXd> blocks; ///< In the order of their columns.

  Eigen::VectorXd diagonal() const;
};

struct PatchOptions {
  /// Patches of a group; where samples give more, as many spread evenly.
  size_t limit = 20000;
  /// Columns of a block.
  int64_t block = 512;
  unsigned threads = 1;
  /// Sums of (x - m)(x - m)^T, m the mean patch: what a bias cannot correct.
  bool centred = false;
  /// Only every second sample, from this one on; unless all are taken.
  enum class Samples { All, Even, Odd } samples = Samples::All;
};

/// The Hessian of each group over the samples of the layer's input.
std::vector<PatchHessian> patchHessians(FrozenLayer layer,
                                        llvm::ArrayRef<ChannelGroup> groups,
                                        const tuner::ActivationStore &samples,
                                        const PatchOptions &options);

/// Moments of the patches of one group in two networks: what a neuron reads in
/// the `current` one, and what it reads there against the reference.
struct PatchMoments {
  PatchHessian hessian; ///< Sum of y y^T, y of the current network.
  PatchHessian cross;   ///< Sum of x y^T, x of the reference.
};

/// The moments of each group over the samples of the layer's input.
std::vector<PatchMoments> patchMoments(FrozenLayer layer,
                                       llvm::ArrayRef<ChannelGroup> groups,
                                       const tuner::ActivationStore &reference,
                                       const tuner::ActivationStore &current,
                                       const PatchOptions &options);

/// Hessians of inputs that are taken to be independent and alike.
std::vector<PatchHessian> unitHessians(FrozenLayer layer, size_t groups,
                                       int64_t block);

} // namespace nt

#endif // NT_LIB_DIALECT_NT_TRANSFORMS_LAYERPATCHES_H
