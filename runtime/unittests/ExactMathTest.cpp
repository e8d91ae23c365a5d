//===- ExactMathTest.cpp - exp and log with the same bits everywhere ------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../lib/ExactMath.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace ntrt;

/// The distance from the exact value in units of the last place of `found`.
static double errorInUlp(double found, long double exact) {
  double next = std::nextafter(std::fabs(found), INFINITY);
  return double(fabsl((long double)found - exact) /
                ((long double)next - std::fabs(found)));
}

TEST(ExactMath, ErrorsAreBelowOneUnitInTheLastPlace) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-700, 700), near(-1, 1);
  for (int i = 0; i < 200000; ++i) {
    double x = i % 2 ? exponent(random) : near(random);
    ASSERT_LT(errorInUlp(exactExp(x), expl(x)), 1) << x;
    double y = i % 2 ? std::exp(exponent(random)) : 1 + 0.5 * near(random);
    if (y != 1) {
      ASSERT_LT(errorInUlp(exactLog(y), logl(y)), 1) << y;
    }
  }
}

TEST(ExactMath, SpecialValuesAreExact) {
  EXPECT_EQ(exactExp(0), 1);
  EXPECT_EQ(exactLog(1), 0);
  EXPECT_EQ(exactExp(-1e6), 0);
  EXPECT_EQ(exactExp(1e6), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(exactExp(std::nan(""))));
}

TEST(ExactMath, BitsAreThoseOfTheDefinition) {
  // Computed by a realisation of the definition in Python.
  EXPECT_EQ(exactExp(-0.005), 0x1.fd7246927d28bp-1);
  EXPECT_EQ(exactExp(1), 0x1.5bf0a8b14576ap+1);
  EXPECT_EQ(exactLog(0.3), -0x1.34378fcbda721p+0);
  EXPECT_EQ(exactLog(1e-9), -0x1.4b927f32bffb8p+4);
}
