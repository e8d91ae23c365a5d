//===- SynapsesTest.cpp - Interfaces of layers ----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "gtest/gtest.h"

#include "../../Interpreter/NetworkBuilder.h"

#include <limits>

using namespace mlir;
using namespace nt;
using namespace nt::test;

namespace {

FrozenLayer onlyLayer(Network &network) {
  FrozenLayer found;
  network.module->walk([&](FrozenLayer layer) { found = layer; });
  return found;
}

/// The layer's sums, synapse by synapse, as a crossbar would add them.
std::vector<double> bySynapses(FrozenLayer layer, const std::vector<float> &x) {
  auto weights = layer.getFrozenWeights().getDefiningOp<FrozenOp>();
  const HostTensor w = toHostTensor(weights.getValue());
  std::vector<double> y(layer.getNumNeurons(), 0.0);
  for (int64_t neuron = 0; neuron < layer.getNumNeurons(); ++neuron) {
    int64_t last = -1;
    layer.forEachSynapse(neuron, [&](int64_t input, int64_t weight) {
      EXPECT_GT(weight, last) << "not ascending at neuron " << neuron;
      last = weight;
      ASSERT_GE(input, 0);
      ASSERT_LT(input, layer.getNumInputs());
      const int64_t perChannel = w.size() / layer.getNumChannels();
      EXPECT_EQ(weight / perChannel, layer.getChannelOf(neuron));
      y[neuron] += w.values[weight] * x[input];
    });
  }
  return y;
}

TEST(SynapseLayerTest, ConvBySynapsesIsTheEvaluatedConv) {
  unsigned seed = 0;
  for (const ConvCase &c : convCases()) {
    SCOPED_TRACE("case " + std::to_string(seed++));
    const std::vector<float> x =
        randomValues(ShapedType::getNumElements(c.input), seed);
    Network network;
    network.add({1, c.input[0], c.input[1], c.input[2]}, [&](Value in) {
      return addConv(
          network, c, in,
          network.frozen(
              c.weights,
              randomValues(ShapedType::getNumElements(c.weights), 50 + seed)),
          Value());
    });
    FrozenLayer layer = onlyLayer(network);
    EXPECT_EQ(layer.getNumInputs(), ShapedType::getNumElements(c.input));
    EXPECT_EQ(layer.getNumNeurons(), ShapedType::getNumElements(c.output()));
    EXPECT_EQ(layer.getNumChannels(), c.weights[0]);
    const std::vector<double> wanted = network.run(x);
    const std::vector<double> found = bySynapses(layer, x);
    ASSERT_EQ(found.size(), wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i)
      EXPECT_NEAR(found[i], wanted[i], 1e-12) << "neuron " << i;
  }
}

TEST(SynapseLayerTest, DenseHasEveryInput) {
  const std::vector<float> x = {1, 10, 100};
  Network network;
  network.add({1, 3}, [&](Value in) {
    return network.op<DenseOp>({1, 2},
                               {in, network.frozen({2, 3}, {1, 2, 3, 4, 5, 6})},
                               network.name("fc"));
  });
  FrozenLayer layer = onlyLayer(network);
  EXPECT_EQ(layer.getNumInputs(), 3);
  EXPECT_EQ(layer.getNumNeurons(), 2);
  EXPECT_EQ(layer.getNumChannels(), 2);
  EXPECT_EQ(bySynapses(layer, x), (std::vector<double>{321, 654}));
}

TEST(SynapseLayerTest, PaddingGivesNoSynapse) {
  ConvCase c{{1, 2, 2}, {1, 1, 3, 3}, {1, 1}, {1, 1, 1, 1}};
  Network network;
  network.add({1, 1, 2, 2}, [&](Value in) {
    return addConv(network, c, in,
                   network.frozen(c.weights, std::vector<float>(9, 1)),
                   Value());
  });
  std::vector<std::pair<int64_t, int64_t>> synapses;
  onlyLayer(network).forEachSynapse(0, [&](int64_t input, int64_t weight) {
    synapses.emplace_back(input, weight);
  });
  // Neuron 0 has its centre on input 0: the first row and column are padding.
  EXPECT_EQ(synapses, (std::vector<std::pair<int64_t, int64_t>>{
                          {0, 4}, {1, 5}, {2, 7}, {3, 8}}));
}

TEST(FrozenLayerTest, BiasIsSetReplacedAndRemoved) {
  Network network;
  network.add({1, 2}, [&](Value in) {
    return network.op<DenseOp>(
        {1, 2}, {in, network.frozen({2, 2}, {1, 0, 0, 1})}, network.name("fc"));
  });
  FrozenLayer layer = onlyLayer(network);
  EXPECT_FALSE(layer.getFrozenBias());
  network.builder.setInsertionPoint(layer);
  layer.setFrozenBias(network.frozen({2}, {1, 2}));
  EXPECT_EQ(network.run({10, 20}), (std::vector<double>{11, 22}));
  layer.setFrozenBias(network.frozen({2}, {3, 4}));
  EXPECT_EQ(network.run({10, 20}), (std::vector<double>{13, 24}));
  layer.setFrozenBias(Value());
  EXPECT_FALSE(layer.getFrozenBias());
  EXPECT_EQ(network.run({10, 20}), (std::vector<double>{10, 20}));
  layer.setFrozenWeights(network.frozen({2, 2}, {0, 1, 1, 0}));
  EXPECT_EQ(network.run({10, 20}), (std::vector<double>{20, 10}));
}

TEST(FrozenLayerTest, NamesAreTheSite) {
  Network network;
  network.add({1, 2}, [&](Value in) {
    return network.op<DenseOp>({1, 1}, {in, network.frozen({1, 2}, {1, 0})},
                               network.name("head"));
  });
  FrozenLayer layer = onlyLayer(network);
  EXPECT_EQ(layer.getLayerName(), "head");
  EXPECT_EQ(cast<Modulatable>(layer.getOperation()).getModulationSite(),
            "head");
}

TEST(NeuronLayerTest, OnlyAFiniteUpperBoundSaturates) {
  const double infinity = std::numeric_limits<double>::infinity();
  Network network;
  network.add({1, 2}, [&](Value x) {
    Value relu = network.op<ReluOp>({1, 2}, x);
    Value clip = network.op<ClipOp>(
        {1, 2}, relu, {network.f64("lower", 0), network.f64("upper", 6)});
    return network.op<ClipOp>(
        {1, 2}, clip,
        {network.f64("lower", 0), network.f64("upper", infinity)});
  });
  std::vector<std::optional<double>> found;
  network.module->walk(
      [&](NeuronLayer layer) { found.push_back(layer.getSaturation()); });
  EXPECT_EQ(found, (std::vector<std::optional<double>>{std::nullopt, 6.0,
                                                       std::nullopt}));
}

} // namespace
