//===- ExactMath.h - exp and log with the same bits everywhere --*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C library's exp and log differ in the last bit from library to library.
// These use +, -, *, / of IEEE doubles and integer operations only, in the
// order written, so they give the same bits on every machine
// (docs/time-model.md). Their error is below one unit in the last place
// (ExactMathTest).
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_EXACTMATH_H
#define NTRT_LIB_EXACTMATH_H

#include <bit>
#include <cstdint>

// How vectors would be passed does not matter: all that takes one is inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace ntrt {

/// ln 2 in two parts, the first with 21 low bits free: k * kLn2High is exact.
inline constexpr double kLn2High = 0x1.62e42fee00000p-1;
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

/// `Value` is a double or a vector of doubles, lane by lane; Bits as long.
template <typename Value> struct BitsOf {
  using Type = decltype(Value{} < Value{});
  [[gnu::always_inline]] static inline Value toValue(Type whole) {
    return __builtin_convertvector(whole, Value);
  }
};
template <> struct BitsOf<double> {
  using Type = int64_t;
  static double toValue(int64_t whole) { return double(whole); }
};

/// e^x for x in [-708, 709]; elsewhere some number.
template <typename Value>
[[gnu::always_inline]] inline Value exactExpInRange(Value x) {
  using Bits = typename BitsOf<Value>::Type;
  constexpr double kRound = 0x1.8p52;
  // The sum's last bits are a whole number.
  Value rounded = x * 0x1.71547652b82fep+0 + kRound;
  Value k = rounded - kRound;
  Value r = (x - k * kLn2High) - k * kLn2Low;
  // Taylor's series: |r| <= ln 2 / 2, the first term left out is 4e-18.
  Value tail = Value{} + 1.0 / 6227020800.0;
  tail = tail * r + 1.0 / 479001600.0;
  tail = tail * r + 1.0 / 39916800.0;
  tail = tail * r + 1.0 / 3628800.0;
  tail = tail * r + 1.0 / 362880.0;
  tail = tail * r + 1.0 / 40320.0;
  tail = tail * r + 1.0 / 5040.0;
  tail = tail * r + 1.0 / 720.0;
  tail = tail * r + 1.0 / 120.0;
  tail = tail * r + 1.0 / 24.0;
  tail = tail * r + 1.0 / 6.0;
  tail = tail * r + 0.5;
  Value result = 1 + (r + r * r * tail);
  // In two steps, because 2^1024 is no double.
  Bits whole = std::bit_cast<Bits>(rounded) - std::bit_cast<int64_t>(kRound);
  Bits half = whole / 2, rest = whole - half;
  Value power = std::bit_cast<Value>((half + 1023) << 52),
        powerOfRest = std::bit_cast<Value>((rest + 1023) << 52);
  return result * power * powerOfRest;
}

/// e^x. 0 below -708 (no subnormals), infinity above 709.
inline double exactExp(double x) {
  if (!(x >= -708))
    return x != x ? x : 0;
  if (x > 709)
    return std::bit_cast<double>(uint64_t(0x7ff) << 52);
  return exactExpInRange(x);
}

/// ln x of a positive, normal, finite x; elsewhere some number.
template <typename Value>
[[gnu::always_inline]] inline Value exactLogOf(Value x) {
  using Bits = typename BitsOf<Value>::Type;
  Bits bits = std::bit_cast<Bits>(x);
  Bits exponent = (bits >> 52) - 1023;
  Value m =
      std::bit_cast<Value>((bits & 0xfffffffffffff) | (int64_t(1023) << 52));
  auto isLarge = m > 0x1.6a09e667f3bcdp+0;
  m = isLarge ? m * 0.5 : m;
  exponent = isLarge ? exponent + 1 : exponent;
  // ln m = f - s (f - r), with f = m - 1, s = f / (2 + f) and r the rest of the
  // series of 2 artanh s: the leading f is exact.
  Value f = m - 1.0;
  Value s = f / (2.0 + f), z = s * s;
  Value series = Value{} + 2.0 / 23;
  series = series * z + 2.0 / 21;
  series = series * z + 2.0 / 19;
  series = series * z + 2.0 / 17;
  series = series * z + 2.0 / 15;
  series = series * z + 2.0 / 13;
  series = series * z + 2.0 / 11;
  series = series * z + 2.0 / 9;
  series = series * z + 2.0 / 7;
  series = series * z + 2.0 / 5;
  series = series * z + 2.0 / 3;
  Value k = BitsOf<Value>::toValue(exponent);
  return k * kLn2High + (f - (s * (f - series * z) - k * kLn2Low));
}

/// ln x of a positive, normal, finite x.
inline double exactLog(double x) { return exactLogOf(x); }

} // namespace ntrt

#endif // NTRT_LIB_EXACTMATH_H
