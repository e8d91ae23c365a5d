//===- Artefacts.h - Reading what ntc compile wrote -------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_ARTEFACTS_H
#define NT_TOOLS_NTC_ARTEFACTS_H

#include "ntrt/Bitstream.h"

#include <optional>
#include <string>

namespace ntc {

/// A device with a program decoded from its bitstream and tasks decoded from
/// their overlays.
struct Artefacts {
  ntrt::DeviceModel device;
  ntrt::Bytes programBytes;
  ntrt::Program program;
  std::vector<ntrt::TaskOverlay> tasks;
  std::vector<size_t> taskBytes;

  const ntrt::TaskOverlay *find(const std::string &task) const;

  /// Prints diagnostics and returns nullopt if anything does not decode.
  static std::optional<Artefacts>
  read(const std::string &device, const std::string &programPath,
       const std::vector<std::string> &taskPaths);
};

} // namespace ntc

#endif // NT_TOOLS_NTC_ARTEFACTS_H
