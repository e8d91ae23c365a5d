//===- DiagnosticsTest.cpp - The one table of NT's diagnostics ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Diagnostics.h"

#include <gtest/gtest.h>
#include <regex>
#include <set>

using namespace ntrt;

TEST(Diagnostics, CodesAreUniqueAndWellFormed) {
  std::set<std::string_view> seen;
  std::regex form("NT-[A-Z]+-[0-9]{3}");
  for (Diag diag : allDiags()) {
    EXPECT_TRUE(std::regex_match(std::string(diagCode(diag)), form))
        << diagCode(diag);
    EXPECT_TRUE(seen.insert(diagCode(diag)).second) << diagCode(diag);
    EXPECT_FALSE(diagTitle(diag).empty()) << diagCode(diag);
    EXPECT_FALSE(diagRemedy(diag).empty()) << diagCode(diag);
  }
  EXPECT_GT(seen.size(), 60u);
}

TEST(Diagnostics, CodesStayWhatTheyWere) {
  // Users search for these: an entry is never renumbered.
  EXPECT_EQ(diagCode(Diag::FileMissing), "NT-FILE-001");
  EXPECT_EQ(diagCode(Diag::DataFormat), "NT-DATA-001");
  EXPECT_EQ(diagCode(Diag::DeviceSyntax), "NT-DEV-001");
  EXPECT_EQ(diagCode(Diag::DeviceInconsistent), "NT-DEV-008");
  EXPECT_EQ(diagCode(Diag::BitCrc), "NT-BIT-003");
}

TEST(Diagnostics, PrintsPlaceCodeTitleDetailAndRemedy) {
  Diagnostic diagnostic{Diag::DeviceNotFound, "chip7", "looked for a, b"};
  EXPECT_EQ(diagnostic.str(),
            "chip7: error: [NT-DEV-007] no such device: looked for a, b (give "
            "a .json path or the name of a device under share/nt/devices)");
}

TEST(Diagnostics, LeavesOutWhatIsEmpty) {
  EXPECT_EQ((Diagnostic{Diag::TuneNoSites, "", ""}).str(),
            "error: [NT-TUNE-001] nothing to tune (run --nt-modulate-pipeline "
            "first)");
}

TEST(Diagnostics, ListsPrintOneALine) {
  DiagnosticList list = {{Diag::FileMissing, "a", "x"},
                         {Diag::FileTruncated, "b", "y"}};
  EXPECT_EQ(toString(list), list[0].str() + "\n" + list[1].str() + "\n");
}

TEST(Diagnostics, MarkdownHoldsEveryCodeOnceAndNoHtml) {
  std::string text = diagnosticsMarkdown();
  for (Diag diag : allDiags()) {
    std::string cell = "| `" + std::string(diagCode(diag)) + "` |";
    size_t first = text.find(cell);
    ASSERT_NE(first, std::string::npos) << cell;
    EXPECT_EQ(text.find(cell, first + 1), std::string::npos) << cell;
  }
  // "--ngspice=<path>" must not become an HTML tag.
  EXPECT_EQ(text.find('<'), std::string::npos);
}

TEST(Diagnostics, ResultHoldsAValueOrDiagnostics) {
  Result<int> good = 7;
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 7);
  Result<int> bad = Diagnostic{Diag::BitMagic, "f", ""};
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.diagnostics().front().diag, Diag::BitMagic);
}
