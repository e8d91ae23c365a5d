//===- TransistorCellsTest.cpp - Cells, devices and their misfits -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/TransistorCells.h"
#include "nt/Target/Spice/CellLibrary.h"
#include "ntrt/Bitstream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

using namespace nt::spice;
using ntrt::Diag;

namespace {

class TransistorCellsTest : public testing::Test {
protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "nt-cells-XXXXXX";
    ASSERT_TRUE(mkdtemp(name.data()));
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string &name, const std::string &text) {
    std::string path = folder + '/' + name;
    EXPECT_TRUE(ntrt::writeFileWhole(path, text.data(), text.size()));
    return path;
  }
  static std::string shippedCells() {
    auto path = findCellFile("mos");
    auto bytes = ntrt::readFile(*path);
    return {bytes->begin(), bytes->end()};
  }
  static size_t count(const ntrt::DiagnosticList &list, Diag diag) {
    return std::count_if(list.begin(), list.end(),
                         [&](const auto &entry) { return entry.diag == diag; });
  }
  std::string folder;
};

} // namespace

TEST_F(TransistorCellsTest, EveryShippedCornerLoads) {
  for (const char *corner : {"tt", "ss", "ff"}) {
    TransistorCellsOptions options;
    options.corner = corner;
    auto cells = TransistorCells::load(options);
    ASSERT_TRUE(cells) << ntrt::toString(cells.diagnostics());
    EXPECT_EQ(cells->description(),
              std::string("mos cells, ") + corner + ", 27 C");
    EXPECT_EQ(cells->parameter("nt_vdd"), 1.8);
    EXPECT_TRUE(std::isnan(cells->parameter("nt_nonesuch")));
    EXPECT_NE(cells->preamble(16).find(".param nt_mc=0 nt_rows=16"),
              std::string::npos);
    EXPECT_NE(cells->preamble(1024, true, 7).find(".options seed=7"),
              std::string::npos);
  }
}

TEST_F(TransistorCellsTest, LevelAndCornerAreRefusedByName) {
  TransistorCellsOptions options;
  options.corner = "typical";
  auto cells = TransistorCells::load(options);
  ASSERT_FALSE(cells);
  EXPECT_EQ(count(cells.diagnostics(), Diag::SpiceLevel), 1u);
  options.level = "gate";
  cells = TransistorCells::load(options);
  ASSERT_FALSE(cells);
  EXPECT_EQ(count(cells.diagnostics(), Diag::SpiceLevel), 1u);
}

TEST_F(TransistorCellsTest, EveryMissingCellAndPortIsNamedAtOnce) {
  std::string text = shippedCells();
  auto change = [&](const std::string &from, const std::string &to) {
    size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  };
  change(".subckt nt_domain vset", ".subckt nt_domains vset");
  change(".subckt nt_leak mem", ".subckt nt_leak memb"); // Not asked for.
  change(".subckt nt_comparator mem vth", ".subckt nt_comparator vth mem");
  TransistorCellsOptions options;
  options.cells = write("cells.lib", text);
  auto cells = TransistorCells::load(options);
  ASSERT_FALSE(cells);
  EXPECT_EQ(count(cells.diagnostics(), Diag::SpiceCell), 2u)
      << ntrt::toString(cells.diagnostics());
}

TEST_F(TransistorCellsTest, AMissingReferenceIsNamed) {
  std::string text = shippedCells();
  text.replace(text.find("nt_vth=1.2"), 10, "nt_vthx=1.");
  TransistorCellsOptions options;
  options.cells = write("cells.lib", text);
  auto cells = TransistorCells::load(options);
  ASSERT_FALSE(cells);
  EXPECT_NE(ntrt::toString(cells.diagnostics()).find("nt_vth"),
            std::string::npos);
}

TEST_F(TransistorCellsTest, AFoundryLibraryMustBeThereWithItsSection) {
  TransistorCellsOptions options;
  options.level = "pdk";
  auto cells = TransistorCells::load(options);
  ASSERT_FALSE(cells);
  EXPECT_EQ(count(cells.diagnostics(), Diag::SpicePdk), 4u);

  options.pdkSection = "tt";
  options.nfet = "n";
  options.pfet = "p";
  options.pdkLibrary = folder + "/none.lib";
  cells = TransistorCells::load(options);
  ASSERT_FALSE(cells);
  EXPECT_NE(ntrt::toString(cells.diagnostics()).find("none.lib"),
            std::string::npos);

  options.pdkLibrary = write("pdk.lib", "* a foundry's\n.lib slow\n.endl slow\n"
                                        ".lib fast\n.endl fast\n");
  cells = TransistorCells::load(options);
  ASSERT_FALSE(cells);
  EXPECT_EQ(count(cells.diagnostics(), Diag::SpicePdk), 1u);
  EXPECT_NE(ntrt::toString(cells.diagnostics()).find("it has slow, fast"),
            std::string::npos);

  options.pdkSection = "fast";
  cells = TransistorCells::load(options);
  ASSERT_TRUE(cells) << ntrt::toString(cells.diagnostics());
  EXPECT_NE(
      cells->preamble(16).find(".lib \"" + options.pdkLibrary + "\" fast"),
      std::string::npos);
  EXPECT_NE(cells->preamble(16).find("M1 d g s b p w="), std::string::npos);
}
