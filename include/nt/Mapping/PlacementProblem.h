//===- PlacementProblem.h - Where on the grid each core is ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Places cores so that events travel little: the sum over flows of events times
// Manhattan distance. Problem, solution and solver are apart.
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_PLACEMENTPROBLEM_H
#define NT_MAPPING_PLACEMENTPROBLEM_H

#include "ntrt/Diagnostics.h"

#include <compare>
#include <cstdint>
#include <vector>

namespace nt::mapping {

struct GridPlace {
  uint32_t row = 0, column = 0;
  auto operator<=>(const GridPlace &) const = default;
};

/// Routes between two cores: how many events they carry at most in a slot.
struct Flow {
  uint32_t source = 0, target = 0;
  uint64_t events = 0;
};

struct PlacementSolution {
  /// Place of each core.
  std::vector<GridPlace> places;
  /// Sum over flows of events x Manhattan distance.
  uint64_t cost = 0;
};

struct PlacementProblem {
  uint32_t rows = 0, columns = 0;
  uint32_t cores = 0;
  std::vector<Flow> flows;

  uint64_t cost(const std::vector<GridPlace> &places) const;
  /// There is room for all cores, and flows name cores that exist.
  ntrt::DiagnosticList check() const;
  /// Every core has a place of its own on the grid, and the cost is the true
  /// one.
  ntrt::DiagnosticList verify(const PlacementSolution &solution) const;
};

/// Greedy in the order of the cores, then swaps of two cores or of a core and a
/// free place while any lowers the cost (at most 64 rounds). Deterministic.
/// Fails where check() does.
ntrt::Result<PlacementSolution> solve(const PlacementProblem &problem);

} // namespace nt::mapping

#endif // NT_MAPPING_PLACEMENTPROBLEM_H
