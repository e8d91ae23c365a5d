//===- Slice.cpp - The places that a slice keeps --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Slice.h"

#include <algorithm>

llvm::SmallVector<int32_t> nt::onnx_to_nt::slicePlaces(int64_t start,
                                                       int64_t end,
                                                       int64_t step,
                                                       int64_t extent) {
  // Backwards, an end before the first place is -1.
  const int64_t least = step < 0 ? -1 : 0,
                most = step < 0 ? extent - 1 : extent;
  auto cut = [&](int64_t at, int64_t low) {
    return std::clamp<int64_t>(at < 0 ? at + extent : at, low, most);
  };
  const int64_t last = end < -extent ? least : cut(end, least);
  llvm::SmallVector<int32_t> places;
  for (int64_t at = cut(start, 0); step > 0 ? at < last : at > last;) {
    places.push_back(static_cast<int32_t>(at));
    if (__builtin_add_overflow(at, step, &at))
      break;
  }
  return places;
}
