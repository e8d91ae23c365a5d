//===- DomainProblem.cpp - Which voltage each channel shares --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/DomainProblem.h"

#include "SubsetPartition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

using namespace nt::mapping;
using ntrt::Diag;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Cost evaluations below which every set of grid points is tried.
constexpr double kEnumerationLimit = 2e7;

ntrt::Diagnostic misfit(Diag diag, std::string detail) {
  return {diag, "domain problem", std::move(detail)};
}

size_t bestPoint(const DomainProblem &problem, size_t channel) {
  size_t best = 0;
  for (size_t g = 1; g < problem.gridPoints(); ++g)
    if (problem.cost(channel, g) < problem.cost(channel, best))
      best = g;
  return best;
}

std::vector<size_t> distinctBestPoints(const DomainProblem &problem) {
  std::vector<size_t> points;
  for (size_t c = 0; c < problem.channels(); ++c)
    points.push_back(bestPoint(problem, c));
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

double costOfSet(const DomainProblem &problem,
                 const std::vector<size_t> &points) {
  double total = 0;
  for (size_t c = 0; c < problem.channels(); ++c) {
    double least = kInfinity;
    for (size_t g : points)
      least = std::min(least, problem.cost(c, g));
    total += least;
  }
  return total;
}

/// Tries every set of `count` grid points.
class Enumerator {
public:
  Enumerator(const DomainProblem &problem, size_t count)
      : problem(problem), count(count),
        least(count + 1, std::vector<double>(problem.channels(), kInfinity)) {}

  /// Number of cost evaluations that run() takes.
  static double effort(const DomainProblem &problem, size_t count) {
    double sets = 1;
    for (size_t i = 0; i < count; ++i)
      sets *= static_cast<double>(problem.gridPoints() - i) / (i + 1.0);
    return sets * problem.channels() * 2;
  }

  std::vector<size_t> run() {
    extend(0, 0);
    return best;
  }

private:
  void extend(size_t depth, size_t firstPoint) {
    if (depth == count) {
      double total = 0;
      for (double value : least[depth])
        total += value;
      if (total < bestCost) {
        bestCost = total;
        best = chosen;
      }
      return;
    }
    size_t last = problem.gridPoints() - (count - depth);
    for (size_t g = firstPoint; g <= last; ++g) {
      for (size_t c = 0; c < problem.channels(); ++c)
        least[depth + 1][c] = std::min(least[depth][c], problem.cost(c, g));
      chosen.push_back(g);
      extend(depth + 1, g + 1);
      chosen.pop_back();
    }
  }

  const DomainProblem &problem;
  size_t count;
  std::vector<std::vector<double>> least;
  std::vector<size_t> chosen, best;
  double bestCost = kInfinity;
};

/// The grid points of the cheapest way to part few channels into groups, exact
/// for any costs: each group takes the one point that is cheapest for all of
/// it.
std::vector<size_t> partitionChannels(const DomainProblem &problem,
                                      size_t count) {
  const GroupCosts groups = costsOfGroups(problem);
  const SubsetPartition partition(groups.cost, count);
  std::vector<size_t> points;
  for (size_t group : partition.groupsOf(groups.cost.size() - 1))
    points.push_back(groups.point[group]);
  return points;
}

/// Dynamic programming over the grid. With unimodal costs, a channel whose best
/// point lies between two neighbouring chosen points takes one of these two, so
/// the total is a sum over neighbours and a shortest path of `count` points is
/// the optimum.
std::vector<size_t> shortestPath(const DomainProblem &problem, size_t count) {
  size_t points = problem.gridPoints();
  std::vector<std::vector<double>> between(points,
                                           std::vector<double>(points, 0.0));
  std::vector<double> first(points, 0.0), last(points, 0.0);
  for (size_t c = 0; c < problem.channels(); ++c) {
    size_t best = bestPoint(problem, c);
    for (size_t g = 0; g < points; ++g)
      (best < g ? first : last)[g] += problem.cost(c, g);
    for (size_t low = 0; low <= best; ++low)
      for (size_t high = best + 1; high < points; ++high)
        between[low][high] +=
            std::min(problem.cost(c, low), problem.cost(c, high));
  }
  std::vector<std::vector<size_t>> from(count, std::vector<size_t>(points, 0));
  std::vector<double> reach = first;
  for (size_t depth = 1; depth < count; ++depth) {
    std::vector<double> next(points, kInfinity);
    for (size_t high = depth; high < points; ++high)
      for (size_t low = depth - 1; low < high; ++low)
        if (double cost = reach[low] + between[low][high]; cost < next[high]) {
          next[high] = cost;
          from[depth][high] = low;
        }
    reach = std::move(next);
  }
  size_t end = count - 1;
  for (size_t g = count - 1; g < points; ++g)
    if (reach[g] + last[g] < reach[end] + last[end])
      end = g;
  std::vector<size_t> path(count);
  for (size_t depth = count; depth-- > 0; end = from[depth][end])
    path[depth] = end;
  return path;
}

/// Swaps one point at a time for the best other one until none helps.
void localSearch(const DomainProblem &problem, std::vector<size_t> &points) {
  double current = costOfSet(problem, points);
  for (bool improved = true; improved;) {
    improved = false;
    for (size_t slot = 0; slot < points.size(); ++slot) {
      std::vector<double> others(problem.channels(), kInfinity);
      for (size_t c = 0; c < problem.channels(); ++c)
        for (size_t other = 0; other < points.size(); ++other)
          if (other != slot)
            others[c] = std::min(others[c], problem.cost(c, points[other]));
      for (size_t g = 0; g < problem.gridPoints(); ++g) {
        double total = 0;
        for (size_t c = 0; c < problem.channels(); ++c)
          total += std::min(others[c], problem.cost(c, g));
        // The relative margin keeps rounding from making it run for ever.
        if (total < current * (1 - 1e-12)) {
          current = total;
          points[slot] = g;
          improved = true;
        }
      }
    }
  }
}

/// Gives every channel its cheapest point and drops points nobody takes.
DomainSolution assignChannels(const DomainProblem &problem,
                              std::vector<size_t> points) {
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  std::vector<size_t> choice(problem.channels());
  std::vector<bool> used(points.size(), false);
  DomainSolution solution;
  for (size_t c = 0; c < problem.channels(); ++c) {
    size_t best = 0;
    for (size_t i = 1; i < points.size(); ++i)
      if (problem.cost(c, points[i]) < problem.cost(c, points[best]))
        best = i;
    choice[c] = best;
    used[best] = true;
    solution.cost += problem.cost(c, points[best]);
  }
  std::vector<uint32_t> renumbered(points.size(), 0);
  for (size_t i = 0; i < points.size(); ++i)
    if (used[i]) {
      renumbered[i] = static_cast<uint32_t>(solution.dac.size());
      solution.dac.push_back(static_cast<uint32_t>(points[i]));
    }
  for (size_t best : choice)
    solution.domainOfChannel.push_back(renumbered[best]);
  return solution;
}

} // namespace

