//===- Explore.h - Points of a trade-off sweep ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_EXPLORE_H
#define NT_TOOLS_NTC_EXPLORE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ntc {

/// One device of a sweep and what a network is worth on it.
struct ExplorePoint {
  unsigned digits = 0, domains = 0, dacBits = 0;
  std::string identity; ///< Of the run's other inputs; empty: not measured.
  double accuracy_percent = 0; ///< Of the quantised network, all test images.
  bool fits = false;           ///< On the chip; figures below only if it does.
  uint64_t cores = 0, programBits = 0, taskBits = 0;
  double chipAccuracy_percent = 0, energyPerImage_J = 0;
  bool isPareto = false;

  bool isSame(const ExplorePoint &other) const {
    return digits == other.digits && domains == other.domains &&
           dacBits == other.dacBits;
  }
  std::string name() const;
  /// The base device with this point's figures; those of both kinds of domain.
  std::string deviceJson(llvm::StringRef base) const;
  /// One line.
  std::string toJson() const;
  /// nullopt for a line that is not whole.
  static std::optional<ExplorePoint> parse(llvm::StringRef line);
};

/// "a..b", "a,b,c" or both mixed, ascending without doubles; nullopt unless all
/// are between 1 and `most`.
std::optional<std::vector<unsigned>> parseRange(llvm::StringRef text,
                                                unsigned most);

/// Marks the points that fit and that no other point beats in one of accuracy
/// (of the quantised network), energy and program bits without being worse in
/// another.
void markPareto(std::vector<ExplorePoint> &points);

/// Accuracy over energy as an SVG file.
std::string paretoPicture(const std::vector<ExplorePoint> &points);

} // namespace ntc

#endif // NT_TOOLS_NTC_EXPLORE_H
