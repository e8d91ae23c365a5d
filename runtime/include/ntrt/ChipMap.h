//===- ChipMap.h - The measured sources of a chip ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/chip-variation.md describes the files.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_CHIPMAP_H
#define NTRT_CHIPMAP_H

#include "ntrt/DeviceModel.h"
#include "ntrt/Program.h"

namespace ntrt {

/// A core's place on the chip.
struct CorePlace {
  uint32_t row = 0, column = 0;
  auto operator<=>(const CorePlace &) const = default;
};

/// The sources of a core as measured: each one's current over what it should
/// be, 1 if it is right.
struct CoreSources {
  CorePlace place;
  uint32_t axons = 0, neurons = 0;
  /// [axon][neuron][digit][sourcing, sinking]
  std::vector<float> synapse;
  /// [neuron][magnitude of the code - 1], the same for both signs.
  std::vector<float> modulation;
};

class ChipVariation;

/// What was measured of one chip. Plain data, read by load().
struct ChipMap {
  uint32_t digits = 0;
  std::vector<CoreSources> cores; ///< By place, no two the same.

  uint32_t maxCode() const { return (1u << digits) - 1; }
  /// Null if the map has no core there.
  const CoreSources *find(CorePlace place) const;
  /// As ChipVariation's; 1 where nothing was measured.
  float source(CorePlace core, uint32_t axon, uint32_t neuron, uint32_t digit,
               bool isSinking) const;
  float modulationSource(CorePlace core, uint32_t neuron,
                         uint32_t magnitude) const;

  /// Sizes fit the digits, each number is finite and |number| <= 16. Names all
  /// misfits (NT-CHIP-003, NT-CHIP-004).
  DiagnosticList check(const std::string &place) const;
  /// The digits are the device's, and every synapse and neuron that the program
  /// uses was measured (NT-CHIP-002, NT-CHIP-003).
  DiagnosticList checkAgainst(const Program &program, const DeviceModel &device,
                              const std::string &place) const;

  /// The sources of the cores of a program on a chip that is drawn.
  static ChipMap of(const ChipVariation &chip, const Program &program,
                    const DeviceModel &device);
  /// Reads a .npz, or else JSON, and checks it.
  static Result<ChipMap> load(const std::string &path);
  /// Writes a .npz, or JSON if the path ends in .json; whole or not at all.
  Status save(const std::string &path) const;
};

} // namespace ntrt

#endif // NTRT_CHIPMAP_H
