//===- ChooseEngine.cpp - The engine that suits a core --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoreEngine.h"

using namespace ntrt;

EngineKind ntrt::chooseEngine(const CoreConfig &core) {
  // An event costs the event engine a step for each synapse, the clocked one a
  // block of 32 neurons or a part of it. Measured by bench/spiking: below this
  // many synapses for each block of a core, the event engine wins.
  constexpr size_t kNeuronsPerBlock = 32, kFewSynapses = 4;
  size_t synapses = 0;
  for (int8_t code : core.codes)
    synapses += code != 0;
  size_t blocks = core.axons * ((size_t(core.neurons) + kNeuronsPerBlock - 1) /
                                kNeuronsPerBlock);
  return synapses < kFewSynapses * blocks ? EngineKind::Event
                                          : EngineKind::Clocked;
}

std::unique_ptr<CoreEngine> ntrt::makeEngine(EngineKind kind,
                                             const CoreConfig &core,
                                             const CoreDrive &drive,
                                             const TimeModel &time,
                                             int32_t maxCode) {
  if (kind == EngineKind::Auto)
    kind = chooseEngine(core);
  if (kind == EngineKind::Reference)
    return referenceEngine(core, drive, time);
  if (kind == EngineKind::Event)
    return eventEngine(core, drive, time);
  return clockedEngine(core, drive, time, maxCode,
                       kind == EngineKind::Portable);
}
