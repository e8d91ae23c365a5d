//===- Elements.cpp - Element kernels for this machine --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Elements.h"

using namespace ntrt;

namespace {
struct Kernels {
  decltype(&portable::forward) forward = portable::forward;
  decltype(&portable::backward) backward = portable::backward;
  decltype(&portable::add) add = portable::add;
  size_t lanes = 8;
};

const Kernels &kernels() {
  static const Kernels chosen = [] {
    Kernels k;
#ifdef __x86_64__
    // BW, DQ and VL are what oneDNN needs for its own 16-channel kernels.
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
      k = {avx512::forward, avx512::backward, avx512::add, 16};
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      k = {avx2::forward, avx2::backward, avx2::add, 8};
#endif
    return k;
  }();
  return chosen;
}
} // namespace

size_t ntrt::elementLanes() { return kernels().lanes; }
size_t ntrt::maskBytes(size_t elements) { return (elements + 15) / 16 * 2; }

void ntrt::elementForward(const ElementShape &shape, const float *in,
                          float *out, const ElementChain &chain) {
  kernels().forward(shape, in, out, chain);
}
void ntrt::elementBackward(const ElementShape &shape, float *gradient,
                           const uint8_t *mask, float *accumulator) {
  kernels().backward(shape, gradient, mask, accumulator);
}
void ntrt::addInto(float *to, const float *from, size_t count) {
  kernels().add(to, from, count);
}
