//===- CoreDomainProblem.cpp - Which channels share a core's voltages -----===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/CoreDomainProblem.h"

#include "SubsetPartition.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <utility>

using namespace nt::mapping;
using ntrt::Diag;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Rounds of choosing volts and moving channels.
constexpr unsigned kRounds = 16;

ntrt::Diagnostic misfit(Diag diag, std::string detail) {
  return {diag, "core domain problem", std::move(detail)};
}

/// Groups, and the DAC codes that a channel of each may take.
struct Grouping {
  std::vector<std::vector<size_t>> channels;
  std::vector<std::vector<uint32_t>> dac;
};

/// The costs of some channels alone.
DomainProblem costsOf(const DomainProblem &all,
                      const std::vector<size_t> &channels) {
  DomainProblem some(channels.size(), all.gridPoints(), all.maxDomains());
  for (size_t i = 0; i < channels.size(); ++i)
    for (size_t g = 0; g < all.gridPoints(); ++g)
      some.cost(i, g) = all.cost(channels[i], g);
  return some;
}

/// Channels in the order of their best points, in even groups.
Grouping evenCut(const CoreDomainProblem &problem) {
  const DomainProblem &costs = problem.costs;
  std::vector<size_t> best(costs.channels()), order(costs.channels());
  for (size_t c = 0; c < best.size(); ++c)
    for (size_t g = 1; g < costs.gridPoints(); ++g)
      if (costs.cost(c, g) < costs.cost(c, best[c]))
        best[c] = g;
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(best[a], a) < std::pair(best[b], b);
  });
  Grouping grouping;
  const size_t groups = std::min(problem.groups, order.size());
  for (size_t g = 0; g < groups; ++g)
    grouping.channels.emplace_back(
        order.begin() + static_cast<long>(g * order.size() / groups),
        order.begin() + static_cast<long>((g + 1) * order.size() / groups));
  return grouping;
}

/// The best volts for each group as it is.
ntrt::Status chooseVolts(const CoreDomainProblem &problem, Grouping &grouping) {
  grouping.dac.clear();
  for (const std::vector<size_t> &channels : grouping.channels) {
    ntrt::Result<DomainSolution> solution =
        solve(costsOf(problem.costs, channels));
    if (!solution)
      return solution.diagnostics();
    grouping.dac.push_back(solution->dac);
  }
  return ntrt::Done{};
}

/// Moves channels to groups with room, and swaps two channels, while that
/// lowers the cost at the volts that there are. True if any did.
class Mover {
public:
  Mover(const CoreDomainProblem &problem, const Grouping &grouping)
      : problem(problem), groupOf(problem.costs.channels()) {
    for (size_t g = 0; g < grouping.channels.size(); ++g) {
      sizes.push_back(grouping.channels[g].size());
      for (size_t c : grouping.channels[g])
        groupOf[c] = g;
    }
    for (size_t c = 0; c < groupOf.size(); ++c) {
      std::vector<double> &row = costIn.emplace_back();
      for (const std::vector<uint32_t> &dac : grouping.dac) {
        double least = kInfinity;
        for (uint32_t point : dac)
          least = std::min(least, problem.costs.cost(c, point));
        row.push_back(least);
      }
    }
  }

  bool run() {
    bool any = false;
    for (bool improved = true; improved; any |= improved) {
      improved = false;
      for (size_t c = 0; c < groupOf.size(); ++c)
        improved |= move(c) || swap(c);
    }
    return any;
  }

  std::vector<std::vector<size_t>> groups() const {
    std::vector<std::vector<size_t>> result(sizes.size());
    for (size_t c = 0; c < groupOf.size(); ++c)
      result[groupOf[c]].push_back(c);
    std::erase_if(result, [](const auto &group) { return group.empty(); });
    return result;
  }

private:
  double gain(size_t c, size_t to) const {
    return costIn[c][groupOf[c]] - costIn[c][to];
  }
  /// The margin keeps rounding from making it run for ever.
  bool helps(double gain, size_t c) const {
    return gain > 1e-12 * costIn[c][groupOf[c]] && gain > 0;
  }

