//===- SpikeSimulatorTest.cpp - The reference simulator against others ----===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Judges: an integer T-step network written here, spikes worked out by hand,
// and the runtime's simulator of a configured chip.
//
//===----------------------------------------------------------------------===//
#include "gtest/gtest.h"

#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Interpreter/SpikeSimulator.h"
#include "ntrt/Bitstream.h"
#include "ntrt/Simulator.h"
#include "ntrt/TimeModel.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <cmath>
#include <limits>
#include <random>

using namespace mlir;
using namespace nt;

namespace {

/// A float that reads back to the same bits.
std::string exact(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%.16e", value);
  return buffer;
}

std::string join(llvm::ArrayRef<int> values) {
  std::string text;
  for (int value : values)
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  return text;
}

struct LayerText {
  std::string name;
  int inputs, neurons;
  std::vector<int> codes; ///< [neurons, inputs], or those of `conv`.
  std::string conv = "";  ///< Geometry and, in `kernel`, the codes' shape.
  std::string kernel = "";
  int channels = 0; ///< With `conv`.
};

/// Neuron and time in powers of two, so that a code is 1/16 V an event and 1/16
/// V a slot, without rounding: the pulse is 1/8 of a slot.
struct NetworkText {
  double capacitance_F = std::ldexp(1, -40), leak_S = 0;
  double vReset_V = 0, vThreshold_V = 1, vInit_V = 0.5, vRest_V = 0;
  double railLow_V = -1024, railHigh_V = 1024;
  double refractory_s = std::ldexp(1, -20);
  double slot_s = std::ldexp(1, -17), pulse_s = std::ldexp(1, -20);
  double lsb_A = std::ldexp(1, -24), modulationLsb_A = std::ldexp(1, -27);
  std::string reset = "subtract", readout = "membrane";
  int slots = 16;
  std::vector<LayerText> layers;
  std::string tasks;

  void task(const std::string &name, llvm::ArrayRef<int> classes,
            llvm::ArrayRef<std::vector<int>> words) {
    tasks += "spike.task @" + name + " of @net classes [" + join(classes) +
             "] words {";
    for (size_t l = 0; l < layers.size(); ++l) {
      std::string type = "tensor<" + std::to_string(words[l].size()) + "xi8>";
      tasks +=
          (l ? ", " : "") + layers[l].name + " = #spike.words<codes = dense<[" +
          join(words[l]) + "]> : " + type + ", domain_of = dense<0> : " + type +
          ", domains = <dac = [1], lsb = [" + exact(modulationLsb_A) + "] A>>";
    }
    tasks += "}\n";
  }

