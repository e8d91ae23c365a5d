//===- EngineTest.cpp - Forward, backward and training of the engine ------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Training.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace nt::tuner;

namespace {

std::vector<float> randomValues(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(generator);
  return values;
}

/// conv -> modulate -> relu -> pool -> reshape -> dense -> modulate.
std::unique_ptr<Engine> makeNetwork(bool average, bool perChannel) {
  auto engine = std::make_unique<Engine>();
  Layer *x = engine->addInput({2, 7, 7});
  ConvParameters conv{{4, 1, 3, 3}, {1, 1}, {1, 0, 1, 2}, {1, 1}, 2};
  x = engine->addConv(x, {4, 7, 7}, conv, randomValues(36, 1),
                      randomValues(4, 2));
  x = engine->addModulate(x, "conv", perChannel);
  x = engine->addClip(x, 0.0f, INFINITY);
  x = engine->addPool(x, {4, 3, 3},
                      {{3, 3}, {2, 2}, {0, 0, 0, 0}, average, false});
  x = engine->addReshape(x, {36});
  x = engine->addDense(x, randomValues(36 * 3, 3), randomValues(3, 4));
  engine->addModulate(x, "dense", false);
  return engine;
}

/// Largest difference between analytic and central-difference gradients.
double gradientError(Engine &engine, size_t batch) {
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
  for (size_t s = 0; s < engine.sites().size(); ++s)
    for (size_t i = 0; i < engine.sites()[s].values.size(); ++i) {
      auto lossAt = [&](float offset) {
        float &value = engine.sites()[s].values[i];
        const float old = value;
        value = old + offset;
        const double loss =
            lossAndGradients(engine, samples.data(), labels.data(), batch);
        value = old;
        return loss;
      };
      const double right = (lossAt(1e-3f) - lossAt(0)) / 1e-3,
                   left = (lossAt(0) - lossAt(-1e-3f)) / 1e-3;
      // A ReLU or pool switches within the step: no derivative to compare with.
      if (std::abs(right - left) > 5e-3)
        continue;
      ++compared;
      worst = std::max(worst, std::abs((right + left) / 2 - analytic[s][i]));
    }
  EXPECT_GE(compared, 5u);
  return worst;
}

} // namespace

TEST(Engine, DenseMatchesHandComputedProduct) {
  Engine engine;
  engine.addDense(engine.addInput({2}), {1, 2, 3, 4, 5, 6}, {0.5f, 0, -1});
  const float x[] = {1, -1, 2, 0};
  const float *y = engine.forward(x, 2);
  const float expected[] = {-0.5f, -1, -2, 2.5f, 6, 9};
  for (int i = 0; i < 6; ++i)
    EXPECT_FLOAT_EQ(y[i], expected[i]) << i;
}

TEST(Engine, ConvMatchesDirectSum) {
  Engine engine;
  ConvParameters p{{3, 2, 3, 2}, {2, 1}, {1, 1, 0, 1}, {1, 2}, 1};
  const std::vector<float> w = randomValues(36, 1), b = randomValues(3, 2),
                           x = randomValues(2 * 6 * 5, 3);
  // Height (6 + 1 - 3) / 2 + 1 = 3, width (5 + 2 - 3) / 1 + 1 = 5.
  engine.addConv(engine.addInput({2, 6, 5}), {3, 3, 5}, p, w, b);
  const float *y = engine.forward(x.data(), 1);
  for (int o = 0; o < 3; ++o)
    for (int oy = 0; oy < 3; ++oy)
      for (int ox = 0; ox < 5; ++ox) {
        double sum = b[o];
        for (int c = 0; c < 2; ++c)
          for (int ky = 0; ky < 3; ++ky)
            for (int kx = 0; kx < 2; ++kx) {
              const int iy = oy * 2 - 1 + ky, ix = ox - 1 + kx * 2;
              if (iy >= 0 && iy < 6 && ix >= 0 && ix < 5)
                sum += double(w[((o * 2 + c) * 3 + ky) * 2 + kx]) *
                       x[(c * 6 + iy) * 5 + ix];
            }
        EXPECT_NEAR(y[(o * 3 + oy) * 5 + ox], sum, 1e-5);
      }
}

TEST(Engine, GradientsMatchFiniteDifferencesMaxPool) {
  EXPECT_LT(gradientError(*makeNetwork(false, false), 4), 2e-3);
}
TEST(Engine, GradientsMatchFiniteDifferencesAveragePool) {
  EXPECT_LT(gradientError(*makeNetwork(true, false), 4), 2e-3);
}
TEST(Engine, GradientsMatchFiniteDifferencesPerChannel) {
  EXPECT_LT(gradientError(*makeNetwork(true, true), 4), 2e-3);
}

TEST(Engine, PerChannelSiteHasOneValueAChannel) {
  auto engine = makeNetwork(true, true);
  EXPECT_EQ(engine->findSite("conv")->values.size(), 4u);
  EXPECT_EQ(engine->findSite("dense")->values.size(), 3u);
  EXPECT_EQ(engine->findSite("nowhere"), nullptr);
}

TEST(Engine, ResidualSumAndConcatPassGradients) {
  Engine engine;
  Layer *x = engine.addInput({3});
  Layer *a = engine.addModulate(x, "a", false);
  Layer *b = engine.addModulate(a, "b", false);
  Layer *sum = engine.addSum(a, b);
  Layer *both = engine.addConcat({sum, x}, {6});
  engine.addDense(both, randomValues(24, 9), {});
  EXPECT_LT(gradientError(engine, 3), 2e-3);
}

