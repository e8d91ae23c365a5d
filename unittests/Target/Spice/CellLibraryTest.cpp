//===- CellLibraryTest.cpp - Looking up and checking cells --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/CellLibrary.h"

#include <gtest/gtest.h>

using namespace nt::spice;
using ntrt::Diag;

TEST(CellLibrary, BehaviouralCellsLoad) {
  auto cells = CellLibrary::load("behavioural");
  ASSERT_TRUE(cells) << ntrt::toString(cells.diagnostics());
  EXPECT_EQ(cells->cells().at("nt_source").ports,
            (std::vector<std::string>{"col", "row"}));
  EXPECT_TRUE(cells->cells().count("nt_fire"));
}

TEST(CellLibrary, UnknownLevelIsRefused) {
  auto cells = CellLibrary::load("quantum");
  ASSERT_FALSE(cells);
  EXPECT_EQ(cells.diagnostics().front().diag, Diag::FileMissing);
  EXPECT_FALSE(CellLibrary::load("/nonexistent/cells.lib"));
}

TEST(CellLibrary, ReportsEveryMissingCell) {
  auto cells = CellLibrary::parse("* nothing\n", "empty.lib");
  ASSERT_FALSE(cells);
  EXPECT_EQ(cells.diagnostics().size(), 5u);
  for (const auto &diagnostic : cells.diagnostics()) {
    EXPECT_EQ(diagnostic.diag, Diag::SpiceCell);
    EXPECT_EQ(diagnostic.place, "empty.lib");
  }
}

TEST(CellLibrary, ReportsPortsAndParameters) {
  std::string text = CellLibrary::load("behavioural")->text();
  auto replace = [&](std::string from, std::string to) {
    size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, from.size(), to);
  };
  replace(".subckt nt_source col row", ".subckt nt_source row col");
  replace(".subckt nt_modulator col params: code=0",
          ".subckt nt_modulator col params: c0de=0");
  auto cells = CellLibrary::parse(text, "own.lib");
  ASSERT_FALSE(cells);
  ASSERT_EQ(cells.diagnostics().size(), 2u);
  EXPECT_EQ(cells.diagnostics()[0].detail,
            "subcircuit nt_modulator has no parameter code");
  EXPECT_EQ(cells.diagnostics()[1].detail,
            "subcircuit nt_source has the ports 'row col', not 'col row'");
}

TEST(CellLibrary, ContinuedAndUpperCaseLinesAreRead) {
  std::string text = CellLibrary::load("behavioural")->text();
  size_t at = text.find(".subckt nt_source col row");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 25, ".SUBCKT NT_Source COL\n+ row");
  EXPECT_TRUE(CellLibrary::parse(text, "own.lib"));
}