  std::string str() const {
    std::string text =
        "spike.network @net device \"test\" hash \"0123456789abcdef\" digits 3 "
        "slots " +
        std::to_string(slots) + " timing <slot = " + exact(slot_s) +
        " s, pulse = " + exact(pulse_s) + " s, latency = 0> {\n" +
        "%0 = spike.encode regular full_scale 1.0 : <" +
        std::to_string(layers.front().inputs) + ">\n";
    int value = 0;
    for (size_t l = 0; l < layers.size(); ++l) {
      const LayerText &layer = layers[l];
      std::string in = "<" + std::to_string(layer.inputs) + ">";
      std::string out = "<" + std::to_string(layer.neurons) + ">";
      std::string shape = layer.kernel.empty()
                              ? std::to_string(layer.neurons) + "x" +
                                    std::to_string(layer.inputs)
                              : layer.kernel;
      int channels = layer.channels ? layer.channels : layer.neurons;
      std::string codes;
      for (int code : layer.codes) {
        char hex[3];
        std::snprintf(hex, sizeof(hex), "%02X", code & 0xff);
        codes += hex;
      }
      text +=
          "%" + std::to_string(value + 1) + " = spike.connect %" +
          std::to_string(value) + " name \"" + layer.name + "\" " + layer.conv +
          " codes dense<\"0x" + codes + "\"> : tensor<" + shape +
          "xi8> domain_of_channel [" + join(std::vector<int>(channels, 0)) +
          "] domains <dac = [1], lsb = [" + exact(lsb_A) + "] A> : " + in +
          " -> " + out + "\n%" + std::to_string(value + 2) +
          " = spike.population %" + std::to_string(value + 1) + " name \"" +
          layer.name + "\" lif <capacitance = " + exact(capacitance_F) +
          " F, leak = " + exact(leak_S) + " S, v_rest = " + exact(vRest_V) +
          " V, v_reset = " + exact(vReset_V) +
          " V, v_th = " + exact(vThreshold_V) +
          " V, v_init = " + exact(vInit_V) + " V, rails = " + exact(railLow_V) +
          " V to " + exact(railHigh_V) + " V, t_ref = " + exact(refractory_s) +
          " s, reset = " + reset + "> start_slot " + std::to_string(l + 1) +
          " range 1.0 : " + out + " -> " + out + "\n";
      value += 2;
    }
    return text + "spike.readout " + readout + " %" + std::to_string(value) +
           " : <" + std::to_string(layers.back().neurons) + ">\n}\n" + tasks;
  }
};

class SpikeSimulatorTest : public testing::Test {
protected:
  SpikeSimulatorTest() {
    context.loadDialect<spike::SpikeDialect>();
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
      return success();
    });
  }

  FailureOr<SpikeSimulator> create(const NetworkText &network,
                                   llvm::StringRef task = {}) {
    errors.clear();
    OwningOpRef<ModuleOp> module =
        parseSourceString<ModuleOp>(network.str(), &context);
    if (!module)
      return failure();
    // The module dies here: a simulator keeps no reference to it.
    return SpikeSimulator::create(*module, task);
  }

  /// Creates and runs; the test fails if either does.
  SpikeRun run(const NetworkText &network, llvm::ArrayRef<float> values,
               SpikeRunOptions options = {0, true}) {
    FailureOr<SpikeSimulator> simulator = create(network);
    EXPECT_TRUE(succeeded(simulator)) << errors << network.str();
    if (failed(simulator))
      return {};
    ntrt::Result<SpikeRun> result = simulator->run(values, options);
    EXPECT_TRUE(bool(result));
    return result ? *result : SpikeRun();
  }

  MLIRContext context;
  std::string errors;
};

/// One neuron, one input of code 4 (1/4 V an event), no modulation.
NetworkText oneNeuron(int code = 4, int word = 0) {
  NetworkText network;
  network.layers = {{"fc", 1, 1, {code}}};
  network.task("source", {0}, {{word}});
  return network;
}

std::vector<uint32_t> slotsOf(const SpikeRun &run, size_t population = 0) {
  std::vector<uint32_t> slots;
  for (const PopulationSpike &spike : run.spikes[population])
    slots.push_back(spike.slot);
  return slots;
}

//===----------------------------------------------------------------------===//
// Against an integer T-step network
//===----------------------------------------------------------------------===//

/// The T-step network in units of 1/128 V, all in integers.
std::vector<std::vector<int>>
integerNetwork(const NetworkText &network,
               const std::vector<std::vector<int>> &words,
               llvm::ArrayRef<float> values, std::vector<int64_t> &residual) {
  const int slots = network.slots;
  std::vector<std::vector<int>> trains(slots); // By slot: units that fired.
  for (int slot = 0; slot < slots; ++slot)
    for (size_t i = 0; i < values.size(); ++i)
      if (ntrt::regularSpike(values[i], slot))
        trains[slot].push_back(i);
  std::vector<std::vector<int>> counts;
  for (size_t l = 0; l < network.layers.size(); ++l) {
    const LayerText &layer = network.layers[l];
    std::vector<std::vector<int>> next(slots);
    counts.emplace_back(layer.neurons, 0);
    residual.assign(layer.neurons, 64);
    for (int slot = 0; slot < slots; ++slot)
      for (int n = 0; n < layer.neurons; ++n) {
        int64_t sum = 0;
        for (int input : trains[slot])
          sum += layer.codes[n * layer.inputs + input];
        // The pulse carries all of the sum and 1/8 of the word.
        int64_t start = residual[n];
        int64_t pulse = start + 8 * sum + words[l][n];
        int64_t end = pulse + 7 * words[l][n];
        residual[n] = end;
        if (std::max({start, pulse, end}) < 128)
          continue;
        residual[n] -= 128;
        next[slot].push_back(n);
        ++counts[l][n];
      }
    trains = std::move(next);
  }
  return counts;
}

