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

/// Quiet slots computed from one membrane; then a new run of them begins.
inline constexpr uint32_t kMaxQuietSlots = 1024;

/// What a neuron carries from slot to slot.
struct NeuronState {
  double membrane_V = 0;
  /// Time left of a hard reset's hold, from the start of the slot.
  double hold_s = 0;
  /// Of the run of quiet slots that the neuron is in: how many have passed, the
  /// membrane at its start and its modulation current. The latter two mean
  /// nothing while none has passed.
  uint32_t quietSlots = 0;
  double quietStart_V = 0, quietModulation_A = 0;
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

/// A stretch of time at constant current.
struct MembranePiece {
  double duration_s = 0;
  double decay = 1;          ///< exp(-duration / tau); 1 without leak.
  double perCapacitance = 0; ///< duration / C, in volts per ampere.
};

/// What the closed form needs of a device, computed once.
struct MembraneConstants {
  double capacitance_F, leak_S, resistance_Ohm, tau_s;
  double rest_V, reset_V, threshold_V, init_V, railLow_V, railHigh_V;
  double swing_V;   ///< V_th - V_reset.
  double restart_V; ///< V_th - swing: the membrane just after subtract.
  double refractory_s;
  MembranePiece pulse, gap, slot;
  bool isLeaky, isSubtract;
};

/// Closed-form LIF dynamics of one device. All arithmetic is IEEE double in the
/// order written in docs/time-model.md, without contraction and without the C
/// library's exp and log: the same bits on every machine.
class TimeModel {
public:
  /// `longestRun_slots`: how many slots a neuron may be stepped behind preset,
  /// for whoever has a TimeModel for each of many neurons.
  explicit TimeModel(const DeviceModel &device,
                     uint32_t longestRun_slots = kMaxQuietSlots);

  /// Membrane at preset: V_init, no hold.
  NeuronState preset() const;
  /// Advances one neuron by one slot with the given currents (A).
  SlotOutcome step(NeuronState &state, double synaptic_A,
                   double modulation_A) const;
  double slot_s() const { return m.slot.duration_s; }

  const MembraneConstants &constants() const { return m; }
  /// [k]: the decay of k quiet slots, k = 0 .. kMaxQuietSlots (or the longest
  /// run, if that is less); falling.
  const double *quietDecay() const { return decays.data(); }

private:
  SlotOutcome stepQuiet(NeuronState &state, double modulation_A) const;

  MembraneConstants m;
  std::vector<double> decays;
};

/// Does a source of rate `rate` (spikes a slot, 0..1) emit in slot `slot`?
/// Regular encoding: floor((slot + 1) * rate + 1/2) > floor(slot * rate + 1/2),
/// in double. Rates outside [0, 1] are clipped.
bool regularSpike(double rate, uint32_t slot);

} // namespace ntrt

#endif // NTRT_TIMEMODEL_H
