//===- ProgramTest.cpp - Checks of programs and tasks ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomProgram.h"

#include <gtest/gtest.h>

#include <limits>

using namespace ntrt;
using namespace ntrt::test;

namespace {
class ProgramTest : public testing::Test {
protected:
  DeviceModel device = testDevice();
  Program program = RandomPrograms(1).program(device);
  TaskOverlay task = RandomPrograms(2).task(program, device);

  DiagnosticList check() { return checkProgram(program, device); }
  DiagnosticList checkIt() { return checkTask(task, program, device); }
};
} // namespace

TEST_F(ProgramTest, SoundProgramAndTaskHaveNoMisfits) {
  EXPECT_EQ(toString(check()), "");
  EXPECT_EQ(toString(checkIt()), "");
}

TEST_F(ProgramTest, CodeOutOfRangeCitesH1AndItsPlace) {
  program.cores[1].codes[program.cores[1].neurons + 3] = 8;
  DiagnosticList found = check();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(has(found, Diag::CodeRange, "rule H1"));
  EXPECT_TRUE(has(found, Diag::CodeRange, "code 8 at axon 1, column 3"));
  EXPECT_TRUE(has(found, Diag::CodeRange, "core 1 (row 0, column 1)"));
}

TEST_F(ProgramTest, MisfitsOfOneRuleInOneCoreAreCounted) {
  for (size_t i : {0, 5, 9})
    program.cores[0].codes[i] = -8;
  DiagnosticList found = check();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(has(found, Diag::CodeRange, "and 2 more like it"));
}

TEST_F(ProgramTest, TooManySynapseDomainsCiteH2) {
  program.cores[0].synapseDac.assign(5, 0);
  EXPECT_TRUE(has(check(), Diag::MapDomains, "rule H2"));
}

TEST_F(ProgramTest, DomainIndexPastTheCoresDomainsCitesH2) {
  program.cores[0].synapseDomain[2] =
      uint8_t(program.cores[0].synapseDac.size());
  EXPECT_TRUE(has(check(), Diag::ChipStructure, "column 2 is in synapse"));
}

TEST_F(ProgramTest, DacCodeOffTheGridCitesH3) {
  program.cores[2].synapseDac[0] = 64;
  EXPECT_TRUE(has(check(), Diag::ChipStructure, "rule H3"));
  program.cores[2].synapseDac[0] = 63;
  EXPECT_TRUE(check().empty());
}

TEST_F(ProgramTest, MoreAxonsThanACoreCitesH4) {
  CoreConfig &core = program.cores[0];
  core.axons = 101;
  core.codes.resize(size_t(101) * core.neurons);
  DiagnosticList found = check();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(has(found, Diag::MapFanIn, "rule H4"));
}

TEST_F(ProgramTest, AnotherDevicesProgramIsRefused) {
  device.hash ^= 1;
  EXPECT_TRUE(has(check(), Diag::BitDevice));
}

TEST_F(ProgramTest, CoresOutsideTheGridOrOnOnePlaceAreRefused) {
  program.cores[0].row = 3;
  program.cores[2].column = program.cores[1].column;
  DiagnosticList found = check();
  EXPECT_TRUE(has(found, Diag::ChipStructure, "outside the grid"));
  EXPECT_TRUE(has(found, Diag::ChipStructure, "core 1 has the same position"));
}

TEST_F(ProgramTest, UnsortedAndRepeatedRoutesAreRefused) {
  std::swap(program.routes[0], program.routes[1]);
  EXPECT_TRUE(has(check(), Diag::ChipStructure, "not above the one before"));
  std::swap(program.routes[0], program.routes[1]);
  program.inputRoutes.insert(program.inputRoutes.begin(),
                             program.inputRoutes[0]);
  EXPECT_TRUE(has(check(), Diag::ChipStructure, "input routes"));
}

TEST_F(ProgramTest, AnAxonHasOneSource) {
  Route extra = program.routes[0];
  extra.sourceNeuron = extra.sourceNeuron ? 0 : 1;
  program.routes.push_back(extra);
  std::sort(program.routes.begin(), program.routes.end());
  DiagnosticList found = check();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(has(found, Diag::ChipStructure, "more than one source"));
}

