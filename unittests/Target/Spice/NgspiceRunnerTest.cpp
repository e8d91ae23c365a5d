//===- NgspiceRunnerTest.cpp - Running ngspice and its failures ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/NgspiceRunner.h"
#include "ntrt/Bitstream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>

using namespace nt::spice;
using ntrt::Diag;

namespace {

class NgspiceRunner : public testing::Test {
protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "nt-runner-XXXXXX";
    ASSERT_TRUE(mkdtemp(name.data()));
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &name, const std::string &text) {
    ASSERT_TRUE(
        ntrt::writeFileWhole(folder + '/' + name, text.data(), text.size()));
  }
  /// A stand-in for ngspice that runs shell commands in the job's folder.
  NgspiceOptions standIn(const std::string &commands) {
    write("fake", "#!/bin/sh\n" + commands);
    chmod((folder + "/fake").c_str(), 0755);
    NgspiceOptions options;
    options.program = folder + "/fake";
    return options;
  }

  static constexpr const char *rc = "* rc\n"
                                    "V1 a 0 PWL( 0 0 1e-9 1 )\n"
                                    "R1 a b 1000\n"
                                    "C1 b 0 1e-9 ic=0\n"
                                    ".save v(b)\n"
                                    ".tran 1e-8 1e-6 0 1e-8 uic\n"
                                    ".end\n";
  std::string folder;
};

} // namespace

TEST_F(NgspiceRunner, RunsATransient) {
  write(netlistFileName, rc);
  auto data = runNgspice({folder, 1e-6});
  ASSERT_TRUE(data) << ntrt::toString(data.diagnostics());
  size_t b = data->find("v(b)");
  ASSERT_LT(b, data->names.size());
  EXPECT_NEAR(data->at(data->points - 1, b), 1 - std::exp(-1), 2e-3);
  // One thread: more are slower on a busy machine.
  auto settings = ntrt::readFile(folder + "/.spiceinit");
  ASSERT_TRUE(settings);
  EXPECT_EQ(std::string(settings->begin(), settings->end()),
            "set num_threads=1\n");
}

// ngspice 39 crashes without HOME, as under a cron job or a test runner.
TEST_F(NgspiceRunner, RunsWithoutAHome) {
  const char *home = std::getenv("HOME");
  const std::string saved = home ? home : "";
  unsetenv("HOME");
  write(netlistFileName, rc);
  auto data = runNgspice({folder, 1e-6});
  if (home)
    setenv("HOME", saved.c_str(), 1);
  EXPECT_TRUE(data) << ntrt::toString(data.diagnostics());
}

TEST_F(NgspiceRunner, MissingProgramIsNamed) {
  write(netlistFileName, rc);
  NgspiceOptions options;
  options.program = "/nonexistent/ngspice";
  auto data = runNgspice({folder, 1e-6}, options);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceNoSimulator);
  EXPECT_EQ(data.diagnostics().front().place, "/nonexistent/ngspice");
}

TEST_F(NgspiceRunner, ErrorsOfTheNetlistAreQuoted) {
  write(netlistFileName, "* bad\nX1 a 0 no_such_cell\n.tran 1e-8 1e-6\n.end\n");
  auto data = runNgspice({folder, 1e-6});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceFailed);
  EXPECT_NE(data.diagnostics().front().place.find(logFileName),
            std::string::npos);
}

TEST_F(NgspiceRunner, AnEarlyEndIsAFailure) {
  write(netlistFileName, rc);
  auto data = runNgspice({folder, 2e-6});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceFailed);
  EXPECT_EQ(data.diagnostics().front().detail,
            "it reached 1.000000 of 2.000000 us");
}

TEST_F(NgspiceRunner, TimestepTooSmallIsAFailureEvenWithExitCode0) {
  auto data = runNgspice(
      {folder, 1e-6},
      standIn("echo 'doAnalyses: TRAN:  Timestep too small; time = 1e-7'\n"));
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceFailed);
  EXPECT_NE(data.diagnostics().front().detail.find("Timestep too small"),
            std::string::npos);
}

TEST_F(NgspiceRunner, ExitCodesAndSignalsAreFailures) {
  auto exited = runNgspice({folder, 1e-6}, standIn("exit 3\n"));
  ASSERT_FALSE(exited);
  EXPECT_EQ(exited.diagnostics().front().detail,
            "exit code 3; it left no whole raw file");
  auto killed = runNgspice({folder, 1e-6}, standIn("kill -9 $$\n"));
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.diagnostics().front().detail,
            "signal 9; it left no whole raw file");
}

TEST_F(NgspiceRunner, APartialRawFileIsRefused) {
  auto data = runNgspice({folder, 1e-6}, standIn("echo partial > core.raw\n"));
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceRaw);
}

TEST_F(NgspiceRunner, AStaleRawFileIsNotTakenForTheResult) {
  write(netlistFileName, rc);
  ASSERT_TRUE(runNgspice({folder, 1e-6}));
  auto data = runNgspice({folder, 1e-6}, standIn("exit 0\n"));
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceRaw);
}

TEST_F(NgspiceRunner, ARunOutOfTimeIsEnded) {
  NgspiceOptions options = standIn("sleep 60\n");
  options.timeout_s = 0.2;
  auto data = runNgspice({folder, 1e-6}, options);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceFailed);
  EXPECT_EQ(data.diagnostics().front().detail, "stopped after 0.200000 s");
}

TEST_F(NgspiceRunner, ResultsOfManyJobsAreInTheirOrder) {
  std::vector<NgspiceJob> jobs;
  for (int i = 0; i < 3; ++i) {
    std::string name = "job" + std::to_string(i);
    std::filesystem::create_directory(folder + '/' + name);
    write(name + '/' + netlistFileName, rc);
    // The second is asked for more than it runs.
    jobs.push_back({folder + '/' + name, i == 1 ? 2e-6 : 1e-6});
  }
  auto results = runNgspice(jobs);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_TRUE(results[0]);
  EXPECT_FALSE(results[1]);
  EXPECT_TRUE(results[2]);
}
