//===- CApiTest.cpp - The C API, and the C program that uses it -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BitstreamTesting.h"
#include "ntrt/Simulator.h"
#include "ntrt/ntrt.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <set>

using namespace ntrt;
using namespace ntrt::test;

namespace {
class CApiTest : public testing::Test {
protected:
  std::string devicePath =
      std::string(NTRT_TEST_SHARE_DIR) + "/devices/nt1-tiny.json";
  Bytes json = *readFile(devicePath);
  DeviceModel device = *DeviceModel::load(devicePath);
  Program program = smallProgram(device);
  TaskOverlay task;
  Bytes ntb, ntm;
  char *error = nullptr;

  CApiTest() {
    program.cores[0].row = 0;
    program.cores[0].column = 1;
    program.cores[0].synapseDac = {
        uint16_t(device.synapseDomain.dacCodes() - 1)};
    program.cores[0].synapseDomain = {0, 0};
    program.readout = {{0, 0}, {0, 1}};
    task = taskOf(program, device);
    task.cores = {{{0}, {{0, 3}, {0, -2}}}};
    task.classOfOutput = {3, 1};
    ntb = encodeProgram(program, device);
    ntm = encodeTask(task, device);
  }
  ~CApiTest() override { ntrt_free_string(error); }

  ntrt_model *create() {
    return ntrt_model_create(ntb.data(), ntb.size(), ntm.data(), ntm.size(),
                             reinterpret_cast<const char *>(json.data()),
                             json.size(), &error);
  }
  bool errorHas(const char *text) {
    return error && std::strstr(error, text) != nullptr;
  }
  void write(const std::string &path, const void *data, size_t size) {
    ASSERT_TRUE(writeFileWhole(path, data, size));
  }
};
} // namespace

TEST_F(CApiTest, AModelGivesTheSimulatorsScores) {
  ntrt_model *model = create();
  ASSERT_TRUE(model) << error;
  EXPECT_EQ(ntrt_model_inputs(model), 2u);
  EXPECT_EQ(ntrt_model_outputs(model), 2u);
  EXPECT_EQ(ntrt_model_default_slots(model), 16u);
  auto simulator = Simulator::create(program, task, device);
  ASSERT_TRUE(simulator);
  std::set<int32_t> labels;
  for (const auto &values : {std::array{1.0f, 0.25f}, std::array{0.0f, 1.0f},
                             std::array{0.0f, 0.0f}}) {
    for (uint32_t slots : {0u, 1u, 40u}) {
      double scores[2];
      int32_t label =
          ntrt_model_run(model, values.data(), slots, scores, &error);
      SimOptions options;
      options.slots = slots;
      auto expected = simulator->run(values.data(), 2, options);
      EXPECT_EQ(label, int32_t(expected->label));
      EXPECT_EQ(scores[0], expected->scores[0]);
      EXPECT_EQ(scores[1], expected->scores[1]);
      EXPECT_EQ(error, nullptr);
      labels.insert(label);
    }
  }
  EXPECT_TRUE(labels.count(3));
  ntrt_model_destroy(model);
}

TEST_F(CApiTest, EachBadPartIsNamed) {
  Bytes good = ntb;
  ntb[ntb.size() - 1] ^= 1;
  EXPECT_EQ(create(), nullptr);
  EXPECT_TRUE(errorHas("ntb: section READ: error: [NT-BIT-003]")) << error;
  ntrt_free_string(error);
  ntb = good;
  ntm.resize(10);
  EXPECT_EQ(create(), nullptr);
  EXPECT_TRUE(errorHas("ntm: error: [NT-BIT-007]")) << error;
  ntrt_free_string(error);
  json = {'{'};
  EXPECT_EQ(create(), nullptr);
  EXPECT_TRUE(errorHas("NT-DEV-001")) << error;
}

TEST_F(CApiTest, NullArgumentsAreErrorsAndNotCrashes) {
  EXPECT_EQ(ntrt_model_create(nullptr, 0, nullptr, 0, nullptr, 0, nullptr),
            nullptr);
  EXPECT_EQ(ntrt_model_open(nullptr, nullptr, nullptr, &error), nullptr);
  EXPECT_TRUE(errorHas("NULL"));
  ntrt_free_string(error);
  float value = 0;
  EXPECT_EQ(ntrt_model_run(nullptr, &value, 0, nullptr, &error), -1);
  EXPECT_TRUE(errorHas("model is NULL"));
  EXPECT_EQ(ntrt_model_inputs(nullptr), 0u);
  EXPECT_EQ(ntrt_model_outputs(nullptr), 0u);
  EXPECT_EQ(ntrt_model_default_slots(nullptr), 0u);
  ntrt_model_destroy(nullptr);
  ntrt_free_string(nullptr);
}

TEST_F(CApiTest, BadSamplesAndSlotsGiveMinusOne) {
  ntrt_model *model = create();
  ASSERT_TRUE(model) << error;
  float values[] = {0, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ(ntrt_model_run(model, values, 0, nullptr, &error), -1);
  EXPECT_TRUE(errorHas("NT-DATA-005")) << error;
  ntrt_free_string(error);
  values[1] = 0;
  EXPECT_EQ(ntrt_model_run(model, values, ~0u, nullptr, &error), -1);
  EXPECT_TRUE(errorHas("NT-SIM-001")) << error;
  ntrt_free_string(error);
  EXPECT_EQ(ntrt_model_run(model, values, 0, nullptr, &error), 3);
  EXPECT_EQ(error, nullptr);
  ntrt_model_destroy(model);
}

TEST_F(CApiTest, MissingFilesAreAllReported) {
  EXPECT_EQ(ntrt_model_open("/no/a.ntb", "/no/b.ntm", "no-such-device", &error),
            nullptr);
  EXPECT_TRUE(errorHas("/no/a.ntb: error: [NT-FILE-001]")) << error;
  EXPECT_TRUE(errorHas("/no/b.ntm")) << error;
  EXPECT_TRUE(errorHas("NT-DEV-007")) << error;
}

TEST_F(CApiTest, TheExampleProgramPrintsTheSameLabels) {
  TemporaryFolder folder;
  std::string ntbPath = folder.path + "/a.ntb",
              ntmPath = folder.path + "/a.ntm",
              samples = folder.path + "/samples", out = folder.path + "/out";
  float values[] = {1, 0.25f, 0, 1, 0.5f, 0.5f};
  write(ntbPath, ntb.data(), ntb.size());
  write(ntmPath, ntm.data(), ntm.size());
  write(samples, values, sizeof values);
  std::string command = std::string(NTRT_TEST_CLASSIFY) + " " + ntbPath + " " +
                        ntmPath + " " + devicePath + " ";
  ASSERT_EQ(std::system((command + samples + " > " + out).c_str()), 0);

  ntrt_model *model = create();
  ASSERT_TRUE(model) << error;
  std::string expected;
  for (int i = 0; i < 3; ++i)
    expected += std::to_string(ntrt_model_run(model, values + 2 * i, 0, nullptr,
                                              nullptr)) +
                "\n";
  ntrt_model_destroy(model);
  Bytes printed = *readFile(out);
  EXPECT_EQ(std::string(printed.begin(), printed.end()), expected);

  // Half a sample, and no file at all.
  write(samples, values, 3 * sizeof(float));
  EXPECT_NE(std::system((command + samples + " > /dev/null 2>&1").c_str()), 0);
  EXPECT_NE(std::system((command + "/no/file > /dev/null 2>&1").c_str()), 0);
}
