//===- Broadcast.h - Two operands of one elementwise node -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_BROADCAST_H
#define NT_LIB_CONVERSION_ONNXTONT_BROADCAST_H

#include "NodeBinder.h"
#include "TosaBuilder.h"

namespace nt::onnx_to_nt {

/// An elementwise operation on two tensors that broadcast.
using Combine = mlir::Value (TosaBuilder::*)(mlir::Value, mlir::Value);

/// `a` and `b` combined; null and a report if their shapes do not broadcast.
mlir::Value combineBroadcast(NodeBinder &node, mlir::Value a, mlir::Value b,
                             Combine combine);

/// `shape` with its first axis at `axis` of `rank`, ones around it: how the
/// right-hand side was broadcast on request before opset 7. Reports an axis at
/// which it does not fit.
std::optional<llvm::SmallVector<int64_t>>
alignAtAxis(NodeBinder &node, llvm::ArrayRef<int64_t> shape, int64_t axis,
            int64_t rank);

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_BROADCAST_H
