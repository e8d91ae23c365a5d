//===- QuantizePairs.h - Codes of layers whose neurons have two columns ---===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/mixed-precision.md has the reasons.
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_DIALECT_NT_TRANSFORMS_QUANTIZEPAIRS_H
#define NT_LIB_DIALECT_NT_TRANSFORMS_QUANTIZEPAIRS_H

#include "QuantizationSupport.h"

#include "llvm/ADT/DenseSet.h"

#include <functional>

namespace nt {

/// The layers that the option `paired` names: "all", or names with | between.
/// Emits and fails if there is no such layer, or if the device joins no columns
/// (NT-PAIR-001).
mlir::FailureOr<llvm::DenseSet<mlir::Operation *>>
pairedLayers(mlir::func::FuncOp network, llvm::StringRef option,
             const ntrt::DeviceModel &device);

/// What the quantiser knows of a layer to pair.
struct PairedLayer {
  FrozenLayer layer;
  llvm::ArrayRef<ChannelGroup> groups;
  llvm::ArrayRef<PatchHessian> hessians;
  const WeightRows &weights;
  /// Costs of rounding a channel to codes up to `maxCode` at each scale:
  /// (group, channel, scales, maxCode).
  std::function<std::vector<double>(size_t, int64_t,
                                    const std::vector<double> &, int32_t)>
      costsOf;
};

/// Rounds the weights to wide codes, splits these over the two columns, and
/// records both on the layer: at most `maxDomains` synapse domains.
mlir::LogicalResult quantizePairs(const PairedLayer &paired,
                                  const ntrt::DeviceModel &device,
                                  unsigned maxDomains,
                                  const RoundingSettings &settings);

} // namespace nt

#endif // NT_LIB_DIALECT_NT_TRANSFORMS_QUANTIZEPAIRS_H
