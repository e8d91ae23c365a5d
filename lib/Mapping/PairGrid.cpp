//===- PairGrid.cpp - Two domains that make one scale ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Mapping/PairGrid.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace nt::mapping;

int32_t nt::mapping::largestPairCode(uint32_t ratio, int32_t maxCode) {
  return maxCode * (static_cast<int32_t>(ratio) + 1);
}

std::vector<PairPoint>
nt::mapping::pairPoints(const std::vector<double> &scales, uint32_t ratio,
                        int32_t maxCode, double tolerance) {
  std::vector<PairPoint> points;
  for (uint32_t fine = 0; fine < scales.size(); ++fine) {
    auto offBy = [&](uint32_t coarse) {
      return maxCode * std::abs(scales[coarse] / scales[fine] - ratio);
    };
    const double wanted = scales[fine] * ratio;
    auto above = std::lower_bound(scales.begin(), scales.end(), wanted);
    uint32_t coarse = static_cast<uint32_t>(above - scales.begin());
    if (coarse == scales.size() ||
        (coarse > 0 && offBy(coarse - 1) < offBy(coarse)))
      --coarse;
    if (offBy(coarse) <= tolerance)
      points.push_back({coarse, fine});
  }
  return points;
}

PairCodes nt::mapping::splitPairCode(int32_t code, uint32_t ratio,
                                     int32_t maxCode) {
  const auto weight = static_cast<int32_t>(ratio);
  PairCodes best;
  int32_t least = INT32_MAX;
  for (int32_t coarse = -maxCode; coarse <= maxCode; ++coarse) {
    const int32_t fine = code - weight * coarse;
    const int32_t units = weight * std::abs(coarse) + std::abs(fine);
    if (std::abs(fine) <= maxCode && units < least) {
      least = units;
      best = {static_cast<int8_t>(coarse), static_cast<int8_t>(fine)};
    }
  }
  return best;
}
