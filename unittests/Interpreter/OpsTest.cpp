//===- OpsTest.cpp - What every op evaluates to ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "gtest/gtest.h"

#include "NetworkBuilder.h"

#include <cmath>

using namespace mlir;
using namespace nt;
using namespace nt::test;

namespace {

void expectNear(const std::vector<double> &found,
                const std::vector<double> &wanted, double tolerance = 1e-12) {
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR(found[i], wanted[i], tolerance) << "value " << i;
}

/// The formula of ONNX Conv, output by output, on a padded copy of the input.
std::vector<double> convByFormula(const ConvCase &c,
                                  const std::vector<float> &x,
                                  const std::vector<float> &w,
                                  const std::vector<float> &bias) {
  const int64_t channels = c.input[0], height = c.input[1], width = c.input[2];
  const int64_t ph = height + c.pads[0] + c.pads[2];
  const int64_t pw = width + c.pads[1] + c.pads[3];
  std::vector<double> padded(channels * ph * pw, 0.0);
  for (int64_t k = 0; k < channels; ++k)
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < width; ++j)
        padded[(k * ph + i + c.pads[0]) * pw + j + c.pads[1]] =
            x[(k * height + i) * width + j];
  std::vector<double> y;
  const std::vector<int64_t> out = c.output();
  const int64_t perGroup = c.weights[1];
  for (int64_t o = 0; o < out[0]; ++o)
    for (int64_t i = 0; i < out[1]; ++i)
      for (int64_t j = 0; j < out[2]; ++j) {
        double sum = bias[o];
        const int64_t group = o * c.groups / out[0];
        for (int64_t k = 0; k < perGroup; ++k)
          for (int64_t a = 0; a < c.weights[2]; ++a)
            for (int64_t b = 0; b < c.weights[3]; ++b) {
              const int64_t row = i * c.strides[0] + a * c.dilations[0];
              const int64_t column = j * c.strides[1] + b * c.dilations[1];
              sum +=
                  padded[((group * perGroup + k) * ph + row) * pw + column] *
                  w[((o * perGroup + k) * c.weights[2] + a) * c.weights[3] + b];
            }
        y.push_back(sum);
      }
  return y;
}

int64_t product(const std::vector<int64_t> &shape) {
  return ShapedType::getNumElements(shape);
}

TEST(EvaluateTest, ConvIsTheFormula) {
  unsigned seed = 0;
  for (const ConvCase &c : convCases()) {
    SCOPED_TRACE("case " + std::to_string(seed));
    const std::vector<float> x = randomValues(product(c.input), ++seed);
    const std::vector<float> w = randomValues(product(c.weights), 100 + seed);
    const std::vector<float> bias = randomValues(c.weights[0], 200 + seed);
    Network network;
    network.add({1, c.input[0], c.input[1], c.input[2]}, [&](Value in) {
      return addConv(network, c, in, network.frozen(c.weights, w),
                     network.frozen({c.weights[0]}, bias));
    });
    expectNear(network.run(x), convByFormula(c, x, w, bias));
  }
}

TEST(EvaluateTest, QuantisedConvScalesEachChannel) {
  Network network;
  ConvCase c{{1, 2, 2}, {2, 1, 2, 2}};
  network.add({1, 1, 2, 2}, [&](Value in) {
    return addConv(
        network, c, in, network.codes({2, 1, 2, 2}, {1, -7, 0, 3, 2, 2, 2, -2}),
        network.frozen({2}, {0.5f, -1.0f}), network.scales({0.25, 0.125}));
  });
  // (1 - 14 + 0 + 12) / 4 + 0.5 and (2 + 4 + 6 - 8) / 8 - 1.
  expectNear(network.run({1, 2, 3, 4}), {0.25, -0.5});
}

TEST(EvaluateTest, DenseIsAMatrixProduct) {
  Network network;
  network.add({1, 2}, [&](Value x) {
    return network.op<DenseOp>({1, 3},
                               {x, network.frozen({3, 2}, {1, 2, 3, 4, 5, 6}),
                                network.frozen({3}, {1, 0, -1})},
                               network.name("fc"));
  });
  expectNear(network.run({10, 100}), {211, 430, 649});
}

TEST(EvaluateTest, QuantisedDense) {
  Network network;
  network.add({1, 2}, [&](Value x) {
    return network.op<DenseOp>({1, 2},
                               {x, network.codes({2, 2}, {7, -7, 0, 1})},
                               {network.name("fc"), network.scales({0.5, 2})});
  });
  expectNear(network.run({1, 3}), {-7, 6});
}

