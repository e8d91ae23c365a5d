//===- CoreNetlistTest.cpp - The text of a core's netlist ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCore.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

using namespace nt::spice;
using namespace nt::spice::test;
using ntrt::Diag;
using ntrt::ResetKind;

static size_t count(const std::string &text, const std::string &pattern) {
  size_t hits = 0;
  for (size_t at = text.find(pattern); at != std::string::npos;
       at = text.find(pattern, at + 1))
    ++hits;
  return hits;
}

static std::string emit(const TestCore &test, const ntrt::DeviceModel &device,
                        CoreNetlistOptions options = {},
                        CoreNetlistInfo *info = nullptr) {
  auto cells = CellLibrary::load("behavioural");
  EXPECT_TRUE(cells);
  options.events = test.events;
  std::ostringstream out;
  auto result =
      emitCoreNetlist(test.program, test.task, device, *cells, options, out);
  EXPECT_TRUE(result) << ntrt::toString(result.diagnostics());
  if (info)
    *info = *result;
  return out.str();
}

TEST(CodeDigits, SumToTheCodeWithTheLeastCurrent) {
  for (int code = -7; code <= 7; ++code) {
    std::vector<int> digits = codeDigits(code, 3);
    ASSERT_EQ(digits.size(), 3u);
    EXPECT_EQ(digits[0] + 2 * digits[1] + 4 * digits[2], code);
    EXPECT_EQ(std::abs(digits[0]) + 2 * std::abs(digits[1]) +
                  4 * std::abs(digits[2]),
              std::abs(code));
  }
}

/// A chip's own encodings reach the digits' cells.
TEST(CoreNetlist, DigitsAreTheProgramsSources) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 16, 16, 8, 3);
  ntrt::CoreConfig &core = test.program.cores[0];
  std::set<uint32_t> rows;
  for (const AxonEvent &event : test.events)
    rows.insert(event.axon);
  size_t sinking = 0;
  for (size_t i = 0; i < core.codes.size(); ++i) {
    core.sources.push_back(
        ntrt::encodingsOf(core.codes[i], 3, device.synapse.encoding).back());
    sinking += rows.contains(uint32_t(i / core.neurons)) &&
               ntrt::digitOf(core.sources.back(), 0) < 0;
  }
  CoreNetlistOptions options;
  options.perDigit = true;
  EXPECT_EQ(count(emit(test, device, options), " d0=-1"), sinking);
}

TEST(CoreNetlist, HoldsOneSynapseForEachCodeThatIsNot0) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 16, 16, 8, 3);
  std::set<uint32_t> rows;
  for (const AxonEvent &event : test.events)
    rows.insert(event.axon);
  size_t codes = 0;
  for (uint32_t axon : rows)
    for (uint32_t n = 0; n < 16; ++n)
      codes += test.program.cores[0].code(axon, n) != 0;

  CoreNetlistInfo info;
  std::string text = emit(test, device, {}, &info);
  EXPECT_EQ(info.synapses, codes);
  EXPECT_EQ(count(text, " nt_synapse code="), codes);
  EXPECT_EQ(count(text, " nt_synapse code=0 "), 0u);
  EXPECT_EQ(info.rows, rows.size());
  EXPECT_EQ(count(text, "\nVa"), rows.size());
  EXPECT_EQ(info.neurons.size(), 16u);
  EXPECT_EQ(count(text, "\nXn_"), 16u);
  EXPECT_DOUBLE_EQ(info.stop_s, 8 * device.slot_s);
}

TEST(CoreNetlist, HierarchyHasTheDesignsSubcircuits) {
  auto device = tinyDevice(ResetKind::Subtract);
  std::string text = emit(randomCore(device, 4, 2, 8, 1), device);
  for (const char *cell :
       {"nt_source", "nt_synapse", "nt_modulator", "nt_neuron", "nt_core"}) {
    EXPECT_EQ(count(text, std::string("\n.subckt ") + cell + " "), 1u) << cell;
    EXPECT_EQ(count(text, std::string("\n.ends ") + cell + "\n"), 1u) << cell;
  }
  EXPECT_EQ(count(text, "\nXcore "), 1u);
}

TEST(CoreNetlist, ResetKindChoosesTheCell) {
  TestCore test = randomCore(tinyDevice(ResetKind::Hard), 2, 1, 4, 1);
  std::string hard = emit(test, tinyDevice(ResetKind::Hard));
  std::string subtract = emit(test, tinyDevice(ResetKind::Subtract));
  EXPECT_EQ(count(hard, " nt_neuron_hard c="), 1u);
  EXPECT_EQ(count(hard, " nt_neuron_subtract c="), 0u);
  EXPECT_EQ(count(subtract, " nt_neuron_subtract c="), 1u);
}

TEST(CoreNetlist, EveryDeviceFigureOfTheCoreIsFromTheDevice) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 4, 2, 4, 1);
  std::string base = emit(test, device);
  const std::map<std::string, double ntrt::NeuronModel::*> fields = {
      {"capacitance", &ntrt::NeuronModel::capacitance_F},
      {"leak", &ntrt::NeuronModel::leak_S},
      {"rest", &ntrt::NeuronModel::vRest_V},
      {"reset", &ntrt::NeuronModel::vReset_V},
      {"threshold", &ntrt::NeuronModel::vThreshold_V},
      {"init", &ntrt::NeuronModel::vInit_V},
      {"low", &ntrt::NeuronModel::railLow_V},
      {"high", &ntrt::NeuronModel::railHigh_V},
      {"refractory", &ntrt::NeuronModel::refractory_s}};
  for (const auto &[name, field] : fields) {
    auto changed = device;
    changed.neuron.*field += 0.01 * (changed.neuron.*field + 1e-3);
    EXPECT_TRUE(emit(test, changed) != base) << name;
  }
  auto changed = device;
  changed.synapse.pulseWidth_s *= 1.01;
  EXPECT_TRUE(emit(test, changed) != base);
  changed = device;
  changed.slot_s *= 1.01;
  EXPECT_TRUE(emit(test, changed) != base);
  changed = device;
  for (double &amperes : changed.synapseDomain.curveAmperes)
    amperes *= 1.01;
  EXPECT_TRUE(emit(test, changed) != base);
  changed = device;
  for (double &amperes : changed.modulationDomain.curveAmperes)
    amperes *= 1.01;
  EXPECT_TRUE(emit(test, changed) != base);
}

