//===- ChipVariationTest.cpp - Real chips and many of them ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../lib/Philox.h"
#include "RandomProgram.h"
#include "ntrt/MonteCarlo.h"

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

using namespace ntrt;
using namespace ntrt::test;

namespace {
struct Network {
  DeviceModel device = testDevice();
  Program program;
  TaskOverlay task;
  Dataset data;

  explicit Network(uint32_t seed = 3, size_t images = 12) {
    RandomPrograms random(seed);
    device.linkEventRate_Hz = 1e9;
    program = random.program(device);
    task = random.task(program, device);
    data.sampleShape = {program.inputs};
    data.sampleSize = program.inputs;
    data.values = random.image(uint32_t(images) * program.inputs);
    for (size_t i = 0; i < images; ++i)
      data.labels.push_back(task.classOfOutput[random.below(
          uint32_t(task.classOfOutput.size()))]);
  }

  SimResult run(const ChipVariation *chip) const {
    auto simulator = chip ? Simulator::create(program, task, device, *chip)
                          : Simulator::create(program, task, device);
    EXPECT_TRUE(simulator) << toString(simulator.diagnostics());
    return *simulator->run(data.sample(0), data.sampleSize);
  }
};

std::string readText(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct TemporaryFolder {
  std::string path;
  TemporaryFolder() {
    char pattern[] = "/tmp/ntrt-montecarlo-XXXXXX";
    path = mkdtemp(pattern);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

/// Everything off its value at once.
void makeReal(DeviceModel &device) {
  device.synapse.mismatchSigma = 0.05;
  device.neuron.thresholdSigma_V = 0.009;
  device.variation = {0.02, 0.1, 0.002, 100, 300, 1, 0.01, 0.001};
}
} // namespace

TEST(Philox, GivesThePublishedNumbers) {
  // The known answers of Random123's kat_vectors.
  EXPECT_EQ(philox({0, 0, 0, 0}, 0),
            (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                     0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, ~uint64_t(0)),
            (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6,
                                     0x6d5451fd}));
}

TEST(Philox, NormalQuantileInvertsTheNormalDistribution) {
  for (double p : {1e-9, 1e-3, 0.02, 0.3, 0.5, 0.9, 0.999, 1 - 1e-6})
    EXPECT_NEAR(0.5 * std::erfc(-normalQuantile(p) / std::sqrt(2)) / p, 1,
                1e-7);
}

TEST(ChipVariation, DrawsHaveTheDevicesMoments) {
  DeviceModel device = testDevice();
  makeReal(device);
  const ChipVariation chip(device, 7);
  double synapse = 0, synapse2 = 0, threshold2 = 0, capacitor2 = 0, noise2 = 0;
  size_t dead = 0, stuck = 0;
  const uint32_t count = 40000;
  for (uint32_t i = 0; i < count; ++i) {
    // Code 1 is one unit source.
    const double lsb =
        chip.synapse({1, 2}, i / 200, i % 200, leastCurrentSources(1, 3));
    if (std::abs(lsb - 1) < 0.5) {
      synapse += lsb - 1;
      synapse2 += (lsb - 1) * (lsb - 1);
    } else {
      ++stuck;
    }
    const NeuronVariation neuron = chip.neuron({0, 1}, i);
    threshold2 += neuron.thresholdOffset_V * neuron.thresholdOffset_V;
    capacitor2 += std::pow(neuron.capacitorFactor - 1, 2);
    dead += neuron.isDead;
    noise2 += std::pow(chip.noise({0, 0}, i % 80, i, 3), 2);
  }
  EXPECT_NEAR(synapse / count, 0, 0.001);
  EXPECT_NEAR(std::sqrt(synapse2 / count), 0.05, 0.001);
  EXPECT_NEAR(std::sqrt(threshold2 / count), 0.009, 0.0002);
  EXPECT_NEAR(std::sqrt(capacitor2 / count), 0.02, 0.0005);
  EXPECT_NEAR(std::sqrt(noise2 / count), 1, 0.02);
  EXPECT_NEAR(double(dead) / count, 0.01, 0.002);
  // Of three digits, stuck in one of the two states that each is not in.
  EXPECT_NEAR(double(stuck) / count, 3 * 0.001 * 2 / 3, 0.0008);
}

TEST(ChipVariation, LargerDigitsMatchBetter) {
  DeviceModel device = testDevice();
  device.synapse.mismatchSigma = 0.05;
  const ChipVariation chip(device, 1);
  auto deviation = [&](int32_t code) {
    double sum = 0;
    for (uint32_t i = 0; i < 20000; ++i)
      sum += std::pow(
          chip.synapse({0, 0}, i / 100, i % 100, leastCurrentSources(code, 3)) /
                  code -
              1,
          2);
    return std::sqrt(sum / 20000);
  };
  EXPECT_NEAR(deviation(4), 0.05 / 2, 0.001);
  EXPECT_NEAR(deviation(-4), 0.05 / 2, 0.001);
  EXPECT_EQ(chip.synapse({0, 0}, 3, 4, 0), 0);
}

TEST(ChipVariation, AChipWithoutDeviationsIsTheIdealOne) {
  for (uint32_t seed = 0; seed < 20; ++seed)
    for (ResetKind reset : {ResetKind::Subtract, ResetKind::Hard}) {
      Network network(seed);
      network.device.neuron.reset = reset;
      const ChipVariation chip(network.device, 99);
      const SimResult ideal = network.run(nullptr), real = network.run(&chip);
      // The ideal chip computes quiet slots from their run's start; the last
      // bits of a membrane may differ, which no spike here depends on.
      EXPECT_EQ(real.counts, ideal.counts);
      EXPECT_EQ(real.spikes, ideal.spikes);
      EXPECT_EQ(real.synapticEvents, ideal.synapticEvents);
      EXPECT_EQ(real.droppedEvents, 0u);
    }
}

TEST(ChipVariation, EachEffectChangesTheResult) {
  using Effect = void (*)(DeviceModel &);
  const std::pair<const char *, Effect> effects[] = {
      {"mismatch", [](DeviceModel &d) { d.synapse.mismatchSigma = 0.2; }},
      {"threshold", [](DeviceModel &d) { d.neuron.thresholdSigma_V = 0.03; }},
      {"capacitor", [](DeviceModel &d) { d.variation.capacitorSigma = 0.1; }},
      {"leak", [](DeviceModel &d) { d.variation.leakSigma = 0.5; }},
      {"domain", [](DeviceModel &d) { d.variation.voltsSigma_V = 0.02; }},
      {"droop", [](DeviceModel &d) { d.variation.droop_Ohm = 1e4; }},
      {"temperature", [](DeviceModel &d) { d.variation.temperature_K = 1000; }},
      {"shot noise", [](DeviceModel &d) { d.variation.shotNoise = 100; }},
      {"dead", [](DeviceModel &d) { d.variation.deadNeurons = 0.2; }},
      {"stuck", [](DeviceModel &d) { d.variation.stuckDigits = 0.05; }}};
  for (const auto &[name, set] : effects) {
    Network network;
    const SimResult ideal = network.run(nullptr);
    set(network.device);
    const ChipVariation chip(network.device, 5);
    const SimResult real = network.run(&chip);
    EXPECT_NE(real.scores, ideal.scores) << name;
    EXPECT_EQ(network.run(&chip).scores, real.scores) << name;
    const ChipVariation other(network.device, 6);
    // Droop is the same on every chip.
    if (std::string(name) != "droop") {
      EXPECT_NE(network.run(&other).scores, real.scores) << name;
    }
  }
}

TEST(ChipVariation, DeadNeuronsNeverFire) {
  Network network;
  network.device.variation.deadNeurons = 1;
  const ChipVariation chip(network.device, 5);
  EXPECT_EQ(network.run(&chip).spikes, 0u);
}

TEST(ChipVariation, AFullLinkDropsEvents) {
  Network network;
  // Three events a slot and core.
  network.device.linkEventRate_Hz = 3e5;
  const ChipVariation chip(network.device, 5);
  const SimResult real = network.run(&chip);
  EXPECT_GT(real.droppedEvents, 100u);
  EXPECT_LT(real.synapticEvents, network.run(nullptr).synapticEvents);
}

TEST(MonteCarlo, ThreadsDoNotChangeTheFile) {
  TemporaryFolder folder;
  Network network;
  makeReal(network.device);
  std::string texts[2];
  for (unsigned i : {0u, 1u}) {
    MonteCarloOptions options;
    options.chips = 5;
    options.threads = 1 + 2 * i;
    options.path = folder.path + "/" + std::to_string(i);
    auto result = runMonteCarlo(network.program, network.task, network.device,
                                network.data, options, nullptr);
    ASSERT_TRUE(result) << toString(result.diagnostics());
    EXPECT_EQ(result->resumed, 0u);
    texts[i] = readText(options.path);
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(std::count(texts[0].begin(), texts[0].end(), '\n'), 7);
}

TEST(MonteCarlo, AKilledRunGoesOnToTheSameBytes) {
  TemporaryFolder folder;
  Network network;
  makeReal(network.device);
  MonteCarloOptions options;
  options.chips = 8;
  options.threads = 1;
  auto run = [&](const std::string &path) {
    options.path = path;
    return runMonteCarlo(network.program, network.task, network.device,
                         network.data, options, nullptr);
  };
  const std::string whole = folder.path + "/whole", cut = folder.path + "/cut";
  ASSERT_TRUE(run(whole));
  const std::string expected = readText(whole);
  int kills = 0;
  for (int attempt = 0; attempt < 40; ++attempt) {
    const pid_t child = fork();
    if (child == 0) {
      (void)run(cut);
      _exit(0);
    }
    usleep(useconds_t(500 + 700 * attempt));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    kills += WIFSIGNALED(status);
    // What is there is a beginning of the whole, whenever the kill came.
    EXPECT_TRUE(expected.starts_with(readText(cut)));
  }
  EXPECT_GT(kills, 0);
  ASSERT_TRUE(run(cut));
  EXPECT_EQ(readText(cut), expected);
}

TEST(MonteCarlo, EveryCutAndAFlippedByteIsMended) {
  TemporaryFolder folder;
  Network network(3, 2);
  makeReal(network.device);
  MonteCarloOptions options;
  options.chips = 2;
  options.path = folder.path + "/chips";
  auto run = [&] {
    return runMonteCarlo(network.program, network.task, network.device,
                         network.data, options, nullptr);
  };
  ASSERT_TRUE(run());
  const std::string expected = readText(options.path);
  for (size_t size = 0; size <= expected.size(); size += 97) {
    std::filesystem::resize_file(options.path, size);
    ASSERT_TRUE(run());
    ASSERT_EQ(readText(options.path), expected) << size;
  }
  std::string damaged = expected;
  damaged[damaged.find("\"correct\"") + 11] ^= 1;
  std::ofstream(options.path, std::ios::binary) << damaged;
  ASSERT_TRUE(run());
  EXPECT_EQ(readText(options.path), expected);
}

TEST(MonteCarlo, AnotherRunsFileIsRefusedAndKept) {
  TemporaryFolder folder;
  Network network;
  MonteCarloOptions options;
  options.chips = 2;
  options.path = folder.path + "/chips";
  ASSERT_TRUE(runMonteCarlo(network.program, network.task, network.device,
                            network.data, options, nullptr));
  const std::string before = readText(options.path);
  options.seed = 2;
  auto second = runMonteCarlo(network.program, network.task, network.device,
                              network.data, options, nullptr);
  ASSERT_FALSE(second);
  EXPECT_TRUE(has(second.diagnostics(), Diag::SimResume));
  EXPECT_EQ(readText(options.path), before);
}

TEST(MonteCarlo, QuantilesHoldTheirConfidence) {
  // The exact coverage of order statistics, counted over many samples.
  int covered = 0;
  const int repeats = 2000;
  for (int r = 0; r < repeats; ++r) {
    std::vector<double> values;
    for (uint32_t i = 0; i < 100; ++i)
      values.push_back(uniform(philox({i, uint32_t(r), 0, 0}, 1)[0]));
    const Quantile median = quantilesOf(values)[2];
    EXPECT_GE(median.confidence, 0.95);
    covered += median.low <= 0.5 && 0.5 <= median.high;
  }
  EXPECT_GE(covered, 0.94 * repeats);
}
