//===- DeviceGrid.h - What a device's domains realise -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The DAC grid of a device in network units (rule H3). Membrane unit: one spike
// is V_th - V_reset; an activation of `range` is one spike a slot.
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_DEVICEGRID_H
#define NT_MAPPING_DEVICEGRID_H

#include "ntrt/DeviceModel.h"

#include <vector>

namespace nt::mapping {

/// Weight of a synapse of code 1 at each DAC code of a synapse domain, for a
/// layer with these activation ranges (> 0). Strictly increasing.
std::vector<double> synapseScales(const ntrt::DeviceModel &device,
                                  double inputRange, double outputRange,
                                  uint32_t columnsPerNeuron = 1);

/// Bias of a modulation word of code 1 at each DAC code of a modulation domain.
/// Strictly increasing.
std::vector<double> modulationSteps(const ntrt::DeviceModel &device,
                                    double outputRange);

} // namespace nt::mapping

#endif // NT_MAPPING_DEVICEGRID_H
