//===- PairGridTest.cpp - Wide codes of two columns -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Mapping/PairGrid.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace nt::mapping;

TEST(PairGridTest, EveryWideCodeIsTheSumOfItsTwoCodes) {
  for (int32_t maxCode : {1, 3, 7, 15})
    for (uint32_t ratio = 1; ratio <= uint32_t(2 * maxCode + 1); ++ratio) {
      const int32_t largest = largestPairCode(ratio, maxCode);
      for (int32_t code = -largest; code <= largest; ++code) {
        const PairCodes two = splitPairCode(code, ratio, maxCode);
        EXPECT_EQ(int32_t(ratio) * two.coarse + two.fine, code);
        EXPECT_LE(std::abs(two.coarse), maxCode);
        EXPECT_LE(std::abs(two.fine), maxCode);
      }
    }
}

TEST(PairGridTest, NoCodeTakesMoreCurrentThanItMust) {
  // Both of one sign conduct what the code says, and no more.
  EXPECT_EQ(splitPairCode(7, 8, 7), (PairCodes{0, 7}));
  EXPECT_EQ(splitPairCode(12, 8, 7), (PairCodes{1, 4}));
  EXPECT_EQ(splitPairCode(-63, 8, 7), (PairCodes{-7, -7}));
  // There is no fine code of 8.
  EXPECT_EQ(splitPairCode(8, 15, 7), (PairCodes{1, -7}));
}

TEST(PairGridTest, PointsStandInTheRatioAndRise) {
  // As a DAC that changes the current by 4.3 % a code, with a bend.
  std::vector<double> scales{1e-3};
  for (int i = 1; i < 128; ++i)
    scales.push_back(scales.back() * (i < 60 ? 1.043 : 1.057));
  for (uint32_t ratio = 1; ratio <= 15; ++ratio) {
    const std::vector<PairPoint> points = pairPoints(scales, ratio, 7, 0.25);
    for (size_t i = 0; i < points.size(); ++i) {
      const double found = scales[points[i].coarse] / scales[points[i].fine];
      EXPECT_LE(7 * std::abs(found - ratio), 0.25);
      EXPECT_TRUE(i == 0 || points[i - 1].fine < points[i].fine);
    }
    // One domain alone is in the ratio 1 to itself.
    if (ratio == 1) {
      EXPECT_EQ(points.size(), scales.size());
    }
  }
}

TEST(PairGridTest, AGridWithoutTheRatioGivesNoPoint) {
  EXPECT_TRUE(pairPoints({1, 2, 4}, 8, 7, 0.25).empty());
  EXPECT_TRUE(pairPoints({1, 7.9}, 8, 7, 0.25).empty());
  EXPECT_EQ(pairPoints({1, 7.98}, 8, 7, 0.25),
            (std::vector<PairPoint>{{1, 0}}));
}