TEST_F(SpikeSimulatorTest, EqualsAnIntegerNetworkExactly) {
  std::mt19937 random(7);
  auto between = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  for (int trial = 0; trial < 20; ++trial) {
    NetworkText network;
    network.slots = between(1, 40);
    std::vector<int> sizes = {between(2, 12), between(2, 12), between(2, 12),
                              between(2, 5)};
    std::vector<std::vector<int>> words;
    for (int l = 0; l < 3; ++l) {
      LayerText layer{"fc" + std::to_string(l), sizes[l], sizes[l + 1], {}};
      for (int i = 0; i < sizes[l] * sizes[l + 1]; ++i)
        layer.codes.push_back(between(-7, 7));
      network.layers.push_back(layer);
      words.emplace_back();
      for (int n = 0; n < sizes[l + 1]; ++n)
        words.back().push_back(between(-7, 7));
    }
    std::vector<int> classes(sizes[3]);
    network.task("source", classes, words);
    std::vector<float> values;
    for (int i = 0; i < sizes[0]; ++i)
      values.push_back(between(0, 64) / 64.0f);

    std::vector<int64_t> residual;
    auto counts = integerNetwork(network, words, values, residual);
    SpikeRun result = run(network, values);
    ASSERT_EQ(result.spikeCounts.size(), 3u);
    for (int l = 0; l < 3; ++l)
      for (int n = 0; n < sizes[l + 1]; ++n)
        ASSERT_EQ(result.spikeCounts[l][n], uint32_t(counts[l][n]))
            << "trial " << trial << ", layer " << l << ", neuron " << n;
    for (int n = 0; n < sizes[3]; ++n)
      ASSERT_EQ(result.scores[n],
                counts[2][n] + (double(residual[n]) - 64) / 128);
  }
}

//===----------------------------------------------------------------------===//
// Against spikes worked out by hand
//===----------------------------------------------------------------------===//

TEST_F(SpikeSimulatorTest, InputActsOneSlotLaterAndThresholdIsInclusive) {
  // 0.5, 0.75, 1.0: the second event, of slot 1, acts in slot 2.
  SpikeRun result = run(oneNeuron(), {1.0f});
  ASSERT_FALSE(result.spikes[0].empty());
  EXPECT_EQ(result.spikes[0][0].slot, 2u);
  // At the very end of the pulse, with nothing to spare.
  EXPECT_EQ(result.spikes[0][0].time_s, std::ldexp(1, -20));
  EXPECT_EQ(result.spikes[0][0].margin_V, 0);
}

TEST_F(SpikeSimulatorTest, SubtractKeepsWhatIsOver) {
  // 3/8 V an event from 1/2 V: 6.5 V in 16 slots, 6 spikes, 1/2 V left.
  SpikeRun result = run(oneNeuron(6), {1.0f});
  EXPECT_EQ(result.counts[0], 6u);
  EXPECT_EQ(result.scores[0], 6);
}

TEST_F(SpikeSimulatorTest, HardResetLosesWhatIsOver) {
  NetworkText network = oneNeuron(6);
  network.reset = "hard";
  // 0.5, 0.875, 1.25 -> 0 in slot 2, then three events a spike.
  SpikeRun result = run(network, {1.0f});
  EXPECT_EQ(slotsOf(result), (std::vector<uint32_t>{2, 5, 8, 11, 14}));
  EXPECT_EQ(result.scores[0], 5 + (2 * 0.375 - 0.5));
}

