//===- ChipVariation.h - What makes one chip differ -------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/chip-variation.md says what is drawn and how it acts.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_CHIPVARIATION_H
#define NTRT_CHIPVARIATION_H

#include "ntrt/DeviceModel.h"
#include "ntrt/Program.h"

namespace ntrt {

/// A cell's place on the chip.
struct CorePlace {
  uint32_t row = 0, column = 0;
};

/// What was drawn for one neuron.
struct NeuronVariation {
  double thresholdOffset_V = 0;
  double capacitorFactor = 1, leakFactor = 1;
  bool isDead = false;
};

/// One chip of a device: every deviation is a function of the chip's seed and
/// of the cell's place, and of nothing else: not of the program, the order of
/// questions or threads.
class ChipVariation {
public:
  ChipVariation(const DeviceModel &device, uint64_t seed)
      : device(device), seed(seed) {}

  /// What a synapse of the given code conducts, in LSB; the sources of its
  /// digits are off their values, and may be stuck.
  double synapse(CorePlace core, uint32_t axon, uint32_t neuron,
                 int32_t code) const;
  NeuronVariation neuron(CorePlace core, uint32_t neuron) const;
  /// What the modulation source of a neuron gives for a code, in LSB.
  double modulation(CorePlace core, uint32_t neuron, int32_t code) const;
  /// By how much a domain's volts are off what its DAC should give.
  double domainError_V(CorePlace core, DomainKind kind, uint32_t domain) const;
  /// A standard normal number for the noise of a neuron in a slot of an image.
  double noise(CorePlace core, uint32_t neuron, uint64_t image,
               uint64_t slot) const;

  uint64_t chipSeed() const { return seed; }

private:
  DeviceModel device;
  uint64_t seed;
};

} // namespace ntrt

#endif // NTRT_CHIPVARIATION_H
