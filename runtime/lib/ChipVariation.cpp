//===- ChipVariation.cpp - What makes one chip differ ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/ChipVariation.h"
#include "Philox.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

using namespace ntrt;

namespace {
/// The first word of a counter, so that no two draws share one.
enum Draw : uint32_t {
  kSources,
  kMoreSources,
  kStuck,
  kMoreStuck,
  kNeuron,
  kModulation,
  kDomain,
  kNoise
};
} // namespace

static std::array<uint32_t, 4> counter(Draw draw, CorePlace core, uint32_t a,
                                       uint32_t b) {
  // Rows and columns of cores are below 1024, axons and neurons below 65537.
  return {draw, core.row << 16 | core.column, a, b};
}

static double normal(uint32_t bits) { return normalQuantile(uniform(bits)); }

float ChipVariation::source(CorePlace core, uint32_t axon, uint32_t neuron,
                            uint32_t digit, bool isSinking) const {
  if (measured)
    return measured->source(core, axon, neuron, digit, isSinking);
  const uint32_t word =
      philox(counter(digit < 4 ? kSources : kMoreSources, core, axon, neuron),
             seed)[digit % 4];
  // Sourcing and sinking transistors are different ones: each takes half of
  // the bits. Of 2^k parallel units the deviation averages out.
  const uint32_t bits = isSinking ? word & 0xffff0000 : word << 16;
  const double sigma =
      device.synapse.mismatchSigma / std::sqrt(double(1u << digit));
  // A float, so that a map can hold it.
  return float(1 + sigma * normal(bits | 0x8000));
}

double ChipVariation::synapse(CorePlace core, uint32_t axon, uint32_t neuron,
                              Sources sources) const {
  const uint32_t digits = device.synapse.digits;
  const double stuck = device.variation.stuckDigits;
  if (sources == 0 && stuck == 0)
    return 0;
  double sum = 0;
  for (uint32_t k = 0; k < digits; ++k) {
    int32_t state = digitOf(sources, k);
    if (stuck > 0) {
      const double u = uniform(
          philox(counter(k < 4 ? kStuck : kMoreStuck, core, axon, neuron),
                 seed)[k % 4]);
      if (u < stuck)
        state = std::min(int32_t(u / stuck * 3), 2) - 1;
    }
    if (state)
      sum += state * double(1u << k) *
             double(source(core, axon, neuron, k, state < 0));
  }
  return sum;
}

int16_t ChipVariation::synapseParts(CorePlace core, uint32_t axon,
                                    uint32_t neuron, Sources sources) const {
  return int16_t(std::clamp(
      std::nearbyint(synapse(core, axon, neuron, sources) * partsPerLsb()),
      -32767.0, 32767.0));
}

NeuronVariation ChipVariation::neuron(CorePlace core, uint32_t neuron) const {
  const std::array<uint32_t, 4> random =
      philox(counter(kNeuron, core, neuron, 0), seed);
  const VariationModel &v = device.variation;
  // A capacitor or a leak is never negative; 0.1 is far in any tail.
  auto factor = [](double sigma, uint32_t bits) {
    return std::max(0.1, 1 + sigma * normal(bits));
  };
  return {device.neuron.thresholdSigma_V * normal(random[0]),
          factor(v.capacitorSigma, random[1]), factor(v.leakSigma, random[2]),
          uniform(random[3]) < v.deadNeurons};
}

float ChipVariation::modulationSource(CorePlace core, uint32_t neuron,
                                      uint32_t magnitude) const {
  if (measured)
    return measured->modulationSource(core, neuron, magnitude);
  const double z =
      normal(philox(counter(kModulation, core, neuron, 0), seed)[0]);
  return float(1 +
               device.synapse.mismatchSigma / std::sqrt(double(magnitude)) * z);
}

double ChipVariation::modulation(CorePlace core, uint32_t neuron,
                                 int32_t code) const {
  if (code == 0)
    return 0;
  return code *
         double(modulationSource(core, neuron, uint32_t(std::abs(code))));
}

double ChipVariation::domainError_V(CorePlace core, DomainKind kind,
                                    uint32_t domain) const {
  return device.variation.voltsSigma_V *
         normal(
             philox(counter(kDomain, core, uint32_t(kind), domain), seed)[0]);
}

double ChipVariation::noise(CorePlace core, uint32_t neuron, uint64_t image,
                            uint64_t slot) const {
  // Bits of a word are a sum of 64 coins, and a uniform number fills the steps
  // between: normal to 4 sigma, and far quicker than a quantile.
  const std::array<uint32_t, 4> random =
      philox({uint32_t(kNoise) | neuron << 8, core.row << 16 | core.column,
              uint32_t(image), uint32_t(slot)},
             seed);
  const int coins = std::popcount(random[0]) + std::popcount(random[1]);
  constexpr double kSigma = 4.010403138173888; // sqrt(16 + 1/12)
  return (coins - 32 + (uniform(random[2]) - 0.5)) / kSigma;
}
