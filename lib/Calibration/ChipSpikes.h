//===- ChipSpikes.h - One chip's neurons and sources for training -*- C++ -*-=//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CALIBRATION_CHIPSPIKES_H
#define NT_LIB_CALIBRATION_CHIPSPIKES_H

#include "nt/Tuner/ChipNetwork.h"
#include "nt/Tuner/SpikingNetwork.h"

namespace nt::calibration {

struct ChipSpikes {
  tuner::SpikingModel model;
  /// The core that each layer of the model is.
  std::vector<size_t> coreOfLayer;
};

/// A program and a task on `chip`, spike for spike: its sources, thresholds,
/// capacitors, leaks, dead neurons and the volts of its domains; without droop,
/// noise and lost events. `words` are those of each core on this chip. Errors:
/// NT-CHIP-001 if cores do not start one slot and the link's latency behind
/// what drives them, or outputs are on several cores.
ntrt::Result<ChipSpikes>
chipSpikes(const ntrt::Program &program, const ntrt::TaskOverlay &task,
           const ntrt::DeviceModel &device, const ntrt::ChipVariation &chip,
           const std::vector<tuner::CoreWords> &words, uint32_t slots);

} // namespace nt::calibration

#endif // NT_LIB_CALIBRATION_CHIPSPIKES_H
