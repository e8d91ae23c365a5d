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
  // vector of each block of 32 neurons that it reaches, and whole blocks rest
  // as well as single neurons do. Measured (bench/spiking-engines.cpp, scale):
  // at one synapse for eight blocks of an axon both cost the same, above it the
  // clocked engine less.
  constexpr size_t kNeuronsPerBlock = 32, kBlocksPerSynapse = 8;
  size_t synapses = 0;
  for (int8_t code : core.codes)
    synapses += code != 0;
  size_t blocks =
      core.axons *
      ((size_t(core.columns()) + kNeuronsPerBlock - 1) / kNeuronsPerBlock);
  return kBlocksPerSynapse * synapses < blocks ? EngineKind::Event
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
  return clockedEngine(core, drive, time, maxCode, kind);
}
