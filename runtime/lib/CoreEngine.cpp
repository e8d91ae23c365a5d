//===- CoreEngine.cpp - What all engines share ----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoreEngine.h"

using namespace ntrt;

void CoreRun::run(uint64_t first, uint32_t slots, const SpikeTrains &axons,
                  SpikeTrains &spikes) {
  std::vector<uint32_t> active;
  std::vector<CoreSpike> found;
  for (AxonLists lists(axons, slots); lists.next(active);) {
    found.clear();
    step(first + lists.slot(), active, false, found);
    for (const CoreSpike &spike : found)
      spikes.set(spike.neuron, lists.slot());
  }
}
