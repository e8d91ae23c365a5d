//===- RawFileTest.cpp - Reading raw files ------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/RawFile.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace nt::spice;
using ntrt::Diag;

static std::vector<uint8_t> raw(const std::string &points,
                                const std::vector<double> &values,
                                const std::string &flags = "real") {
  std::string text = "Title: * t\nDate: never\nPlotname: Transient Analysis\n"
                     "Flags: " +
                     flags + "\nNo. Variables: 2\nNo. Points: " + points +
                     "\nVariables:\n\t0\ttime\ttime\n\t1\tV(Spk)\t"
                     "voltage\nBinary:\n";
  std::vector<uint8_t> bytes(text.begin(), text.end());
  size_t header = bytes.size();
  bytes.resize(header + values.size() * sizeof(double));
  std::memcpy(bytes.data() + header, values.data(),
              values.size() * sizeof(double));
  return bytes;
}

TEST(RawFile, ReadsNamesAndValues) {
  auto data = parseRaw(raw("3       ", {0, 0, 1, 0.25, 2, 1}), "a.raw");
  ASSERT_TRUE(data) << ntrt::toString(data.diagnostics());
  EXPECT_EQ(data->names, (std::vector<std::string>{"time", "v(spk)"}));
  EXPECT_EQ(data->points, 3u);
  EXPECT_EQ(data->at(1, 1), 0.25);
  EXPECT_EQ(data->lastTime(), 2);
  EXPECT_EQ(data->find("v(spk)"), 1u);
  EXPECT_EQ(data->find("v(x)"), 2u);
}

TEST(RawFile, EveryTruncationIsRefused) {
  std::vector<uint8_t> bytes = raw("3", {0, 0, 1, 0.25, 2, 1});
  for (size_t size = 0; size < bytes.size(); ++size) {
    auto data = parseRaw({bytes.begin(), bytes.begin() + size}, "a.raw");
    ASSERT_FALSE(data) << size;
    EXPECT_EQ(data.diagnostics().front().diag, Diag::SpiceRaw);
  }
}

TEST(RawFile, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(parseRaw(raw("1", {0, 0}, "complex"), "a.raw"));
  EXPECT_FALSE(parseRaw(raw("x", {0, 0}), "a.raw"));
  EXPECT_FALSE(parseRaw(raw("18446744073709551615", {0, 0}), "a.raw"));
  auto missing = readRaw("/nonexistent/core.raw");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.diagnostics().front().diag, Diag::SpiceRaw);
}

TEST(RawFile, CrossingsAreInterpolated) {
  auto data =
      parseRaw(raw("6", {0, 0, 1, 1, 2, 0.5, 3, 0, 4, 0.25, 5, 0.75}), "a.raw");
  ASSERT_TRUE(data);
  EXPECT_EQ(risingCrossings(*data, 1, 0.5), (std::vector<double>{0.5, 4.5}));
  EXPECT_TRUE(risingCrossings(*data, 1, 2).empty());
}
