//===- ChipMapTest.cpp - Tests of the map of a chip -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/ChipMap.h"
#include "RandomProgram.h"
#include "ntrt/Bitstream.h"
#include "ntrt/ChipVariation.h"
#include "ntrt/Dataset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <unistd.h>

using namespace ntrt;

namespace {

struct Network {
  DeviceModel device = test::testDevice();
  Program program = test::RandomPrograms(3).program(device);
};

class ChipMapTest : public testing::Test {
protected:
  ChipMapTest() {
    network.device.synapse.mismatchSigma = 0.1;
    map = ChipMap::of(ChipVariation(network.device, 7), network.program,
                      network.device);
  }
  std::string path(const std::string &name) const {
    return testing::TempDir() + "/nt-chip-map-" + std::to_string(getpid()) +
           "-" + name;
  }
  /// Codes of the diagnostics, in order.
  static std::vector<Diag> diagsOf(const DiagnosticList &list) {
    std::vector<Diag> diags;
    for (const Diagnostic &diagnostic : list)
      diags.push_back(diagnostic.diag);
    return diags;
  }

  Network network;
  ChipMap map;
};

TEST_F(ChipMapTest, FilesGiveTheSameMap) {
  for (const char *name : {"map.npz", "map.json"}) {
    ASSERT_TRUE(map.save(path(name)));
    Result<ChipMap> read = ChipMap::load(path(name));
    ASSERT_TRUE(read) << toString(read.diagnostics());
    EXPECT_EQ(read->digits, map.digits);
    ASSERT_EQ(read->cores.size(), map.cores.size());
    for (size_t i = 0; i < map.cores.size(); ++i) {
      EXPECT_EQ(read->cores[i].place, map.cores[i].place);
      EXPECT_EQ(read->cores[i].synapse, map.cores[i].synapse);
      EXPECT_EQ(read->cores[i].modulation, map.cores[i].modulation);
    }
    EXPECT_TRUE(
        read->checkAgainst(network.program, network.device, name).empty());
    std::filesystem::remove(path(name));
  }
}

TEST_F(ChipMapTest, AMapIsTheChipItWasDrawnOf) {
  const ChipVariation drawn(network.device, 7);
  const ChipVariation measured(network.device, 8,
                               std::make_shared<ChipMap>(map));
  const ChipVariation other(network.device, 8);
  bool differs = false;
  for (const CoreConfig &core : network.program.cores) {
    const CorePlace place{core.row, core.column};
    for (uint32_t axon = 0; axon < core.axons; ++axon)
      for (uint32_t n = 0; n < core.neurons; ++n) {
        const Sources sources = core.sourcesAt(axon, n, map.digits);
        const double mine = drawn.synapse(place, axon, n, sources);
        EXPECT_EQ(measured.synapse(place, axon, n, sources), mine);
        differs |= other.synapse(place, axon, n, sources) != mine;
      }
    for (uint32_t n = 0; n < core.neurons; ++n)
      for (int32_t code = -3; code <= 3; ++code)
        EXPECT_EQ(measured.modulation(place, n, code),
                  drawn.modulation(place, n, code));
  }
  EXPECT_TRUE(differs);
}

TEST_F(ChipMapTest, NamesNumbersThatAreNone) {
  map.cores[0].synapse[3] = NAN;
  map.cores[0].synapse[5] = 17;
  map.cores[0].modulation[1] = -INFINITY;
  const DiagnosticList misfits = map.check("m");
  EXPECT_EQ(diagsOf(misfits),
            (std::vector{Diag::ChipMapValue, Diag::ChipMapValue}));
  EXPECT_NE(toString(misfits).find("2 numbers of synapses, the first is "
                                   "number 3"),
            std::string::npos)
      << toString(misfits);
}

TEST_F(ChipMapTest, NamesCoresAndSizesThatAreMissing) {
  map.cores[0].axons -= 1;
  EXPECT_EQ(diagsOf(map.check("m")), std::vector{Diag::ChipMapShape});
  EXPECT_EQ(diagsOf(map.checkAgainst(network.program, network.device, "m")),
            std::vector{Diag::ChipMapCore});
  map.cores.clear();
  EXPECT_EQ(map.checkAgainst(network.program, network.device, "m").size(),
            network.program.cores.size());
  DeviceModel other = network.device;
  other.synapse.digits = network.device.synapse.digits + 1;
  EXPECT_EQ(map.checkAgainst(network.program, other, "m").front().diag,
            Diag::ChipMapShape);
}

TEST_F(ChipMapTest, FilesOfAnotherFormAreRefused) {
  auto load = [&](const std::string &content) {
    EXPECT_TRUE(writeFileWhole(path("bad"), content.data(), content.size()));
    Result<ChipMap> read = ChipMap::load(path("bad"));
    EXPECT_FALSE(read) << content;
    return read ? std::vector<Diag>() : diagsOf(read.diagnostics());
  };
  const std::vector shape{Diag::ChipMapShape};
  EXPECT_EQ(load("no map"), shape);
  EXPECT_EQ(load("[]"), shape);
  EXPECT_EQ(load(R"({"nt_chip_map": 1, "digits": 9, "cores": []})"), shape);
  EXPECT_EQ(load(R"({"nt_chip_map": 1, "digits": 1, "cores": []})"), shape);
  EXPECT_EQ(load(R"({"nt_chip_map": 1, "digits": 1, "cores": [3]})"), shape);
  // One axon and two neurons, but one neuron's sources.
  EXPECT_EQ(load(R"({"nt_chip_map": 1, "digits": 1, "cores": [{"row": 0,
    "column": 0, "synapse": [[[[1, 1]]]], "modulation": [[1], [1]]}]})"),
            shape);
  EXPECT_EQ(load(R"({"nt_chip_map": 1, "digits": 1, "cores": [{"row": 0,
    "column": 0, "synapse": [[[[1, null]]]], "modulation": [[1]]}]})"),
            std::vector{Diag::ChipMapValue});
  std::filesystem::remove(path("bad"));
  EXPECT_EQ(diagsOf(ChipMap::load(path("none")).diagnostics()),
            std::vector{Diag::FileMissing});

  ASSERT_TRUE(
      writeNpz(path("bad.npz"),
               {{"synapse_0_0", {{1, 1, 3, 1}, {1, 1, 1}, "<f4"}},
                {"synapse_0_1", {{1, 1, 3, 2}, {1, 1, 1, 1, 1, 1}, "<f4"}},
                {"weights", {{1}, {1}, "<f4"}}}));
  // A wrong shape, a core without modulation, and an array of another kind.
  EXPECT_EQ(diagsOf(ChipMap::load(path("bad.npz")).diagnostics()),
            std::vector(3, Diag::ChipMapShape));
  std::filesystem::remove(path("bad.npz"));
}

