//===- CharacterizationTest.cpp - Figures, device files, versions -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/Characterization.h"
#include "ntrt/Bitstream.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <sys/stat.h>

using namespace nt::spice;
using ntrt::Diag;

namespace {

class CharacterizationTest : public testing::Test {
protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "nt-char-XXXXXX";
    ASSERT_TRUE(mkdtemp(name.data()));
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// A stand-in for ngspice.
  NgspiceOptions standIn(const std::string &commands) {
    std::string path = folder + "/fake", text = "#!/bin/sh\n" + commands;
    EXPECT_TRUE(ntrt::writeFileWhole(path, text.data(), text.size()));
    chmod(path.c_str(), 0755);
    NgspiceOptions options;
    options.program = path;
    return options;
  }

  /// What a whole characterisation of a device finds, with figures of one's
  /// own.
  static Characterization measured() {
    Characterization result;
    result.simulator = "ngspice-39";
    result.cells = "mos cells, tt, 27 C";
    auto add = [&](const char *name, double value, const char *unit) {
      result.measurements.add(Figure{name, value, unit, "measured"});
    };
    add("/neuron/c_mem", 1.23456789e-12, "F");
    add("/neuron/v_th", 1.21, "V");
    add("/neuron/v_reset", 0.91, "V");
    add("inl", 0.1, "LSB");
    for (int i = 0; i < 3; ++i) {
      result.measurements.point({"event_lsb", "V", "A", "charge"},
                                0.9 + 0.3 * (2 - i), 1e-9 * (3 - i));
      result.measurements.point({"modulation_dc_lsb", "V", "A", "current"},
                                0.8 + 0.35 * i, 1e-10 * (1 + i));
    }
    return result;
  }
  std::string folder;
};

} // namespace

TEST_F(CharacterizationTest, VersionOfTheInstalledSimulator) {
  auto version = ngspiceVersion({});
  ASSERT_TRUE(version) << ntrt::toString(version.diagnostics());
  EXPECT_EQ(version->rfind("ngspice-", 0), 0u);
}

TEST_F(CharacterizationTest, OldOrMissingSimulatorsAreRefused) {
  auto version = ngspiceVersion(standIn("echo '** ngspice-36 : simulator'\n"));
  ASSERT_FALSE(version);
  EXPECT_EQ(version.diagnostics().front().diag, Diag::SpiceVersion);
  version = ngspiceVersion(standIn("echo another program\n"));
  ASSERT_FALSE(version);
  EXPECT_EQ(version.diagnostics().front().diag, Diag::SpiceVersion);
  NgspiceOptions none;
  none.program = folder + "/none";
  version = ngspiceVersion(none);
  ASSERT_FALSE(version);
  EXPECT_EQ(version.diagnostics().front().diag, Diag::SpiceNoSimulator);
}

TEST_F(CharacterizationTest, CurvesKeepTheOrderOfX) {
  Measurements found;
  for (double x : {2, 1, 3})
    found.point({"y", "V", "A", "square"}, x, x * x);
  const Curve *curve = found.curve("y");
  ASSERT_NE(curve, nullptr);
  EXPECT_EQ(curve->x, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(curve->y, (std::vector<double>{1, 4, 9}));
}

TEST_F(CharacterizationTest, DeviceFileHoldsFiguresAndSources) {
  CharacterizationOptions options;
  options.base = "nt1-tiny-mos";
  auto text = deviceJson(measured(), options, "mychip", "ntc characterize");
  ASSERT_TRUE(text) << ntrt::toString(text.diagnostics());
  auto device = ntrt::DeviceModel::parse(*text, "mychip.json");
  ASSERT_TRUE(device) << ntrt::toString(device.diagnostics());
  EXPECT_EQ(device->name, "mychip");
  EXPECT_EQ(device->neuron.capacitance_F, 1.2346e-12);
  EXPECT_EQ(device->synapseDomain.curveAmperes,
            (std::vector<double>{1e-9, 2e-9, 3e-9}));
  EXPECT_EQ(device->synapseDomain.curveVolts.back(),
            device->synapseDomain.voltsMax);
  // Half way from V_reset to V_th, as the base's.
  EXPECT_NEAR(device->neuron.vInit_V, 1.06, 1e-3);
  EXPECT_NE(text->find("measured; ngspice-39, mos cells, tt, 27 C, 'ntc "
                       "characterize'"),
            std::string::npos);
}

TEST_F(CharacterizationTest, MissingCurvesAreNamed) {
  Characterization result;
  CharacterizationOptions options;
  options.base = "nt1-tiny-mos";
  auto text = deviceJson(result, options, "mychip", "ntc characterize");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.diagnostics().size(), 2u);
}

// A simulator that fails at every bench: all are listed, nothing is made up.
TEST_F(CharacterizationTest, FailedBenchesAreListed) {
  CharacterizationOptions options;
  options.base = "nt1-tiny-mos";
  options.mismatchSamples = 0;
  options.curvePoints = 2;
  options.ngspice =
      standIn("case $1 in --version) echo ngspice-39;; *) echo 'doAnalyses: "
              "Timestep too small'; exit 1;; esac\n");
  auto result = characterize(options);
  ASSERT_TRUE(result) << ntrt::toString(result.diagnostics());
  EXPECT_FALSE(result->complete());
  EXPECT_TRUE(result->measurements.figures().empty());
  std::set<std::string> missing(result->missing.begin(), result->missing.end());
  for (const char *bench :
       {"synapse-currents", "modulation-currents", "membrane", "leak",
        "threshold", "spikes", "idle", "rates", "dac", "bias-lines"})
    EXPECT_TRUE(missing.count(bench)) << bench;
  EXPECT_NE(ntrt::toString(result->failures).find("Timestep too small"),
            std::string::npos);
  EXPECT_NE(measurementsJson(*result, "x").find("\"complete\": false"),
            std::string::npos);
}

TEST_F(CharacterizationTest, AnInterruptionStartsNoFurtherBench) {
  CharacterizationOptions options;
  options.base = "nt1-tiny-mos";
  options.ngspice = standIn("echo ngspice-39\n");
  std::atomic<bool> interrupted = true;
  options.interrupted = &interrupted;
  auto result = characterize(options);
  ASSERT_TRUE(result) << ntrt::toString(result.diagnostics());
  EXPECT_FALSE(result->complete());
  EXPECT_TRUE(result->failures.empty());
}
