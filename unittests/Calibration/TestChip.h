//===- TestChip.h - A small program with data it classifies -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_CALIBRATION_TESTCHIP_H
#define NT_UNITTESTS_CALIBRATION_TESTCHIP_H

#include "RandomProgram.h"

#include "ntrt/Bitstream.h"
#include "ntrt/ChipVariation.h"
#include "ntrt/Dataset.h"
#include "ntrt/Simulator.h"

namespace nt::test {

/// Random codes on a device without leak; labels are what the ideal chip says.
/// Seeds above 3 have signed inputs.
struct TestChip {
  ntrt::DeviceModel device = ntrt::test::testDevice();
  ntrt::Program program;
  ntrt::TaskOverlay task;
  ntrt::Dataset data;

  explicit TestChip(uint32_t seed = 3, size_t samples = 300) {
    device.neuron.leak_S = 0;
    device.neuron.refractory_s = 0;
    device.linkEventRate_Hz = 1e9;
    device.synapseDomain.supplyLimit_A = device.modulationDomain.supplyLimit_A =
        1e-3;
    // A sum of a hundred events is about a spike.
    device.synapseDomain.curveAmperes = {1e-9, 1e-8};
    device.synapse.mismatchSigma = 0.1;
    ntrt::test::RandomPrograms random(seed);
    program = random.program(device);
    const bool isSigned = seed > 3;
    if (isSigned)
      random.signInputs(program);
    task = random.task(program, device);
    data.sampleShape = {program.inputs};
    data.sampleSize = program.inputs;
    data.values = random.image(program.inputs * uint32_t(samples));
    for (float &value : data.values)
      value *= isSigned && random.below(2) ? -1 : 1;
    auto simulator = ntrt::Simulator::create(program, task, device);
    for (size_t i = 0; i < samples; ++i) {
      ntrt::SimOptions options;
      options.slots = 400;
      data.labels.push_back(
          simulator->run(data.sample(i), data.sampleSize, options)->label);
    }
  }
};

} // namespace nt::test

#endif // NT_UNITTESTS_CALIBRATION_TESTCHIP_H
