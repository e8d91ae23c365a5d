//===- Membrane.h - The closed form for one neuron or for many --*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The formulas of docs/time-model.md, once: `Value` is a double or a vector of
// doubles, and each operation is the same IEEE operation in both. `Constants`
// is MembraneConstants, or the like of it with a vector for what differs from
// neuron to neuron.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_MEMBRANE_H
#define NTRT_LIB_MEMBRANE_H

#include "ntrt/TimeModel.h"

// How vectors would be passed does not matter: all that takes one is inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

#define NTRT_INLINE [[gnu::always_inline]] static inline

namespace ntrt::membrane {

/// One slot of one neuron by its two pieces, also if it is quiet.
SlotOutcome stepPieces(const MembraneConstants &m, NeuronState &state,
                       double synaptic_A, double modulation_A);
/// A piece of a given duration.
MembranePiece pieceOf(const MembraneConstants &m, double duration_s);

template <typename Constants, typename Value>
NTRT_INLINE Value clampToRails(const Constants &m, Value v) {
  Value low = Value{} + m.railLow_V, high = Value{} + m.railHigh_V;
  v = v < low ? low : v;
  return high < v ? high : v;
}

/// Where the leak and a constant current pull the membrane.
template <typename Constants, typename Value>
NTRT_INLINE Value targetOf(const Constants &m, Value current_A) {
  return m.rest_V + current_A * m.resistance_Ohm;
}

/// The free membrane after a piece at constant current, rails applied.
template <bool kIsLeaky, typename Constants, typename Piece, typename Value>
NTRT_INLINE Value advance(const Constants &m, const Piece &piece, Value v,
                          Value current_A) {
  if constexpr (kIsLeaky) {
    Value target = targetOf(m, current_A);
    return clampToRails(m, target + (v - target) * piece.decay);
  } else {
    return clampToRails(m, v + current_A * piece.perCapacitance);
  }
}

/// The membrane after k > 0 quiet slots: `passed` is quietDecay()[k] with a
/// leak and k without. Monotone in k, because rounding is.
template <bool kIsLeaky, typename Constants, typename Value>
NTRT_INLINE Value advanceQuiet(const Constants &m, Value start,
                               Value modulation_A, Value passed) {
  if constexpr (kIsLeaky) {
    Value target = targetOf(m, modulation_A);
    return clampToRails(m, target + (start - target) * passed);
  } else {
    return clampToRails(m, start +
                               (modulation_A * m.slot.perCapacitance) * passed);
  }
}

/// The membrane after a piece in which a neuron with `subtract` spikes, given
/// the piece's decay and its duration / C. Needs no crossing time: of the decay
/// there is left, behind the crossing, what the way to the threshold did not
/// use.
template <bool kIsLeaky, typename Constants, typename Value>
NTRT_INLINE Value afterSpike(const Constants &m, Value decay,
                             Value perCapacitance, Value v, Value current_A) {
  if constexpr (kIsLeaky) {
    Value threshold = Value{} + m.threshold_V, one = Value{} + 1.0;
    Value target = targetOf(m, current_A);
    Value left = decay * ((v - target) / (threshold - target));
    // Rounding may put a crossing at the very end a little outside.
    left = left > decay ? (left < one ? left : one) : decay;
    left = v < threshold ? left : decay;
    Value start = v < threshold ? Value{} + m.restart_V : v - m.swing_V;
    return clampToRails(m, target + (start - target) * left);
  } else {
    return clampToRails(m, (v + current_A * perCapacitance) - m.swing_V);
  }
}

/// Slots, rounded down, for which a neuron with membrane v surely stays below
/// threshold on its modulation current alone; 0 .. kMaxQuietSlots.
template <bool kIsLeaky, typename Constants, typename Value>
NTRT_INLINE Value surelyQuietSlots(const Constants &m, Value v,
                                   Value modulation_A) {
  // Wider than any rounding of the membrane.
  constexpr double kGuard_V = 1e-9;
  Value zero{}, most = Value{} + double(kMaxQuietSlots);
  Value rate = modulation_A;
  if constexpr (kIsLeaky) {
    Value pull = m.leak_S * (m.rest_V - v);
    rate = rate + (pull > zero ? pull : zero);
    // Between rest and a target below threshold nothing crosses.
    rate = targetOf(m, modulation_A) < Value{} + (m.threshold_V - kGuard_V)
               ? zero
               : rate;
  }
  rate = rate * m.slot.perCapacitance;
  Value way = (m.threshold_V - kGuard_V) - v;
  Value slots = way / rate * (1 - 1e-6) - 1.0;
  slots = rate > zero ? slots : most;
  slots = slots < most ? slots : most;
  return ((way > zero) & (slots > zero)) ? slots : zero;
}

} // namespace ntrt::membrane

#endif // NTRT_LIB_MEMBRANE_H
