//===- StreamingTest.cpp - Large netlists leave as they are made ----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCore.h"

#include "nt/Target/Spice/ChipNetlist.h"
#include "nt/Target/Spice/StreamedFile.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <streambuf>
#include <sys/resource.h>

using namespace nt::spice;
using namespace nt::spice::test;
using ntrt::Diag;
using ntrt::ResetKind;

namespace {

/// Counts what a netlist instantiates and keeps nothing of it.
class CountingBuffer : public std::streambuf {
public:
  uint64_t synapses = 0, bytes = 0;

protected:
  int_type overflow(int_type c) override {
    char one = traits_type::to_char_type(c);
    take(one);
    return c;
  }
  std::streamsize xsputn(const char *text, std::streamsize count) override {
    for (std::streamsize i = 0; i < count; ++i)
      take(text[i]);
    return count;
  }

private:
  void take(char c) {
    ++bytes;
    // Instances of synapses are Xs<axon>_<neuron>.
    if (start && c == 'X')
      x = true;
    else if (x && c == 's')
      ++synapses, x = false;
    else
      x = false;
    start = c == '\n';
  }
  bool start = true, x = false;
};

long peakKiB() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

} // namespace

TEST(Streaming, AMillionSynapsesAreCountedAndNotKept) {
  auto device = tinyDevice(ResetKind::Subtract);
  TestCore test = randomCore(device, 1024, 1024, 2, 1);
  for (int8_t &code : test.program.cores[0].codes)
    if (code == 0)
      code = 1;
  test.events.clear();
  for (uint32_t axon = 0; axon < 1024; ++axon)
    test.events.push_back({0, axon});
  auto cells = CellLibrary::load("behavioural");
  ASSERT_TRUE(cells);
  CoreNetlistOptions options;
  options.events = test.events;
  CountingBuffer buffer;
  std::ostream out(&buffer);
  const long before = peakKiB();
  auto info =
      emitCoreNetlist(test.program, test.task, device, *cells, options, out);
  const long after = peakKiB();
  ASSERT_TRUE(info) << ntrt::toString(info.diagnostics());
  EXPECT_EQ(info->synapses, 1024u * 1024u);
  EXPECT_EQ(buffer.synapses, 1024u * 1024u);
  EXPECT_GT(buffer.bytes, 60u << 20);
  EXPECT_LT(after - before, 16 << 10);
}

TEST(Streaming, AChipOfAMillionSynapsesIsNotKeptEither) {
  auto device = tinyDevice(ResetKind::Subtract);
  TestChip chip = randomChip(device, 800, 800, 800, 2, 1);
  uint64_t expected = 0;
  for (ntrt::CoreConfig &core : chip.program.cores)
    for (int8_t &code : core.codes) {
      code = code ? code : 1;
      ++expected;
    }
  std::vector<ntrt::SpikeEvent> spikes;
  for (uint32_t input = 0; input < 800; ++input)
    spikes.push_back({0, ntrt::SpikeEvent::kInputCore, input, 0, 0});
  auto cells = CellLibrary::load("behavioural");
  ASSERT_TRUE(cells);
  CountingBuffer buffer;
  std::ostream out(&buffer);
  const long before = peakKiB();
  auto info = emitChipNetlist(chip.program, device, {{&chip.task, spikes}},
                              *cells, {}, out);
  const long after = peakKiB();
  ASSERT_TRUE(info) << ntrt::toString(info.diagnostics());
  EXPECT_GT(expected, 1000000u);
  EXPECT_EQ(info->synapses, expected);
  EXPECT_EQ(buffer.synapses, expected);
  EXPECT_LT(after - before, 16 << 10);
}

TEST(Streaming, AFileAppearsWholeOrNotAtAll) {
  std::string name = testing::TempDir() + "nt-stream-XXXXXX";
  ASSERT_TRUE(mkdtemp(name.data()));
  const std::string path = name + "/core.cir";
  {
    auto file = StreamedFile::open(path);
    ASSERT_TRUE(file);
    file->stream() << "half";
  }
  EXPECT_TRUE(std::filesystem::is_empty(name));
  {
    auto file = StreamedFile::open(path);
    ASSERT_TRUE(file);
    file->stream() << "whole";
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(file->commit());
  }
  EXPECT_EQ(std::filesystem::file_size(path), 5u);
  std::filesystem::remove_all(name);
  auto none = StreamedFile::open(path);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.diagnostics().front().diag, Diag::FileNotWritten);
}
