//===- Philox.h - Random numbers that are a function of a counter *- C++ -*-==//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Philox4x32-10 (Salmon et al., SC 2011): the numbers depend on a key and a
// counter alone, so neither threads nor the order of work can change them.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_PHILOX_H
#define NTRT_LIB_PHILOX_H

#include "ExactMath.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace ntrt {

/// Four random 32-bit numbers of a counter.
inline std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter,
                                      uint64_t key) {
  uint32_t low = uint32_t(key), high = uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t(0xD2511F53) * counter[0];
    const uint64_t b = uint64_t(0xCD9E8D57) * counter[2];
    counter = {uint32_t(b >> 32) ^ counter[1] ^ low, uint32_t(b),
               uint32_t(a >> 32) ^ counter[3] ^ high, uint32_t(a)};
    low += 0x9E3779B9;
    high += 0xBB67AE85;
  }
  return counter;
}

/// A number in (0, 1) from 32 random bits.
inline double uniform(uint32_t bits) { return (double(bits) + 0.5) * 0x1p-32; }

/// The standard normal's quantile of p in (0, 1), by Acklam's rational
/// approximation (relative error 1.2e-9) with the same bits everywhere.
inline double normalQuantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                          -2.759285104469687e+02, 1.383577518672690e+02,
                          -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                          -1.556989798598866e+02, 6.680131188771972e+01,
                          -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                          -2.400758277161838e+00, -2.549732539343734e+00,
                          4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01,
                          2.445134137142996e+00, 3.754408661907416e+00};
  auto tail = [&](double q) {
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q +
            c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  };
  if (p < 0.02425)
    return tail(std::sqrt(-2 * exactLog(p)));
  if (p > 1 - 0.02425)
    return -tail(std::sqrt(-2 * exactLog(1 - p)));
  const double q = p - 0.5, r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) *
         q / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

} // namespace ntrt

#endif // NTRT_LIB_PHILOX_H