TEST(EvaluateTest, BatchNormOverChannels) {
  Network network;
  network.add({1, 2, 1, 2}, [&](Value x) {
    return network.op<BatchNormOp>(
        {1, 2, 1, 2},
        {x, network.frozen({2}, {2, 3}), network.frozen({2}, {1, -1}),
         network.frozen({2}, {5, 6}), network.frozen({2}, {3, 8})},
        network.f64("epsilon", 1.0));
  });
  // (x - 5) / 2 * 2 + 1 and (x - 6) / 3 * 3 - 1.
  expectNear(network.run({5, 7, 6, 9}), {1, 3, -1, 2});
}

TEST(EvaluateTest, MaxPoolIgnoresPadding) {
  Network network;
  network.add({1, 1, 3, 3}, [&](Value x) {
    return network.op<MaxPoolOp>({1, 1, 2, 2}, x,
                                 {network.i64s("kernel", {2, 2}),
                                  network.i64s("strides", {2, 2}),
                                  network.i64s("pads", {1, 1, 0, 0})});
  });
  // All are negative: a padding of zero would win.
  expectNear(network.run({-1, -2, -3, -4, -5, -6, -7, -8, -9}),
             {-1, -2, -4, -5});
}

TEST(EvaluateTest, AvgPoolWithAndWithoutPadding) {
  for (bool count : {false, true}) {
    Network network;
    network.add({1, 1, 2, 2}, [&](Value x) {
      SmallVector<NamedAttribute> attributes = {
          network.i64s("kernel", {2, 2}), network.i64s("strides", {1, 1}),
          network.i64s("pads", {1, 1, 0, 0})};
      if (count)
        attributes.push_back(network.builder.getNamedAttr(
            "count_include_pad", network.builder.getUnitAttr()));
      return network.op<AvgPoolOp>({1, 1, 2, 2}, x, attributes);
    });
    expectNear(network.run({4, 8, 12, 16}),
               count ? std::vector<double>{1, 3, 4, 10}
                     : std::vector<double>{4, 6, 8, 10});
  }
}

TEST(EvaluateTest, SoftmaxAlongALastAxis) {
  Network network;
  network.add({1, 3}, [&](Value x) {
    return network.op<SoftmaxOp>({1, 3}, x, network.i64("axis", 1));
  });
  const double e = std::exp(1.0), sum = 1 + e + e * e;
  expectNear(network.run({0, 1, 2}), {1 / sum, e / sum, e * e / sum});
  // Large scores do not overflow.
  expectNear(network.run({1000, 1000, -1000}), {0.5, 0.5, 0});
}

TEST(EvaluateTest, SoftmaxAlongAMiddleAxis) {
  Network network;
  network.add({1, 2, 2}, [&](Value x) {
    return network.op<SoftmaxOp>({1, 2, 2}, x, network.i64("axis", 1));
  });
  const double third = std::log(2.0);
  expectNear(network.run({0, 5, static_cast<float>(third), 5}),
             {1.0 / 3, 0.5, 2.0 / 3, 0.5}, 1e-7);
}

TEST(EvaluateTest, ReluAndClip) {
  Network relu;
  relu.add({1, 3}, [&](Value x) { return relu.op<ReluOp>({1, 3}, x); });
  expectNear(relu.run({-1, 0, 2}), {0, 0, 2});
  Network clip;
  clip.add({1, 3}, [&](Value x) {
    return clip.op<ClipOp>({1, 3}, x,
                           {clip.f64("lower", -0.5), clip.f64("upper", 1.5)});
  });
  expectNear(clip.run({-1, 0, 2}), {-0.5, 0, 1.5});
}

TEST(EvaluateTest, AddAndReshape) {
  Network network;
  network.add({1, 4}, [&](Value x) {
    Value square = network.op<ReshapeOp>({1, 2, 2}, x);
    return network.op<AddOp>({1, 2, 2},
                             {square, network.frozen({1, 2, 2}, {1, 2, 3, 4})});
  });
  auto interpreter = Interpreter::create(*network.module);
  ASSERT_TRUE(succeeded(interpreter));
  auto result = (*interpreter)->run({10, 20, 30, 40});
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->shape, (std::vector<int64_t>{1, 2, 2}));
  expectNear(result->values, {11, 22, 33, 44});
}

