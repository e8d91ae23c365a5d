//===- Sources.cpp - Codes as sources -------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Sources.h"

#include <algorithm>
#include <utility>

using namespace ntrt;

Sources ntrt::leastCurrentSources(int32_t code, uint32_t digits) {
  const uint32_t magnitude = uint32_t(code < 0 ? -code : code);
  uint32_t sources = 0;
  for (uint32_t k = 0; k < digits; ++k)
    if (magnitude >> k & 1)
      sources |= (code < 0 ? 2u : 1u) << (2 * k);
  return Sources(sources);
}

uint32_t ntrt::unitsOf(Sources sources) {
  uint32_t units = 0;
  for (uint32_t k = 0; k < 8; ++k)
    if (digitOf(sources, k))
      units += 1u << k;
  return units;
}

std::optional<int32_t> ntrt::codeOf(Sources sources, uint32_t digits,
                                    SynapseEncoding encoding) {
  int32_t code = 0;
  bool isSourcing = false, isSinking = false;
  for (uint32_t k = 0; k < 8; ++k) {
    const uint32_t state = sources >> (2 * k) & 3;
    if (state == 3 || (state != 0 && k >= digits))
      return std::nullopt;
    isSourcing |= state == 1;
    isSinking |= state == 2;
    code += digitOf(sources, k) * (1 << k);
  }
  if (encoding == SynapseEncoding::SignMagnitude && isSourcing && isSinking)
    return std::nullopt;
  return code;
}

std::vector<Sources> ntrt::encodingsOf(int32_t code, uint32_t digits,
                                       SynapseEncoding encoding) {
  std::vector<Sources> found;
  for (uint32_t sources = 0; sources < 1u << (2 * digits); ++sources)
    if (codeOf(Sources(sources), digits, encoding) == code)
      found.push_back(Sources(sources));
  std::sort(found.begin(), found.end(), [&](Sources a, Sources b) {
    return std::pair(unitsOf(a), a) < std::pair(unitsOf(b), b);
  });
  return found;
}
