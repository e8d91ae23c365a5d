//===- ModulationProblem.cpp - Biases as modulation words -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/ModulationProblem.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

using namespace nt::mapping;
using ntrt::Diag;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Of a layer of more neurons, points are chosen for this many targets.
constexpr size_t kConsideredTargets = 16384;

ntrt::Diagnostic misfit(Diag diag, std::string detail) {
  return {diag, "modulation problem", std::move(detail)};
}

int32_t nearestCode(double target, double step, int32_t maxCode) {
  double limit = maxCode;
  return static_cast<int32_t>(
      std::round(std::clamp(target / step, -limit, limit)));
}

double squaredError(double target, double step, int32_t maxCode) {
  double error = target - nearestCode(target, step, maxCode) * step;
  return error * error;
}

/// sum_n min(a_n, b_n), in four lanes so that it vectorises.
double sumOfLeast(const std::vector<double> &a, const std::vector<double> &b) {
  double lanes[4] = {0, 0, 0, 0};
  size_t n = 0;
  for (; n + 4 <= a.size(); n += 4)
    for (size_t lane = 0; lane < 4; ++lane)
      lanes[lane] += std::min(a[n + lane], b[n + lane]);
  for (; n < a.size(); ++n)
    lanes[0] += std::min(a[n], b[n]);
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

/// Targets that points are chosen for: all that are not zero (zero costs
/// nothing in any domain); of very many, as many of evenly spread rank.
std::vector<double> consideredTargets(const ModulationProblem &problem) {
  std::vector<double> targets;
  for (double target : problem.targets)
    if (target != 0)
      targets.push_back(target);
  if (targets.size() <= kConsideredTargets)
    return targets;
  std::sort(targets.begin(), targets.end());
  std::vector<double> spread;
  for (size_t i = 0; i < kConsideredTargets; ++i)
    spread.push_back(
        targets[(2 * i + 1) * targets.size() / (2 * kConsideredTargets)]);
  return spread;
}

/// Errors of the considered targets, one row a grid point.
class ErrorTable {
public:
  explicit ErrorTable(const ModulationProblem &problem)
      : rows(problem.steps.size()) {
    const std::vector<double> targets = consideredTargets(problem);
    for (size_t g = 0; g < rows.size(); ++g)
      for (double target : targets)
        rows[g].push_back(
            squaredError(target, problem.steps[g], problem.maxCode));
  }

  size_t points() const { return rows.size(); }

  /// Least error of each neuron over `chosen`, leaving out the one at `except`.
  std::vector<double> leastOver(const std::vector<size_t> &chosen,
                                size_t except = SIZE_MAX) const {
    std::vector<double> least(rows.front().size(), kInfinity);
    for (size_t i = 0; i < chosen.size(); ++i)
      if (i != except)
        for (size_t n = 0; n < least.size(); ++n)
          least[n] = std::min(least[n], rows[chosen[i]][n]);
    return least;
  }

  /// The point that, added to `others`, gives the least total, and this total.
  std::pair<size_t, double> bestAddition(const std::vector<double> &others,
                                         size_t firstPoint = 0) const {
    std::pair<size_t, double> best(firstPoint, kInfinity);
    for (size_t g = firstPoint; g < rows.size(); ++g)
      if (double total = sumOfLeast(others, rows[g]); total < best.second)
        best = {g, total};
    return best;
  }

  const std::vector<double> &row(size_t point) const { return rows[point]; }

private:
  std::vector<std::vector<double>> rows;
};

std::vector<size_t> choosePoints(const ErrorTable &table, size_t count) {
  std::vector<size_t> none;
  auto [single, singleError] = table.bestAddition(table.leastOver(none));
  std::vector<size_t> chosen = {single};
  if (count == 1)
    return chosen;

  double best = singleError;
  for (size_t low = 0; low < table.points(); ++low)
    if (auto [high, total] = table.bestAddition(table.row(low), low);
        total < best) {
      best = total;
      chosen = {low, high};
    }
  if (chosen.size() == 1)
    return chosen;
  while (chosen.size() < count) {
    auto [point, total] = table.bestAddition(table.leastOver(chosen));
    if (total >= best)
      break;
    best = total;
    chosen.push_back(point);
  }
  for (bool improved = count > 2; improved;) {
    improved = false;
    for (size_t slot = 0; slot < chosen.size(); ++slot) {
      auto [point, total] = table.bestAddition(table.leastOver(chosen, slot));
      // The relative margin keeps rounding from making it run for ever.
      if (total < best * (1 - 1e-12)) {
        best = total;
        chosen[slot] = point;
        improved = true;
      }
    }
  }
  return chosen;
}

} // namespace

