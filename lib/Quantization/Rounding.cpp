//===- Rounding.cpp - Second-order rounding of weights to codes -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Quantization/Rounding.h"

#include "ExactRounding.h"

#include "nt/Tuner/Multiply.h"
#include "nt/Tuner/Threads.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>

using namespace nt::quantization;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;
using ntrt::Diag;

namespace {

/// Columns whose error feedback is gathered before it is applied to the rest.
constexpr Index kBlock = 64;
/// Products of more operations are formed in single precision, on oneDNN.
constexpr double kManyOperations = 1 << 24;

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

/// Calls work(first, count) for parts of the channels, one a thread: no channel
/// depends on another.
void forEachChannelPart(const RoundingProblem &problem,
                        const std::function<void(Index, Index)> &work) {
  nt::tuner::forEachPart(
      problem.threads, static_cast<size_t>(problem.weights.rows()),
      [&](size_t begin, size_t end) {
        work(static_cast<Index>(begin), static_cast<Index>(end - begin));
      });
}

/// The inputs in the order of rounding, and the factor of the inverse Hessian
/// in that order.
struct Sequence {
  std::vector<Index> order;
  MatrixXd upper;
};

Sequence sequenceOf(const RoundingProblem &problem, const MatrixXd &hessian) {
  Sequence sequence;
  sequence.order.resize(hessian.cols());
  std::iota(sequence.order.begin(), sequence.order.end(), Index(0));
  if (problem.activationOrder)
    std::stable_sort(sequence.order.begin(), sequence.order.end(),
                     [&](Index a, Index b) {
                       return problem.hessian(a, a) > problem.hessian(b, b);
                     });
  sequence.upper = inverseFactor(hessian(sequence.order, sequence.order));
  return sequence;
}

/// Rounds channels [first, first + count) column by column and spreads each
/// column's error over the columns still to come, as the inverse Hessian says.
void roundSequentially(const RoundingProblem &problem, const Sequence &sequence,
                       Index first, Index count, CodeMatrix &codes) {
  const Index fanIn = problem.weights.cols();
  const MatrixXd &upper = sequence.upper;
  MatrixXd weights =
      problem.weights.middleRows(first, count)(Eigen::all, sequence.order);
  for (Index start = 0; start < fanIn; start += kBlock) {
    Index width = std::min(kBlock, fanIn - start);
    MatrixXd errors(count, width);
    for (Index k = 0; k < width; ++k) {
      Index j = start + k;
      for (Index c = 0; c < count; ++c) {
        const double scale = problem.scales(first + c);
        int32_t code = nearestCode(weights(c, j), scale, problem.maxCode);
        codes(first + c, sequence.order[j]) = static_cast<int8_t>(code);
        errors(c, k) = (weights(c, j) - code * scale) / upper(j, j);
      }
      Index rest = width - k - 1;
      weights.middleCols(j + 1, rest).noalias() -=
          errors.col(k) * upper.row(j).segment(j + 1, rest);
    }
    Index after = start + width;
    weights.rightCols(fanIn - after).noalias() -=
        errors * upper.block(start, after, width, fanIn - after);
  }
}

/// W - QS.
MatrixXd residual(const RoundingProblem &problem, const CodeMatrix &codes) {
  return problem.weights - problem.scales.asDiagonal() * codes.cast<double>();
}

/// H (W - QS)^T: a column for each channel.
MatrixXd gradientOf(const RoundingProblem &problem, const MatrixXd &hessian,
                    const MatrixXd &error) {
  MatrixXd gradient(error.cols(), error.rows());
  const auto operations = static_cast<double>(error.size() * hessian.cols());
  forEachChannelPart(problem, [&](Index first, Index count) {
    auto part = gradient.middleCols(first, count);
    if (operations < kManyOperations) {
      part.noalias() = hessian * error.middleRows(first, count).transpose();
      return;
    }
    // Column-major matrices are row-major ones transposed: G^T = E H.
    const MatrixXf h = hessian.cast<float>(),
                   e = error.middleRows(first, count).transpose().cast<float>();
    MatrixXf g(part.rows(), part.cols());
    nt::tuner::multiply(false, false, g.cols(), g.rows(), g.rows(), e.data(),
                        h.data(), 0, g.data());
    part = g.cast<double>();
  });
  return gradient;
}

/// The error of each channel: its residual times its gradient.
VectorXd rowErrors(const MatrixXd &error, const MatrixXd &gradient) {
  return error.transpose().cwiseProduct(gradient).colwise().sum();
}

/// Moves single codes of a row by one while that lowers its error, in at most
/// `sweeps` rounds. The gradient is H (w - s q)^T.
void descend(const MatrixXd &hessian, double scale, int32_t maxCode,
             unsigned sweeps,
             Eigen::Ref<Eigen::Matrix<int8_t, 1, Eigen::Dynamic>, 0,
                        Eigen::InnerStride<>>
                 codes,
             Eigen::Ref<VectorXd> gradient) {
  bool moved = true;
  for (unsigned sweep = 0; moved && sweep < sweeps; ++sweep) {
    moved = false;
    for (Index j = 0; j < codes.size(); ++j) {
      double slope = gradient(j);
      int32_t direction = slope > 0 ? 1 : -1;
      int32_t code = codes(j) + direction;
      double gain = 2 * scale * std::abs(slope) - scale * scale * hessian(j, j);
      if (gain <= 0 || std::abs(code) > maxCode)
        continue;
      codes(j) = static_cast<int8_t>(code);
      gradient -= direction * scale * hessian.col(j);
      moved = true;
    }
  }
}

/// Gives each row the codes of least error.
void roundRowsExactly(const RoundingProblem &problem, const MatrixXd &hessian,
                      CodeMatrix &codes, VectorXd &errors) {
  const MatrixXd upper = hessian.llt().matrixU();
  for (Index c = 0; c < codes.rows(); ++c) {
    std::vector<int32_t> row;
    for (Index j = 0; j < codes.cols(); ++j)
      row.push_back(codes(c, j));
    const VectorXd weights = problem.weights.row(c).transpose();
    errors(c) =
        roundExactly(upper, weights, problem.scales(c), problem.maxCode, row);
    for (Index j = 0; j < codes.cols(); ++j)
      codes(c, j) = static_cast<int8_t>(row[static_cast<size_t>(j)]);
  }
}

/// Sixteen floats, in as many registers as the machine takes for them: sums
/// are the same on all.
using Lanes = float __attribute__((vector_size(64)));
using LaneCodes = int32_t __attribute__((vector_size(64)));
constexpr Index kLanes = 16;
/// Sums of floats that are added up in double.
constexpr Index kSummed = 64 * kLanes;

#if defined(__x86_64__) && defined(__linux__)
#define NT_CLONES                                                              \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NT_CLONES
#endif

/// Sum of h (w - q scale)^2 over `size` weights, a multiple of kLanes, with q
/// as nearestCode() says.
NT_CLONES double nearestCost(const float *w, const float *h, Index size,
                             float scale, float maxCode) {
  const float inverse = 1 / scale;
  double total = 0;
  for (Index start = 0; start < size; start += kSummed) {
    Lanes sum = {};
    for (Index j = start; j < std::min(size, start + kSummed); j += kLanes) {
      Lanes weight, importance;
      std::memcpy(&weight, w + j, sizeof(weight));
      std::memcpy(&importance, h + j, sizeof(importance));
      Lanes ratio = weight * inverse;
      ratio = ratio > maxCode ? maxCode - Lanes{} : ratio;
      ratio = ratio < -maxCode ? -maxCode - Lanes{} : ratio;
      const Lanes half = ratio < 0 ? -0.5f - Lanes{} : 0.5f - Lanes{};
      const Lanes code = __builtin_convertvector(
          __builtin_convertvector(ratio + half, LaneCodes), Lanes);
      const Lanes error = weight - code * scale;
      sum += importance * (error * error);
    }
    for (Index lane = 0; lane < kLanes; ++lane)
      total += static_cast<double>(sum[lane]);
  }
  return total;
}

} // namespace

