//===- Slice.h - The places that a slice keeps ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_SLICE_H
#define NT_LIB_CONVERSION_ONNXTONT_SLICE_H

#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace nt::onnx_to_nt {

/// The places from `start` to `end` in steps of `step`, which is not 0, along
/// an axis of `extent`, as ONNX (and Python) slices: counted from the end if
/// negative, cut to the axis.
llvm::SmallVector<int32_t> slicePlaces(int64_t start, int64_t end, int64_t step,
                                       int64_t extent);

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_SLICE_H