TEST(Engine, ModulationOfZeroChangesNothing) {
  auto engine = makeNetwork(true, false);
  const std::vector<float> x = randomValues(engine->inputSize(), 5);
  const float *y = engine->forward(x.data(), 1);
  const std::vector<float> before(y, y + 3);
  engine->findSite("dense")->values[1] = 2.0f;
  y = engine->forward(x.data(), 1);
  EXPECT_FLOAT_EQ(y[0], before[0]);
  EXPECT_FLOAT_EQ(y[1], before[1] + 2.0f);
}

TEST(Engine, ResultDoesNotDependOnBatch) {
  auto engine = makeNetwork(false, false);
  const std::vector<float> x = randomValues(3 * engine->inputSize(), 5);
  const float *y = engine->forward(x.data(), 3);
  const std::vector<float> together(y, y + 9);
  for (size_t n = 0; n < 3; ++n) {
    y = engine->forward(x.data() + n * engine->inputSize(), 1);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(y[i], together[n * 3 + i], 1e-5);
  }
}

namespace {
/// Two classes that a bias can tell apart behind a frozen random hidden layer.
ntrt::Dataset blobs(size_t samples, unsigned seed) {
  ntrt::Dataset data;
  data.sampleShape = {4};
  data.sampleSize = 4;
  std::mt19937 generator(seed);
  std::normal_distribution<float> noise(0, 0.3f);
  for (size_t i = 0; i < samples; ++i) {
    const uint32_t label = i % 2;
    for (int d = 0; d < 4; ++d)
      data.values.push_back((label ? 1.0f : -1.0f) * (d % 2 ? 1 : 0.5f) +
                            noise(generator));
    data.labels.push_back(label);
  }
  return data;
}
std::unique_ptr<Engine> frozenHidden() {
  auto engine = std::make_unique<Engine>();
  Layer *x = engine->addInput({4});
  x = engine->addDense(x, randomValues(4 * 24, 21), {});
  x = engine->addModulate(x, "hidden", false);
  x = engine->addClip(x, 0.0f, INFINITY);
  x = engine->addDense(x, randomValues(24 * 2, 22), {});
  engine->addModulate(x, "out", false);
  return engine;
}
} // namespace

TEST(Training, ModulationAloneLearnsATask) {
  auto engine = frozenHidden();
  const ntrt::Dataset train = blobs(400, 1), test = blobs(200, 2);
  TrainingOptions options;
  options.epochs = 10;
  options.learningRate = 0.05;
  size_t reports = 0;
  const double loss =
      nt::tuner::train(*engine, train, options, [&](const TrainingProgress &) {
        ++reports;
      })->loss;
  EXPECT_EQ(reports, 10u * 7u);
  EXPECT_LT(loss, 0.2);
  EXPECT_GT(accuracy(*engine, test), 0.95);
}

TEST(Training, SameSeedGivesSameValues) {
  auto run = [](uint64_t seed) {
    auto engine = frozenHidden();
    TrainingOptions options;
    options.epochs = 2;
    options.seed = seed;
    EXPECT_TRUE(bool(nt::tuner::train(*engine, blobs(100, 1), options,
                                      [](const TrainingProgress &) {})));
    return engine->findSite("hidden")->values;
  };
  EXPECT_EQ(run(3), run(3));
  EXPECT_NE(run(3), run(4));
}

TEST(Training, DivergenceIsReportedAsNotFinite) {
  auto engine = frozenHidden();
  ntrt::Dataset data = blobs(100, 1);
  data.values[5] = NAN;
  const double loss =
      nt::tuner::train(*engine, data, {}, [](const TrainingProgress &) {
      })->loss;
  EXPECT_FALSE(std::isfinite(loss));
}

TEST(Training, AccuracyFollowsClassOfOutput) {
  auto engine = frozenHidden();
  const ntrt::Dataset data = blobs(200, 3);
  const double straight = accuracy(*engine, data, {0, 1});
  EXPECT_NEAR(accuracy(*engine, data, {1, 0}), 1 - straight, 1e-12);
}

TEST(Training, MatchOutputsIsTheBetterOfTwoAssignments) {
  auto engine = frozenHidden();
  const ntrt::Dataset data = blobs(200, 3);
  const std::vector<uint32_t> match = matchOutputs(*engine, data, 2);
  EXPECT_GE(accuracy(*engine, data, match),
            std::max(accuracy(*engine, data, {0, 1}),
                     accuracy(*engine, data, {1, 0})) -
                1e-12);
}

TEST(Assignment, EqualsBruteForceOnRandomMatrices) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const size_t n = 1 + seed % 6;
    const std::vector<float> random = randomValues(n * n, seed);
    const std::vector<double> cost(random.begin(), random.end());
    const std::vector<size_t> found = assignMinimumCost(cost, n);
    auto total = [&](const std::vector<size_t> &columns) {
      double sum = 0;
      for (size_t row = 0; row < n; ++row)
        sum += cost[row * n + columns[row]];
      return sum;
    };
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t(0));
    double best = 1e9;
    do
      best = std::min(best, total(order));
    while (std::next_permutation(order.begin(), order.end()));
    EXPECT_NEAR(total(found), best, 1e-9) << "seed " << seed;
  }
}