TEST_F(ProgramTest, RoutesOutOfRangeAreRefused) {
  program.routes.back().sourceCore = 99;
  program.inputRoutes.back().input = program.inputs;
  program.inputRoutes.back().targetAxon = 1000;
  DiagnosticList found = check();
  EXPECT_TRUE(has(found, Diag::ChipStructure, "no such source: core 99"));
  EXPECT_TRUE(has(found, Diag::ChipStructure, "of input 30"));
}

TEST_F(ProgramTest, ReadoutOutOfRangeAndMissingReadoutAreRefused) {
  program.readout[0].neuron = 80;
  EXPECT_TRUE(has(check(), Diag::ChipStructure, "output 0 reads core"));
  program.readout.clear();
  EXPECT_TRUE(has(check(), Diag::ChipStructure, "no outputs"));
}

TEST_F(ProgramTest, HeaderFieldsAreChecked) {
  program.inputFullScale = std::numeric_limits<double>::quiet_NaN();
  program.defaultSlots = 0;
  program.encoding = InputEncoding(7);
  program.readoutKind = ReadoutKind(9);
  DiagnosticList found = check();
  EXPECT_TRUE(has(found, Diag::ChipStructure, "full scale"));
  EXPECT_TRUE(has(found, Diag::SimSlots, "0 default slots"));
  EXPECT_TRUE(has(found, Diag::ChipStructure, "input encoding 7"));
  EXPECT_TRUE(has(found, Diag::ChipStructure, "read-out kind 9"));
}

TEST_F(ProgramTest, HostileSizesAreReportedAndNotFollowed) {
  for (CoreConfig &core : program.cores) {
    core.axons = core.neurons = core.layer = ~0u;
    core.codes.clear();
    core.synapseDomain.clear();
    core.layerNeuron.clear();
  }
  DiagnosticList found = check();
  EXPECT_TRUE(has(found, Diag::MapFanIn, "4294967295 axons"));
  EXPECT_TRUE(has(found, Diag::ChipStructure, "0 codes for"));
  // A task of such a program is refused, not encoded.
  EXPECT_TRUE(has(checkIt(), Diag::SimTask, "does not fit the device"));
}

TEST_F(ProgramTest, MisfitsOfDifferentCoresAreAllReported) {
  program.cores[0].codes[0] = 9;
  program.cores[1].startSlot = 0;
  program.cores[2].layerNeuron[0] = 100000;
  program.cores[3].synapseDomain.pop_back();
  EXPECT_EQ(check().size(), 4u) << toString(check());
}

TEST_F(ProgramTest, TaskOfAnotherNetworkIsRefused) {
  // One frozen code less or more is another network.
  program.cores[0].codes[0] = program.cores[0].codes[0] ? 0 : 1;
  DiagnosticList found = checkIt();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(has(found, Diag::BitNetwork));
}

TEST_F(ProgramTest, TaskWordsAreChecked) {
  task.cores[0].words[1].code = 8;
  task.cores[1].words[2].domain = 4;
  task.cores[2].dac[0] = 64;
  task.cores[3].words.pop_back();
  task.cores[4].dac.resize(5);
  DiagnosticList found = checkIt();
  EXPECT_EQ(found.size(), 5u) << toString(found);
  EXPECT_TRUE(has(found, Diag::CodeRange, "neuron 1 has code 8"));
  EXPECT_TRUE(has(found, Diag::SimTask, "neuron 2 is in modulation domain 4"));
  EXPECT_TRUE(has(found, Diag::SimTask, "rule H3"));
  EXPECT_TRUE(has(found, Diag::SimTask, "modulation words for"));
  EXPECT_TRUE(has(found, Diag::MapDomains, "rule H2"));
}

TEST_F(ProgramTest, TaskNeedsAllCoresAndClasses) {
  task.cores.pop_back();
  task.classOfOutput.push_back(1);
  task.classOfOutput[0] = 0x80000000u;
  DiagnosticList found = checkIt();
  EXPECT_TRUE(has(found, Diag::SimTask, "it sets 5 cores"));
  EXPECT_TRUE(has(found, Diag::SimTask, "6 classes"));
  EXPECT_TRUE(has(found, Diag::SimTask, "the largest label"));
}
