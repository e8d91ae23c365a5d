//===- Rounding.cpp - Second-order rounding of weights to codes -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Quantization/Rounding.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

using namespace nt::quantization;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using ntrt::Diag;

namespace {

/// Columns whose error feedback is gathered before it is applied to the rest.
constexpr Index kBlock = 64;

ntrt::Diagnostic misfit(Diag diag, std::string detail) {
  return {diag, "rounding problem", std::move(detail)};
}

/// The Hessian with damping; an input that calibration never saw gets the mean
/// diagonal and no coupling, so that its weights are rounded to the nearest.
MatrixXd dampedHessian(const RoundingProblem &problem) {
  MatrixXd hessian = problem.hessian;
  Index seen = 0;
  double sum = 0;
  for (Index i = 0; i < hessian.rows(); ++i)
    if (hessian(i, i) > 0) {
      sum += hessian(i, i);
      ++seen;
    }
  double mean = seen ? sum / static_cast<double>(seen) : 1.0;
  for (Index i = 0; i < hessian.rows(); ++i)
    if (hessian(i, i) <= 0) {
      hessian.row(i).setZero();
      hessian.col(i).setZero();
      hessian(i, i) = mean;
    }
  hessian.diagonal().array() += problem.damping * mean;
  return hessian;
}

/// Upper factor U of the inverse: H^-1 = U^T U. Raises the damping until the
/// factorisation succeeds.
MatrixXd inverseFactor(MatrixXd hessian) {
  double mean = hessian.diagonal().mean();
  for (double extra = 1e-6;; extra *= 10) {
    Eigen::LLT<MatrixXd> factor(hessian);
    if (factor.info() == Eigen::Success) {
      MatrixXd inverse =
          factor.solve(MatrixXd::Identity(hessian.rows(), hessian.cols()));
      Eigen::LLT<MatrixXd> inverseLLT(inverse);
      if (inverseLLT.info() == Eigen::Success)
        return inverseLLT.matrixU();
    }
    hessian.diagonal().array() += extra * mean;
  }
}

CodeMatrix roundNearest(const RoundingProblem &problem) {
  CodeMatrix codes(problem.weights.rows(), problem.weights.cols());
  for (Index j = 0; j < codes.cols(); ++j)
    for (Index c = 0; c < codes.rows(); ++c)
      codes(c, j) = static_cast<int8_t>(nearestCode(
          problem.weights(c, j), problem.scales(c), problem.maxCode));
  return codes;
}

/// Rounds column by column and spreads each column's error over the columns
/// still to come, as the inverse Hessian says.
CodeMatrix roundSequentially(const RoundingProblem &problem,
                             const MatrixXd &hessian) {
  Index channels = problem.weights.rows(), fanIn = problem.weights.cols();
  std::vector<Index> order(fanIn);
  std::iota(order.begin(), order.end(), Index(0));
  if (problem.activationOrder)
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
      return problem.hessian(a, a) > problem.hessian(b, b);
    });
  MatrixXd weights = problem.weights(Eigen::all, order);
  MatrixXd upper = inverseFactor(hessian(order, order));

  CodeMatrix codes(channels, fanIn);
  for (Index start = 0; start < fanIn; start += kBlock) {
    Index width = std::min(kBlock, fanIn - start);
    MatrixXd errors(channels, width);
    for (Index k = 0; k < width; ++k) {
      Index j = start + k;
      for (Index c = 0; c < channels; ++c) {
        int32_t code =
            nearestCode(weights(c, j), problem.scales(c), problem.maxCode);
        codes(c, order[j]) = static_cast<int8_t>(code);
        errors(c, k) = (weights(c, j) - code * problem.scales(c)) / upper(j, j);
      }
      Index rest = width - k - 1;
      weights.middleCols(j + 1, rest).noalias() -=
          errors.col(k) * upper.row(j).segment(j + 1, rest);
    }
    Index after = start + width;
    weights.rightCols(fanIn - after).noalias() -=
        errors * upper.block(start, after, width, fanIn - after);
  }
  return codes;
}

/// W - QS.
MatrixXd residual(const RoundingProblem &problem, const CodeMatrix &codes) {
  return problem.weights - problem.scales.asDiagonal() * codes.cast<double>();
}

VectorXd rowErrors(const MatrixXd &residual, const MatrixXd &hessian) {
  return (residual * hessian).cwiseProduct(residual).rowwise().sum();
}

