//===- NormalisationTest.cpp - From stored values to inputs ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ntrt/Dataset.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <unistd.h>

using namespace ntrt;

namespace {
Normalisation parsed(const std::string &text) {
  auto result = Normalisation::parse(text, "here");
  EXPECT_TRUE(result) << text;
  return result ? *result : Normalisation();
}

/// A data set of the samples {0, 1}, {2, 3}.
class NormalisedDataTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_TRUE(bool(writeNpz(file, {{"x", {{2, 2}, {0, 1, 2, 3}, "<f4"}}})));
  }
  void TearDown() override { std::filesystem::remove(file); }

  std::string file =
      "/tmp/ntrt-normalisation-" + std::to_string(::getpid()) + ".npz";
  Normalisation recorded = parsed("mean=1;std=2");
  const std::vector<float> raw = {0, 1, 2, 3}, done = {-0.5, 0, 0.5, 1};
};
} // namespace

TEST(Normalisation, TextsReadBackAsTheyAre) {
  const Normalisation one = parsed("std=0.229,0.224,0.225;mean=0.485");
  EXPECT_EQ(one.str(), "mean=0.485;std=0.229,0.224,0.225");
  EXPECT_EQ(parsed(one.str()), one);
  EXPECT_EQ(one.mean, std::vector<float>{0.485f});
  EXPECT_EQ(Normalisation().str(), "");
}

TEST(Normalisation, WhatDoesTheSameIsEqual) {
  EXPECT_EQ(parsed("mean=0.5,0.5,0.5"), parsed("mean=0.5;std=1"));
  EXPECT_NE(parsed("mean=0.5"), parsed("mean=0.25"));
  EXPECT_NE(parsed("mean=0.5"), parsed("std=0.5"));
  EXPECT_TRUE(parsed("mean=0,0;std=1").isIdentity());
  EXPECT_FALSE(parsed("mean=0,0.5").isIdentity());
}

TEST(Normalisation, EveryMisfitIsNamed) {
  auto bad = Normalisation::parse("mean=x;std=0;std=1;deviation=2", "here");
  ASSERT_FALSE(bad);
  const std::string text = toString(bad.diagnostics());
  EXPECT_EQ(bad.diagnostics().size(), 4u) << text;
  for (const char *piece : {"'mean=x'", "'std=0': expected numbers above 0",
                            "'std=' is given twice", "'deviation=2'"})
    EXPECT_NE(text.find(piece), std::string::npos) << piece;
}

TEST(Normalisation, ChannelsHaveTheirOwn) {
  std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
  ASSERT_TRUE(
      bool(parsed("mean=1,3;std=1,2").apply(values, {2, 1, 2}, "here")));
  EXPECT_EQ(values, (std::vector<float>{0, 1, 0, 0.5, 4, 5, 2, 2.5}));
  auto wrong = parsed("mean=1,2,3").apply(values, {2, 1, 2}, "here");
  ASSERT_FALSE(bool(wrong));
  EXPECT_EQ(wrong.diagnostics()[0].detail, "mean=3 numbers for 2 channels");
}

TEST_F(NormalisedDataTest, TheRecordedOneAppliesWithoutBeingSaid) {
  auto data = Dataset::load(file, recorded);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->values, done);
  EXPECT_EQ(data->normalisation, recorded);
  EXPECT_EQ(Dataset::load(file)->values, raw);
}

TEST_F(NormalisedDataTest, ASpecMaySayTheSame) {
  auto data = Dataset::load(file + ";std=2;mean=1", recorded);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->values, done);
}

TEST_F(NormalisedDataTest, ASpecThatSaysOtherwiseIsAnError) {
  for (const char *other : {";std=3;mean=1", ";mean=1", ";mean=0;std=1"}) {
    auto data = Dataset::load(file + other, recorded);
    ASSERT_FALSE(data) << other;
    EXPECT_EQ(data.diagnostics()[0].diag, Diag::DataNormalisation);
    EXPECT_EQ(data.diagnostics()[0].detail,
              "the network's inputs have mean=1;std=2");
  }
}

TEST_F(NormalisedDataTest, NormalisedSamplesAreTakenAsTheyAre) {
  auto data = Dataset::load(file + ";normalised", recorded);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->values, raw);
  EXPECT_TRUE(data->normalisation.isIdentity());
  auto both = Dataset::load(file + ";normalised;mean=1");
  ASSERT_FALSE(both);
  EXPECT_EQ(both.diagnostics()[0].diag, Diag::OptionInvalid);
}
