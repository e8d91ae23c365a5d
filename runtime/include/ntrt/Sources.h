//===- Sources.h - Codes as sources -----------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A code is made by binary-scaled sources, each off, sourcing or sinking. Many
// codes have several encodings; on a real chip, whose sources are each off
// their value, they conduct differently.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_SOURCES_H
#define NTRT_SOURCES_H

#include "ntrt/DeviceModel.h"

#include <optional>
#include <vector>

namespace ntrt {

/// The states of a synapse's sources, two bits a digit, digit 0 lowest: 00 off,
/// 01 sourcing, 10 sinking (as in a bitstream). Up to 8 digits.
using Sources = uint16_t;

/// -1 sinking, 0 off, 1 sourcing.
inline int32_t digitOf(Sources sources, uint32_t digit) {
  const uint32_t state = sources >> (2 * digit) & 3;
  return int32_t(state & 1) - int32_t(state >> 1);
}

/// Units that conduct: the sum of 2^digit over the sources that are on.
uint32_t unitsOf(Sources sources);

/// The sources of a code, |code| < 2^digits: the binary digits of |code|, all
/// of one sign, which is the encoding of least current.
Sources leastCurrentSources(int32_t code, uint32_t digits);

/// The code that sources make; nothing if a state is invalid (11), a digit
/// beyond `digits` is on, or signs are mixed where they may not be.
std::optional<int32_t> codeOf(Sources sources, uint32_t digits,
                              SynapseEncoding encoding);

/// All sources that make a code, the ones of least current first.
std::vector<Sources> encodingsOf(int32_t code, uint32_t digits,
                                 SynapseEncoding encoding);

} // namespace ntrt

#endif // NTRT_SOURCES_H
