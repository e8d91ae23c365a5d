//===- EngineTest.cpp - Forward and backward of the engine
//-----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "EngineTesting.h"

using namespace nt::tuner;

namespace {

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