TEST(EvaluateTest, ConcatAlongEachAxis) {
  for (int64_t axis : {1, 2}) {
    Network network;
    network.add({1, 2, 2}, [&](Value x) {
      Value more = network.frozen({1, 2, 2}, {5, 6, 7, 8});
      SmallVector<int64_t> shape = {1, 2, 2};
      shape[axis] = 4;
      return network.op<ConcatOp>(shape, {x, more}, network.i64("axis", axis));
    });
    expectNear(network.run({1, 2, 3, 4}),
               axis == 1 ? std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}
                         : std::vector<double>{1, 2, 5, 6, 3, 4, 7, 8});
  }
}

TEST(EvaluateTest, ModulationPerNeuronAndPerChannel) {
  for (Granularity granularity : {Granularity::Neuron, Granularity::Channel}) {
    const bool perNeuron = granularity == Granularity::Neuron;
    Network network;
    network.add({1, 2, 1, 2}, [&](Value x) {
      return network.modulate(x, "site", granularity);
    });
    network.task("target", "site",
                 perNeuron ? std::vector<float>{1, 2, 3, 4}
                           : std::vector<float>{10, 20});
    expectNear(network.run({0, 0, 0, 0}, "target"),
               perNeuron ? std::vector<double>{1, 2, 3, 4}
                         : std::vector<double>{10, 10, 20, 20});
    // No task: no modulation.
    expectNear(network.run({1, 1, 1, 1}), {1, 1, 1, 1});
  }
}

/// Gives the task gains for the synapse domains of a layer.
void setGains(Network &network, TaskOp task, StringRef layer,
              ArrayRef<float> gains) {
  auto values = DenseElementsAttr::get(
      network.type({static_cast<int64_t>(gains.size())}), gains);
  task->setAttr(kTaskGains,
                network.builder.getDictionaryAttr(network.builder.getNamedAttr(
                    (layer + kGainSuffix).str(), values)));
}

TEST(EvaluateTest, AGainMultipliesTheSumsAndNotTheBias) {
  Network network;
  network.add({1, 2}, [&](Value x) {
    Value w = network.frozen({2, 2}, {1, 2, 3, 4});
    Value y = network.op<DenseOp>({1, 2}, {x, w, network.frozen({2}, {10, 20})},
                                  {network.name("fc")});
    return network.modulate(y, "fc", Granularity::Neuron);
  });
  setGains(network, network.task("target", "fc", {100, 200}), "fc", {0.5f});
  expectNear(network.run({1, 1}, "target"), {111.5, 223.5});
  expectNear(network.run({1, 1}), {13, 27});
}

TEST(EvaluateTest, GainsOfDomainsFollowTheirChannels) {
  auto build = [](Network &network, ArrayRef<int32_t> domains) {
    network.add({1, 1, 1, 2}, [&](Value x) {
      Value w = network.codes({3, 1, 1, 1}, {1, 1, 2});
      return network.op<ConvOp>(
          {1, 3, 1, 2}, {x, w},
          {network.name("conv"), network.i64s("strides", {1, 1}),
           network.i64s("pads", {0, 0, 0, 0}),
           network.i64s("dilations", {1, 1}), network.i64("groups", 1),
           network.scales({1, 1, 0.5}),
           network.builder.getNamedAttr(
               FrozenLayer::kDomainOfChannel,
               network.builder.getDenseI32ArrayAttr(domains)),
           network.builder.getNamedAttr(
               FrozenLayer::kDomainDac,
               network.builder.getDenseI32ArrayAttr(
                   SmallVector<int32_t>(domains.back() + 1, 100)))});
    });
  };
  Network network;
  build(network, {0, 1, 1});
  setGains(network, network.task("target", "none", {0}), "conv", {2, 3});
  expectNear(network.run({1, 10}, "target"), {2, 20, 3, 30, 3, 30});
  // A domain without a gain is no gain of 1.
  Network lacking;
  build(lacking, {0, 1, 2});
  setGains(lacking, lacking.task("target", "none", {0}), "conv", {2, 3});
  EXPECT_TRUE(lacking.run({1, 10}, "target").empty());
}

TEST(EvaluateTest, ASiteThatTheTaskDoesNotNameHasZeros) {
  Network network;
  network.add({1, 2}, [&](Value x) {
    return network.modulate(x, "site", Granularity::Neuron);
  });
  network.task("target", "elsewhere", {1, 2});
  expectNear(network.run({3, 4}, "target"), {3, 4});
}

} // namespace
