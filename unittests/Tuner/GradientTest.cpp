//===- GradientTest.cpp - Gradients against finite differences ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every kind of layer that the engine runs, alone between two modulation sites
// or in the shape that networks have it.
//
//===----------------------------------------------------------------------===//
#include "EngineTesting.h"

using namespace nt::tuner;

namespace {

constexpr double kTolerance = 2e-3;

/// Builds input {channels, size, size} -> modulate -> `body` -> dense of 3.
template <typename Body>
std::unique_ptr<Engine> around(int64_t channels, int64_t size, Body body,
                               EngineOptions options = {}) {
  auto engine = std::make_unique<Engine>(options);
  Layer *x = engine->addInput({channels, size, size});
  x = engine->addModulate(x, "in", false);
  SampleShape shape = {channels, size, size};
  x = body(*engine, x, shape);
  const int64_t units = static_cast<int64_t>(sizeOf(shape));
  x = engine->addReshape(x, {units});
  std::vector<float> weights = randomValues(units * 3, 31);
  for (float &weight : weights)
    weight *= 2.0f / std::sqrt(static_cast<float>(units));
  engine->addDense(x, weights, randomValues(3, 32));
  return engine;
}

Layer *conv(Engine &engine, Layer *x, SampleShape &shape, int64_t outputs,
            int64_t kernel, int64_t stride, int64_t groups, unsigned seed,
            bool same = true, int64_t dilation = 1) {
  const int64_t reach = (kernel - 1) * dilation;
  const int64_t pad = same ? reach / 2 : 0;
  ConvParameters p{{outputs, shape[0] / groups, kernel, kernel},
                   {stride, stride},
                   {pad, pad, pad, pad},
                   {dilation, dilation},
                   groups};
  std::vector<float> weights =
      randomValues(outputs * shape[0] / groups * kernel * kernel, seed);
  const float scale =
      2.0f / std::sqrt(static_cast<float>(shape[0] / groups * kernel * kernel));
  for (float &weight : weights)
    weight *= scale;
  auto extent = [&](int64_t in) {
    return (in + 2 * pad - reach - 1) / stride + 1;
  };
  shape = {outputs, extent(shape[1]), extent(shape[2])};
  return engine.addConv(x, shape, p, weights, randomValues(outputs, seed + 1));
}

Layer *relu(Engine &engine, Layer *x) {
  return engine.addClip(x, 0.0f, INFINITY);
}

} // namespace

TEST(Gradients, ConvolutionsOfManyShapes) {
  struct Case {
    int64_t in, size, out, kernel, stride, groups, dilation;
  };
  for (const Case &c :
       {Case{1, 6, 4, 3, 1, 1, 1}, Case{3, 7, 5, 3, 2, 1, 1},
        Case{16, 5, 16, 1, 1, 1, 1}, Case{16, 6, 32, 3, 1, 1, 1},
        Case{17, 5, 19, 3, 1, 1, 1}, Case{16, 6, 16, 3, 1, 16, 1},
        Case{12, 7, 12, 5, 2, 12, 1}, Case{8, 6, 16, 3, 1, 2, 1},
        Case{16, 8, 16, 3, 1, 1, 2}, Case{32, 5, 32, 3, 1, 2, 1},
        Case{6, 5, 12, 3, 1, 6, 1}}) {
    auto engine =
        around(c.in, c.size, [&](Engine &e, Layer *x, SampleShape &shape) {
          x = conv(e, x, shape, c.out, c.kernel, c.stride, c.groups, 41, true,
                   c.dilation);
          x = e.addModulate(x, "out", c.out % 2 == 0);
          return relu(e, x);
        });
    EXPECT_LT(gradientError(*engine, 3, 20), kTolerance)
        << c.in << " " << c.size << " " << c.out << " " << c.kernel << " "
        << c.stride << " " << c.groups;
  }
}

TEST(Gradients, WinogradAgreesWithDirect) {
  auto build = [](bool winograd) {
    EngineOptions options;
    options.winograd = winograd;
    return around(
        32, 28,
        [&](Engine &e, Layer *x, SampleShape &shape) {
          for (unsigned i = 0; i < 2; ++i) {
            x = conv(e, x, shape, 32, 3, 1, 1, 51 + i);
            x = relu(e, e.addModulate(x, "m" + std::to_string(i), false));
          }
          return x;
        },
        options);
  };
  auto fast = build(true), direct = build(false);
  const std::vector<float> x = randomValues(2 * fast->inputSize(), 3);
  const std::vector<uint32_t> labels = {0, 2};
  lossAndGradients(*fast, x.data(), labels.data(), 2);
  lossAndGradients(*direct, x.data(), labels.data(), 2);
  for (size_t s = 0; s < fast->sites().size(); ++s) {
    const std::vector<float> &a = fast->sites()[s].gradients,
                             &b = direct->sites()[s].gradients;
    double error = 0, size = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      error += std::pow(a[i] - b[i], 2.0);
      size += std::pow(b[i], 2.0);
    }
    EXPECT_LT(std::sqrt(error / size), 1e-4) << fast->sites()[s].name;
  }
}

