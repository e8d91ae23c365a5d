//===- RealChip.h - The chip that options name ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_REALCHIP_H
#define NT_TOOLS_NTC_REALCHIP_H

#include "Options.h"

#include "ntrt/ChipVariation.h"

namespace ntc {

/// Sets the figures of effects to "none".
void leaveOut(ntrt::DeviceModel &device,
              const std::vector<std::string> &effects);

/// The chip that the options name, nothing if they name none. With a map and no
/// seed, only its sources differ from the ideal chip's: all other figures of
/// `device` are set to "none". Errors: the map cannot be read or lacks what
/// `program` uses.
ntrt::Result<std::optional<ntrt::ChipVariation>>
realChip(const ChipOptions &options, const ntrt::Program &program,
         ntrt::DeviceModel &device);

} // namespace ntc

#endif // NT_TOOLS_NTC_REALCHIP_H
