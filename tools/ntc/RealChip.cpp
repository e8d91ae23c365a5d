//===- RealChip.cpp - The chip that options name --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "RealChip.h"

#include "llvm/ADT/StringRef.h"

using namespace ntc;

/// Sets the figures of an effect to "none".
static void leaveOutOne(ntrt::DeviceModel &device, llvm::StringRef effect) {
  ntrt::VariationModel &v = device.variation;
  if (effect == "mismatch")
    device.synapse.mismatchSigma = 0;
  else if (effect == "threshold")
    device.neuron.thresholdSigma_V = 0;
  else if (effect == "capacitor")
    v.capacitorSigma = 0;
  else if (effect == "leak")
    v.leakSigma = 0;
  else if (effect == "domain")
    v.voltsSigma_V = 0;
  else if (effect == "droop")
    v.droop_Ohm = 0;
  else if (effect == "noise")
    v.temperature_K = v.shotNoise = 0;
  else if (effect == "dead")
    v.deadNeurons = 0;
  else
    v.stuckDigits = 0;
}

void ntc::leaveOut(ntrt::DeviceModel &device,
                   const std::vector<std::string> &effects) {
  for (const std::string &effect : effects)
    leaveOutOne(device, effect);
}

ntrt::Result<std::optional<ntrt::ChipVariation>>
ntc::realChip(const ChipOptions &options, const ntrt::Program &program,
              ntrt::DeviceModel &device) {
  using Chip = std::optional<ntrt::ChipVariation>;
  if (options.map.empty() && !options.seed) {
    if (!options.without.empty())
      return ntrt::Diagnostic{ntrt::Diag::OptionInvalid, "--without",
                              "no chip is named by --map or --chip-seed"};
    return Chip();
  }
  leaveOut(device, options.without);
  if (options.map.empty())
    return Chip(ntrt::ChipVariation(device, *options.seed));
  ntrt::Result<ntrt::ChipMap> map = ntrt::ChipMap::load(options.map);
  if (!map)
    return map.diagnostics();
  if (ntrt::DiagnosticList misfits =
          map->checkAgainst(program, device, options.map);
      !misfits.empty())
    return misfits;
  if (!options.seed) {
    device.variation = {};
    device.neuron.thresholdSigma_V = 0;
  }
  return Chip(ntrt::ChipVariation(
      device, options.seed.value_or(0),
      std::make_shared<const ntrt::ChipMap>(std::move(*map))));
}