double DomainProblem::freeBound() const {
  double total = 0;
  for (size_t c = 0; c < numChannels; ++c)
    total += cost(c, bestPoint(*this, c));
  return total;
}

double DomainProblem::lowerBound() const {
  const size_t count = std::min(domainLimit, numGridPoints);
  if (distinctBestPoints(*this).size() <= count)
    return freeBound();
  // Costs that are nowhere higher and unimodal: away from the best point, the
  // least of what is as far away or farther.
  DomainProblem below = *this;
  for (size_t c = 0; c < numChannels; ++c) {
    const size_t best = bestPoint(*this, c);
    for (size_t g = 1; g < best; ++g)
      below.cost(c, g) = std::min(below.cost(c, g), below.cost(c, g - 1));
    for (size_t g = numGridPoints - 1; g-- > best + 1;)
      below.cost(c, g) = std::min(below.cost(c, g), below.cost(c, g + 1));
  }
  return costOfSet(below, shortestPath(below, count));
}

bool DomainProblem::isUnimodal() const {
  for (size_t c = 0; c < numChannels; ++c) {
    size_t best = bestPoint(*this, c);
    for (size_t g = 1; g < numGridPoints; ++g)
      if (g <= best ? cost(c, g) > cost(c, g - 1) : cost(c, g) < cost(c, g - 1))
        return false;
  }
  return true;
}

