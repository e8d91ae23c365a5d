//===- SpiceNetlistTest.cpp - Netlist writer and names ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/SpiceNetlist.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <sstream>

using namespace nt::spice;

TEST(SpiceNumbers, ArePlainAndReadBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    double value =
        std::ldexp(double(int64_t(random())), int(random() % 200) - 160);
    std::string text = formatNumber(value);
    EXPECT_NEAR(std::strtod(text.c_str(), nullptr), value,
                1e-14 * std::abs(value))
        << text;
    // A letter but 'e' would be a unit suffix: 1M is 1e-3, 1F is 1e-15.
    EXPECT_EQ(text.find_first_not_of("0123456789.-+e"), std::string::npos)
        << text;
  }
  EXPECT_EQ(formatNumber(0), "0");
  EXPECT_EQ(formatNumber(-0.0), "0");
  EXPECT_EQ(formatNumber(0.1 + 0.2), "0.3");
  EXPECT_EQ(formatNumber(1e6), "1000000");
  EXPECT_EQ(formatNumber(-1e-15), "-1e-15");
}

TEST(SpiceNames, ManglingIsReversible) {
  for (const char *name : {"fc1", "/fc1/Gemm", "Conv_0", "a_2f", "", "_", "é",
                           "with space\n", "UPPER"}) {
    std::string mangled = mangleName(name);
    EXPECT_EQ(demangleName(mangled), name);
    EXPECT_EQ(
        mangled.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
        std::string::npos);
  }
}

TEST(SpiceNames, NamesThatSpiceFoldsTogetherStayApart) {
  EXPECT_NE(mangleName("Gemm"), mangleName("gemm"));
  EXPECT_NE(mangleName("a/b"), mangleName("a_b"));
}

TEST(SpiceNames, DemanglingRefusesWhatManglingNeverWrites) {
  for (const char *name : {"A", "_", "_4", "_zz", "a_61", "a.b"})
    EXPECT_FALSE(demangleName(name)) << name;
}

TEST(SpiceNames, NeuronNamesGiveLayerAndIndexBack) {
  for (const char *layer : {"fc", "fc_1", "/conv/Relu_2"}) {
    auto parsed = parseNeuronName(neuronName(layer, 417));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->first, layer);
    EXPECT_EQ(parsed->second, 417u);
  }
  EXPECT_FALSE(parseNeuronName("fc"));
  EXPECT_FALSE(parseNeuronName("fc_x"));
}

TEST(SpiceNames, MapIsJson) {
  NeuronNodes nodes{"s_fc_0", "m_fc_0", "a\"b\\\n", 3, 7};
  EXPECT_EQ(nodeJson(nodes),
            "{\"spike\": \"s_fc_0\", \"membrane\": \"m_fc_0\", \"layer\": "
            "\"a\\\"b\\\\\\u000a\", \"neuron\": 3, \"column\": 7}");
  EXPECT_EQ(nodeMapJson(2, {}), "{\"core\": 2, \"neurons\": [\n]}\n");
}

TEST(SpiceNetlistWriter, WritesHierarchyAndSources) {
  std::ostringstream out;
  SpiceNetlist netlist(out, "title");
  netlist.beginSubcircuit("cell", {"a", "b"}, {{"r", 0}});
  netlist.line({"R1", "a", "b", "{r}"});
  netlist.endSubcircuit("cell");
  netlist.instance("1", {"x", "0"}, "cell", {{"r", 1e9}});
  netlist.voltage("th", "x", 0.5);
  netlist.voltagePwl("a", "y", {{0, 0}, {1e-9, 1}});
  EXPECT_EQ(out.str(), "* title\n"
                       ".subckt cell a b params: r=0\n"
                       "R1 a b {r}\n"
                       ".ends cell\n"
                       "X1 x 0 cell r=1000000000\n"
                       "Vth x 0 0.5\n"
                       "Va y 0 PWL( 0 0 1e-09 1 )\n");
}

TEST(SpiceNetlistWriter, LongLinesContinue) {
  std::ostringstream out;
  SpiceNetlist netlist(out, "title");
  SpiceNetlist::Names ports;
  for (int i = 0; i < 100; ++i)
    ports.push_back("port" + std::to_string(i));
  netlist.beginSubcircuit("cell", ports);
  std::istringstream lines(out.str());
  size_t words = 0, count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_LE(line.size(), 80u);
    EXPECT_EQ(line[0] == '+', count > 1);
    std::istringstream split(line);
    for (std::string word; split >> word;)
      words += word.rfind("port", 0) == 0;
  }
  EXPECT_EQ(words, ports.size());
}
