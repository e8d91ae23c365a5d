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

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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
    write("fake", "#!/bin/sh\n"
                  "if [ \"$1\" = --version ]; then echo '** ngspice-39 :'; "
                  "exit 0; fi\n" +
                      commands);
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
            "it ended early; it reached 1e-06 of 2e-06 s, partial waveforms in "
            "core.partial.raw");
  EXPECT_FALSE(std::filesystem::exists(folder + "/core.raw"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/core.partial.raw"));
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
            "exit code 3; it left no raw file");
  auto killed = runNgspice({folder, 1e-6}, standIn("kill -9 $$\n"));
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.diagnostics().front().detail,
            "signal 9; it left no raw file");
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
  EXPECT_EQ(data.diagnostics().front().detail,
            "stopped after 0.2 s; it left no raw file");
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

TEST_F(NgspiceRunner, ProgressIsSimulatedTime) {
  // Points of 1, 2, 3 and 4 ms of 4, with time between them for a look.
  write(netlistFileName, rc);
  std::string shell = "printf 'Title: t\\nFlags: real\\nNo. Variables: 1\\n"
                      "No. Points: 4\\nVariables:\\n\\t0\\ttime\\ttime\\n"
                      "Binary:\\n' > core.raw\n";
  for (double time : {1e-3, 2e-3, 3e-3, 4e-3}) {
    char bytes[8];
    std::memcpy(bytes, &time, 8);
    shell += "printf '";
    for (char byte : bytes) {
      char octal[8];
      std::snprintf(octal, sizeof octal, "\\%03o",
                    static_cast<unsigned char>(byte));
      shell += octal;
    }
    shell += "' >> core.raw\nsleep 0.3\n";
  }
  NgspiceOptions options = standIn(shell);
  std::vector<double> fractions;
  options.progress = [&](double done) { fractions.push_back(done); };
  auto data = runNgspice({folder, 4e-3}, options);
  ASSERT_TRUE(data) << ntrt::toString(data.diagnostics());
  ASSERT_GT(fractions.size(), 3u);
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_LE(fractions.front(), 0.5);
  EXPECT_GE(fractions.back(), 0.75);
}

TEST_F(NgspiceRunner, AnOldVersionIsRefused) {
  write("old", "#!/bin/sh\necho '** ngspice-31 : Circuit level simulation'\n");
  chmod((folder + "/old").c_str(), 0755);
  NgspiceOptions options;
  options.program = folder + "/old";
  auto data = runNgspice({folder, 1e-6}, options);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceVersion);
  EXPECT_EQ(data.diagnostics().front().detail,
            "version 31, at least 39 is needed");
}

TEST_F(NgspiceRunner, AnotherProgramIsRefused) {
  write("other", "#!/bin/sh\necho 'usage: other file'\nexit 1\n");
  chmod((folder + "/other").c_str(), 0755);
  NgspiceOptions options;
  options.program = folder + "/other";
  auto data = runNgspice({folder, 1e-6}, options);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceVersion);
  EXPECT_NE(data.diagnostics().front().detail.find("usage: other file"),
            std::string::npos);
}

// ngspice does not look whether its writes succeed.
TEST_F(NgspiceRunner, AFullDiskIsTold) {
  auto log = runNgspice({folder, 1e-6},
                        standIn("echo waveforms | cat > /dev/full\nexit 0\n"));
  ASSERT_FALSE(log);
  EXPECT_EQ(log.diagnostics().front().diag, Diag::SpiceDiskFull);

  auto cut =
      runNgspice({folder, 1e-6},
                 standIn("printf 'Title: t\\nFlags: real\\nNo. Variables: 1\\n"
                         "No. Points: 400\\nVariables:\\n\\t0\\ttime\\ttime\\n"
                         "Binary:\\n12345678' > core.raw\n"));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.diagnostics().front().diag, Diag::SpiceDiskFull);
  EXPECT_NE(cut.diagnostics().front().detail.find("1 points of 400"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder + "/core.partial.raw"));
}