  bool move(size_t c) {
    for (size_t to = 0; to < sizes.size(); ++to)
      if (sizes[to] < problem.groupChannels && helps(gain(c, to), c)) {
        --sizes[groupOf[c]];
        ++sizes[to];
        groupOf[c] = to;
        return true;
      }
    return false;
  }

  bool swap(size_t c) {
    size_t partner = c;
    double most = 0;
    for (size_t other = 0; other < groupOf.size(); ++other)
      if (groupOf[other] != groupOf[c])
        if (double both = gain(c, groupOf[other]) + gain(other, groupOf[c]);
            both > most && helps(both, c) && helps(both, other)) {
          most = both;
          partner = other;
        }
    if (partner == c)
      return false;
    std::swap(groupOf[c], groupOf[partner]);
    return true;
  }

  const CoreDomainProblem &problem;
  std::vector<size_t> groupOf, sizes;
  std::vector<std::vector<double>> costIn; ///< [channel][group].
};

/// Gives every channel the cheapest of its group's DAC codes.
CoreDomainSolution assign(const CoreDomainProblem &problem,
                          const Grouping &grouping) {
  CoreDomainSolution solution;
  solution.groupOfChannel.resize(problem.costs.channels());
  solution.dacOfChannel.resize(problem.costs.channels());
  for (size_t g = 0; g < grouping.channels.size(); ++g)
    for (size_t c : grouping.channels[g]) {
      uint32_t best = grouping.dac[g].front();
      for (uint32_t point : grouping.dac[g])
        if (problem.costs.cost(c, point) < problem.costs.cost(c, best))
          best = point;
      solution.groupOfChannel[c] = static_cast<uint32_t>(g);
      solution.dacOfChannel[c] = best;
    }
  for (size_t c = 0; c < problem.costs.channels(); ++c)
    solution.cost += problem.costs.cost(c, solution.dacOfChannel[c]);
  return solution;
}

/// Every way to part few channels into groups, and each group into domains.
Grouping exactGrouping(const CoreDomainProblem &problem) {
  const DomainProblem &costs = problem.costs;
  const GroupCosts single = costsOfGroups(costs);
  const SubsetPartition domains(single.cost, costs.maxDomains());
  std::vector<double> onCore = domains.least();
  for (size_t set = 0; set < onCore.size(); ++set)
    if (set == 0 ||
        static_cast<size_t>(std::popcount(set)) > problem.groupChannels)
      onCore[set] = kInfinity;
  const SubsetPartition cores(onCore, problem.groups);
  Grouping grouping;
  for (size_t group : cores.groupsOf(onCore.size() - 1)) {
    std::vector<size_t> &channels = grouping.channels.emplace_back();
    for (size_t c = 0; c < costs.channels(); ++c)
      if (group >> c & 1)
        channels.push_back(c);
    std::vector<uint32_t> &dac = grouping.dac.emplace_back();
    for (size_t domain : domains.groupsOf(group))
      dac.push_back(static_cast<uint32_t>(single.point[domain]));
  }
  return grouping;
}

} // namespace

DomainSolution CoreDomainSolution::asLayer() const {
  DomainSolution layer;
  layer.dac = dacOfChannel;
  std::sort(layer.dac.begin(), layer.dac.end());
  layer.dac.erase(std::unique(layer.dac.begin(), layer.dac.end()),
                  layer.dac.end());
  for (uint32_t dac : dacOfChannel)
    layer.domainOfChannel.push_back(static_cast<uint32_t>(
        std::lower_bound(layer.dac.begin(), layer.dac.end(), dac) -
        layer.dac.begin()));
  layer.cost = cost;
  layer.lowerBound = lowerBound;
  layer.optimal = optimal;
  return layer;
}

