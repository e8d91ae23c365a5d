//===- PartitionProblemTest.cpp - Layers over cores -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/PartitionProblem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

using namespace nt::mapping;
using ntrt::Diag;

namespace {
PartitionLayer dense(std::string name, uint32_t inputs, uint32_t neurons) {
  PartitionLayer layer;
  layer.name = std::move(name);
  layer.inputs = inputs;
  layer.channels = neurons;
  std::vector<uint32_t> all(inputs);
  std::iota(all.begin(), all.end(), 0u);
  layer.inputsOf.assign(neurons, all);
  return layer;
}

/// A square convolution; each group of output channels sees its own inputs.
PartitionLayer conv(std::string name, uint32_t inChannels, uint32_t inSize,
                    uint32_t outChannels, uint32_t kernel, uint32_t stride,
                    uint32_t pad, uint32_t groups = 1) {
  PartitionLayer layer;
  layer.name = std::move(name);
  layer.inputs = inChannels * inSize * inSize;
  layer.channels = outChannels;
  layer.height = layer.width = (inSize + 2 * pad - kernel) / stride + 1;
  uint32_t perGroup = inChannels / groups;
  for (uint32_t o = 0; o < outChannels; ++o)
    for (uint32_t y = 0; y < layer.height; ++y)
      for (uint32_t x = 0; x < layer.width; ++x) {
        std::vector<uint32_t> &inputs = layer.inputsOf.emplace_back();
        uint32_t first = o / (outChannels / groups) * perGroup;
        for (uint32_t c = first; c < first + perGroup; ++c)
          for (uint32_t ky = 0; ky < kernel; ++ky)
            for (uint32_t kx = 0; kx < kernel; ++kx) {
              int64_t iy = int64_t(y * stride + ky) - pad;
              int64_t ix = int64_t(x * stride + kx) - pad;
              if (iy >= 0 && ix >= 0 && iy < inSize && ix < inSize)
                inputs.push_back(uint32_t((c * inSize + iy) * inSize + ix));
            }
      }
  return layer;
}

PartitionProblem problemOf(std::vector<PartitionLayer> layers, uint32_t axons,
                           uint32_t neurons, uint32_t cores) {
  PartitionProblem problem;
  problem.layers = std::move(layers);
  problem.limits = {axons, neurons, cores, 4, 4};
  return problem;
}

uint64_t axonsOf(const PartitionSolution &solution) {
  uint64_t sum = 0;
  for (const CorePart &core : solution.cores)
    sum += core.inputs.size();
  return sum;
}

std::vector<Diag> diagsOf(const ntrt::DiagnosticList &misfits) {
  std::vector<Diag> diags;
  for (const ntrt::Diagnostic &misfit : misfits)
    diags.push_back(misfit.diag);
  return diags;
}
} // namespace

TEST(PartitionProblem, LimitsComeFromTheDevice) {
  auto device =
      ntrt::DeviceModel::load(NT_SOURCE_DIR "/share/nt/devices/nt1.json");
  ASSERT_TRUE(bool(device));
  device->coreAxons = 77;
  device->synapseDomain.countPerCore = 3;
  device->modulationDomain.countPerCore = 2;
  PartitionLimits limits = PartitionLimits::of(*device);
  EXPECT_EQ(limits.coreAxons, 77u);
  EXPECT_EQ(limits.coreNeurons, device->coreNeurons);
  EXPECT_EQ(limits.cores, device->gridRows * device->gridColumns);
  EXPECT_EQ(limits.synapseDomains, 3u);
  EXPECT_EQ(limits.modulationDomains, 2u);
}

TEST(PartitionProblem, LayerThatFitsTakesOneCore) {
  auto problem = problemOf({dense("fc", 16, 16)}, 16, 16, 1);
  auto solution = solve(problem);
  ASSERT_TRUE(bool(solution));
  ASSERT_EQ(solution->cores.size(), 1u);
  EXPECT_EQ(solution->cores[0].neurons, problem.layers[0].inputsOf[0]);
  EXPECT_EQ(solution->cores[0].inputs.size(), 16u);
}

