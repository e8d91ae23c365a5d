//===- Aligned.h - Vectors that begin on a cache line -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_ALIGNED_H
#define NTRT_LIB_ALIGNED_H

#include <cstddef>
#include <new>
#include <vector>

namespace ntrt {

/// A wide load across two cache lines costs as much as two.
template <typename T> struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  LineAllocator() = default;
  template <typename U> LineAllocator(const LineAllocator<U> &) {}
  T *allocate(size_t count) {
    return static_cast<T *>(::operator new(count * sizeof(T), kLine));
  }
  void deallocate(T *values, size_t) { ::operator delete(values, kLine); }
  bool operator==(const LineAllocator &) const { return true; }
};

template <typename T> using LineVector = std::vector<T, LineAllocator<T>>;

} // namespace ntrt

#endif // NTRT_LIB_ALIGNED_H
