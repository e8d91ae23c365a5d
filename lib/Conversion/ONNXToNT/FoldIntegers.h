//===- FoldIntegers.h - Constant shape arithmetic of a graph ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_FOLDINTEGERS_H
#define NT_LIB_CONVERSION_ONNXTONT_FOLDINTEGERS_H

#include "NodeBinder.h"

namespace nt::onnx_to_nt {

/// Folds a node whose result is integers known now: exporters write a shape as
/// Shape, Gather, Unsqueeze, Concat, the pads of a Pad as Reshape, Slice,
/// Transpose. Tensors of up to 65,536 values. Replaces the node
/// by a "Constant" node and returns true, or leaves it alone: what is not
/// folded goes to its handler.
bool foldIntegers(NodeBinder &node);

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_FOLDINTEGERS_H