// The real program under a limit on the size of files, as a quota sets one.
TEST_F(NgspiceRunner, ALimitOnFilesIsToldOfTheRealProgram) {
  write(netlistFileName, "* rc\nV1 a 0 PWL( 0 0 1e-9 1 )\nR1 a b 1000\n"
                         "C1 b 0 1e-9 ic=0\n.save v(b)\n"
                         ".tran 1e-8 1e-4 0 1e-8 uic\n.end\n");
  auto data = runNgspice({folder, 1e-4},
                         standIn("ulimit -f 20\nexec ngspice \"$@\"\n"));
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceDiskFull);
  EXPECT_TRUE(std::filesystem::exists(folder + "/core.partial.raw"));
}

TEST_F(NgspiceRunner, AnInterruptEndsTheChildrenAndMarksWhatTheyLeft) {
  NgspiceOptions options =
      standIn("echo partial > core.raw\n"
              "echo $$ > pid\nkill -INT $PPID\nsleep 60\n");
  auto results =
      runNgspice({{folder, 1e-6}, {folder, 1e-6}, {folder, 1e-6}}, [&] {
        options.parallel = 1;
        return options;
      }());
  ASSERT_EQ(results.size(), 3u);
  for (const auto &result : results) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.diagnostics().front().diag, Diag::SpiceInterrupted);
  }
  EXPECT_EQ(results[2].diagnostics().front().detail, "it had not begun");
  EXPECT_TRUE(std::filesystem::exists(folder + "/core.partial.raw"));
  auto pid = ntrt::readFile(folder + "/pid");
  ASSERT_TRUE(pid);
  EXPECT_NE(kill(std::atoi(std::string(pid->begin(), pid->end()).c_str()), 0),
            0);
}

TEST(NgspiceLog, AConvergenceFailureIsExplained) {
  std::string text = explainLog(
      "Note: x\ndoAnalyses: TRAN:  Timestep too small; time = 1.25e-05, "
      "timestep = 1.25e-20: trouble with node \"xcore.m__2ffc1_3\"\n\n"
      "run simulation(s) aborted\n");
  EXPECT_NE(text.find("at 1.25e-05 s"), std::string::npos) << text;
  EXPECT_NE(text.find("the membrane of /fc1[3]"), std::string::npos) << text;
  EXPECT_NE(text.find("likely cause: a transition steeper"), std::string::npos)
      << text;
}

TEST(NgspiceLog, ASingularMatrixNamesTheNodesThatDidNotConverge) {
  std::string text = explainLog(
      "Warning: singular matrix:  check node v1#branch\n"
      "Last Node Voltages\n------------------\n\n"
      "Node                                   Last Voltage        Previous "
      "Iter\n"
      "----                                   ------------        "
      "-------------\n"
      "a                                                 0                    "
      "0\n"
      "s_fc_2                                            0                    "
      "2 *\n"
      "\ndoAnalyses: TRAN:  Timestep too small; initial timepoint: cause "
      "unrecorded.\n");
  EXPECT_NE(text.find("not converged: the spike node of fc[2]"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("two voltage sources in a loop"), std::string::npos);
}

TEST(NgspiceLog, ProgressInFrontOfAnErrorIsLeftOut) {
  EXPECT_EQ(explainLog(" Reference value :  9.7e-05\r Reference value :  "
                       "1.2e-04Error: out of memory\n"),
            "'Error: out of memory'");
}

TEST(NgspiceLog, WarningsAreNoFailure) {
  EXPECT_EQ(
      explainLog("Warning: singular matrix:  check node x\nNote: Starting "
                 "dynamic gmin stepping\nNo. of Data Rows : 12\n"),
      "");
}

TEST_F(NgspiceRunner, TwoSourcesInALoopAreExplainedByTheRealProgram) {
  write(netlistFileName,
        "* loop\nV1 a 0 1\nV2 a 0 2\n.save v(a)\n.tran 1e-8 1e-6\n.end\n");
  auto data = runNgspice({folder, 1e-6});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceFailed);
  EXPECT_NE(
      data.diagnostics().front().detail.find("two voltage sources in a loop"),
      std::string::npos)
      << data.diagnostics().front().detail;
}