TEST(PartitionProblem, DenseLayerIsSplitEvenly) {
  auto solution = solve(problemOf({dense("fc", 784, 384)}, 1024, 256, 64));
  ASSERT_TRUE(bool(solution));
  ASSERT_EQ(solution->cores.size(), 2u);
  EXPECT_EQ(solution->cores[0].neurons.size(), 192u);
  EXPECT_EQ(solution->cores[1].neurons.size(), 192u);
}

TEST(PartitionProblem, CoresComeInTheOrderOfTheLayers) {
  auto solution =
      solve(problemOf({dense("a", 8, 40), dense("b", 40, 20)}, 64, 16, 64));
  ASSERT_TRUE(bool(solution));
  std::vector<uint32_t> layers;
  for (const CorePart &core : solution->cores)
    layers.push_back(core.layer);
  EXPECT_EQ(layers, (std::vector<uint32_t>{0, 0, 0, 1, 1}));
}

TEST(PartitionProblem, TilesOfAConvolutionShareInputs) {
  // 8 x 8 positions of 4 channels on cores of 64 neurons: 4 x 4 tiles need
  // 10 x 10 inputs each with a 3 x 3 kernel of stride 2 (pads aside), rows of
  // two need 5 x 17.
  auto layer = conv("conv", 1, 16, 4, 3, 2, 1);
  auto problem = problemOf({layer}, 90, 64, 64);
  auto solution = solve(problem);
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->cores.size(), 4u);
  EXPECT_LE(axonsOf(*solution), 4u * 81u);
}

TEST(PartitionProblem, FanInLimitMakesSmallerTiles) {
  // To 4 x 4: a tile of 2 x 2 positions sees 4 x 4 of the 64 input channels,
  // as every tile is at a border; one fewer axon needs smaller tiles.
  auto layer = conv("conv", 64, 7, 64, 3, 2, 1);
  auto wide = solve(problemOf({layer}, 4 * 4 * 64, 256, 64));
  auto narrow = solve(problemOf({layer}, 4 * 4 * 64 - 1, 256, 64));
  ASSERT_TRUE(bool(wide) && bool(narrow));
  EXPECT_EQ(wide->cores.size(), 4u);
  EXPECT_GT(narrow->cores.size(), 4u);
  EXPECT_LE(narrow->cores.size(), 8u); // two positions a core always fit
  for (const CorePart &core : narrow->cores)
    EXPECT_LT(core.inputs.size(), 4u * 4 * 64);
}

TEST(PartitionProblem, DepthwiseConvolutionIsCutByChannels) {
  // 8 channels of 4 x 4, each with inputs of its own: channel tiles need 64
  // axons of 128, position tiles all channels' inputs.
  auto layer = conv("pool", 8, 8, 8, 2, 2, 0, 8);
  auto solution = solve(problemOf({layer}, 64, 16, 64));
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->cores.size(), 8u);
  EXPECT_EQ(axonsOf(*solution), 8u * 64u);
}

TEST(PartitionProblem, GreedyRunsBeatTilesWhereThatSavesCores) {
  // 3 x 3 positions of 5 channels: 45 neurons on cores of 12. Even tiles need
  // 5 cores or more, a run in order 4.
  auto layer = conv("conv", 1, 5, 5, 3, 1, 0);
  auto solution = solve(problemOf({layer}, 25, 12, 64));
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->cores.size(), 4u);
}

TEST(PartitionProblem, NetworksOfTheDemoFitNt1) {
  auto device =
      ntrt::DeviceModel::load(NT_SOURCE_DIR "/share/nt/devices/nt1.json");
  ASSERT_TRUE(bool(device));
  PartitionProblem problem;
  problem.limits = PartitionLimits::of(*device);
  problem.layers = {conv("conv1", 1, 28, 32, 3, 2, 1),
                    conv("conv2", 32, 14, 64, 3, 2, 1),
                    conv("conv3", 64, 7, 64, 3, 2, 1), dense("fc1", 1024, 128),
                    dense("fc2", 128, 5)};
  auto solution = solve(problem);
  ASSERT_TRUE(bool(solution)) << ntrt::toString(solution.diagnostics());
  EXPECT_LE(solution->cores.size(), device->cores());
  // 6272 + 3136 + 1024 + 128 + 5 neurons on 256 a core: 44 at the very least.
  EXPECT_GE(solution->cores.size(), 44u);
  EXPECT_TRUE(problem.verify(*solution).empty());
}