TEST_F(ChipMapTest, EncodingsReachTheBitstreamAndTheChip) {
  Program &program = network.program;
  const uint32_t digits = network.device.synapse.digits;
  const Bytes plain = encodeProgram(program, network.device);
  const uint64_t hash = programHash(program, network.device);
  size_t changed = 0;
  Program encoded = program;
  for (CoreConfig &core : encoded.cores)
    for (size_t i = 0; i < core.codes.size(); ++i) {
      core.sources.push_back(
          encodingsOf(core.codes[i], digits, network.device.synapse.encoding)
              .back());
      changed +=
          core.sources.back() != leastCurrentSources(core.codes[i], digits);
    }
  ASSERT_GT(changed, 0u);
  const Bytes bytes = encodeProgram(encoded, network.device);
  EXPECT_NE(bytes, plain);
  // Tasks belong to the codes.
  EXPECT_EQ(programHash(encoded, network.device), hash);
  Result<Program> read = decodeProgram(bytes, network.device, "p");
  ASSERT_TRUE(read) << toString(read.diagnostics());
  EXPECT_EQ(encodeProgram(*read, network.device), bytes);
  for (size_t c = 0; c < program.cores.size(); ++c)
    EXPECT_EQ(read->cores[c].codes, program.cores[c].codes);
  Result<Program> least = decodeProgram(plain, network.device, "p");
  ASSERT_TRUE(least);
  for (const CoreConfig &core : least->cores)
    EXPECT_TRUE(core.sources.empty());

  // Sources that make another code, and too few of them.
  Program wrong = encoded;
  for (size_t i = 0; i < wrong.cores[0].codes.size(); ++i)
    if (wrong.cores[0].codes[i] != 0) {
      wrong.cores[0].sources[i] = 0;
      break;
    }
  EXPECT_EQ(diagsOf(checkProgram(wrong, network.device)),
            std::vector{Diag::CodeRange});
  wrong.cores[0].sources.pop_back();
  EXPECT_EQ(diagsOf(checkProgram(wrong, network.device)),
            std::vector{Diag::ChipStructure});
}

} // namespace