ntrt::Status ModulationProblem::check() const {
  ntrt::DiagnosticList misfits;
  if (maxDomains == 0 || maxDomains > 256)
    misfits.push_back(misfit(Diag::DomainCount,
                             std::to_string(maxDomains) +
                                 " domains are allowed, limits 1 and 256"));
  if (maxCode < 1 || maxCode > 127)
    misfits.push_back(misfit(Diag::CodeRange, "largest code " +
                                                  std::to_string(maxCode) +
                                                  ", limits 1 and 127"));
  if (steps.empty())
    misfits.push_back(misfit(Diag::DomainNoScale, "the DAC has no code"));
  for (size_t g = 0; g < steps.size(); ++g)
    if (!std::isfinite(steps[g]) || steps[g] <= (g ? steps[g - 1] : 0.0)) {
      misfits.push_back(misfit(Diag::DomainNoScale,
                               "the step of DAC code " + std::to_string(g) +
                                   " is not positive and increasing"));
      break;
    }
  for (size_t n = 0; n < targets.size(); ++n)
    if (!std::isfinite(targets[n])) {
      misfits.push_back(
          misfit(Diag::QuantNotFinite,
                 "the bias of neuron " + std::to_string(n) + " is not finite"));
      break;
    }
  if (!misfits.empty())
    return misfits;
  return ntrt::Done{};
}

ntrt::Status
ModulationProblem::verify(const ModulationSolution &solution) const {
  ntrt::DiagnosticList misfits;
  if (solution.dac.empty() || solution.dac.size() > maxDomains)
    misfits.push_back(
        misfit(Diag::DomainCount, std::to_string(solution.dac.size()) +
                                      " domains, limit " +
                                      std::to_string(maxDomains)));
  for (size_t i = 0; i < solution.dac.size(); ++i) {
    if (solution.dac[i] >= steps.size())
      misfits.push_back(misfit(Diag::DomainNoScale,
                               "DAC code " + std::to_string(solution.dac[i]) +
                                   ", limit " +
                                   std::to_string(steps.size() - 1)));
    if (i > 0 && solution.dac[i] <= solution.dac[i - 1])
      misfits.push_back(misfit(Diag::MapInternal,
                               "DAC codes are not strictly increasing at " +
                                   std::to_string(i)));
  }
  if (solution.codes.size() != targets.size() ||
      solution.domains.size() != targets.size())
    misfits.push_back(misfit(Diag::MapInternal,
                             std::to_string(solution.codes.size()) +
                                 " words for " +
                                 std::to_string(targets.size()) + " neurons"));
  for (size_t n = 0; n < solution.codes.size(); ++n)
    if (std::abs(int(solution.codes[n])) > maxCode)
      misfits.push_back(
          misfit(Diag::CodeRange, "code " + std::to_string(solution.codes[n]) +
                                      " of neuron " + std::to_string(n) +
                                      ", limit " + std::to_string(maxCode)));
  for (size_t n = 0; n < solution.domains.size(); ++n)
    if (solution.domains[n] >= solution.dac.size())
      misfits.push_back(misfit(
          Diag::MapInternal, "neuron " + std::to_string(n) + " has no domain"));
  if (!misfits.empty())
    return misfits;

  double total = 0;
  for (size_t n = 0; n < targets.size(); ++n) {
    double error = targets[n] - realised(solution, n);
    total += error * error;
  }
  if (std::abs(total - solution.error) > 1e-9 * std::max(1.0, total))
    return misfit(Diag::MapInternal,
                  "stated error " + std::to_string(solution.error) +
                      ", true error " + std::to_string(total));
  return ntrt::Done{};
}

ntrt::Result<ModulationSolution>
nt::mapping::solve(const ModulationProblem &problem) {
  if (ntrt::Status status = problem.check(); !status)
    return status.diagnostics();
  ErrorTable table(problem);
  std::vector<size_t> points =
      choosePoints(table, std::min(problem.maxDomains, problem.steps.size()));
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());

  ModulationSolution solution;
  solution.dac.assign(points.begin(), points.end());
  for (double target : problem.targets) {
    size_t best = 0;
    double least = kInfinity;
    for (size_t i = 0; i < points.size(); ++i) {
      double error =
          squaredError(target, problem.steps[points[i]], problem.maxCode);
      if (error < least) {
        least = error;
        best = i;
      }
    }
    int32_t code =
        nearestCode(target, problem.steps[points[best]], problem.maxCode);
    // One form for "no current": equal solutions have equal bytes.
    solution.domains.push_back(code ? static_cast<uint8_t>(best) : 0);
    solution.codes.push_back(static_cast<int8_t>(code));
    solution.error += least;
  }
  if (ntrt::Status status = problem.verify(solution); !status)
    return status.diagnostics();
  return solution;
}
