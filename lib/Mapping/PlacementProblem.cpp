//===- PlacementProblem.cpp - Cores on the grid ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/PlacementProblem.h"

#include <map>
#include <string>

using namespace nt::mapping;
using ntrt::Diag;
using ntrt::DiagnosticList;

/// Rounds of the local search; each lowers the cost.
static constexpr unsigned kMaxRounds = 64;

static uint64_t distance(const GridPlace &a, const GridPlace &b) {
  auto apart = [](uint32_t p, uint32_t q) { return p > q ? p - q : q - p; };
  return uint64_t(apart(a.row, b.row)) + apart(a.column, b.column);
}

static std::string text(uint64_t number) { return std::to_string(number); }

uint64_t PlacementProblem::cost(const std::vector<GridPlace> &places) const {
  uint64_t sum = 0;
  for (const Flow &flow : flows)
    sum += flow.events * distance(places[flow.source], places[flow.target]);
  return sum;
}

DiagnosticList PlacementProblem::check() const {
  DiagnosticList misfits;
  uint64_t room = uint64_t(rows) * columns;
  if (cores > room)
    misfits.push_back({Diag::MapCores, "network",
                       text(cores) + " cores, the device has " + text(room)});
  for (const Flow &flow : flows)
    if (flow.source >= cores || flow.target >= cores) {
      misfits.push_back({Diag::MapInternal, "placement",
                         "a flow from core " + text(flow.source) + " to core " +
                             text(flow.target) + " of " + text(cores)});
      break;
    }
  return misfits;
}

DiagnosticList
PlacementProblem::verify(const PlacementSolution &solution) const {
  DiagnosticList misfits;
  auto misfit = [&](std::string detail) {
    misfits.push_back({Diag::MapInternal, "placement", std::move(detail)});
  };
  if (solution.places.size() != cores) {
    misfit(text(solution.places.size()) + " places for " + text(cores) +
           " cores");
    return misfits;
  }
  std::map<GridPlace, size_t> at;
  for (size_t core = 0; core < solution.places.size(); ++core) {
    const GridPlace &place = solution.places[core];
    std::string name = "core " + text(core);
    if (place.row >= rows || place.column >= columns)
      misfit(name + " is outside the grid");
    auto [other, isNew] = at.try_emplace(place, core);
    if (!isNew)
      misfit(name + " is where core " + text(other->second) + " is");
  }
  if (uint64_t real = cost(solution.places); real != solution.cost)
    misfit("a cost of " + text(solution.cost) + " is stated, it is " +
           text(real));
  return misfits;
}

namespace {
class PlacementSolver {
public:
  explicit PlacementSolver(const PlacementProblem &problem)
      : problem(problem), flowsOf(problem.cores), places(problem.cores) {
    for (const Flow &flow : problem.flows) {
      flowsOf[flow.source].push_back({flow.source, flow.target, flow.events});
      if (flow.target != flow.source)
        flowsOf[flow.target].push_back({flow.target, flow.source, flow.events});
    }
    for (uint32_t row = 0; row < problem.rows; ++row)
      for (uint32_t column = 0; column < problem.columns; ++column)
        grid.push_back({row, column});
    occupant.assign(grid.size(), kFree);
  }

  PlacementSolution run() {
    for (uint32_t core = 0; core < problem.cores; ++core)
      placeGreedily(core);
    for (unsigned round = 0; round < kMaxRounds && improve(); ++round) {
    }
    return {places, problem.cost(places)};
  }

private:
  static constexpr uint32_t kFree = ~0u;

  /// Cost of a core's flows to cores before `end`, were it at `place`.
  uint64_t costAt(uint32_t core, const GridPlace &place, uint32_t end) const {
    uint64_t sum = 0;
    for (const Flow &flow : flowsOf[core])
      if (flow.target < end && flow.target != core)
        sum += flow.events * distance(place, places[flow.target]);
    return sum;
  }
  void placeGreedily(uint32_t core) {
    size_t best = grid.size();
    uint64_t bestCost = 0;
    for (size_t at = 0; at < grid.size(); ++at) {
      if (occupant[at] != kFree)
        continue;
      uint64_t cost = costAt(core, grid[at], core);
      if (best == grid.size() || cost < bestCost) {
        best = at;
        bestCost = cost;
      }
    }
    move(core, best);
  }
  void move(uint32_t core, size_t at) {
    occupant[at] = core;
    if (core != kFree)
      places[core] = grid[at];
  }
  /// Cost of all flows of the cores at two grid points; those between the two
  /// count twice, before and after a swap alike.
  uint64_t costOf(uint32_t a, uint32_t b) const {
    uint64_t sum = 0;
    for (uint32_t core : {a, b})
      if (core != kFree)
        sum += costAt(core, places[core], problem.cores);
    return sum;
  }
  void swap(size_t p, size_t q) {
    uint32_t a = occupant[p], b = occupant[q];
    move(a, q);
    move(b, p);
  }
  /// One round over all pairs of grid points; true if the cost fell.
  bool improve() {
    bool hasFallen = false;
    for (size_t p = 0; p < grid.size(); ++p)
      for (size_t q = p + 1; q < grid.size(); ++q) {
        uint32_t a = occupant[p], b = occupant[q];
        if (a == kFree && b == kFree)
          continue;
        uint64_t before = costOf(a, b);
        swap(p, q);
        if (costOf(a, b) < before)
          hasFallen = true;
        else
          swap(p, q);
      }
    return hasFallen;
  }

  const PlacementProblem &problem;
  /// Flows of each core with the core as the source, whichever way they run.
  std::vector<std::vector<Flow>> flowsOf;
  std::vector<GridPlace> places;
  std::vector<GridPlace> grid;
  std::vector<uint32_t> occupant;
};
} // namespace

ntrt::Result<PlacementSolution>
nt::mapping::solve(const PlacementProblem &problem) {
  if (DiagnosticList misfits = problem.check(); !misfits.empty())
    return misfits;
  PlacementSolution solution = PlacementSolver(problem).run();
  if (DiagnosticList wrong = problem.verify(solution); !wrong.empty())
    return wrong;
  return solution;
}
