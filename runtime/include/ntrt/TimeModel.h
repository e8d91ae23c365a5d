//===- TimeModel.h - One LIF neuron over one slot ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The definition of time that every engine and the netlist share
// (docs/time-model.md). In each slot a neuron's current is piecewise constant:
// synaptic plus modulation current during the pulse [0, t_pulse), modulation
// current alone for the rest. C dV/dt = -g (V - V_rest) + I, clamped at the
// rails, has a closed form on each piece. The first crossing of V_th is the
// spike; at most one a slot.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_TIMEMODEL_H
#define NTRT_TIMEMODEL_H

#include "ntrt/DeviceModel.h"

#include <cstddef>

namespace ntrt {

/// What a neuron carries from slot to slot.
struct NeuronState {
  double membrane_V = 0;
  /// Time left of a hard reset's hold, from the start of the slot.
  double hold_s = 0;
};

/// What one slot of one neuron gave.
struct SlotOutcome {
  bool spiked = false;
  /// Time of the spike from the start of the slot; meaningful if spiked.
  double spikeTime_s = 0;
  /// How near the membrane came to flipping the outcome: the distance in volts
  /// between V_th and the membrane's largest value while it could fire (if it
  /// did not spike), or by which the largest free-running value would have
  /// exceeded V_th at the end of the slot (if it did).
  double margin_V = 0;
};

/// Closed-form LIF dynamics of one device, constants computed once. All
/// arithmetic is IEEE double in the order written in docs/time-model.md,
/// without contraction.
class TimeModel {
public:
  explicit TimeModel(const DeviceModel &device);

  /// Membrane at preset: V_init, no hold.
  NeuronState preset() const;
  /// Advances one neuron by one slot with the given currents (A).
  SlotOutcome step(NeuronState &state, double synaptic_A,
                   double modulation_A) const;
  /// Advances many neurons by one slot as step() would, to the last bit, but
  /// only those that are not held and do not spike. Leaves the others as they
  /// are, writes their indices to `pending` (room for `count`) in rising order
  /// and returns their number: call step() for them.
  size_t stepQuiet(double *membrane_V, const double *hold_s,
                   const double *synaptic_A, const double *modulation_A,
                   size_t count, uint32_t *pending) const;
  double slot_s() const { return slot; }

private:
  /// Free membrane after `duration` at constant current, rails applied.
  double advance(double v, double current_A, double duration_s) const;
  double capacitance, leak, rest, resetV, threshold, init, railLow, railHigh;
  double refractory, pulse, slot, tau;
  double pulseDecay, restDecay;
  ResetKind reset;
};

/// Does a source of rate `rate` (spikes a slot, 0..1) emit in slot `slot`?
/// Regular encoding: floor((slot + 1) * rate + 1/2) > floor(slot * rate + 1/2),
/// in double. Rates outside [0, 1] are clipped.
bool regularSpike(double rate, uint32_t slot);

} // namespace ntrt

#endif // NTRT_TIMEMODEL_H
