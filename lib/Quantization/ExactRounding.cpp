//===- ExactRounding.cpp - The best codes of a row of few weights ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ExactRounding.h"

#include "nt/Quantization/Rounding.h"

#include <cmath>

using namespace nt::quantization;
using Eigen::Index;

namespace {

constexpr uint64_t kSteps = 1000000;

class Search {
public:
  Search(const Eigen::MatrixXd &upper, const Eigen::VectorXd &weights,
         double scale, int32_t maxCode, const std::vector<int32_t> &codes)
      : upper(upper), weights(weights), scale(scale), maxCode(maxCode),
        chosen(codes), best(codes),
        residual(static_cast<size_t>(weights.size()), 0.0) {
    Eigen::VectorXd error = weights;
    for (Index j = 0; j < error.size(); ++j)
      error(j) -= scale * codes[static_cast<size_t>(j)];
    least = (upper * error).squaredNorm();
  }

  void run() { extend(weights.size() - 1, 0); }
  double leastError() const { return least; }
  const std::vector<int32_t> &bestCodes() const { return best; }

private:
  /// Chooses the code of weight j; those behind it are chosen and cost `sum`.
  void extend(Index j, double sum) {
    double offset = 0;
    for (Index k = j + 1; k < weights.size(); ++k)
      offset += upper(j, k) * residual[static_cast<size_t>(k)];
    // The real code at which this row of U costs nothing.
    const double centre = (weights(j) + offset / upper(j, j)) / scale;
    const int32_t first = nearestCode(centre, 1.0, maxCode);
    int32_t low = first, high = first + 1;
    while (low >= -maxCode || high <= maxCode) {
      const bool takesLow =
          high > maxCode || (low >= -maxCode && centre - low <= high - centre);
      const int32_t code = takesLow ? low-- : high++;
      const auto at = static_cast<size_t>(j);
      residual[at] = weights(j) - scale * code;
      const double row = upper(j, j) * residual[at] + offset,
                   total = sum + row * row;
      // Codes come in the order of rising cost.
      if (total >= least || ++steps > kSteps)
        return;
      chosen[at] = code;
      if (j > 0) {
        extend(j - 1, total);
        continue;
      }
      least = total;
      best = chosen;
    }
  }

  const Eigen::MatrixXd &upper;
  const Eigen::VectorXd &weights;
  double scale;
  int32_t maxCode;
  std::vector<int32_t> chosen, best;
  std::vector<double> residual; ///< w - scale q of the chosen codes.
  double least;
  uint64_t steps = 0;
};

} // namespace

double nt::quantization::roundExactly(const Eigen::MatrixXd &upper,
                                      const Eigen::VectorXd &weights,
                                      double scale, int32_t maxCode,
                                      std::vector<int32_t> &codes) {
  Search search(upper, weights, scale, maxCode, codes);
  search.run();
  codes = search.bestCodes();
  return search.leastError();
}
