//===- EngineTesting.h - What the engine's tests share ----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_TUNER_ENGINETESTING_H
#define NT_UNITTESTS_TUNER_ENGINETESTING_H

#include "nt/Tuner/Training.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace nt::tuner {

inline std::vector<float> randomValues(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(generator);
  return values;
}

/// Largest difference between analytic and central-difference gradients, over
/// `atMost` values of each site.
inline double gradientError(Engine &engine, size_t batch,
                            size_t atMost = 1000) {
  const std::vector<float> samples =
      randomValues(batch * engine.inputSize(), 7);
  std::vector<uint32_t> labels(batch);
  for (size_t i = 0; i < batch; ++i)
    labels[i] = static_cast<uint32_t>(i % engine.outputSize());
  lossAndGradients(engine, samples.data(), labels.data(), batch);
  std::vector<std::vector<float>> analytic;
  for (Site &site : engine.sites())
    analytic.push_back(site.gradients);

  double worst = 0;
  size_t compared = 0;
  for (size_t s = 0; s < engine.sites().size(); ++s) {
    if (!engine.sites()[s].trained)
      continue;
    const size_t count = engine.sites()[s].values.size();
    const size_t stride = std::max<size_t>(1, count / atMost);
    for (size_t i = 0; i < count; i += stride) {
      auto lossAt = [&](float offset) {
        float &value = engine.sites()[s].values[i];
        const float old = value;
        value = old + offset;
        const double loss =
            lossAndGradients(engine, samples.data(), labels.data(), batch);
        value = old;
        return loss;
      };
      constexpr float step = 2e-3f;
      const double right = (lossAt(step) - lossAt(0)) / step,
                   left = (lossAt(0) - lossAt(-step)) / step;
      // A ReLU or pool switches within the step: no derivative to compare with.
      if (std::abs(right - left) > 2e-3)
        continue;
      ++compared;
      worst = std::max(worst, std::abs((right + left) / 2 - analytic[s][i]));
    }
  }
  EXPECT_GE(compared, 5u);
  return worst;
}

} // namespace nt::tuner

#endif // NT_UNITTESTS_TUNER_ENGINETESTING_H