TEST(Gradients, ClipsWithTwoBounds) {
  for (auto [lower, upper] :
       {std::pair(0.0f, 0.6f), std::pair(-0.4f, 0.5f), std::pair(0.1f, 0.9f)}) {
    auto engine = around(5, 6, [&](Engine &e, Layer *x, SampleShape &shape) {
      x = conv(e, x, shape, 20, 3, 1, 1, 61);
      x = e.addClip(e.addModulate(x, "out", false), lower, upper);
      return conv(e, x, shape, 6, 1, 1, 1, 63);
    });
    EXPECT_LT(gradientError(*engine, 3, 30), kTolerance) << lower;
  }
}

TEST(Gradients, PoolsOfBothKindsWithPadsAndCeil) {
  for (bool average : {false, true})
    for (int64_t pad : {0, 1})
      for (bool counts : {false, true}) {
        auto engine =
            around(20, 8, [&](Engine &e, Layer *x, SampleShape &shape) {
              x = conv(e, x, shape, 20, 1, 1, 1, 71);
              x = e.addModulate(x, "out", false);
              // Ceil: the last window hangs over the edge.
              shape = {20, 4, 4};
              return e.addPool(
                  x, shape,
                  {{3, 3}, {2, 2}, {pad, pad, 1, 1}, average, counts});
            });
        EXPECT_LT(gradientError(*engine, 2, 40), kTolerance)
            << average << pad << counts;
      }
}

TEST(Gradients, GlobalAverageOfAnInvertedResidual) {
  // As EfficientNet-Lite: expand, depthwise, project, add, pool.
  auto engine = around(8, 6, [&](Engine &e, Layer *x, SampleShape &shape) {
    Layer *source = x;
    x = e.addClip(
        e.addModulate(conv(e, x, shape, 48, 1, 1, 1, 81), "expand", false), 0,
        6);
    x = e.addClip(
        e.addModulate(conv(e, x, shape, 48, 3, 1, 48, 83), "depth", false), 0,
        6);
    x = e.addModulate(conv(e, x, shape, 8, 1, 1, 1, 85), "project", false);
    x = e.addSum(x, source);
    shape = {8, 1, 1};
    return e.addPool(x, shape, {{6, 6}, {1, 1}, {0, 0, 0, 0}, true, false});
  });
  EXPECT_LT(gradientError(*engine, 3, 30), kTolerance);
}

TEST(Gradients, ResidualBlocksBehindEachOther) {
  // As ResNet: sums feed a ReLU that feeds two layers.
  auto engine = around(16, 5, [&](Engine &e, Layer *x, SampleShape &shape) {
    for (unsigned i = 0; i < 3; ++i) {
      const std::string name = "m" + std::to_string(i);
      Layer *a =
          relu(e, e.addModulate(conv(e, x, shape, 16, 3, 1, 1, 90 + 4 * i),
                                name, i == 1));
      a = e.addModulate(conv(e, a, shape, 16, 3, 1, 1, 92 + 4 * i), name + "b",
                        false);
      Layer *skip = i == 2 ? e.addModulate(conv(e, x, shape, 16, 1, 1, 1, 99),
                                           "skip", true)
                           : x;
      x = relu(e, i % 2 ? e.addSum(skip, a) : e.addSum(a, skip));
    }
    return x;
  });
  EXPECT_LT(gradientError(*engine, 2, 20), kTolerance);
}

TEST(Gradients, ConcatOfAlignedAndOtherChannels) {
  for (int64_t channels : {16, 5}) {
    auto engine = around(4, 5, [&](Engine &e, Layer *x, SampleShape &shape) {
      SampleShape left = shape, right = shape;
      Layer *a = relu(e, e.addModulate(conv(e, x, left, channels, 1, 1, 1, 101),
                                       "left", false));
      Layer *b = relu(e, e.addModulate(conv(e, x, right, 16, 3, 1, 1, 103),
                                       "right", false));
      shape = {channels + 16, 5, 5};
      x = e.addConcat({a, b}, shape);
      return relu(e, conv(e, x, shape, 8, 1, 1, 1, 105));
    });
    EXPECT_LT(gradientError(*engine, 2, 30), kTolerance) << channels;
  }
}

TEST(Gradients, GainsOfDomains) {
  auto engine = around(6, 5, [&](Engine &e, Layer *x, SampleShape &shape) {
    x = conv(e, x, shape, 4, 3, 1, 1, 111);
    x = e.addGain(x, "gain", {0, 0, 1, 1});
    x = e.addConstantSum(x, randomValues(sizeOf(shape), 113));
    return relu(e, e.addModulate(x, "out", false));
  });
  EXPECT_EQ(engine->findSite("gain")->values, std::vector<float>(2, 1.0f));
  EXPECT_LT(gradientError(*engine, 3, 30), kTolerance);
}

