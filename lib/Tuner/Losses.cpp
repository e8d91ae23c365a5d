//===- Losses.cpp - Losses of scores
//---------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Losses.h"

#include <cmath>

using namespace nt::tuner;

namespace {

/// softmax(scores / temperature) to `p`; returns the logarithm of the sum
/// relative to the largest score.
double softmax(const float *scores, size_t count, double temperature,
               std::vector<double> &p) {
  const double best = scores[largest(scores, count)];
  double sum = 0;
  for (size_t c = 0; c < count; ++c) {
    p[c] = std::exp((scores[c] - best) / temperature);
    sum += p[c];
  }
  for (size_t c = 0; c < count; ++c)
    p[c] /= sum;
  return std::log(sum) + best / temperature;
}

} // namespace

double nt::tuner::lossOf(const LossInput &in, const TrainingOptions &options,
                         const std::vector<double> &weights, float *gradient) {
  const size_t outputs = in.outputs;
  const double share = 1.0 / static_cast<double>(in.batch);
  const bool distils = options.loss == LossKind::Distillation;
  const double t = options.temperature;
  std::vector<double> p(outputs), wanted(outputs), slope(outputs);
  double loss = 0;
  for (size_t n = 0; n < in.batch; ++n) {
    const float *scores = in.scores + n * outputs;
    const uint32_t label = in.labels[n];
    const double weight = weights.empty() ? 1.0 : weights[label];
    if (options.loss == LossKind::MeanSquare) {
      for (size_t c = 0; c < outputs; ++c) {
        const double error = scores[c] - (c == label ? 1.0 : 0.0);
        loss += weight * error * error / 2;
        slope[c] = weight * error;
      }
    } else {
      const double labelShare =
          weight * (distils ? 1 - options.teacherWeight : 1.0);
      const double logSum = softmax(scores, outputs, 1.0, p);
      loss += labelShare * (logSum - scores[label]);
      for (size_t c = 0; c < outputs; ++c)
        slope[c] = labelShare * (p[c] - (c == label ? 1.0 : 0.0));
    }
    if (distils) {
      // t^2 keeps the gradient's size when the temperature changes (Hinton).
      const double teacherShare = options.teacherWeight * t * t;
      const double logSum = softmax(scores, outputs, t, p);
      const float *teacher = in.teacher + n * outputs;
      const double teacherLogSum = softmax(teacher, outputs, t, wanted);
      for (size_t c = 0; c < outputs; ++c) {
        loss += teacherShare * wanted[c] *
                ((teacher[c] / t - teacherLogSum) - (scores[c] / t - logSum));
        slope[c] += teacherShare / t * (p[c] - wanted[c]);
      }
    }
    if (gradient)
      for (size_t c = 0; c < outputs; ++c)
        gradient[n * outputs + c] = static_cast<float>(slope[c] * share);
  }
  return loss * share;
}