int32_t nt::quantization::nearestCode(double weight, double scale,
                                      int32_t maxCode) {
  double limit = maxCode;
  double ratio = std::clamp(weight / scale, -limit, limit);
  return static_cast<int32_t>(ratio + (ratio < 0 ? -0.5 : 0.5));
}

std::vector<double>
nt::quantization::nearestCosts(const RowRef &row, const RowRef &importance,
                               const std::vector<double> &scales,
                               int32_t maxCode) {
  // Zeros that nothing weighs fill the last lanes.
  const Index size = (row.size() + kLanes - 1) / kLanes * kLanes;
  Eigen::VectorXf w = Eigen::VectorXf::Zero(size), h = w;
  w.head(row.size()) = row;
  h.head(row.size()) = importance;
  std::vector<double> costs;
  for (double scale : scales)
    costs.push_back(nearestCost(w.data(), h.data(), size,
                                static_cast<float>(scale),
                                static_cast<float>(maxCode)));
  return costs;
}

std::vector<double>
nt::quantization::descentCosts(const RowRef &row, const MatrixXd &hessian,
                               const std::vector<double> &scales,
                               int32_t maxCode) {
  constexpr unsigned sweeps = 20;
  const VectorXd weights = row.cast<double>();
  Eigen::Matrix<int8_t, 1, Eigen::Dynamic> codes(row.size());
  std::vector<double> costs;
  for (double scale : scales) {
    for (Index j = 0; j < row.size(); ++j)
      codes(j) = static_cast<int8_t>(nearestCode(weights(j), scale, maxCode));
    VectorXd gradient =
        hessian * (weights - scale * codes.transpose().cast<double>());
    descend(hessian, scale, maxCode, sweeps, codes, gradient);
    const VectorXd error = weights - scale * codes.transpose().cast<double>();
    costs.push_back(std::max(0.0, error.dot(gradient)));
  }
  return costs;
}

