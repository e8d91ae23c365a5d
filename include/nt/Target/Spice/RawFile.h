//===- RawFile.h - Reading ngspice's binary raw files -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_RAWFILE_H
#define NT_TARGET_SPICE_RAWFILE_H

#include "ntrt/Diagnostics.h"

#include <cstdint>
#include <string>
#include <vector>

namespace nt::spice {

/// The waveforms of one transient: variable 0 is the time.
struct RawData {
  std::vector<std::string> names; ///< Lower case, e.g. "time", "v(s_fc_0)".
  size_t points = 0;
  std::vector<double> values; ///< points * names.size(), point after point.

  double at(size_t point, size_t variable) const {
    return values[point * names.size() + variable];
  }
  /// Index of a variable; names.size() if there is none.
  size_t find(const std::string &name) const;
  double lastTime() const { return points ? at(points - 1, 0) : 0; }
};

/// Parses the first plot of a binary raw file of real numbers. Whatever the
/// bytes, either gives the whole plot or says what is wrong (NT-SPICE-005).
ntrt::Result<RawData> parseRaw(const std::vector<uint8_t> &bytes,
                               const std::string &place);
/// Reads and parses a file. `truncated` (may be null) tells whether it lacks
/// points that its header counts.
ntrt::Result<RawData> readRaw(const std::string &path,
                              bool *truncated = nullptr);

/// Times at which a variable rises through `level`, linearly interpolated.
std::vector<double> risingCrossings(const RawData &data, size_t variable,
                                    double level);

} // namespace nt::spice

#endif // NT_TARGET_SPICE_RAWFILE_H
