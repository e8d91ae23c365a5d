//===- ChartsTest.cpp - Tests of the report's charts ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TestFolder.h"

#include "nt/Target/Report/Charts.h"

#include "ntrt/Simulator.h"

using namespace nt::report;
using namespace nt::report::test;

TEST(Escape, MarkupAndQuotesBecomeEntities) {
  EXPECT_EQ(escape("<a href=\"x\">&'"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
}

TEST(Escape, ControlCharactersAndBrokenUtf8AreReplaced) {
  EXPECT_EQ(escape(std::string("a\x01\x1f") + "b"), "a??b");
  EXPECT_EQ(escape("\xff"), "\xEF\xBF\xBD");
  EXPECT_EQ(escape("µ → ok"), "µ → ok");
}

TEST(SiUnit, ThreeDigitsAndAPrefix) {
  EXPECT_EQ(siUnit(2.7e-13, "J"), "270 fJ");
  EXPECT_EQ(siUnit(1.2345e-6, "J"), "1.23 µJ");
  EXPECT_EQ(siUnit(0, "J"), "0 J");
  EXPECT_EQ(siUnit(12.34, "s"), "12.3 s");
  EXPECT_EQ(siUnit(-0.05, "V"), "-50.0 mV");
}

TEST(SiUnit, RoundingUpTakesTheNextPrefix) {
  EXPECT_EQ(siUnit(999.6e-9, "J"), "1.00 µJ");
  EXPECT_EQ(siUnit(0.9996, "J"), "1.00 J");
  EXPECT_EQ(siUnit(9.996e-3, "J"), "10.0 mJ");
}

TEST(Grouped, ThousandsApart) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(BarChart, LengthsFollowTheValues) {
  const std::string svg =
      barChart({{"half", "50", 50, "fill-0"}, {"all", "100", 100, "fill-1"}},
               100, "test");
  EXPECT_NE(svg.find("width=\"200.0\" height=\"16\" rx=\"2\" class=\"fill-0\""),
            std::string::npos)
      << svg;
  EXPECT_NE(svg.find("width=\"400.0\" height=\"16\" rx=\"2\" class=\"fill-1\""),
            std::string::npos);
}

TEST(BarChart, ALargerValueStretchesTheScale) {
  const std::string svg = barChart(
      {{"a", "", 50, "fill-0"}, {"b", "", 200, "fill-1"}}, 100, "test");
  EXPECT_NE(svg.find("width=\"100.0\" height=\"16\""), std::string::npos);
}

TEST(BarChart, NegativeBarsLieLeftOfZero) {
  const std::string svg =
      barChart({{"a", "", -1, "fill-0"}, {"b", "", 3, "fill-1"}}, 0, "test");
  EXPECT_NE(svg.find("x=\"23.0\" y=\"4\" width=\"100.0\""), std::string::npos)
      << svg;
  EXPECT_NE(svg.find("x=\"123.0\" y=\"28\" width=\"300.0\""),
            std::string::npos);
}

TEST(BarChart, LabelsAreEscaped) {
  const std::string svg = barChart({{"<b>", "&", 1, "x"}}, 1, "a\"b");
  EXPECT_EQ(svg.find("<b>"), std::string::npos);
  EXPECT_NE(svg.find("aria-label=\"a&quot;b\""), std::string::npos);
}

TEST(Histogram, ColumnHeightsFollowTheCounts) {
  const std::string svg = histogram({1, 0, 4}, -1, false, "fill-2", "test");
  EXPECT_NE(svg.find("height=\"21.00\" class=\"fill-2\"><title>code -1: 1<"),
            std::string::npos)
      << svg;
  EXPECT_NE(svg.find("height=\"84.00\" class=\"fill-2\"><title>code 1: 4<"),
            std::string::npos);
  EXPECT_EQ(count(svg, "<rect"), 2u);
}

TEST(Histogram, SkippedZerosDoNotScaleTheRest) {
  const std::string svg = histogram({1, 1000, 4}, -1, true, "fill-2", "test");
  EXPECT_EQ(count(svg, "<rect"), 2u);
  EXPECT_NE(svg.find("height=\"84.00\" class=\"fill-2\"><title>code 1: 4<"),
            std::string::npos);
}

TEST(StackedBar, SharesAddUpAndNegativePartsAreLeftOut) {
  const std::string svg =
      stackedBar({{"a", 1, "p"}, {"b", -5, "q"}, {"c", 3, "r"}}, "test");
  EXPECT_NE(svg.find("x=\"0.0\" y=\"0\" width=\"240.0\""), std::string::npos);
  EXPECT_NE(svg.find("x=\"240.0\" y=\"0\" width=\"720.0\""), std::string::npos);
  EXPECT_NE(svg.find("c: 75.0 %"), std::string::npos);
  EXPECT_EQ(svg.find("class=\"q\""), std::string::npos);
}

TEST(Floorplan, OneCellForEachCoreOfTheDevice) {
  const ntrt::DeviceModel device = tinyDevice();
  const std::string svg = floorplan(testProgram(device), device);
  EXPECT_EQ(count(svg, "class=\"cell\""), device.cores());
  EXPECT_EQ(count(svg, "class=\"core fill-0\""), 2u);
  EXPECT_EQ(count(svg, "class=\"core fill-1\""), 1u);
  EXPECT_NE(svg.find("core 2 (row 1, column 0): /fc2/Gemm"), std::string::npos);
  EXPECT_NE(svg.find("/fc1/Gemm &lt;&amp;&quot;&gt;"), std::string::npos);
}

TEST(Floorplan, StrongPartIsTheShareInUse) {
  ntrt::DeviceModel device = tinyDevice();
  device.gridRows = device.gridColumns = 4; // Cells of 96 units, 93 inside.
  device.coreAxons = 32;
  device.coreNeurons = 8;
  const std::string svg = floorplan(testProgram(device), device);
  // 3 of 8 neurons, 8 of 32 axons.
  EXPECT_NE(svg.find("width=\"34.9\" height=\"23.2\" class=\"used fill-1\""),
            std::string::npos)
      << svg;
}

TEST(Picture, OneRunOfEqualPixelsIsOneRectangle) {
  const std::string svg = picture({2, 3}, {1, 1, 0, 0, 0.5f, 0});
  EXPECT_EQ(count(svg, "<rect x"), 2u) << svg;
  EXPECT_NE(svg.find("x=\"0\" y=\"0\" width=\"2\" height=\"1\" "
                     "fill=\"#ffffff\""),
            std::string::npos);
  EXPECT_NE(svg.find("fill=\"#808080\""), std::string::npos);
}

TEST(Picture, SquareVectorsAndColourImagesAreDrawn) {
  EXPECT_NE(picture({4}, {1, 0, 0, 1}), "");
  EXPECT_NE(picture({3, 1, 1}, {1, 0, 0}).find("fill=\"#ff0000\""),
            std::string::npos);
  EXPECT_NE(picture({3, 1, 1}, {0, 0, 1}).find("fill=\"#0000ff\""),
            std::string::npos);
}

TEST(Picture, OtherShapesAreNotDrawn) {
  EXPECT_EQ(picture({5}, {1, 0, 0, 1, 1}), "");
  EXPECT_EQ(picture({2, 1, 2}, {1, 0, 0, 1}), "");
  EXPECT_EQ(picture({2, 2}, {1, 0, 0}), "");
}

TEST(Raster, ATickForEachSpikeShown) {
  const ntrt::DeviceModel device = tinyDevice();
  const ntrt::Program program = testProgram(device);
  ntrt::SimResult result;
  result.events = {{1, 0, 0, 0, 0},
                   {2, 1, 3, 0, 0},
                   {4, 2, 1, 0, 0},
                   {0, ntrt::SpikeEvent::kInputCore, 5, 0, 0}};
  const std::string first = raster(program, device, result, 0);
  const size_t path = first.find(" d=\"");
  ASSERT_NE(path, std::string::npos) << first;
  const std::string ticks =
      first.substr(path + 4, first.find('"', path + 4) - path - 4);
  EXPECT_EQ(count(ticks, "M"), 2u) << ticks;
  EXPECT_NE(first.find("8 of 8 shown, spikes of all: 2"), std::string::npos);
  EXPECT_NE(raster(program, device, result, -1)
                .find("16 of 16 shown, spikes of all: 1"),
            std::string::npos);
}

TEST(Raster, LargeLayersAreThinnedEvenly) {
  const ntrt::DeviceModel device = tinyDevice();
  ntrt::Program program = testProgram(device);
  program.inputs = 600;
  ntrt::SimResult result;
  for (uint32_t i = 0; i < 600; ++i)
    result.events.push_back({0, ntrt::SpikeEvent::kInputCore, i, 0, 0});
  const std::string svg = raster(program, device, result, -1);
  EXPECT_NE(svg.find("60 of 600 shown, spikes of all: 600"), std::string::npos);
  EXPECT_EQ(count(svg.substr(svg.find("<path")), "M"), 60u);
}
