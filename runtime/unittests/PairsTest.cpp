//===- PairsTest.cpp - Two columns of synapses that drive one neuron ------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BitstreamTesting.h"
#include "RandomProgram.h"
#include "ntrt/ChipMap.h"
#include "ntrt/Simulator.h"

#include <gtest/gtest.h>

using namespace ntrt;
using namespace ntrt::test;

namespace {
DeviceModel pairingDevice() {
  DeviceModel device = testDevice();
  device.synapse.pairing = ColumnPairing::AdjacentColumns;
  device.linkEventRate_Hz = 1e9;
  return device;
}

class PairsTest : public testing::Test {
protected:
  DeviceModel device = pairingDevice();

  Program random(uint32_t seed) { return RandomPrograms(seed).program(device); }
  /// Of which `second` says the codes of the second columns, given the first.
  template <typename Second>
  Program pairedBy(const Program &single, Second second) const {
    Program program = single;
    for (CoreConfig &core : program.cores) {
      const CoreConfig before = core;
      core.columnsPerNeuron = 2;
      core.codes.clear();
      core.synapseDomain.clear();
      for (int8_t code : before.codes) {
        core.codes.push_back(code);
        core.codes.push_back(second(code));
      }
      for (uint8_t domain : before.synapseDomain)
        core.synapseDomain.insert(core.synapseDomain.end(), 2, domain);
    }
    return program;
  }
  /// A program whose cores leave room for second columns.
  Program halfFull(uint32_t seed) {
    DeviceModel half = testDevice();
    RandomPrograms random(seed);
    Program program = random.program(half);
    for (CoreConfig &core : program.cores)
      while (core.neurons > device.coreNeurons / 2)
        dropLast(program, core);
    return program;
  }
  SimResult run(const Program &program, EngineKind kind,
                const ChipVariation *chip = nullptr) {
    RandomPrograms random(7);
    TaskOverlay task = random.task(program, device);
    const std::vector<float> image = random.image(program.inputs);
    auto simulator = chip ? Simulator::create(program, task, device, *chip)
                          : Simulator::create(program, task, device, kind);
    EXPECT_TRUE(simulator) << toString(simulator.diagnostics());
    SimOptions options;
    options.recordSpikes = true;
    return *simulator->run(image.data(), image.size(), options);
  }

private:
  static void dropLast(Program &program, CoreConfig &core) {
    const uint32_t last = core.neurons - 1;
    std::vector<int8_t> codes;
    for (uint32_t axon = 0; axon < core.axons; ++axon)
      for (uint32_t n = 0; n < last; ++n)
        codes.push_back(core.code(axon, n));
    core.codes = std::move(codes);
    core.synapseDomain.pop_back();
    core.layerNeuron.pop_back();
    core.neurons = last;
    const uint32_t index = uint32_t(&core - program.cores.data());
    std::erase_if(program.routes, [&](const Route &route) {
      return route.sourceCore == index && route.sourceNeuron == last;
    });
  }
};

void expectSameRun(const SimResult &a, const SimResult &b) {
  EXPECT_EQ(a.scores, b.scores);
  ASSERT_EQ(a.events.size(), b.events.size());
  for (size_t i = 0; i < a.events.size(); ++i) {
    EXPECT_EQ(a.events[i].slot, b.events[i].slot);
    EXPECT_EQ(a.events[i].neuron, b.events[i].neuron);
    EXPECT_EQ(a.events[i].time_s, b.events[i].time_s);
  }
}
constexpr EngineKind kAll[] = {EngineKind::Reference, EngineKind::Clocked,
                               EngineKind::Portable, EngineKind::Avx2,
                               EngineKind::Event};
} // namespace

TEST_F(PairsTest, EqualColumnsAreOneColumn) {
  // Each of the joined membranes gets half of the charge of two columns.
  for (uint32_t seed = 0; seed < 4; ++seed) {
    const Program single = halfFull(seed);
    const Program paired = pairedBy(single, [](int8_t code) { return code; });
    const SimResult expected = run(single, EngineKind::Reference);
    EXPECT_GT(expected.spikes, 0u);
    for (EngineKind kind : kAll)
      expectSameRun(run(paired, kind), expected);
  }
}

TEST_F(PairsTest, OppositeColumnsAreQuiet) {
  const Program single = halfFull(3);
  const Program opposite =
      pairedBy(single, [](int8_t code) { return int8_t(-code); });
  Program empty = single;
  for (CoreConfig &core : empty.cores)
    std::fill(core.codes.begin(), core.codes.end(), int8_t(0));
  const SimResult expected = run(empty, EngineKind::Reference);
  for (EngineKind kind : kAll)
    expectSameRun(run(opposite, kind), expected);
}

TEST_F(PairsTest, TheSecondColumnHasTheSynapseDomainOfItsOwn) {
  Program program = random(1);
  CoreConfig *core = &program.cores[0];
  core->columnsPerNeuron = 2;
  core->axons = 1;
  core->neurons = 1;
  core->codes = {3, -2};
  core->synapseDomain = {0, 1};
  core->synapseDac = {10, 40};
  const CoreModulation word{{5}, {{0, 4}}};
  const CoreDrive drive = driveOf(*core, word, device);
  const int32_t sums[] = {3, -2};
  const double coarse = device.synapseDomain.lsbCurrent_A(10),
               fine = device.synapseDomain.lsbCurrent_A(40);
  EXPECT_EQ(drive.synaptic_A(0, sums), 3 * (coarse / 2) + -2 * (fine / 2));
  // The partner takes the word as well: a bias is what it is without a pair.
  EXPECT_EQ(drive.modulation_A[0], 4 * device.modulationDomain.lsbCurrent_A(5));
}

