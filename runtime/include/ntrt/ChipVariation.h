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

#include "ntrt/ChipMap.h"
#include "ntrt/DeviceModel.h"

#include <memory>

namespace ntrt {

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
  /// With a map, the currents of all sources are those measured; the seed draws
  /// the rest. The map must hold every core that is asked for.
  ChipVariation(const DeviceModel &device, uint64_t seed,
                std::shared_ptr<const ChipMap> measured = nullptr)
      : device(device), seed(seed), measured(std::move(measured)) {}

  /// The current of a source of a synapse over what it should be: of digit
  /// `digit`, its sourcing transistors or its sinking ones.
  float source(CorePlace core, uint32_t axon, uint32_t neuron, uint32_t digit,
               bool isSinking) const;
  /// What a synapse with the given sources on conducts, in LSB; each is off its
  /// value, and may be stuck.
  double synapse(CorePlace core, uint32_t axon, uint32_t neuron,
                 Sources sources) const;
  /// The same as a chip's simulator holds it, in whole parts of an LSB, so that
  /// the order of a sum does not matter; the largest code and its mismatch stay
  /// within 16 bits.
  int16_t synapseParts(CorePlace core, uint32_t axon, uint32_t neuron,
                       Sources sources) const;
  double partsPerLsb() const { return 1 << (13 - device.synapse.digits); }
  NeuronVariation neuron(CorePlace core, uint32_t neuron) const;
  /// The current of a neuron's modulation source over what it should be, at a
  /// code of this magnitude, from 1 on.
  float modulationSource(CorePlace core, uint32_t neuron,
                         uint32_t magnitude) const;
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
  std::shared_ptr<const ChipMap> measured;
};

} // namespace ntrt

#endif // NTRT_CHIPVARIATION_H