TEST_F(SpikeSimulatorTest, HardResetHoldsForTheRefractoryTime) {
  NetworkText network = oneNeuron(7, 7);
  network.reset = "hard";
  SpikeRun quick = run(network, {1.0f});
  // Held for more than two slots after each spike.
  network.refractory_s = 2.5 * network.slot_s;
  SpikeRun slow = run(network, {1.0f});
  EXPECT_LT(slow.counts[0], quick.counts[0]);
  for (size_t i = 1; i < slow.spikes[0].size(); ++i)
    EXPECT_GE(slow.spikes[0][i].slot - slow.spikes[0][i - 1].slot, 3u);
}

TEST_F(SpikeSimulatorTest, NeuronsIntegrateInTheirWindowOnly) {
  NetworkText network;
  network.slots = 5;
  network.layers = {{"a", 1, 1, {0}}, {"b", 1, 1, {0}}, {"c", 1, 1, {0}}};
  network.modulationLsb_A *= 4; // 7/4 V a slot: a spike in every slot.
  network.task("source", {0}, {{7}, {7}, {7}});
  SpikeRun result = run(network, {0.0f});
  EXPECT_EQ(slotsOf(result, 0), (std::vector<uint32_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(slotsOf(result, 1), (std::vector<uint32_t>{2, 3, 4, 5, 6}));
  EXPECT_EQ(slotsOf(result, 2), (std::vector<uint32_t>{3, 4, 5, 6, 7}));
}

TEST_F(SpikeSimulatorTest, LeakDecaysTowardsRest) {
  NetworkText network = oneNeuron();
  network.leak_S = network.capacitance_F / (100 * network.slot_s);
  SpikeRun result = run(network, {0.0f});
  EXPECT_EQ(result.counts[0], 0u);
  // From 1/2 V towards 0 V over 16 slots with a time constant of 100.
  EXPECT_NEAR(result.scores[0], 0.5 * std::exp(-0.16) - 0.5, 1e-12);
}

TEST_F(SpikeSimulatorTest, RailsBoundTheMembrane) {
  NetworkText network = oneNeuron(0, -7);
  network.railLow_V = -0.25;
  EXPECT_EQ(run(network, {0.0f}).scores[0], -0.75);
}

TEST_F(SpikeSimulatorTest, AConvolutionEqualsItsDenseExpansion) {
  // 1x3 kernel, one pad on each side, over five units, two channels.
  std::vector<int> kernel = {3, 7, -2, -4, 5, 6};
  NetworkText conv, dense;
  LayerText layer{"c", 5, 10, kernel};
  layer.conv = "conv <input = 1x1x5, strides = [1, 1], pads = [0, 1, 0, 1], "
               "dilations = [1, 1], groups = 1>";
  layer.kernel = "2x1x1x3";
  layer.channels = 2;
  conv.layers = {layer};
  std::vector<int> codes(10 * 5, 0);
  for (int channel = 0; channel < 2; ++channel)
    for (int x = 0; x < 5; ++x)
      for (int k = 0; k < 3; ++k)
        if (x + k - 1 >= 0 && x + k - 1 < 5)
          codes[(channel * 5 + x) * 5 + x + k - 1] = kernel[channel * 3 + k];
  dense.layers = {{"c", 5, 10, codes}};
  std::vector<int> ten(10, 0), words = {1, 2, 3, 4, 5, -1, -2, -3, -4, -5};
  conv.task("source", ten, {words});
  dense.task("source", ten, {words});
  std::vector<float> values = {0.1f, 0.9f, 0.5f, 0.0f, 0.75f};
  SpikeRun a = run(conv, values), b = run(dense, values);
  EXPECT_EQ(a.spikeCounts, b.spikeCounts);
  EXPECT_EQ(a.scores, b.scores);
  EXPECT_GT(std::count_if(a.counts.begin(), a.counts.end(),
                          [](uint32_t count) { return count > 0; }),
            3);
}

//===----------------------------------------------------------------------===//
// Tasks, options, refusals, threads
//===----------------------------------------------------------------------===//

TEST_F(SpikeSimulatorTest, TasksGiveTheirWordsAndLabels) {
  NetworkText network;
  network.layers = {{"fc", 1, 2, {0, 0}}};
  network.task("source", {4, 5}, {{7, 0}});
  network.task("target", {8, 9}, {{0, 7}});
  for (auto [task, label] : {std::pair("source", 4u), {"target", 9u}}) {
    FailureOr<SpikeSimulator> simulator = create(network, task);
    ASSERT_TRUE(succeeded(simulator));
    ntrt::Result<SpikeRun> result = simulator->run({0.0f});
    ASSERT_TRUE(bool(result));
    EXPECT_EQ(result->label, label);
  }
  EXPECT_TRUE(failed(create(network)));
  EXPECT_NE(errors.find("NT-TASK-001"), std::string::npos);
  EXPECT_TRUE(failed(create(network, "other")));
  EXPECT_NE(errors.find("\"other\""), std::string::npos);
}

TEST_F(SpikeSimulatorTest, SlotsAreTheNetworksUnlessGiven) {
  NetworkText network = oneNeuron();
  EXPECT_EQ(run(network, {1.0f}).counts[0], 4u);
  EXPECT_EQ(run(network, {1.0f}, {8, false}).counts[0], 2u);
  EXPECT_TRUE(run(network, {1.0f}, {8, false}).spikes.empty());
}

TEST_F(SpikeSimulatorTest, RefusesBadInput) {
  FailureOr<SpikeSimulator> simulator = create(oneNeuron());
  ASSERT_TRUE(succeeded(simulator));
  auto code = [&](std::vector<float> values, uint32_t slots) {
    ntrt::Result<SpikeRun> result = simulator->run(values, {slots, false});
    return result ? std::string_view("none")
                  : ntrt::diagCode(result.diagnostics().front().diag);
  };
  EXPECT_EQ(code({1.0f}, 1), "none");
  EXPECT_EQ(code({1.0f, 1.0f}, 1), "NT-SIM-002");
  EXPECT_EQ(code({-0.1f}, 1), "NT-DATA-005");
  EXPECT_EQ(code({std::numeric_limits<float>::quiet_NaN()}, 1), "NT-DATA-005");
  EXPECT_EQ(code({1.0f}, ntrt::kMaxSlots + 1), "NT-SIM-001");
}

TEST_F(SpikeSimulatorTest, ManyImagesOnManyThreadsAreTheSame) {
  FailureOr<SpikeSimulator> simulator = create(oneNeuron(5, 1));
  ASSERT_TRUE(succeeded(simulator));
  std::vector<float> values;
  for (int i = 0; i < 40; ++i)
    values.push_back(i / 40.0f);
  std::vector<double> scores(40, -1);
  ntrt::Status status =
      simulator->runMany(values, {}, 4, [&](size_t image, const SpikeRun &run) {
        scores[image] = run.scores[0];
      });
  ASSERT_TRUE(bool(status));
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(scores[i], simulator->run(values[i])->scores[0]) << i;
}

TEST_F(SpikeSimulatorTest, ManyImagesNameTheOneThatIsRefused) {
  FailureOr<SpikeSimulator> simulator = create(oneNeuron());
  ASSERT_TRUE(succeeded(simulator));
  std::vector<float> values = {0.0f, 1.0f, -1.0f, 0.0f};
  ntrt::Status status =
      simulator->runMany(values, {}, 1, [](size_t, const SpikeRun &) {});
  ASSERT_FALSE(bool(status));
  EXPECT_NE(status.diagnostics()[0].place.find("image 2"), std::string::npos);
}

TEST_F(SpikeSimulatorTest, SaturatedFractionCountsNeuronsAtTheirLimit) {
  SpikeRun result;
  result.slots = 20;
  result.spikeCounts = {{20, 19, 18, 0}};
  EXPECT_EQ(result.saturatedFraction(0), 0.5);
  EXPECT_EQ(result.saturatedFraction(0, 1.0), 0.25);
}

//===----------------------------------------------------------------------===//
// Against the simulator of a configured chip
//===----------------------------------------------------------------------===//

TEST_F(SpikeSimulatorTest, EqualsTheChipSimulatorBitForBit) {
  for (const char *deviceName : {"nt1-tiny", "nt1"}) {
    auto device =
        ntrt::DeviceModel::load(std::string(NT_SOURCE_DIR) +
                                "/share/nt/devices/" + deviceName + ".json");
    ASSERT_TRUE(bool(device));
    const uint32_t inputs = 12, neurons = 9, synapseDac = 70, wordDac = 90;
    std::mt19937 random(3);
    std::uniform_int_distribution<int> code(-7, 7);

    ntrt::Program program;
    program.name = "net";
    program.deviceName = device->name;
    program.deviceHash = device->hash;
    program.inputs = inputs;
    program.layers = {{"fc", neurons}};
    ntrt::CoreConfig core;
    core.axons = inputs;
    core.neurons = neurons;
    core.synapseDomain.assign(neurons, 0);
    core.synapseDac = {synapseDac};
    ntrt::CoreModulation modulation{{wordDac}, {}};
    NetworkText network;
    LayerText layer{"fc", inputs, neurons, std::vector<int>(inputs * neurons)};
    std::vector<int> words;
    for (uint32_t n = 0; n < neurons; ++n) {
      words.push_back(code(random));
      modulation.words.push_back({0, int8_t(words[n])});
      core.layerNeuron.push_back(n);
      program.readout.push_back({0, n});
    }
    for (uint32_t i = 0; i < inputs; ++i) {
      program.inputRoutes.push_back({i, 0, i});
      for (uint32_t n = 0; n < neurons; ++n) {
        core.codes.push_back(code(random));
        layer.codes[n * inputs + i] = core.codes.back();
      }
    }
    program.cores = {core};

    const ntrt::NeuronModel &neuron = device->neuron;
    network.capacitance_F = neuron.capacitance_F;
    network.leak_S = neuron.leak_S;
    network.vRest_V = neuron.vRest_V;
    network.vReset_V = neuron.vReset_V;
    network.vThreshold_V = neuron.vThreshold_V;
    network.vInit_V = neuron.vInit_V;
    network.railLow_V = neuron.railLow_V;
    network.railHigh_V = neuron.railHigh_V;
    network.refractory_s = neuron.refractory_s;
    network.reset = neuron.reset == ntrt::ResetKind::Hard ? "hard" : "subtract";
    network.slot_s = device->slot_s;
    network.pulse_s = device->synapse.pulseWidth_s;
    network.lsb_A = device->synapseDomain.lsbCurrent_A(synapseDac);
    network.modulationLsb_A = device->modulationDomain.lsbCurrent_A(wordDac);
    network.slots = 64;
    network.layers = {layer};
    std::vector<int> classes(neurons, 0);
    network.task("source", classes, {words});

    ntrt::TaskOverlay task;
    task.name = "source";
    task.deviceHash = device->hash;
    task.programHash = ntrt::frozenHash(ntrt::encodeProgram(program, *device));
    task.cores = {modulation};
    task.classOfOutput.assign(neurons, 0);
    auto chip = ntrt::Simulator::create(program, task, *device);
    ASSERT_TRUE(bool(chip)) << ntrt::toString(chip.diagnostics());

    std::vector<float> values;
    for (uint32_t i = 0; i < inputs; ++i)
      values.push_back(std::uniform_real_distribution<float>(0, 1)(random));
    ntrt::SimOptions options;
    options.recordSpikes = true;
    auto expected = chip->run(values.data(), values.size(), options);
    ASSERT_TRUE(bool(expected));
    SpikeRun result = run(network, values);

    EXPECT_EQ(result.scores, expected->scores);
    size_t next = 0;
    for (const ntrt::SpikeEvent &event : expected->events) {
      if (event.core == ntrt::SpikeEvent::kInputCore)
        continue;
      ASSERT_LT(next, result.spikes[0].size());
      const PopulationSpike &spike = result.spikes[0][next++];
      EXPECT_EQ(spike.slot, event.slot);
      EXPECT_EQ(spike.neuron, event.neuron);
      EXPECT_EQ(spike.time_s, event.time_s);
      EXPECT_EQ(spike.margin_V, event.margin_V);
    }
    EXPECT_EQ(next, result.spikes[0].size());
    EXPECT_GT(next, 20u);
  }
}

} // namespace
