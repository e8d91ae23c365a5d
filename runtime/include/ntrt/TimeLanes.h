//===- TimeLanes.h - One neuron in many runs side by side -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TimeModel for vectors: the same bits as TimeModel::step() lane by lane, for
// whoever simulates one network on many samples at once and needs margins.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_TIMELANES_H
#define NTRT_TIMELANES_H

#include "ntrt/Simulator.h"
#include "ntrt/TimeModel.h"

namespace ntrt {

/// Runs that advance at once.
inline constexpr size_t kTimeLanes = 16;

/// What a neuron carries from slot to slot in each of its runs; as NeuronState.
struct alignas(64) LaneStates {
  double membrane_V[kTimeLanes];
  double hold_s[kTimeLanes];
  double quietStart_V[kTimeLanes];
  int64_t quietSlots[kTimeLanes];
};

/// All runs at preset.
LaneStates presetLanes(const TimeModel &time);

/// Some slots of one neuron.
struct LaneSlots {
  uint32_t slots;
  const float *sums;   ///< Synaptic sums in LSB, [slot][lane].
  double lsb_A;        ///< A run's synaptic current is double(sum) * lsb_A.
  double modulation_A; ///< The same in all slots that the states have seen.
  uint16_t *spiked;    ///< Bit l: lane l spiked, [slot].
  float *margin_V;     ///< SlotOutcome::margin_V, [slot][lane]; may be null.
};

using StepLanes = void (*)(const TimeModel &time, LaneStates &states,
                           const LaneSlots &slots);
/// What advances neurons of such a device; `kind` (Clocked, Avx2 or Portable)
/// limits the vectors that it may use.
StepLanes stepLanesOf(const TimeModel &time,
                      EngineKind kind = EngineKind::Clocked);

} // namespace ntrt

#endif // NTRT_TIMELANES_H