std::vector<double> nt::quantization::percentileCosts(
    const RowRef &row, const std::vector<double> &scales, int32_t maxCode) {
  constexpr double share = 0.999;
  std::vector<double> magnitudes(row.data(), row.data() + row.size());
  for (double &value : magnitudes)
    value = std::abs(value);
  auto rank = magnitudes.begin() +
              (static_cast<long>(std::ceil(share * double(row.size()))) - 1);
  std::nth_element(magnitudes.begin(), rank, magnitudes.end());
  const double wanted = *rank / maxCode,
               energy = row.cast<double>().squaredNorm();
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
  const MatrixXd hessian = dampedHessian(problem);
  CodeMatrix nearest = roundNearest(problem);
  MatrixXd error = residual(problem, nearest);
  MatrixXd gradient = gradientOf(problem, hessian, error);
  const VectorXd nearestErrors = rowErrors(error, gradient);

  RoundingSolution solution;
  solution.codes = nearest;
  solution.nearestError = nearestErrors.sum();
  if (problem.method == Method::Nearest && problem.sweeps == 0) {
    solution.error = solution.nearestError;
    return solution;
  }
  if (problem.method == Method::Sequential) {
    const Sequence sequence = sequenceOf(problem, hessian);
    forEachChannelPart(problem, [&](Index first, Index count) {
      roundSequentially(problem, sequence, first, count, solution.codes);
    });
    error = residual(problem, solution.codes);
    gradient = gradientOf(problem, hessian, error);
  }
  forEachChannelPart(problem, [&](Index first, Index count) {
    for (Index c = first; c < first + count; ++c)
      descend(hessian, problem.scales(c), problem.maxCode, problem.sweeps,
              solution.codes.row(c), gradient.col(c));
  });
  VectorXd errors = rowErrors(residual(problem, solution.codes), gradient);
  for (Index c = 0; c < errors.size(); ++c)
    if (errors(c) > nearestErrors(c)) {
      solution.codes.row(c) = nearest.row(c);
      errors(c) = nearestErrors(c);
    }
  if (problem.weights.cols() <= static_cast<Index>(problem.exactInputs))
    roundRowsExactly(problem, hessian, solution.codes, errors);
  solution.error = errors.sum();
  return solution;
}