TEST(PartitionProblem, SolutionIsTheSameEveryTime) {
  auto problem = problemOf({conv("conv", 3, 9, 7, 3, 2, 1)}, 60, 20, 64);
  auto first = solve(problem), second = solve(problem);
  ASSERT_TRUE(bool(first) && bool(second));
  ASSERT_EQ(first->cores.size(), second->cores.size());
  for (size_t i = 0; i < first->cores.size(); ++i)
    EXPECT_EQ(first->cores[i].neurons, second->cores[i].neurons);
}

TEST(PartitionProblem, NeuronWithoutInputsIsPlaced) {
  PartitionLayer layer = dense("fc", 4, 2);
  layer.inputsOf[1].clear();
  auto solution = solve(problemOf({layer}, 4, 4, 1));
  ASSERT_TRUE(bool(solution));
  EXPECT_EQ(solution->cores[0].neurons.size(), 2u);
}

TEST(PartitionProblem, RandomSparseLayersAreHeldWhole) {
  // A linear congruential generator, so that the layers are the same anywhere.
  uint32_t state = 1;
  auto next = [&](uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % below;
  };
  for (int round = 0; round < 20; ++round) {
    PartitionLayer layer;
    layer.name = "sparse";
    layer.inputs = 1 + next(60);
    layer.channels = 1 + next(6);
    layer.height = 1 + next(5);
    layer.width = 1 + next(5);
    for (uint64_t n = 0; n < layer.neurons(); ++n) {
      std::vector<uint32_t> &inputs = layer.inputsOf.emplace_back();
      for (uint32_t i = 0; i < layer.inputs && inputs.size() < 12; ++i)
        if (next(4) == 0)
          inputs.push_back(i);
    }
    auto problem = problemOf({layer}, 12 + next(20), 1 + next(30), 1000);
    auto solution = solve(problem);
    ASSERT_TRUE(bool(solution)) << ntrt::toString(solution.diagnostics());
    EXPECT_TRUE(problem.verify(*solution).empty());
  }
}

TEST(PartitionProblem, FanInOfEveryLayerIsReported) {
  auto solution = solve(
      problemOf({dense("fc1", 20, 4), dense("ok", 4, 4), dense("fc3", 17, 2)},
                16, 16, 4));
  ASSERT_FALSE(bool(solution));
  ASSERT_EQ(diagsOf(solution.diagnostics()),
            (std::vector<Diag>{Diag::MapFanIn, Diag::MapFanIn}));
  EXPECT_EQ(solution.diagnostics()[0].place, "layer fc1");
  EXPECT_EQ(solution.diagnostics()[0].detail,
            "4 of 4 neurons have up to 20 inputs, a core has 16 axons");
  EXPECT_EQ(solution.diagnostics()[1].place, "layer fc3");
}

TEST(PartitionProblem, TooManyCoresNamesEveryLayersNeed) {
  auto solution =
      solve(problemOf({dense("fc1", 8, 40), dense("fc2", 8, 16)}, 16, 16, 3));
  ASSERT_FALSE(bool(solution));
  ASSERT_EQ(diagsOf(solution.diagnostics()),
            (std::vector<Diag>{Diag::MapCores}));
  EXPECT_EQ(solution.diagnostics()[0].detail,
            "it needs 4 cores (fc1 3, fc2 1), the device has 3 of 16 axons "
            "and 16 neurons");
}

TEST(PartitionProblem, FanInAndCoresAreReportedTogether) {
  auto solution =
      solve(problemOf({dense("wide", 99, 4), dense("long", 8, 99)}, 16, 16, 3));
  ASSERT_FALSE(bool(solution));
  EXPECT_EQ(diagsOf(solution.diagnostics()),
            (std::vector<Diag>{Diag::MapFanIn, Diag::MapCores}));
  EXPECT_NE(solution.diagnostics()[1].detail.find("more than 7 cores"),
            std::string::npos);
}

