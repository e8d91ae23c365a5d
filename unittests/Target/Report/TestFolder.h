//===- TestFolder.h - A compiled folder for the report's tests --*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes what ntc compile and ntc verify write: a program of two layers on
// three cores of nt1-tiny, with two tasks and a data set of 4 x 4 pictures.
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_TARGET_REPORT_TESTFOLDER_H
#define NT_UNITTESTS_TARGET_REPORT_TESTFOLDER_H

#include "ntrt/Bitstream.h"
#include "ntrt/Dataset.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <filesystem>
#include <string>

namespace nt::report::test {

inline ntrt::DeviceModel tinyDevice() {
  auto device = ntrt::DeviceModel::load("nt1-tiny");
  EXPECT_TRUE(bool(device)) << "nt1-tiny";
  return *device;
}

/// 16 inputs -> 8 neurons on two cores -> 3 neurons on one core.
inline ntrt::Program testProgram(const ntrt::DeviceModel &device) {
  ntrt::Program program;
  program.name = "fixture";
  program.deviceName = device.name;
  program.deviceHash = device.hash;
  program.inputs = 16;
  program.defaultSlots = 16;
  program.layers = {{"/fc1/Gemm <&\">", 8}, {"/fc2/Gemm", 3}};
  const uint16_t dac = uint16_t(device.synapseDomain.dacCodes() / 2);
  auto addCore = [&](uint32_t layer, uint32_t row, uint32_t column,
                     uint32_t axons, uint32_t neurons, uint32_t firstNeuron) {
    ntrt::CoreConfig core;
    core.row = row;
    core.column = column;
    core.axons = axons;
    core.neurons = neurons;
    core.layer = layer;
    core.startSlot = 1 + layer * (1 + device.linkLatency_slots);
    core.synapseDac = {dac};
    for (uint32_t i = 0; i < axons * neurons; ++i)
      core.codes.push_back(int8_t(int(i * 5 % 15) - 7));
    for (uint32_t n = 0; n < neurons; ++n) {
      core.synapseDomain.push_back(0);
      core.layerNeuron.push_back(firstNeuron + n);
    }
    program.cores.push_back(core);
  };
  addCore(0, 0, 0, 16, 4, 0);
  addCore(0, 0, 1, 16, 4, 4);
  addCore(1, 1, 0, 8, 3, 0);
  for (uint32_t input = 0; input < 16; ++input)
    for (uint32_t core = 0; core < 2; ++core)
      program.inputRoutes.push_back({input, core, input});
  for (uint32_t n = 0; n < 8; ++n)
    program.routes.push_back({n / 4, n % 4, 2, n});
  for (uint32_t n = 0; n < 3; ++n)
    program.readout.push_back({2, n});
  return program;
}

inline ntrt::TaskOverlay testTask(const ntrt::Program &program,
                                  const ntrt::DeviceModel &device,
                                  const std::string &name, int8_t code) {
  ntrt::TaskOverlay task;
  task.name = name;
  task.deviceHash = device.hash;
  task.programHash = ntrt::frozenHash(ntrt::encodeProgram(program, device));
  for (const ntrt::CoreConfig &core : program.cores)
    task.cores.push_back(
        {{uint16_t(device.modulationDomain.dacCodes() / 2)},
         std::vector<ntrt::ModulationWord>(core.neurons, {0, code})});
  task.classOfOutput = {0, 1, 2};
  return task;
}

/// A folder that is removed with the test.
class Folder {
public:
  explicit Folder(const std::string &name = "")
      : root(std::filesystem::path(testing::TempDir()) /
             ("nt-report-" + std::to_string(::getpid()) + "-" +
              testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(root / name);
  }
  ~Folder() { std::filesystem::remove_all(root); }

  std::string path(const std::string &file = "") const {
    return file.empty() ? root.string() : (root / file).string();
  }
  void write(const std::string &file, const std::string &text) const {
    EXPECT_TRUE(
        bool(ntrt::writeFileWhole(path(file), text.data(), text.size())))
        << file;
  }
  void write(const std::string &file, const ntrt::Bytes &bytes) const {
    write(file, std::string(bytes.begin(), bytes.end()));
  }
  void remove(const std::string &file) const {
    EXPECT_TRUE(std::filesystem::remove(path(file))) << file;
  }

private:
  std::filesystem::path root;
};

inline std::string testManifest() {
  return R"({"model": "models/fixture.onnx", "device": "nt1-tiny",
    "data": "", "slots": 16, "cores": 3, "tasks": [],
    "stages": [{"name": "import", "file": "import.mlirbc", "seconds": 0.5},
               {"name": "chip", "file": "chip.mlirbc", "seconds": 2}],
    "pipelines": [], "overlays": ["source", "target"]})";
}

/// `energy_J` a run; the data set of both tasks is `data`.
inline std::string testVerification(const std::string &data, bool passed,
                                    double energy_J = 1e-7) {
  const std::string chip = R"("chip": {"energy_J_per_image": )" +
                           std::to_string(energy_J * 1e9) +
                           R"(e-9, "time_s_per_image": 1.8e-4,
      "spikes_per_image": 20, "synaptic_events_per_image": 300})";
  return R"({"model": "fixture", "device": "nt1-tiny", "passed": )" +
         std::string(passed ? "true" : "false") + R"(,
    "agreement": [
      {"level": "import", "judge": "ONNX Runtime", "figure": "1e-7",
       "tolerance": "1e-4", "passed": true, "notes": []},
      {"level": "chip @target", "judge": "spike <simulator>",
       "figure": "3 spikes differ", "tolerance": "0 spikes", "passed": )" +
         std::string(passed ? "true" : "false") + R"(,
       "notes": ["image 4 & neuron 7"]}],
    "tasks": [
      {"name": "target", "data": ")" +
         data + R"(", "accuracy": [
        {"stage": "untouched", "percent": 20, "images": 2, "seconds": 0.1},
        {"stage": "chip from bitstream", "percent": 50, "images": 2,
         "seconds": 0.1}], )" +
         chip + R"(}],
    "baselines": {"head_only": 80.25}})";
}

/// Writes all files of a compiled and verified folder below `name`.
inline void fill(const Folder &folder, const std::string &name = "",
                 bool passed = true) {
  const std::string at = name.empty() ? "" : name + "/";
  const ntrt::DeviceModel device = tinyDevice();
  const ntrt::Program program = testProgram(device);
  folder.write(at + "manifest.json", testManifest());
  folder.write(at + "device.json", device.canonicalJson);
  folder.write(at + "model.ntb", ntrt::encodeProgram(program, device));
  folder.write(
      at + "source.ntm",
      ntrt::encodeTask(testTask(program, device, "source", 1), device));
  folder.write(
      at + "target.ntm",
      ntrt::encodeTask(testTask(program, device, "target", -3), device));
  ntrt::NpyArray x{{2, 1, 4, 4}, {}, "<f4"}, y{{2}, {1, 2}, "<i8"};
  for (int i = 0; i < 32; ++i)
    x.values.push_back(float(i % 16) / 15);
  EXPECT_TRUE(
      bool(ntrt::writeNpz(folder.path(at + "data.npz"), {{"x", x}, {"y", y}})));
  folder.write(at + "verify.json",
               testVerification(folder.path(at + "data.npz"), passed));
}

inline size_t count(const std::string &text, const std::string &piece) {
  size_t found = 0;
  for (size_t at = text.find(piece); at != std::string::npos;
       at = text.find(piece, at + piece.size()))
    ++found;
  return found;
}

} // namespace nt::report::test

#endif // NT_UNITTESTS_TARGET_REPORT_TESTFOLDER_H