ntrt::Status DomainProblem::check() const {
  ntrt::DiagnosticList misfits;
  if (numChannels == 0)
    misfits.push_back(misfit(Diag::MapInternal, "there is no channel"));
  if (numGridPoints == 0)
    misfits.push_back(misfit(Diag::DomainNoScale, "the DAC has no code"));
  if (domainLimit == 0)
    misfits.push_back(misfit(Diag::DomainCount, "0 domains are allowed"));
  for (size_t c = 0; c < numChannels; ++c)
    for (size_t g = 0; g < numGridPoints; ++g)
      if (!std::isfinite(cost(c, g)) || cost(c, g) < 0) {
        misfits.push_back(misfit(Diag::MapInternal,
                                 "the cost of channel " + std::to_string(c) +
                                     " at DAC code " + std::to_string(g) +
                                     " is " + std::to_string(cost(c, g))));
        break; // One misfit a channel says enough.
      }
  if (!misfits.empty())
    return misfits;
  return ntrt::Done{};
}

ntrt::Status DomainProblem::verify(const DomainSolution &solution) const {
  ntrt::DiagnosticList misfits;
  if (solution.dac.empty() || solution.dac.size() > domainLimit)
    misfits.push_back(
        misfit(Diag::DomainCount, std::to_string(solution.dac.size()) +
                                      " domains, limit " +
                                      std::to_string(domainLimit)));
  for (size_t i = 0; i < solution.dac.size(); ++i) {
    if (solution.dac[i] >= numGridPoints)
      misfits.push_back(misfit(Diag::DomainNoScale,
                               "DAC code " + std::to_string(solution.dac[i]) +
                                   ", limit " +
                                   std::to_string(numGridPoints - 1)));
    if (i > 0 && solution.dac[i] <= solution.dac[i - 1])
      misfits.push_back(misfit(Diag::MapInternal,
                               "DAC codes are not strictly increasing at " +
                                   std::to_string(i)));
  }
  if (solution.domainOfChannel.size() != numChannels)
    misfits.push_back(misfit(
        Diag::MapInternal, "domains for " +
                               std::to_string(solution.domainOfChannel.size()) +
                               " channels of " + std::to_string(numChannels)));
  for (size_t c = 0; c < solution.domainOfChannel.size(); ++c)
    if (solution.domainOfChannel[c] >= solution.dac.size())
      misfits.push_back(
          misfit(Diag::MapInternal,
                 "channel " + std::to_string(c) + " has no domain"));
  if (!misfits.empty())
    return misfits;

  double total = 0;
  for (size_t c = 0; c < numChannels; ++c)
    total += cost(c, solution.dac[solution.domainOfChannel[c]]);
  if (std::abs(total - solution.cost) > 1e-9 * std::max(1.0, total))
    return misfit(Diag::MapInternal,
                  "stated cost " + std::to_string(solution.cost) +
                      ", true cost " + std::to_string(total));
  return ntrt::Done{};
}

ntrt::Result<DomainSolution> nt::mapping::solve(const DomainProblem &problem) {
  if (ntrt::Status status = problem.check(); !status)
    return status.diagnostics();
  size_t count = std::min(problem.maxDomains(), problem.gridPoints());
  std::vector<size_t> points = distinctBestPoints(problem);
  bool exact = points.size() <= count;
  if (exact) {
    // Every channel gets its cheapest point: the free bound itself.
  } else if (exact = problem.channels() <= kPartitionLimit; exact) {
    points = partitionChannels(problem, count);
  } else if (exact = Enumerator::effort(problem, count) <= kEnumerationLimit;
             exact) {
    points = Enumerator(problem, count).run();
  } else {
    points = shortestPath(problem, count);
    exact = problem.isUnimodal();
    if (!exact)
      localSearch(problem, points);
  }
  DomainSolution solution = assignChannels(problem, std::move(points));
  solution.freeBound = problem.freeBound();
  solution.lowerBound = exact ? solution.cost : problem.lowerBound();
  solution.optimal = exact || solution.gap() <= 1e-12 * solution.lowerBound;
  if (ntrt::Status status = problem.verify(solution); !status)
    return status.diagnostics();
  return solution;
}