TEST(Gradients, OfAFilteredSiteAlone) {
  auto engine = around(4, 6, [&](Engine &e, Layer *x, SampleShape &shape) {
    for (unsigned i = 0; i < 3; ++i)
      x = relu(e, e.addModulate(conv(e, x, shape, 16, 3, 1, 1, 121 + 2 * i),
                                "m" + std::to_string(i), false));
    return x;
  });
  engine->train([](const Site &site) { return site.name == "m2"; });
  EXPECT_GT(engine->fixedSize(), 0u);
  EXPECT_LT(gradientError(*engine, 3, 30), kTolerance);
  EXPECT_EQ(engine->findSite("m0")->gradients,
            std::vector<float>(16 * 36, 0.0f));
  // From the kept result of the fixed layers: the same to the bit.
  const std::vector<float> x = randomValues(4 * engine->inputSize(), 5);
  const float *y = engine->forwardTraining(x.data(), 4);
  const std::vector<float> straight(y, y + 12);
  std::vector<float> fixed(4 * engine->fixedSize());
  engine->forwardFixed(x.data(), 4, fixed.data());
  y = engine->forwardTrainingFrom(fixed.data(), 4);
  EXPECT_EQ(std::vector<float>(y, y + 12), straight);
}

TEST(Gradients, DoNotDependOnChunksOrThreads) {
  // Large enough for several chunks, and an odd last one.
  auto run = [](unsigned threads) {
    EngineOptions options;
    options.threads = threads;
    auto engine = around(
        3, 40,
        [&](Engine &e, Layer *x, SampleShape &shape) {
          x = relu(e, e.addModulate(conv(e, x, shape, 24, 3, 1, 1, 131), "m",
                                    false));
          x = conv(e, x, shape, 24, 3, 2, 1, 133);
          return relu(e, e.addModulate(x, "n", true));
        },
        options);
    const std::vector<float> x = randomValues(13 * engine->inputSize(), 3);
    std::vector<uint32_t> labels;
    for (uint32_t i = 0; i < 13; ++i)
      labels.push_back(i % 3);
    lossAndGradients(*engine, x.data(), labels.data(), 13);
    std::vector<float> all;
    for (const Site &site : engine->sites())
      all.insert(all.end(), site.gradients.begin(), site.gradients.end());
    return all;
  };
  const std::vector<float> one = run(1), two = run(2);
  EXPECT_EQ(two, run(2));
  double error = 0, size = 0;
  for (size_t i = 0; i < one.size(); ++i) {
    error += std::pow(one[i] - two[i], 2.0);
    size += std::pow(one[i], 2.0);
  }
  EXPECT_LT(std::sqrt(error / size), 1e-5);
}

TEST(Gradients, InferenceGivesWhatTrainingGives) {
  auto engine = around(4, 9, [&](Engine &e, Layer *x, SampleShape &shape) {
    Layer *source = x = conv(e, x, shape, 16, 3, 1, 1, 141);
    x = relu(e, e.addModulate(conv(e, x, shape, 16, 3, 1, 1, 143), "m", false));
    x = relu(e, e.addSum(e.addModulate(conv(e, x, shape, 16, 1, 1, 1, 145), "n",
                                       true),
                         source));
    shape = {16, 4, 4};
    return e.addPool(x, shape, {{2, 2}, {2, 2}, {0, 0, 0, 0}, false, false});
  });
  const std::vector<float> x = randomValues(3 * engine->inputSize(), 5);
  for (int round = 0; round < 3; ++round) {
    const float *y = engine->forwardTraining(x.data(), 3);
    const std::vector<float> training(y, y + 9);
    y = engine->forward(x.data(), 3);
    for (size_t i = 0; i < 9; ++i)
      EXPECT_NEAR(y[i], training[i], 1e-5) << round;
    // With values per channel, then per neuron too: other plans.
    engine->findSite(round == 0 ? "n" : "m")->values[3] = 0.5f;
  }
}

TEST(Gradients, MemoryIsAFractionOfTheActivations) {
  auto engine = around(3, 64, [&](Engine &e, Layer *x, SampleShape &shape) {
    for (unsigned i = 0; i < 6; ++i)
      x = relu(e, e.addModulate(conv(e, x, shape, 32, 3, 1, 1, 151 + 2 * i),
                                "m" + std::to_string(i), true));
    return x;
  });
  constexpr size_t batch = 32;
  const std::vector<float> x = randomValues(batch * engine->inputSize(), 5);
  const std::vector<uint32_t> labels(batch, 1);
  lossAndGradients(*engine, x.data(), labels.data(), batch);
  // What a framework keeps: the result of every convolution.
  const size_t activations = 6 * batch * 32 * 64 * 64 * sizeof(float);
  EXPECT_LT(engine->activationBytes(), activations / 4);
}