TEST_F(PairsTest, SynapticEventsAreOfBothColumns) {
  const Program single = halfFull(5);
  const Program paired = pairedBy(single, [](int8_t code) { return code; });
  EXPECT_EQ(run(paired, EngineKind::Auto).synapticEvents,
            2 * run(single, EngineKind::Auto).synapticEvents);
}

TEST_F(PairsTest, AChipWithoutVariationIsTheIdealOne) {
  const Program paired = random(4);
  const ChipVariation chip(device, 1);
  const SimResult ideal = run(paired, EngineKind::Auto),
                  found = run(paired, EngineKind::Auto, &chip);
  EXPECT_EQ(found.counts, ideal.counts);
  EXPECT_EQ(found.spikes, ideal.spikes);
}

TEST_F(PairsTest, MismatchOfBothColumnsActs) {
  device.synapse.mismatchSigma = 0.2;
  const Program single = halfFull(6);
  const Program paired = pairedBy(single, [](int8_t code) { return code; });
  const ChipVariation chip(device, 1);
  // The same first columns at the same places would give the same spikes if
  // the second ones were not drawn.
  EXPECT_NE(run(paired, EngineKind::Auto, &chip).events.size(),
            run(paired, EngineKind::Auto).events.size());
  const ChipMap map = ChipMap::of(chip, paired, device);
  EXPECT_EQ(map.cores[0].neurons, paired.cores[0].columns());
  EXPECT_TRUE(map.checkAgainst(paired, device, "map").empty());
}

TEST_F(PairsTest, ProgramsOfPairsSurviveTheRoundTrip) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const Program original = random(seed);
    const Bytes bytes = encodeProgram(original, device);
    auto decoded = decodeProgram(bytes, device, "x.ntb");
    ASSERT_TRUE(decoded) << toString(decoded.diagnostics());
    expectSame(*decoded, original);
    EXPECT_EQ(encodeProgram(*decoded, device), bytes);
    if (seed < 3 && std::system("python3 -c '' 2>/dev/null") == 0)
      expectSameAsJson(original, decodeWithPython(bytes));
  }
}

TEST_F(PairsTest, ProgramsWithoutPairsHaveTheBytesTheyHadBefore) {
  const Program single = halfFull(1);
  EXPECT_EQ(encodeProgram(single, device), encodeProgram(single, testDevice()));
  File file = parse(encodeProgram(single, device));
  for (const auto &[tag, bytes] : file.sections)
    EXPECT_NE(tag, "PAIR");
}

TEST_F(PairsTest, ADeviceThatJoinsNoColumnsRefusesThem) {
  const Program paired = pairedBy(halfFull(2), [](int8_t c) { return c; });
  EXPECT_TRUE(checkProgram(paired, device).empty());
  device.synapse.pairing = ColumnPairing::None;
  const DiagnosticList found = checkProgram(paired, device);
  EXPECT_TRUE(has(found, Diag::PairDevice, "'test' joins 1 (rule H8)"))
      << toString(found);
  EXPECT_EQ(found.size(), paired.cores.size());
}

TEST_F(PairsTest, SizesOfPairsAreChecked) {
  Program paired = pairedBy(halfFull(2), [](int8_t c) { return c; });
  paired.cores[0].columnsPerNeuron = 3;
  EXPECT_TRUE(has(checkProgram(paired, device), Diag::ChipStructure,
                  "3 columns a neuron, the range is 1 to 2"));
  paired.cores[0].columnsPerNeuron = 2;
  device.coreNeurons = paired.cores[0].columns() - 1;
  EXPECT_TRUE(has(checkProgram(paired, device), Diag::ChipStructure,
                  " neurons of 2 columns, the range is 1 to "));
  paired.cores[1].codes.pop_back();
  EXPECT_TRUE(
      has(checkProgram(paired, device), Diag::ChipStructure, "codes for "));
}

TEST_F(PairsTest, DamagedPairSectionsAreRefused) {
  const Program paired = pairedBy(halfFull(2), [](int8_t c) { return c; });
  auto with = [&](auto edit) {
    File file = parse(encodeProgram(paired, device));
    edit(file.section("PAIR"));
    auto decoded = decodeProgram(assemble(file), device, "x.ntb");
    EXPECT_FALSE(decoded);
    return decoded ? DiagnosticList() : decoded.diagnostics();
  };
  EXPECT_TRUE(has(with([](Bytes &b) { b = {0}; }), Diag::BitField,
                  "names no core and must be left out"));
  EXPECT_TRUE(has(with([](Bytes &b) { b[1] = 99; }), Diag::BitField,
                  "core 99 is of no core, repeated or out of order"));
  EXPECT_TRUE(has(with([](Bytes &b) { b.resize(2); }), Diag::BitTruncated));
  EXPECT_TRUE(has(with([](Bytes &b) { b.push_back(0); }), Diag::BitField));
}
