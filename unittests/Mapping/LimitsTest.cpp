//===- LimitsTest.cpp - Links and supplies of a mapped chip ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/Limits.h"

#include <gtest/gtest.h>

using namespace nt::mapping;
using ntrt::Diag;

namespace {
/// Two cores, two columns and a row apart; neuron 0 of the first drives both
/// axons of the second.
struct Limits : testing::Test {
  ntrt::DeviceModel device;
  ntrt::Program program;
  ntrt::TaskOverlay task;

  void SetUp() override {
    auto loaded =
        ntrt::DeviceModel::load(NT_SOURCE_DIR "/share/nt/devices/nt1.json");
    ASSERT_TRUE(bool(loaded));
    device = *loaded;
    program.inputs = 1;
    program.layers = {{"a", 1}, {"b", 2}};
    ntrt::CoreConfig source, target;
    source.row = 0, source.column = 0;
    source.axons = 1, source.neurons = 1;
    source.codes = {-5};
    source.synapseDomain = {0};
    source.synapseDac = {10};
    target.row = 1, target.column = 2;
    target.axons = 2, target.neurons = 2;
    target.codes = {3, -7, 0, 1};
    target.synapseDomain = {1, 0};
    target.synapseDac = {20, 30};
    target.layer = 1;
    program.cores = {source, target};
    program.inputRoutes = {{0, 0, 0}};
    program.routes = {{0, 0, 1, 0}, {0, 0, 1, 1}};
    task.cores = {{{40}, {{0, 7}}}, {{50, 60}, {{1, -3}, {1, 2}}}};
  }
};
} // namespace

TEST_F(Limits, EventsTravelAlongTheRowFirst) {
  LinkLoads loads = linkLoads(program, device);
  double rate = std::min(device.neuron.maxRate_Hz, 1 / device.slot_s);
  ASSERT_EQ(loads.rate_Hz.size(), 5u);
  EXPECT_DOUBLE_EQ(loads.rate_Hz.at({{0, 0}, {0, 0}}), 1 / device.slot_s);
  EXPECT_DOUBLE_EQ(loads.rate_Hz.at({{0, 0}, {0, 1}}), 2 * rate);
  EXPECT_DOUBLE_EQ(loads.rate_Hz.at({{0, 1}, {0, 2}}), 2 * rate);
  EXPECT_DOUBLE_EQ(loads.rate_Hz.at({{0, 2}, {1, 2}}), 2 * rate);
  EXPECT_DOUBLE_EQ(loads.rate_Hz.at({{1, 2}, {1, 2}}), 2 * rate);
  EXPECT_DOUBLE_EQ(loads.largestRate_Hz(), 2 * rate);
}

TEST_F(Limits, BackwardsToo) {
  std::swap(program.cores[0].row, program.cores[1].row);
  std::swap(program.cores[0].column, program.cores[1].column);
  LinkLoads loads = linkLoads(program, device);
  EXPECT_EQ(loads.rate_Hz.count({{1, 2}, {1, 1}}), 1u);
  EXPECT_EQ(loads.rate_Hz.count({{1, 0}, {0, 0}}), 1u);
}

TEST_F(Limits, SlowNeuronsLoadLinksLess) {
  device.neuron.maxRate_Hz = 1000;
  LinkLoads loads = linkLoads(program, device);
  EXPECT_DOUBLE_EQ(loads.rate_Hz.at({{1, 2}, {1, 2}}), 2000);
}

TEST_F(Limits, FanOutCountsAxons) {
  LinkLoads loads = linkLoads(program, device);
  EXPECT_EQ(loads.fanOutOfCore, (std::vector<uint32_t>{2, 0}));
  EXPECT_EQ(loads.fanOutOfInputs, 1u);
  EXPECT_TRUE(checkLinks(program, device).empty());
  device.linkFanOut = 1;
  auto misfits = checkLinks(program, device);
  ASSERT_EQ(misfits.size(), 1u);
  EXPECT_EQ(misfits[0].diag, Diag::MapFanOut);
  EXPECT_EQ(misfits[0].place, "core 0 (layer a)");
}

TEST_F(Limits, EventRateNamesTheWorstLink) {
  device.linkEventRate_Hz = 1.5 / device.slot_s;
  auto misfits = checkLinks(program, device);
  ASSERT_EQ(misfits.size(), 1u);
  EXPECT_EQ(misfits[0].diag, Diag::MapEventRate);
  EXPECT_NE(misfits[0].detail.find("3 more links"), std::string::npos);
}

TEST_F(Limits, SynapseCurrentIsTheSumOfCodesTimesLsb) {
  auto currents = synapseCurrents_A(program, device);
  const ntrt::DomainModel &domain = device.synapseDomain;
  ASSERT_EQ(currents.size(), 2u);
  EXPECT_DOUBLE_EQ(currents[0][0], 5 * domain.lsbCurrent_A(10));
  // Column 1 is in domain 0 and has the codes -7 and 1.
  EXPECT_DOUBLE_EQ(currents[1][0], 8 * domain.lsbCurrent_A(20));
  EXPECT_DOUBLE_EQ(currents[1][1], 3 * domain.lsbCurrent_A(30));
}

TEST_F(Limits, SynapseCurrentIsThatOfTheSourcesOn) {
  ntrt::CoreConfig &core = program.cores[0];
  for (int8_t code : core.codes)
    core.sources.push_back(
        ntrt::encodingsOf(code, device.synapse.digits, device.synapse.encoding)
            .back());
  uint64_t units = 0;
  for (ntrt::Sources sources : core.sources)
    units += ntrt::unitsOf(sources);
  ASSERT_GT(units, 5u);
  EXPECT_DOUBLE_EQ(synapseCurrents_A(program, device)[0][0],
                   double(units) * device.synapseDomain.lsbCurrent_A(10));
}

TEST_F(Limits, ModulationCurrentFlowsWhicheverSign) {
  auto currents = modulationCurrents_A(task, program, device);
  const ntrt::DomainModel &domain = device.modulationDomain;
  EXPECT_DOUBLE_EQ(currents[0][0], 7 * domain.lsbCurrent_A(40));
  EXPECT_DOUBLE_EQ(currents[1][0], 0);
  EXPECT_DOUBLE_EQ(currents[1][1], 5 * domain.lsbCurrent_A(60));
}

TEST_F(Limits, CurrentsAreHeldAgainstTheirOwnSupply) {
  EXPECT_TRUE(checkSynapseCurrents(program, device).empty());
  EXPECT_TRUE(checkModulationCurrents(task, program, device).empty());
  device.synapseDomain.supplyLimit_A =
      4 * device.synapseDomain.lsbCurrent_A(10);
  EXPECT_TRUE(checkModulationCurrents(task, program, device).empty());
  auto misfits = checkSynapseCurrents(program, device);
  ASSERT_FALSE(misfits.empty());
  EXPECT_EQ(misfits[0].diag, Diag::MapDomainCurrent);
  EXPECT_EQ(misfits[0].place, "core 0 (layer a), synapse domain 0");
  device.modulationDomain.supplyLimit_A = 0;
  EXPECT_EQ(checkModulationCurrents(task, program, device).size(), 2u);
}
