//===- DeviceFile.h - Where a device's file lies ----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_DEVICEFILE_H
#define NTRT_DEVICEFILE_H

#include "ntrt/Diagnostics.h"

#include <string>

namespace ntrt {

/// The path of the file that DeviceModel::load(nameOrPath) reads, for those who
/// want what a DeviceModel does not hold: descriptions and sources of figures.
Result<std::string> findDeviceFile(const std::string &nameOrPath);

} // namespace ntrt

#endif // NTRT_DEVICEFILE_H
