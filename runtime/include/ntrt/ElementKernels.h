//===- ElementKernels.h - What follows a frozen layer -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_ELEMENTKERNELS_H
#define NTRT_ELEMENTKERNELS_H

#include <cstddef>
#include <cstdint>

namespace ntrt {

/// The elements that an elementwise chain works on: `samples` of `elements`
/// floats each. Where `positions` is not 0, each sample is blocks of
/// `positions` times `elementLanes()` floats, as oneDNN's nChw16c (nChw8c), and
/// `add` and the accumulator have one value a channel instead of one an
/// element.
struct ElementShape {
  size_t samples = 0, elements = 0, positions = 0;
};

/// y = min(max(x + add + residual, lower), upper). `add` and `residual` may be
/// null; `out` may be `in`.
struct ElementChain {
  const float *add = nullptr, *residual = nullptr;
  float lower = 0, upper = 0;
  /// One bit an element, set where the result is strictly between the bounds:
  /// all that the gradient needs. Null if it is not kept.
  uint8_t *mask = nullptr;
};

/// Channels in a block of the layout these kernels are written for: 16 with
/// AVX-512, 8 otherwise.
size_t elementLanes();
/// Bytes of the mask of one sample.
size_t maskBytes(size_t elements);

void elementForward(const ElementShape &shape, const float *in, float *out,
                    const ElementChain &chain);
/// gradient = mask ? gradient : 0, and accumulator += gradient summed over the
/// samples (over the positions too, where there are). `mask` and `accumulator`
/// may be null.
void elementBackward(const ElementShape &shape, float *gradient,
                     const uint8_t *mask, float *accumulator);
/// to += from.
void addInto(float *to, const float *from, size_t count);

} // namespace ntrt

#endif // NTRT_ELEMENTKERNELS_H
