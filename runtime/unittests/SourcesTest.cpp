//===- SourcesTest.cpp - Tests of codes as sources ------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Sources.h"

#include <gtest/gtest.h>

#include <set>

using namespace ntrt;

namespace {

TEST(Sources, EachCodeOfThreeDigitsHasItsEncodings) {
  // Of 27 states: one makes 0, and codes of either sign have as many.
  const size_t counts[] = {1, 3, 2, 3, 1, 2, 1, 1};
  size_t all = 0;
  for (int32_t code = -7; code <= 7; ++code) {
    const std::vector<Sources> found =
        encodingsOf(code, 3, SynapseEncoding::SignedDigit);
    EXPECT_EQ(found.size(), counts[std::abs(code)]) << code;
    EXPECT_EQ(found.front(), leastCurrentSources(code, 3)) << code;
    EXPECT_EQ(std::set(found.begin(), found.end()).size(), found.size());
    all += found.size();
    for (Sources sources : found) {
      EXPECT_EQ(codeOf(sources, 3, SynapseEncoding::SignedDigit), code);
      int32_t sum = 0;
      for (uint32_t k = 0; k < 3; ++k)
        sum += digitOf(sources, k) * (1 << k);
      EXPECT_EQ(sum, code);
    }
  }
  EXPECT_EQ(all, 27u);
}

TEST(Sources, SignMagnitudeHasNoChoice) {
  for (int32_t code = -7; code <= 7; ++code)
    EXPECT_EQ(encodingsOf(code, 3, SynapseEncoding::SignMagnitude),
              std::vector<Sources>{leastCurrentSources(code, 3)});
  // +4 and -1.
  EXPECT_FALSE(codeOf(0b010010, 3, SynapseEncoding::SignMagnitude));
  EXPECT_EQ(codeOf(0b010010, 3, SynapseEncoding::SignedDigit), 3);
}

TEST(Sources, UnitsAreThoseThatConduct) {
  EXPECT_EQ(unitsOf(0), 0u);
  // +4 and -1 make 3 of 5 units.
  EXPECT_EQ(unitsOf(0b010010), 5u);
  for (int32_t code = -7; code <= 7; ++code)
    EXPECT_EQ(unitsOf(leastCurrentSources(code, 3)), uint32_t(std::abs(code)));
}

TEST(Sources, InvalidStatesMakeNoCode) {
  EXPECT_FALSE(codeOf(0b11, 3, SynapseEncoding::SignedDigit));
  // A digit that there is not.
  EXPECT_FALSE(codeOf(0b01000000, 3, SynapseEncoding::SignedDigit));
}

} // namespace
