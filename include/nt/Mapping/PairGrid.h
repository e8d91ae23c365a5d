//===- PairGrid.h - Two domains that make one scale -------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A pair of columns holds a wide code z = ratio * coarse + fine where the LSB
// current of the first column's domain is `ratio` times that of the second's.
// docs/mixed-precision.md says why the ratio is a whole number.
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_PAIRGRID_H
#define NT_MAPPING_PAIRGRID_H

#include <cstdint>
#include <vector>

namespace nt::mapping {

/// DAC codes of the two columns' domains.
struct PairPoint {
  uint32_t coarse = 0, fine = 0;
  bool operator==(const PairPoint &) const = default;
};

/// The largest wide code: maxCode * (ratio + 1). Ratios up to 2 * maxCode + 1
/// leave no code in between out.
int32_t largestPairCode(uint32_t ratio, int32_t maxCode);

/// Pairs of DAC codes whose scales stand in this ratio, so nearly that no wide
/// code is off by more than `tolerance` fine steps, rising in the fine one; for
/// each fine code at most one, the nearest. `scales`: of each DAC code, rising.
std::vector<PairPoint> pairPoints(const std::vector<double> &scales,
                                  uint32_t ratio, int32_t maxCode,
                                  double tolerance);

/// The two codes of a wide code, |code| <= largestPairCode.
struct PairCodes {
  int8_t coarse = 0, fine = 0;
  bool operator==(const PairCodes &) const = default;
};
/// Of all that make the wide code the two of least current.
PairCodes splitPairCode(int32_t code, uint32_t ratio, int32_t maxCode);

} // namespace nt::mapping

#endif // NT_MAPPING_PAIRGRID_H
