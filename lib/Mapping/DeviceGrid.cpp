//===- DeviceGrid.cpp - What a device's domains realise -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/DeviceGrid.h"

std::vector<double> nt::mapping::synapseScales(const ntrt::DeviceModel &device,
                                               double inputRange,
                                               double outputRange,
                                               uint32_t columnsPerNeuron) {
  std::vector<double> scales;
  for (uint32_t dac = 0; dac < device.synapseDomain.dacCodes(); ++dac)
    scales.push_back(device.synapseStep(device.synapseDomain.lsbCurrent_A(dac),
                                        columnsPerNeuron) *
                     outputRange / inputRange);
  return scales;
}

std::vector<double>
nt::mapping::modulationSteps(const ntrt::DeviceModel &device,
                             double outputRange) {
  std::vector<double> steps;
  for (uint32_t dac = 0; dac < device.modulationDomain.dacCodes(); ++dac)
    steps.push_back(
        device.modulationStep(device.modulationDomain.lsbCurrent_A(dac)) *
        outputRange);
  return steps;
}
