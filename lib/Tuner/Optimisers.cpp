//===- Optimisers.cpp - Steps of trained values
//----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Optimisers.h"

#include <algorithm>
#include <cmath>

using namespace nt::tuner;

Parameters::Parameters(size_t site, const Site &from,
                       std::vector<uint32_t> groups)
    : site(site), groupOfValue(std::move(groups)),
      neutral(from.kind == Site::Kind::Gain ? 1.0f : 0.0f) {
  if (groupOfValue.empty()) {
    values = from.values;
  } else {
    values.resize(1 +
                  *std::max_element(groupOfValue.begin(), groupOfValue.end()));
    for (size_t i = 0; i < groupOfValue.size(); ++i)
      values[groupOfValue[i]] = from.values[i];
  }
  mean.assign(values.size(), 0.0f);
  square.assign(values.size(), 0.0f);
}

void Parameters::store(Site &to) const {
  if (groupOfValue.empty()) {
    to.values = values;
    return;
  }
  for (size_t i = 0; i < groupOfValue.size(); ++i)
    to.values[i] = values[groupOfValue[i]];
}

void Parameters::step(Site &target, const TrainingOptions &options,
                      double rate) {
  const std::vector<float> *g = &target.gradients;
  if (!groupOfValue.empty()) {
    std::vector<double> sums(values.size());
    for (size_t i = 0; i < groupOfValue.size(); ++i)
      sums[groupOfValue[i]] += target.gradients[i];
    gradients.assign(sums.begin(), sums.end());
    g = &gradients;
  }
  ++steps;
  const auto decay = static_cast<float>(options.weightDecay);
  const bool decoupled = options.optimiser == Optimiser::AdamW;
  const auto step = static_cast<float>(rate);
  if (options.optimiser == Optimiser::SGD) {
    const auto momentum = static_cast<float>(options.momentum);
    for (size_t i = 0; i < values.size(); ++i) {
      mean[i] = momentum * mean[i] + (*g)[i] + decay * (values[i] - neutral);
      values[i] -= step * mean[i];
    }
  } else {
    // Adam (Kingma 2015); AdamW (Loshchilov 2019).
    constexpr float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
    const double count = static_cast<double>(steps);
    const auto correct1 = static_cast<float>(1 / (1 - std::pow(0.9, count))),
               correct2 = static_cast<float>(1 / (1 - std::pow(0.999, count)));
    for (size_t i = 0; i < values.size(); ++i) {
      const float off = values[i] - neutral;
      const float slope = (*g)[i] + (decoupled ? 0.0f : decay * off);
      mean[i] = beta1 * mean[i] + (1 - beta1) * slope;
      square[i] = beta2 * square[i] + (1 - beta2) * slope * slope;
      values[i] -= step * (mean[i] * correct1 /
                               (std::sqrt(square[i] * correct2) + epsilon) +
                           (decoupled ? decay * off : 0.0f));
    }
  }
  if (options.l1 > 0) {
    const auto pull = static_cast<float>(rate * options.l1);
    for (float &value : values) {
      const float off = value - neutral;
      value =
          neutral + std::copysign(std::max(std::abs(off) - pull, 0.0f), off);
    }
  }
  store(target);
}
