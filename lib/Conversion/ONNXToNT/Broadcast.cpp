//===- Broadcast.cpp - Two operands of one elementwise node ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Broadcast.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

Value onnx_to_nt::combineBroadcast(NodeBinder &node, Value a, Value b,
                                   Combine combine) {
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value result = (t.*combine)(a, b);
  if (!result)
    node.fail(ntrt::Diag::OnnxShape)
        << "shapes [" << cast<RankedTensorType>(a.getType()).getShape()
        << "] and [" << cast<RankedTensorType>(b.getType()).getShape()
        << "] do not broadcast";
  return result;
}

std::optional<SmallVector<int64_t>>
onnx_to_nt::alignAtAxis(NodeBinder &node, ArrayRef<int64_t> shape, int64_t axis,
                        int64_t rank) {
  if (axis < 0 || axis + static_cast<int64_t>(shape.size()) > rank) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'axis' is " << axis << " for operands of ranks " << rank
        << " and " << shape.size();
    return std::nullopt;
  }
  SmallVector<int64_t> aligned(rank, 1);
  llvm::copy(shape, aligned.begin() + axis);
  return aligned;
}