ntrt::Status CoreDomainProblem::check() const {
  ntrt::DiagnosticList misfits;
  if (ntrt::Status status = costs.check(); !status)
    misfits = status.diagnostics();
  if (groups * groupChannels < costs.channels())
    misfits.push_back(misfit(
        Diag::MapInternal,
        std::to_string(groups) + " groups of " + std::to_string(groupChannels) +
            " channels do not hold " + std::to_string(costs.channels())));
  if (!misfits.empty())
    return misfits;
  return ntrt::Done{};
}

ntrt::Status
CoreDomainProblem::verify(const CoreDomainSolution &solution) const {
  ntrt::DiagnosticList misfits;
  if (solution.groupOfChannel.size() != costs.channels() ||
      solution.dacOfChannel.size() != costs.channels())
    return misfit(Diag::MapInternal,
                  "groups and DAC codes are not one a channel");
  std::vector<size_t> sizes(groups, 0);
  std::vector<std::set<uint32_t>> dac(groups);
  double total = 0;
  for (size_t c = 0; c < costs.channels(); ++c) {
    const uint32_t group = solution.groupOfChannel[c],
                   point = solution.dacOfChannel[c];
    if (group >= groups || point >= costs.gridPoints())
      return misfit(Diag::MapInternal,
                    "channel " + std::to_string(c) + " is in group " +
                        std::to_string(group) + " at DAC code " +
                        std::to_string(point));
    ++sizes[group];
    dac[group].insert(point);
    total += costs.cost(c, point);
  }
  for (size_t g = 0; g < groups; ++g) {
    if (sizes[g] > groupChannels)
      misfits.push_back(misfit(Diag::MapInternal,
                               std::to_string(sizes[g]) +
                                   " channels in group " + std::to_string(g) +
                                   ", limit " + std::to_string(groupChannels)));
    if (dac[g].size() > costs.maxDomains())
      misfits.push_back(
          misfit(Diag::DomainCount, std::to_string(dac[g].size()) +
                                        " domains in group " +
                                        std::to_string(g) + ", limit " +
                                        std::to_string(costs.maxDomains())));
  }
  if (std::abs(total - solution.cost) > 1e-9 * std::max(1.0, total))
    misfits.push_back(misfit(Diag::MapInternal,
                             "stated cost " + std::to_string(solution.cost) +
                                 ", true cost " + std::to_string(total)));
  if (!misfits.empty())
    return misfits;
  return ntrt::Done{};
}

ntrt::Result<CoreDomainSolution>
nt::mapping::solve(const CoreDomainProblem &problem) {
  if (ntrt::Status status = problem.check(); !status)
    return status.diagnostics();
  const DomainProblem &costs = problem.costs;
  const bool exact = costs.channels() <= kPartitionLimit;
  CoreDomainSolution solution;
  if (exact) {
    solution = assign(problem, exactGrouping(problem));
    solution.lowerBound = solution.cost;
  } else {
    Grouping grouping = evenCut(problem);
    for (unsigned round = 0; round < kRounds; ++round) {
      if (ntrt::Status status = chooseVolts(problem, grouping); !status)
        return status.diagnostics();
      CoreDomainSolution found = assign(problem, grouping);
      if (round == 0 || found.cost < solution.cost)
        solution = std::move(found);
      Mover mover(problem, grouping);
      if (!mover.run())
        break;
      grouping.channels = mover.groups();
    }
    DomainProblem shared(
        costs.channels(), costs.gridPoints(),
        std::min(problem.groups * costs.maxDomains(), costs.gridPoints()));
    for (size_t c = 0; c < costs.channels(); ++c)
      for (size_t g = 0; g < costs.gridPoints(); ++g)
        shared.cost(c, g) = costs.cost(c, g);
    solution.lowerBound = shared.lowerBound();
  }
  solution.optimal = exact || solution.gap() <= 1e-12 * solution.lowerBound;
  if (ntrt::Status status = problem.verify(solution); !status)
    return status.diagnostics();
  return solution;
}
