//===- SpikingNetworkTest.cpp - Tests of training through spikes ----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/SpikingNetwork.h"
#include "EngineTesting.h"

#include <cmath>

using namespace nt::tuner;

namespace {

constexpr size_t kInputs = 12, kHidden = 20, kOutputs = 3;
constexpr uint32_t kSlots = 24;

/// Plain numbers: C = 1 F, a swing of 1 V, a slot of 1 s.
ntrt::DeviceModel device(ntrt::ResetKind reset, double leak_S) {
  ntrt::DeviceModel device;
  device.neuron.capacitance_F = 1;
  device.neuron.leak_S = leak_S;
  device.neuron.vRest_V = 0;
  device.neuron.vReset_V = 0;
  device.neuron.vThreshold_V = 1;
  device.neuron.vInit_V = 0.5;
  device.neuron.railLow_V = -100;
  device.neuron.railHigh_V = 100;
  device.neuron.refractory_s = 0.05;
  device.neuron.reset = reset;
  device.synapse.pulseWidth_s = 0.5;
  device.slot_s = 1;
  return device;
}

SpikingLayer layer(const std::string &name, uint32_t firstUnit, size_t inputs,
                   size_t neurons, uint64_t seed,
                   const ntrt::DeviceModel &model) {
  SpikingLayer layer;
  layer.name = name;
  for (size_t i = 0; i < inputs; ++i)
    layer.units.push_back(firstUnit + static_cast<uint32_t>(i));
  layer.device = model;
  layer.range = 2;
  const std::vector<float> codes = randomValues(neurons * inputs, seed);
  layer.first.push_back(0);
  for (size_t n = 0; n < neurons; ++n) {
    for (size_t i = 0; i < inputs; ++i) {
      layer.axon.push_back(static_cast<uint32_t>(i));
      layer.conductance.push_back(
          static_cast<float>(std::lround(7 * codes[n * inputs + i])));
    }
    layer.first.push_back(static_cast<uint32_t>(layer.axon.size()));
    layer.lsb_A.push_back(n % 2 ? 0.08 : 0.05);
  }
  for (int code = -20; code <= 20; ++code) {
    layer.levels_A.push_back(0.01 * code);
    layer.levels.push_back(static_cast<float>(2 * 0.01 * code));
  }
  return layer;
}

SpikingModel model(const ntrt::DeviceModel &device, bool membrane = true) {
  SpikingModel model;
  model.layers = {layer("hidden", 0, kInputs, kHidden, 1, device),
                  layer("scores", kInputs, kHidden, kOutputs, 2, device)};
  model.inputs = kInputs;
  model.slots = kSlots;
  model.readout = 1;
  model.scoreScale = 2;
  model.membraneReadout = membrane;
  return model;
}

ntrt::Dataset samples(size_t count) {
  ntrt::Dataset data;
  data.sampleShape = {kInputs};
  data.sampleSize = kInputs;
  data.values = randomValues(count * kInputs, 3);
  for (float &value : data.values)
    value = std::abs(value);
  return data;
}

/// A level of a site by its index.
void setValue(SpikingNetwork &network, size_t site, size_t neuron, int level) {
  network.sites()[site].values[neuron] =
      network.spikingModel().layers[site].levels[20 + level];
}

/// Scores of one sample, slot by slot as docs/time-model.md says.
std::vector<float> simulated(const SpikingModel &model, const float *values,
                             const std::vector<double> &hidden_A) {
  const ntrt::TimeModel time(model.layers[0].device);
  std::vector<ntrt::NeuronState> hidden(kHidden, time.preset()),
      out(kOutputs, time.preset());
  std::vector<double> scores(kOutputs);
  for (uint32_t slot = 0; slot < model.slots; ++slot) {
    std::vector<int> fired;
    for (size_t n = 0; n < kHidden; ++n) {
      float sum = 0;
      for (size_t i = 0; i < kInputs; ++i)
        if (ntrt::regularSpike(values[i], slot))
          sum += model.layers[0].conductance[n * kInputs + i];
      fired.push_back(
          time.step(hidden[n], sum * model.layers[0].lsb_A[n], hidden_A[n])
              .spiked);
    }
    for (size_t o = 0; o < kOutputs; ++o) {
      float sum = 0;
      for (size_t n = 0; n < kHidden; ++n)
        sum += fired[n] * model.layers[1].conductance[o * kHidden + n];
      scores[o] += time.step(out[o], sum * model.layers[1].lsb_A[o], 0).spiked;
    }
  }
  std::vector<float> result;
  for (size_t o = 0; o < kOutputs; ++o) {
    if (model.membraneReadout)
      scores[o] += out[o].membrane_V - 0.5;
    result.push_back(static_cast<float>(scores[o] * 2 / model.slots));
  }
  return result;
}

/// More samples than a block has, and no whole number of blocks.
constexpr size_t kSamples = 37;

void expectTheTimeModel(const SpikingModel &wanted) {
  SpikingNetwork network(wanted, 2);
  std::vector<double> hidden_A;
  for (size_t n = 0; n < kHidden; ++n) {
    setValue(network, 0, n, int(n) - 10);
    hidden_A.push_back(wanted.layers[0].levels_A[n + 10]);
  }
  const ntrt::Dataset data = samples(kSamples);
  const float *scores = network.forward(data.sample(0), kSamples);
  for (size_t s = 0; s < kSamples; ++s) {
    const std::vector<float> one = simulated(wanted, data.sample(s), hidden_A);
    for (size_t o = 0; o < kOutputs; ++o)
      EXPECT_NEAR(scores[s * kOutputs + o], one[o], 1e-5);
  }
}

TEST(SpikingNetworkTest, ForwardIsTheTimeModelSpikeForSpike) {
  for (bool membrane : {false, true})
    for (auto reset : {ntrt::ResetKind::Subtract, ntrt::ResetKind::Hard})
      for (double leak_S : {0.0, 0.05})
        expectTheTimeModel(model(device(reset, leak_S), membrane));
}

TEST(SpikingNetworkTest, ForwardEndsWithinATileOfSlots) {
  for (uint32_t slots : {1u, 7u, 13u}) {
    SpikingModel some = model(device(ntrt::ResetKind::Hard, 0.05));
    some.slots = slots;
    expectTheTimeModel(some);
  }
}

TEST(SpikingNetworkTest, ConductancesOfAChipAreNoCodes) {
  SpikingModel chip = model(device(ntrt::ResetKind::Subtract, 0.05));
  for (SpikingLayer &layer : chip.layers)
    for (size_t s = 0; s < layer.conductance.size(); ++s)
      layer.conductance[s] += static_cast<float>(s % 5) / 64;
  expectTheTimeModel(chip);
}

TEST(SpikingNetworkTest, SumsOfCodesAndOfConductancesGiveTheSameBits) {
  SpikingModel codes = model(device(ntrt::ResetKind::Subtract, 0.05));
  codes.slots = 21;
  SpikingModel halves = codes;
  for (SpikingLayer &layer : halves.layers) {
    for (float &conductance : layer.conductance)
      conductance /= 2;
    for (double &lsb_A : layer.lsb_A)
      lsb_A *= 2;
  }
  std::vector<std::vector<float>> seen;
  for (const SpikingModel &one : {codes, halves}) {
    SpikingNetwork network(one, 2);
    const ntrt::Dataset data = samples(kSamples);
    const size_t size = kSamples * kOutputs;
    const float *scores = network.forwardTraining(data.sample(0), kSamples);
    seen.emplace_back(scores, scores + size);
    const std::vector<float> gradient = randomValues(size, 4);
    network.backward(gradient.data(), kSamples);
    for (const Site &site : network.sites())
      seen.back().insert(seen.back().end(), site.gradients.begin(),
                         site.gradients.end());
  }
  EXPECT_EQ(seen[0], seen[1]);
}

TEST(SpikingNetworkTest, WithoutLeakAndLossAScoreFollowsItsOwnBias) {
  // Spikes and what is left on the membrane are together the charge.
  SpikingNetwork network(model(device(ntrt::ResetKind::Subtract, 0)), 1);
  const ntrt::Dataset data = samples(5);
  const float *scores = network.forwardTraining(data.sample(0), 5);
  const std::vector<float> before(scores, scores + 5 * kOutputs);
  std::vector<float> gradient(5 * kOutputs, 0.0f);
  for (size_t s = 0; s < 5; ++s)
    gradient[s * kOutputs + 1] = 1;
  network.backward(gradient.data(), 5);
  const std::vector<float> slopes = network.sites()[1].gradients;
  EXPECT_NEAR(slopes[1], 5, 1e-4);
  EXPECT_EQ(slopes[0], 0);
  setValue(network, 1, 1, 3);
  scores = network.forward(data.sample(0), 5);
  double change = 0;
  for (size_t s = 0; s < 5; ++s)
    change += scores[s * kOutputs + 1] - before[s * kOutputs + 1];
  EXPECT_NEAR(change, slopes[1] * 0.06, 1e-3);
}

TEST(SpikingNetworkTest, GradientsOfHiddenBiasesPointDownhill) {
  // The surrogate's slope is not the step's, but a step along it must help.
  SpikingNetwork network(model(device(ntrt::ResetKind::Hard, 0.05)), 1);
  const ntrt::Dataset data = samples(64);
  auto sumOfFirst = [&](const float *scores) {
    double sum = 0;
    for (size_t s = 0; s < 64; ++s)
      sum += scores[s * kOutputs];
    return sum;
  };
  const double before = sumOfFirst(network.forwardTraining(data.sample(0), 64));
  std::vector<float> gradient(64 * kOutputs, 0.0f);
  for (size_t s = 0; s < 64; ++s)
    gradient[s * kOutputs] = 1;
  network.backward(gradient.data(), 64);
  for (size_t n = 0; n < kHidden; ++n)
    setValue(network, 0, n, network.sites()[0].gradients[n] > 0 ? 2 : -2);
  EXPECT_GT(sumOfFirst(network.forward(data.sample(0), 64)), before + 1);
}

std::vector<WordSite> wordSites(const SpikingNetwork &network) {
  std::vector<WordSite> sites;
  for (const SpikingLayer &layer : network.spikingModel().layers)
    sites.push_back(
        {layer.levels, 0, std::vector<float>(layer.neurons(), 0.0f)});
  return sites;
}

TEST(SpikingNetworkTest, CorrectionGivesBackWhatLeakAndResetTake) {
  std::vector<std::vector<float>> latents;
  for (unsigned threads : {1u, 3u}) {
    SpikingNetwork network(model(device(ntrt::ResetKind::Hard, 0.05)), threads);
    const ntrt::Dataset data = samples(100);
    std::vector<WordSite> sites = wordSites(network);
    const CorrectionResult result = correctModulation(network, data, sites, {});
    EXPECT_GT(result.bestRound, 0u);
    EXPECT_LT(result.errorAfter, 0.5 * result.errorBefore);
    latents.push_back(sites[0].latent);
    for (float value : network.sites()[0].values)
      EXPECT_EQ(value, nearestLevel(sites[0].levels, value));
  }
  EXPECT_EQ(latents[0], latents[1]);
}

TEST(SpikingNetworkTest, CorrectionLeavesWhatIsExact) {
  // No leak, no loss, and a score that takes all charge.
  SpikingModel exact = model(device(ntrt::ResetKind::Subtract, 0));
  exact.layers.erase(exact.layers.begin());
  exact.layers[0] = layer("scores", 0, kInputs, kOutputs, 1,
                          device(ntrt::ResetKind::Subtract, 0));
  exact.readout = 0;
  SpikingNetwork network(exact, 1);
  ntrt::Dataset data = samples(20);
  for (float &value : data.values) // Whole numbers of spikes.
    value = std::round(value * kSlots) / kSlots;
  std::vector<WordSite> sites = wordSites(network);
  const CorrectionResult result = correctModulation(network, data, sites, {});
  EXPECT_NEAR(result.errorBefore, 0, 1e-6);
  for (float latent : sites[0].latent)
    EXPECT_NEAR(latent, 0, 1e-4);
}

TEST(SpikingNetworkTest, TrainingThroughSpikesLearns) {
  SpikingNetwork network(model(device(ntrt::ResetKind::Hard, 0.05)), 2);
  ntrt::Dataset data = samples(400);
  // Labels by the exact rates of other words.
  for (size_t n = 0; n < kHidden; ++n)
    setValue(network, 0, n, n % 3 ? 15 : -15);
  network.keepReference();
  const float *scores = network.exact(data.sample(0), 400);
  for (size_t s = 0; s < 400; ++s)
    data.labels.push_back(static_cast<uint32_t>(
        std::max_element(scores + s * kOutputs, scores + (s + 1) * kOutputs) -
        (scores + s * kOutputs)));
  std::vector<WordSite> sites = wordSites(network);
  RetuningOptions options;
  options.epochs = 8;
  options.learningRate = 0.5;
  auto result = retune(network, data, {}, sites, options);
  ASSERT_TRUE(result);
  EXPECT_LT(result->lossAfter, 0.8 * result->lossBefore);
  EXPECT_GE(result->accuracyAfter, result->accuracyBefore);
}

} // namespace