/// Moves single codes by one while that lowers the error, channel by channel.
void descend(const RoundingProblem &problem, const MatrixXd &hessian,
             CodeMatrix &codes) {
  MatrixXd error = residual(problem, codes);
  // Columns are channels: a channel's gradient is contiguous.
  MatrixXd gradient = hessian * error.transpose();
  for (Index c = 0; c < codes.rows(); ++c) {
    double scale = problem.scales(c);
    bool moved = true;
    for (unsigned sweep = 0; moved && sweep < problem.sweeps; ++sweep) {
      moved = false;
      for (Index j = 0; j < codes.cols(); ++j) {
        double slope = gradient(j, c);
        int32_t direction = slope > 0 ? 1 : -1;
        int32_t code = codes(c, j) + direction;
        double gain =
            2 * scale * std::abs(slope) - scale * scale * hessian(j, j);
        if (gain <= 0 || std::abs(code) > problem.maxCode)
          continue;
        codes(c, j) = static_cast<int8_t>(code);
        gradient.col(c) -= direction * scale * hessian.col(j);
        moved = true;
      }
    }
  }
}

} // namespace

int32_t nt::quantization::nearestCode(double weight, double scale,
                                      int32_t maxCode) {
  double limit = maxCode;
  double ratio = std::clamp(weight / scale, -limit, limit);
  return static_cast<int32_t>(ratio + (ratio < 0 ? -0.5 : 0.5));
}

std::vector<double>
nt::quantization::nearestCosts(const VectorXd &row, const VectorXd &importance,
                               const std::vector<double> &scales,
                               int32_t maxCode) {
  std::vector<double> costs;
  for (double scale : scales) {
    double total = 0;
    for (Index j = 0; j < row.size(); ++j) {
      double error = row(j) - nearestCode(row(j), scale, maxCode) * scale;
      total += importance(j) * error * error;
    }
    costs.push_back(total);
  }
  return costs;
}

std::vector<double> nt::quantization::percentileCosts(
    const VectorXd &row, const std::vector<double> &scales, int32_t maxCode) {
  constexpr double share = 0.999;
  std::vector<double> magnitudes(row.data(), row.data() + row.size());
  for (double &value : magnitudes)
    value = std::abs(value);
  auto rank = magnitudes.begin() +
              (static_cast<long>(std::ceil(share * double(row.size()))) - 1);
  std::nth_element(magnitudes.begin(), rank, magnitudes.end());
  const double wanted = *rank / maxCode, energy = row.squaredNorm();
  std::vector<double> costs(scales.size(), 0.0);
  if (wanted > 0)
    for (size_t g = 0; g < scales.size(); ++g) {
      const double octaves = std::log2(scales[g] / wanted);
      costs[g] = energy * octaves * octaves;
    }
  return costs;
}

ntrt::Status RoundingProblem::check() const {
  ntrt::DiagnosticList misfits;
  if (weights.size() == 0)
    misfits.push_back(misfit(Diag::MapInternal, "there is no weight"));
  if (hessian.rows() != weights.cols() || hessian.cols() != weights.cols() ||
      scales.size() != weights.rows())
    misfits.push_back(misfit(Diag::MapInternal,
                             "the shapes of weights, Hessian and scales "
                             "do not fit"));
  if (maxCode < 1 || maxCode > 127)
    misfits.push_back(misfit(Diag::CodeRange, "largest code " +
                                                  std::to_string(maxCode) +
                                                  ", limits 1 and 127"));
  if (!weights.allFinite())
    misfits.push_back(misfit(Diag::QuantNotFinite, "in the weights"));
  if (!hessian.allFinite() ||
      (hessian.size() > 0 && hessian.diagonal().minCoeff() < 0))
    misfits.push_back(misfit(Diag::MapInternal,
                             "the Hessian is not finite or has a negative "
                             "diagonal"));
  if (!scales.allFinite() || (scales.size() > 0 && scales.minCoeff() <= 0))
    misfits.push_back(
        misfit(Diag::DomainNoScale, "a scale is not finite and positive"));
  if (!misfits.empty())
    return misfits;
  return ntrt::Done{};
}

ntrt::Result<RoundingSolution>
nt::quantization::solve(const RoundingProblem &problem) {
  if (ntrt::Status status = problem.check(); !status)
    return status.diagnostics();
  MatrixXd hessian = dampedHessian(problem);
  CodeMatrix nearest = roundNearest(problem);
  VectorXd nearestErrors = rowErrors(residual(problem, nearest), hessian);

  RoundingSolution solution;
  solution.codes = problem.method == Method::Nearest
                       ? nearest
                       : roundSequentially(problem, hessian);
  if (problem.sweeps > 0)
    descend(problem, hessian, solution.codes);
  VectorXd errors = rowErrors(residual(problem, solution.codes), hessian);
  for (Index c = 0; c < errors.size(); ++c)
    if (errors(c) > nearestErrors(c)) {
      solution.codes.row(c) = nearest.row(c);
      errors(c) = nearestErrors(c);
    }
  solution.error = errors.sum();
  solution.nearestError = nearestErrors.sum();
  return solution;
}
