//===- Lanes.cpp - Kernels of TimeLanes for this machine ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Lanes.h"

#include "Clocked.h"

#include <algorithm>

using namespace ntrt;

LaneStates ntrt::presetLanes(const TimeModel &time) {
  LaneStates states{};
  std::fill_n(states.membrane_V, kTimeLanes, time.preset().membrane_V);
  return states;
}

static const LaneKernels &kernelsOf(EngineKind kind) {
#ifdef __x86_64__
  // The sets of the clocked engine.
  const ClockedKernels *clocked = &clockedKernels(kind);
  if (clocked == &avx512::clockedKernels)
    return avx512::laneKernels;
  if (clocked == &avx2::clockedKernels)
    return avx2::laneKernels;
#endif
  return portable::laneKernels;
}

StepLanes ntrt::stepLanesOf(const TimeModel &time, EngineKind kind) {
  const MembraneConstants &m = time.constants();
  return kernelsOf(kind)[m.isLeaky][m.isSubtract];
}