TEST(PartitionProblem, DomainsOfEachKindAreLimited) {
  PartitionLayer layer = dense("fc", 4, 4);
  layer.synapseDomains = 5;
  layer.modulationDomains = 6;
  auto misfits = problemOf({layer}, 4, 4, 1).check();
  ASSERT_EQ(diagsOf(misfits),
            (std::vector<Diag>{Diag::MapDomains, Diag::MapDomains}));
  EXPECT_EQ(misfits[0].detail, "5 synapse domains, a core has 4");
  EXPECT_EQ(misfits[1].detail, "6 modulation domains, a core has 4");
}

TEST(PartitionProblem, MalformedLayersAreRefused) {
  PartitionLayer shape = dense("shape", 4, 4);
  shape.height = 2;
  PartitionLayer order = dense("order", 4, 4);
  std::swap(order.inputsOf[2][0], order.inputsOf[2][1]);
  PartitionLayer range = dense("range", 4, 4);
  range.inputsOf[3].back() = 4;
  EXPECT_EQ(diagsOf(problemOf({shape, order, range}, 4, 4, 4).check()),
            std::vector<Diag>(3, Diag::MapInternal));
  EXPECT_FALSE(bool(solve(problemOf({shape}, 4, 8, 4))));
  EXPECT_FALSE(bool(solve(problemOf({range}, 8, 8, 4))));
}

TEST(PartitionProblem, CoreOfSizeZeroIsRefused) {
  EXPECT_FALSE(bool(solve(problemOf({dense("fc", 1, 1)}, 0, 4, 4))));
  EXPECT_FALSE(bool(solve(problemOf({dense("fc", 1, 1)}, 4, 0, 4))));
}

//===----------------------------------------------------------------------===//
// verify() judges any solution
//===----------------------------------------------------------------------===//

namespace {
/// A good solution of a layer of 6 inputs and 6 neurons on 2 cores.
struct Verify : testing::Test {
  PartitionProblem problem = problemOf({dense("fc", 6, 6)}, 6, 4, 2);
  PartitionSolution solution;

  void SetUp() override {
    solution = *solve(problem);
    ASSERT_EQ(solution.cores.size(), 2u);
    ASSERT_TRUE(problem.verify(solution).empty());
  }
  void expectRefused(const std::string &detail) {
    auto misfits = problem.verify(solution);
    EXPECT_TRUE(std::any_of(misfits.begin(), misfits.end(),
                            [&](const ntrt::Diagnostic &misfit) {
                              return misfit.detail.find(detail) !=
                                     std::string::npos;
                            }))
        << detail << " not in: " << ntrt::toString(misfits);
  }
};
} // namespace

TEST_F(Verify, MissingNeuron) {
  solution.cores[1].neurons.pop_back();
  expectRefused("is on 0 cores");
}

TEST_F(Verify, NeuronTwice) {
  solution.cores[0].neurons.push_back(solution.cores[1].neurons[0]);
  expectRefused("is on 2 cores");
}

TEST_F(Verify, MissingInput) {
  solution.cores[0].inputs.erase(solution.cores[0].inputs.begin() + 2);
  expectRefused("lacks its input 2");
}

TEST_F(Verify, UnusedAxon) {
  problem.layers[0].inputs = 7;
  problem.limits.coreAxons = 7;
  solution.cores[0].inputs.push_back(6);
  expectRefused("an axon that none of its neurons has a synapse on");
}

TEST_F(Verify, InputsOutOfOrder) {
  std::swap(solution.cores[0].inputs[0], solution.cores[0].inputs[1]);
  expectRefused("not strictly increasing");
}

TEST_F(Verify, TooManyNeuronsOrAxons) {
  problem.limits.coreNeurons = 2;
  problem.limits.coreAxons = 5;
  expectRefused("3 neurons, the range is 1 to 2");
  expectRefused("6 axons, the limit is 5");
}

TEST_F(Verify, TooManyCores) {
  problem.limits.cores = 1;
  expectRefused("2 cores, the device has 1");
}

TEST_F(Verify, NoSuchLayerOrNeuron) {
  solution.cores[0].neurons[0] = 99;
  expectRefused("no such neuron: 99");
  solution.cores[0].layer = 7;
  expectRefused("no such layer: 7");
}
