//===- ChipCalibrationTest.cpp - Tests of fitting a program to a chip -----===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Calibration/ChipCalibration.h"
#include "TestChip.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace nt::calibration;
using nt::test::TestChip;

namespace {

class ChipCalibrationTest : public testing::Test {
protected:
  ntrt::Result<CalibrationResult> fit(const CalibrationOptions &options) {
    return calibrate(chip.program, {chip.task}, chip.device, drawn, {chip.data},
                     options);
  }

  TestChip chip;
  ntrt::ChipVariation drawn{chip.device, 11};
};

TEST_F(ChipCalibrationTest, EncodingsMakeTheSameCodesAndLessError) {
  CalibrationOptions options;
  options.words = false;
  auto same = fit(options);
  ASSERT_TRUE(same) << ntrt::toString(same.diagnostics());
  EXPECT_EQ(same->codesChanged, 0u);
  EXPECT_GT(same->encodingsChanged, same->synapses / 20);
  EXPECT_LT(same->errorAfter, 0.8 * same->errorBefore);
  EXPECT_EQ(same->tasks[0].programHash, chip.task.programHash);
  for (size_t c = 0; c < chip.program.cores.size(); ++c) {
    EXPECT_EQ(same->program.cores[c].codes, chip.program.cores[c].codes);
    EXPECT_EQ(same->tasks[0].cores[c].words, chip.task.cores[c].words);
  }
  // What is chosen among includes what was.
  options.encoding = Encoding::Neighbours;
  auto near = fit(options);
  ASSERT_TRUE(near);
  EXPECT_GT(near->codesChanged, 0u);
  EXPECT_LT(near->errorAfter, same->errorAfter);
  EXPECT_NE(near->tasks[0].programHash, chip.task.programHash);
  for (size_t c = 0; c < chip.program.cores.size(); ++c)
    for (size_t i = 0; i < chip.program.cores[c].codes.size(); ++i) {
      const int before = chip.program.cores[c].codes[i],
                now = near->program.cores[c].codes[i];
      EXPECT_LE(std::abs(now - before), 1);
      EXPECT_TRUE(before != 0 || now == 0);
    }
}

TEST_F(ChipCalibrationTest, WordsAreRetunedForTheChip) {
  CalibrationOptions options;
  options.encoding = Encoding::Keep;
  options.epochs = 5;
  auto tuned = fit(options);
  ASSERT_TRUE(tuned) << ntrt::toString(tuned.diagnostics());
  EXPECT_EQ(tuned->encodingsChanged, 0u);
  EXPECT_GT(tuned->taskResults[0].wordsChanged, 0u);
  auto before =
      rateAccuracy(chip.program, chip.task, chip.device, &drawn, chip.data);
  auto after = rateAccuracy(tuned->program, tuned->tasks[0], chip.device,
                            &drawn, chip.data);
  ASSERT_TRUE(before && after);
  EXPECT_GT(*after, *before);
  for (size_t c = 0; c < chip.program.cores.size(); ++c)
    EXPECT_TRUE(tuned->program.cores[c].sources.empty());
}

TEST_F(ChipCalibrationTest, TheIdealChipNeedsNothing) {
  ntrt::DeviceModel ideal = chip.device;
  ideal.synapse.mismatchSigma = 0;
  CalibrationOptions options;
  options.epochs = 0;
  auto fitted = calibrate(chip.program, {chip.task}, ideal,
                          ntrt::ChipVariation(ideal, 1), {chip.data}, options);
  ASSERT_TRUE(fitted);
  EXPECT_EQ(fitted->encodingsChanged, 0u);
  EXPECT_EQ(fitted->taskResults[0].wordsChanged, 0u);
  EXPECT_NEAR(fitted->errorBefore, 0, 1e-9);
}

TEST_F(ChipCalibrationTest, ThreadsDoNotChangeTheResult) {
  CalibrationOptions options;
  options.epochs = 1;
  auto one = fit(options);
  options.threads = 3;
  auto three = fit(options);
  ASSERT_TRUE(one && three);
  EXPECT_EQ(ntrt::encodeProgram(one->program, chip.device),
            ntrt::encodeProgram(three->program, chip.device));
  EXPECT_EQ(ntrt::encodeTask(one->tasks[0], chip.device),
            ntrt::encodeTask(three->tasks[0], chip.device));
}

TEST_F(ChipCalibrationTest, BadDataIsNamed) {
  auto codeOf = [&](const std::vector<ntrt::Dataset> &data) {
    auto fitted = calibrate(chip.program, {chip.task}, chip.device, drawn, data,
                            CalibrationOptions());
    EXPECT_FALSE(fitted);
    return fitted.diagnostics().front().diag;
  };
  EXPECT_EQ(codeOf({}), ntrt::Diag::OptionInvalid);
  ntrt::Dataset bad = chip.data;
  bad.sampleSize = 10;
  EXPECT_EQ(codeOf({bad}), ntrt::Diag::DataShape);
  bad = chip.data;
  bad.labels[3] = 7777;
  EXPECT_EQ(codeOf({bad}), ntrt::Diag::DataLabel);
  bad.labels.clear();
  EXPECT_EQ(codeOf({bad}), ntrt::Diag::DataLabel);
  bad = chip.data;
  bad.values[5] = NAN;
  EXPECT_EQ(codeOf({bad}), ntrt::Diag::DataValue);
}

} // namespace
