//===- LayerGeometry.h - A layer as a convolution ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_NT_IR_LAYERGEOMETRY_H
#define NT_DIALECT_NT_IR_LAYERGEOMETRY_H

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Support/ConvGeometry.h"

namespace nt {

ConvGeometry geometryOf(ConvOp op);

/// The geometry of a layer; of one that is no convolution, that of a dense one:
/// a single position that reads all inputs.
ConvGeometry geometryOf(FrozenLayer layer);

} // namespace nt

#endif // NT_DIALECT_NT_IR_LAYERGEOMETRY_H
