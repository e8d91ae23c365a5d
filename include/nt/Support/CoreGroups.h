//===- CoreGroups.h - Channels that share cores -----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_SUPPORT_COREGROUPS_H
#define NT_SUPPORT_COREGROUPS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace nt {

/// array<i32> on a layer or connection: neurons of channels of different
/// numbers share no core, so that each group may use as many synapse domains of
/// the layer's as a core has (rule H2). Without it all channels are one group.
inline constexpr llvm::StringLiteral kCoreGroups = "nt.core_groups";

/// array<f64: cost, lower bound, free bound> on a layer: what its domains were
/// chosen by (mapping::DomainSolution).
inline constexpr llvm::StringLiteral kDomainCost = "nt.domain_cost";

/// Group of each channel; empty if `op` has none.
llvm::ArrayRef<int32_t> coreGroupsOf(mlir::Operation *op);

/// One number >= 0 for each entry of `domain_of_channel`. Emits on `op` and
/// fails if not.
mlir::LogicalResult verifyCoreGroups(mlir::Operation *op,
                                     mlir::Attribute value);

/// The most synapse domains that a core needs: of the `domains` of the layer
/// those that channels of one group take; without groups all.
size_t domainsOfCore(llvm::ArrayRef<int32_t> groups,
                     llvm::ArrayRef<int32_t> domainOfChannel, size_t domains);

} // namespace nt

#endif // NT_SUPPORT_COREGROUPS_H
