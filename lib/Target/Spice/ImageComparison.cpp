//===- ImageComparison.cpp - Circuit against a simulated image ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/CoreComparison.h"

using namespace nt::spice;
using ntrt::DeviceModel;

ntrt::Result<CoreComparison>
nt::spice::compareCore(const ntrt::Simulator &simulator,
                       const DeviceModel &device, const float *values,
                       size_t count, const CompareOptions &options) {
  ntrt::SimOptions simulation;
  simulation.slots = options.slots;
  simulation.recordSpikes = true;
  auto result = simulator.run(values, count, simulation);
  if (!result)
    return result.diagnostics();
  return compareCore(simulator.program(), simulator.task(), device,
                     result->events, options);
}
