//===- ConstructsTest.cpp - Netlists stay in the documented subset --------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCore.h"

#include "nt/Target/Spice/ChipNetlist.h"
#include "ntrt/Bitstream.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

using namespace nt::spice;
using namespace nt::spice::test;
using ntrt::ResetKind;

/// The words after `key` in the construct list of docs/spice.md.
static std::set<std::string> documented(const std::string &key) {
  auto bytes = ntrt::readFile(NT_SOURCE_DIR "/docs/spice.md");
  EXPECT_TRUE(bytes);
  std::istringstream lines(std::string(bytes->begin(), bytes->end()));
  std::set<std::string> words;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream split(line);
    std::string word;
    if (split >> word && word == key)
      while (split >> word)
        words.insert(word);
  }
  EXPECT_FALSE(words.empty()) << key;
  return words;
}

/// Checks every line of a netlist against the list.
static void expectDocumented(const std::string &text) {
  const auto elements = documented("elements:"), flags = documented("flags:"),
             directives = documented("directives:"),
             models = documented("models:"), sources = documented("sources:"),
             functions = documented("functions:");
  const std::regex number(R"(-?\d+(\.\d+)?(e[+-]\d+)?)");
  const std::regex expression(R"(\{[a-z0-9*/+()., -]+\})");
  const std::regex call(R"(([a-z]+)\()");
  std::vector<std::string> lines = joinedLines(text);
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::string &line = lines[i];
    if (line.empty() || line[0] == '*')
      continue;
    std::istringstream split(line);
    std::vector<std::string> words;
    for (std::string word; split >> word;)
      words.push_back(word);
    if (line[0] == '.')
      EXPECT_TRUE(directives.count(words[0])) << line;
    else
      EXPECT_TRUE(elements.count(line.substr(0, 1))) << line;
    if (words[0] == ".model")
      EXPECT_TRUE(models.count(words[2])) << line;
    for (std::string word : words) {
      size_t equals = word.find('=');
      if (equals != std::string::npos)
        word = word.substr(equals + 1);
      if (word.back() == '(')
        EXPECT_TRUE(sources.count(word.substr(0, word.size() - 1))) << line;
      else if (isupper(word[0]) && word != words[0])
        EXPECT_TRUE(flags.count(word)) << line;
      else if (word[0] == '{')
        EXPECT_TRUE(std::regex_match(word, expression)) << line;
      else if (isdigit(word[0]) || word[0] == '-')
        EXPECT_TRUE(std::regex_match(word, number)) << line;
      for (std::sregex_iterator it(word.begin(), word.end(), call), end;
           it != end; ++it)
        EXPECT_TRUE(functions.count((*it)[1])) << line;
    }
  }
}

TEST(Constructs, OfACoreAreDocumented) {
  for (ResetKind kind : {ResetKind::Hard, ResetKind::Subtract}) {
    auto device = tinyDevice(kind);
    auto cells = CellLibrary::load("behavioural");
    ASSERT_TRUE(cells);
    TestCore test = randomCore(device, 16, 16, 16, 2);
    CoreNetlistOptions options;
    options.events = test.events;
    options.perDigit = kind == ResetKind::Hard;
    options.save.measures = true;
    std::ostringstream out;
    ASSERT_TRUE(
        emitCoreNetlist(test.program, test.task, device, *cells, options, out));
    expectDocumented(out.str());
  }
}

TEST(Constructs, OfAChipThatIsRetargetedAreDocumented) {
  auto device = tinyDevice(ResetKind::Hard);
  auto cells = CellLibrary::load("behavioural");
  ASSERT_TRUE(cells);
  TestChip chip = randomChip(device, 8, 8, 4, 16, 1);
  ntrt::TaskOverlay other = chip.task;
  other.cores[0].dac[0] += 5;
  other.cores[0].words[2].code = -3;
  ChipNetlistOptions options;
  options.inputs = InputSource::Spikes;
  options.meters = true;
  options.save.rows = options.save.measures = true;
  std::ostringstream out;
  auto spikes = chip.spikes(device);
  ASSERT_TRUE(emitChipNetlist(chip.program, device,
                              {{&chip.task, spikes}, {&other, spikes}}, *cells,
                              options, out));
  expectDocumented(out.str());
  for (const char *cell : {"nt_register", "nt_row", "nt_hold", "nt_domain",
                           "nt_modulator_digit", "nt_meter"})
    EXPECT_NE(out.str().find(std::string(" ") + cell + " "), std::string::npos)
        << cell;
}