TEST(CoreNetlist, NodesMapBackToLayerAndNeuron) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 4, 4, 4, 1);
  test.program.cores[0].layerNeuron = {10, 11, 12, 10};
  CoreNetlistInfo info;
  CoreNetlistOptions options;
  options.neurons = {2, 0, 3};
  std::string text = emit(test, device, options, &info);
  ASSERT_EQ(info.neurons.size(), 3u);
  auto name = parseNeuronName(info.neurons[0].spike.substr(2));
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, std::pair(std::string("/fc1/Gemm"), 12u));
  EXPECT_EQ(info.neurons[0].column, 2u);
  // The same neuron in two columns has two nodes.
  EXPECT_NE(info.neurons[1].spike, info.neurons[2].spike);
  for (const NeuronNodes &neuron : info.neurons)
    EXPECT_EQ(count(text, "* nt-node " + nodeJson(neuron) + "\n"), 1u);
  EXPECT_EQ(count(text, "\nXn_"), 3u);
}

TEST(CoreNetlist, RefusesWhatTheProgramDoesNotHaveAllAtOnce) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 4, 4, 4, 1);
  auto cells = CellLibrary::load("behavioural");
  CoreNetlistOptions options;
  options.neurons = {1, 4, 1};
  options.events = {{0, 4}, {4, 0}, {3, 3}};
  std::ostringstream out;
  auto result =
      emitCoreNetlist(test.program, test.task, device, *cells, options, out);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().size(), 4u);
  for (const auto &diagnostic : result.diagnostics())
    EXPECT_EQ(diagnostic.diag, Diag::SpiceCore);
  EXPECT_TRUE(out.str().empty());

  options = {};
  options.core = 1;
  result =
      emitCoreNetlist(test.program, test.task, device, *cells, options, out);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().front().detail, "core 1 of 1, counted from 0");
}

TEST(CoreNetlist, PulsesAreExactInArea) {
  auto device = tinyDevice(ResetKind::Hard);
  TestCore test = randomCore(device, 1, 1, 8, 1);
  // Twice in slot 2; a pulse as wide as the slot touches that of slot 3.
  test.events = {{2, 0}, {2, 0}, {3, 0}, {6, 0}};
  for (double width : {0.1, 0.9999, 1.0}) {
    device.synapse.pulseWidth_s = width * device.slot_s;
    std::string source;
    for (const std::string &line : joinedLines(emit(test, device)))
      if (line.rfind("Va0 ", 0) == 0)
        source = line;
    std::istringstream words(source.substr(source.find('(') + 1));
    std::vector<std::pair<double, double>> points;
    for (double time, volts; words >> time >> volts;)
      points.push_back({time, volts});
    ASSERT_GT(points.size(), 4u);
    double area = 0;
    for (size_t i = 1; i < points.size(); ++i) {
      ASSERT_GT(points[i].first, points[i - 1].first);
      area += (points[i].first - points[i - 1].first) *
              (points[i].second + points[i - 1].second) / 2;
    }
    EXPECT_EQ(points.back().second, 0);
    double expected = 4 * device.synapse.pulseWidth_s;
    EXPECT_NEAR(area, expected, 1e-6 * expected) << width;
  }
}

TEST(AxonEvents, FollowTheRoutesIntoTheCoresWindow) {
  auto device = tinyDevice(ResetKind::Hard);
  ntrt::Program program;
  program.cores.resize(2);
  program.cores[0].startSlot = 1;
  program.cores[1].startSlot = 2;
  program.inputRoutes = {{0, 0, 3}, {0, 1, 4}, {1, 0, 5}};
  program.routes = {{0, 7, 1, 8}, {0, 7, 1, 9}, {1, 0, 0, 1}};
  const uint32_t input = ntrt::SpikeEvent::kInputCore;
  std::vector<ntrt::SpikeEvent> spikes = {
      {0, input, 0, 0, 0}, {0, 0, 7, 0, 0}, {1, 0, 7, 0, 0}, {1, 0, 6, 0, 0},
      {3, 0, 7, 0, 0},     {4, 0, 7, 0, 0}, {5, 0, 7, 0, 0}};
  using Events = std::vector<AxonEvent>;
  EXPECT_EQ(axonEventsOfCore(program, device, spikes, 0, 4), (Events{{0, 3}}));
  // Core 1 starts at slot 2 and integrates 4 slots: to slot 5.
  EXPECT_EQ(axonEventsOfCore(program, device, spikes, 1, 4),
            (Events{{0, 8}, {0, 9}, {2, 8}, {2, 9}, {3, 8}, {3, 9}}));
  device.linkLatency_slots = 1;
  EXPECT_EQ(axonEventsOfCore(program, device, spikes, 1, 4),
            (Events{{0, 8}, {0, 9}, {1, 8}, {1, 9}, {3, 8}, {3, 9}}));
  EXPECT_EQ(axonEventsOfCore(program, device, spikes, 0, 4), (Events{{0, 3}}));
}
