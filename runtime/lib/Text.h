//===- Text.h - Wording shared by the runtime's diagnostics -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_TEXT_H
#define NTRT_LIB_TEXT_H

#include "ntrt/Program.h"

#include <cinttypes>
#include <concepts>
#include <cstdio>

namespace ntrt {

/// A number as decimal text; also of the 8-bit types, which streams take for
/// characters.
template <std::integral Int> std::string text(Int value) {
  return std::to_string(value);
}

inline std::string quoted(const std::string &name) { return "'" + name + "'"; }

/// 0x and 16 digits.
inline std::string hex(uint64_t value) {
  char buffer[19];
  std::snprintf(buffer, sizeof buffer, "0x%016" PRIx64, value);
  return buffer;
}

/// 0x and 8 digits, for a CRC.
inline std::string hex32(uint32_t value) {
  char buffer[11];
  std::snprintf(buffer, sizeof buffer, "0x%08" PRIx32, value);
  return buffer;
}

inline std::string coreName(size_t index, const CoreConfig &core) {
  return "core " + text(index) + " (row " + text(core.row) + ", column " +
         text(core.column) + ")";
}

/// Is it a code of the domain's DAC (rule H3)? A shift by 32 is undefined.
inline bool fitsDac(uint32_t code, const DomainModel &domain) {
  return domain.dacBits >= 32 || (code >> domain.dacBits) == 0;
}

} // namespace ntrt

#endif // NTRT_LIB_TEXT_H
