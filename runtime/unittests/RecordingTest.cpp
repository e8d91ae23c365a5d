//===- RecordingTest.cpp - Rasters and membranes to a file ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Recording.h"
#include "RandomProgram.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace ntrt;
using namespace ntrt::test;

namespace {
struct Recorded : testing::Test {
  DeviceModel device = testDevice();
  Program program;
  TaskOverlay task;
  Dataset data;
  RecordingOptions options;
  std::string folder;
  std::unique_ptr<Simulator> simulator;

  Recorded() {
    RandomPrograms random(3);
    program = random.program(device);
    task = random.task(program, device);
    data.sampleSize = program.inputs;
    data.values = random.image(5 * program.inputs);
    simulator = std::make_unique<Simulator>(
        std::move(*Simulator::create(program, task, device)));
    char pattern[] = "/tmp/ntrt-recording-XXXXXX";
    folder = mkdtemp(pattern);
    options.path = folder + "/run.npz";
    options.membranes = true;
    options.neurons = *selectNeurons(program, {"layer1[2:5]", "layer2[0]"});
  }
  ~Recorded() override { std::filesystem::remove_all(folder); }
};
} // namespace

TEST_F(Recorded, HoldsWhatTheSimulatorDid) {
  auto summary = recordRun(*simulator, device, data, options, nullptr);
  ASSERT_TRUE(summary) << toString(summary.diagnostics());
  EXPECT_EQ(summary->images, 5u);
  EXPECT_FALSE(std::filesystem::exists(options.path + ".part"));
  auto arrays = *readNpz(options.path);
  EXPECT_EQ(arrays["neuron_index"].values, (std::vector<float>{2, 3, 4, 0}));
  EXPECT_EQ(arrays["membrane_V"].shape, (std::vector<size_t>{5, 4, 20}));

  SimOptions sim;
  sim.recordSpikes = true;
  size_t at = 0;
  for (uint32_t image = 0; image < 5; ++image) {
    auto run = simulator->run(data.sample(image), data.sampleSize, sim);
    for (const SpikeEvent &event : run->events)
      for (uint32_t n = 0; n < options.neurons.size(); ++n)
        if (options.neurons[n].place ==
            ReadoutNeuron{event.core, event.neuron}) {
          ASSERT_LT(at, arrays["spike_slot"].values.size());
          EXPECT_EQ(arrays["spike_image"].values[at], float(image));
          EXPECT_EQ(arrays["spike_slot"].values[at], float(event.slot));
          EXPECT_EQ(arrays["spike_neuron"].values[at], float(n));
          EXPECT_EQ(arrays["spike_time_s"].values[at], float(event.time_s));
          ++at;
        }
  }
  EXPECT_EQ(at, summary->spikes);
  EXPECT_GT(at, 10u);
}

TEST_F(Recorded, MembraneEndsAtTheScoresResidual) {
  // All outputs, one image: the last value is what the read-out takes.
  options.neurons.clear();
  for (const ReadoutNeuron &place : program.readout)
    options.neurons.push_back({2, 0, place});
  ASSERT_TRUE(recordRun(*simulator, device, data, options, nullptr));
  auto arrays = *readNpz(options.path);
  auto run = simulator->run(data.sample(0), data.sampleSize);
  for (size_t i = 0; i < program.readout.size(); ++i) {
    const double end_V = arrays["membrane_V"].values[i * 20 + 19];
    EXPECT_NEAR(run->counts[i] + (end_V - device.neuron.vInit_V) / 0.3,
                run->scores[i], 1e-5);
  }
}

TEST_F(Recorded, AnInterruptedRunKeepsItsImages) {
  ASSERT_TRUE(recordRun(*simulator, device, data, options, nullptr));
  const auto expected = *readNpz(options.path);
  // A run that is stopped after two images: its part file is copied then.
  options.threads = 1;
  const std::string part = options.path + ".part", copy = folder + "/copy";
  ASSERT_TRUE(recordRun(*simulator, device, data, options, [&](size_t images) {
    if (images == 2)
      std::filesystem::copy_file(part, copy);
  }));
  std::filesystem::rename(copy, part);
  // The kill came while the third was written.
  std::ofstream(part, std::ios::app | std::ios::binary) << "half a record";
  auto summary = recordRun(*simulator, device, data, options, nullptr);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->resumed, 2u);
  const auto found = *readNpz(options.path);
  for (const auto &[name, array] : expected)
    EXPECT_EQ(found.at(name).values, array.values) << name;
}

TEST_F(Recorded, AnotherRunsPartFileIsRefused) {
  std::ofstream(options.path + ".part") << "nt recording 1 of something else\n";
  auto summary = recordRun(*simulator, device, data, options, nullptr);
  ASSERT_FALSE(summary);
  EXPECT_TRUE(has(summary.diagnostics(), Diag::SimResume));
}

TEST_F(Recorded, WhatWouldNotFitIsRefusedBefore) {
  options.slots = kMaxSlots;
  options.neurons = *selectNeurons(program, {});
  data.values.resize(50000 * program.inputs);
  auto summary = recordRun(*simulator, device, data, options, nullptr);
  ASSERT_FALSE(summary);
  EXPECT_TRUE(has(summary.diagnostics(), Diag::SimRecordSize, "memory"));
  EXPECT_FALSE(std::filesystem::exists(options.path + ".part"));
}

TEST_F(Recorded, EveryBadSelectionIsReported) {
  auto neurons = selectNeurons(
      program, {"layer9", "layer0[5:2]", "layer0[0:99999]", "layer1[x]"});
  ASSERT_FALSE(neurons);
  EXPECT_EQ(neurons.diagnostics().size(), 4u);
  EXPECT_TRUE(has(neurons.diagnostics(), Diag::SimNeurons, "layer0, layer1"));
}

TEST_F(Recorded, IsDrawn) {
  ASSERT_TRUE(recordRun(*simulator, device, data, options, nullptr));
  auto svg = drawRecording(options.path, 0, program, device);
  ASSERT_TRUE(svg);
  EXPECT_NE(svg->find("<rect"), std::string::npos);
  EXPECT_NE(svg->find("<polyline"), std::string::npos);
  EXPECT_TRUE(svg->ends_with("</svg>\n"));
}
