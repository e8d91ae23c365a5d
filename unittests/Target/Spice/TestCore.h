//===- TestCore.h - A random core for the SPICE tests -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_TARGET_SPICE_TESTCORE_H
#define NT_UNITTESTS_TARGET_SPICE_TESTCORE_H

#include "nt/Target/Spice/CoreNetlist.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <random>
#include <sstream>

namespace nt::spice::test {

/// A device of the tests with a given reset.
inline ntrt::DeviceModel tinyDevice(ntrt::ResetKind reset) {
  auto device = ntrt::DeviceModel::load("nt1-tiny");
  device->neuron.reset = reset;
  return *device;
}

/// The lines of a netlist, continuations joined.
inline std::vector<std::string> joinedLines(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line[0] == '+')
      lines.back() += line.substr(1);
    else
      lines.push_back(line);
  }
  return lines;
}

/// The DAC code whose LSB current is nearest to `wanted_A` from above.
inline uint16_t dacOf(const ntrt::DomainModel &domain, double wanted_A) {
  uint16_t code = 0;
  while (code + 1u < domain.dacCodes() && domain.lsbCurrent_A(code) < wanted_A)
    ++code;
  return code;
}

struct TestCore {
  ntrt::Program program;
  ntrt::TaskOverlay task;
  std::vector<AxonEvent> events;
};

/// One core of random codes, modulation and events. A synapse of code 1 moves
/// the membrane by about `unit` of (V_th - V_reset) an event; a modulation code
/// of 1 by about 0.07 a slot.
inline TestCore randomCore(const ntrt::DeviceModel &device, uint32_t axons,
                           uint32_t neurons, uint32_t slots, unsigned seed,
                           double unit = 0.08) {
  std::mt19937 random(seed);
  // The library's distributions differ between standard libraries.
  auto pick = [&](int low, int high) {
    return low + int(random() % unsigned(high - low + 1));
  };
  TestCore test;
  test.program.name = "random";
  test.program.deviceName = device.name;
  test.program.inputs = axons;
  test.program.defaultSlots = slots;
  test.program.layers = {{"/fc1/Gemm", neurons}};

  ntrt::CoreConfig core;
  core.axons = axons;
  core.neurons = neurons;
  double charge = device.thresholdCharge_C();
  uint16_t dac =
      dacOf(device.synapseDomain, unit * charge / device.synapse.pulseWidth_s);
  core.synapseDac = {dac, uint16_t(dac - 3)};
  for (uint32_t i = 0; i < axons * neurons; ++i)
    core.codes.push_back(int8_t(pick(-7, 7)));
  for (uint32_t n = 0; n < neurons; ++n) {
    core.synapseDomain.push_back(uint8_t(n & 1));
    core.layerNeuron.push_back(n);
  }
  test.program.cores = {core};

  ntrt::CoreModulation modulation;
  modulation.dac = {
      dacOf(device.modulationDomain, 0.07 * charge / device.slot_s)};
  for (uint32_t n = 0; n < neurons; ++n)
    modulation.words.push_back({0, int8_t(pick(-2, 7))});
  test.task.name = "random";
  test.task.cores = {modulation};

  for (uint32_t axon = 0; axon < axons; ++axon) {
    test.program.inputRoutes.push_back({axon, 0, axon});
    int rate = pick(0, 60);
    for (uint32_t slot = 0; slot < slots; ++slot)
      if (pick(0, 99) < rate)
        test.events.push_back({slot, axon});
  }
  std::sort(test.events.begin(), test.events.end());
  return test;
}

/// A chip of two cores with a simulated image: random inputs into /fc1/Gemm,
/// its neurons into /fc2/Gemm, whose first neuron feeds back into an axon of
/// it.
struct TestChip {
  ntrt::Program program;
  ntrt::TaskOverlay task;
  std::vector<float> image;

  ntrt::Simulator simulator(const ntrt::DeviceModel &device) const {
    auto result = ntrt::Simulator::create(program, task, device);
    return std::move(*result);
  }
  std::vector<ntrt::SpikeEvent> spikes(const ntrt::DeviceModel &device) const {
    ntrt::SimOptions options;
    options.recordSpikes = true;
    return simulator(device).run(image.data(), image.size(), options)->events;
  }
};

/// Makes a task fit a program again after either has changed.
inline void seal(TestChip &chip, const ntrt::DeviceModel &device) {
  chip.program.deviceHash = chip.task.deviceHash = device.hash;
  chip.task.programHash =
      ntrt::frozenHash(ntrt::encodeProgram(chip.program, device));
}

inline TestChip randomChip(const ntrt::DeviceModel &device, uint32_t inputs,
                           uint32_t hidden, uint32_t outputs, uint32_t slots,
                           unsigned seed) {
  TestCore first = randomCore(device, inputs, hidden, slots, seed);
  // One axon more, for the feedback.
  TestCore second = randomCore(device, hidden + 1, outputs, slots, seed + 1);
  TestChip chip;
  chip.program = first.program;
  chip.task = first.task;
  chip.program.layers.push_back({"/fc2/Gemm", outputs});
  ntrt::CoreConfig core = second.program.cores[0];
  core.column = 1;
  core.startSlot = 2 + device.linkLatency_slots;
  core.layer = 1;
  chip.program.cores.push_back(core);
  chip.task.cores.push_back(second.task.cores[0]);
  for (uint32_t n = 0; n < hidden; ++n)
    chip.program.routes.push_back({0, n, 1, n});
  chip.program.routes.push_back({1, 0, 1, hidden});
  for (uint32_t n = 0; n < outputs; ++n)
    chip.program.readout.push_back({1, n});
  chip.task.classOfOutput.assign(outputs, 0);
  std::mt19937 random(seed);
  for (uint32_t i = 0; i < inputs; ++i)
    chip.image.push_back(float(random() % 61) / 100);
  seal(chip, device);
  return chip;
}

} // namespace nt::spice::test

#endif // NT_UNITTESTS_TARGET_SPICE_TESTCORE_H
