//===- MosCoreTest.cpp - Cores of transistors ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/MosCore.h"
#include "TestCore.h"
#include "nt/Target/Spice/CoreComparison.h"
#include "ntrt/Bitstream.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

using namespace nt::spice;
using ntrt::Diag;

namespace {

class MosCoreTest : public testing::Test {
protected:
  MosCoreTest()
      : device(*ntrt::DeviceModel::load("nt1-tiny-mos")),
        cells(*TransistorCells::load({})) {}

  static size_t count(const std::string &text, const std::string &word) {
    size_t found = 0;
    for (size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at)
      ++found;
    return found;
  }
  ntrt::DeviceModel device;
  TransistorCells cells;
};

} // namespace

TEST_F(MosCoreTest, EverySynapseIsThere) {
  test::TestCore core = test::randomCore(device, 4, 3, 8, 1);
  MosCoreOptions options;
  options.slots = 8;
  options.events = core.events;
  options.joinIdle = false;
  std::ostringstream out;
  auto info = emitMosCore(core.program, core.task, device, cells, options, out);
  ASSERT_TRUE(info) << ntrt::toString(info.diagnostics());
  std::string text = out.str();
  EXPECT_EQ(info->neurons.size(), 3u);
  EXPECT_EQ(count(text, "vdd nt_synapse\n"), 12u);
  EXPECT_EQ(count(text, "vdn nt_neuron_subtract\n"), 3u);
  // Four rows of two lines each, quiet ones too.
  EXPECT_EQ(count(text, "\nVrn"), 4u);
  EXPECT_EQ(count(text, "\nVrp"), 4u);
}

TEST_F(MosCoreTest, RefusesWhatTheProgramDoesNotHave) {
  test::TestCore core = test::randomCore(device, 4, 3, 8, 1);
  MosCoreOptions options;
  options.slots = 8;
  options.events = {{0, 4}, {8, 0}, {1, 1}, {1, 1}};
  std::ostringstream out;
  auto info = emitMosCore(core.program, core.task, device, cells, options, out);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.diagnostics().size(), 3u);
  EXPECT_TRUE(out.str().empty());
  options.core = 1;
  info = emitMosCore(core.program, core.task, device, cells, options, out);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.diagnostics().front().diag, Diag::SpiceCore);
}

// The transistors of a small core spike as often as the time model says, and
// joining the sources that are off changes nothing.
TEST_F(MosCoreTest, FollowsTheTimeModel) {
  const uint32_t slots = 8;
  test::TestCore core = test::randomCore(device, 3, 2, slots, 3, 0.05);
  std::string folder = testing::TempDir() + "nt-moscore-XXXXXX";
  ASSERT_TRUE(mkdtemp(folder.data()));
  auto expected = replayColumns(core.program, core.task, device, 0, {0, 1},
                                slots, core.events);
  std::vector<double> last[2];
  for (bool join : {false, true}) {
    MosCoreOptions options;
    options.slots = slots;
    options.events = core.events;
    options.joinIdle = join;
    std::ostringstream out;
    auto info =
        emitMosCore(core.program, core.task, device, cells, options, out);
    ASSERT_TRUE(info) << ntrt::toString(info.diagnostics());
    std::string text = out.str(), path = folder + '/' + netlistFileName;
    ASSERT_TRUE(ntrt::writeFileWhole(path, text.data(), text.size()));
    auto data = runNgspice({folder, info->stop_s});
    ASSERT_TRUE(data) << ntrt::toString(data.diagnostics());
    for (size_t i = 0; i < 2; ++i) {
      size_t spike = data->find("v(" + info->neurons[i].spike + ")");
      size_t membrane = data->find("v(" + info->neurons[i].membrane + ")");
      ASSERT_LT(spike, data->names.size());
      ASSERT_LT(membrane, data->names.size());
      int found = int(risingCrossings(*data, spike, 0.9).size()), wanted = 0;
      for (const ntrt::SlotOutcome &outcome : expected[i])
        wanted += outcome.spiked;
      EXPECT_LE(std::abs(found - wanted), 1) << "column " << i;
      last[join].push_back(data->at(data->points - 1, membrane));
    }
  }
  for (size_t i = 0; i < 2; ++i)
    EXPECT_NEAR(last[0][i], last[1][i], 5e-3);
  std::filesystem::remove_all(folder);
}
