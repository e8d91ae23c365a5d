//===- Joins.h - Layers that drive one population ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A residual add as neurons hold it: several layers whose sums `nt.add` joins
// before the modulation drive one population through one column of synapses
// each neuron, so they share its synapse domains (rule H2).
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_NT_IR_JOINS_H
#define NT_DIALECT_NT_IR_JOINS_H

#include "nt/Dialect/NT/IR/NTOps.h"

#include <vector>

namespace nt {

/// The layers whose results `sum` adds up and which nothing else reads: itself
/// for the result of a layer, empty for what is no such sum. The first one
/// gives the population its name.
std::vector<FrozenLayer> joinedLayers(mlir::Value sum);

/// The sum that a layer's result is a part of: the result itself if it is not
/// added to other layers'.
mlir::Value sumOf(FrozenLayer layer);

/// The `nt.modulate` that alone reads a layer's sum, or null.
ModulateOp siteOf(FrozenLayer layer);

/// The values that a tree of adds sums up, from left to right. A result that
/// something else reads as well is not looked into.
std::vector<mlir::Value> addendsOf(AddOp root);

/// Whether a value is a firing rate: the network's input, or an activation that
/// is never below 0, in any shape.
bool isRate(mlir::Value value);

/// Whether nt-lower-add makes connections to one population of the tree of adds
/// that `add` is in, or has done so.
bool isJoinable(AddOp add);

} // namespace nt

#endif // NT_DIALECT_NT_IR_JOINS_H
