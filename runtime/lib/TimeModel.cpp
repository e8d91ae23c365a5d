//===- TimeModel.cpp - One LIF neuron over one slot -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/time-model.md gives the formulas in the order they are computed here.
//
//===----------------------------------------------------------------------===//

#include "ntrt/TimeModel.h"
#include "ExactMath.h"
#include "Membrane.h"

#include <algorithm>
#include <cmath>

using namespace ntrt;

TimeModel::TimeModel(const DeviceModel &device, uint32_t longestRun_slots) {
  const NeuronModel &neuron = device.neuron;
  m.capacitance_F = neuron.capacitance_F;
  m.leak_S = neuron.leak_S;
  m.isLeaky = m.leak_S > 0;
  m.resistance_Ohm = m.isLeaky ? 1 / m.leak_S : 0;
  m.tau_s = m.isLeaky ? m.capacitance_F / m.leak_S : 0;
  m.rest_V = neuron.vRest_V;
  m.reset_V = neuron.vReset_V;
  m.threshold_V = neuron.vThreshold_V;
  m.init_V = neuron.vInit_V;
  m.railLow_V = neuron.railLow_V;
  m.railHigh_V = neuron.railHigh_V;
  m.swing_V = m.threshold_V - m.reset_V;
  m.restart_V = m.threshold_V - m.swing_V;
  m.refractory_s = neuron.refractory_s;
  m.isSubtract = neuron.reset == ResetKind::Subtract;
  m.pulse = membrane::pieceOf(m, device.synapse.pulseWidth_s);
  m.gap = membrane::pieceOf(m, device.slot_s - device.synapse.pulseWidth_s);
  m.slot = membrane::pieceOf(m, device.slot_s);

  decays.push_back(1);
  const uint32_t most = std::min(longestRun_slots, kMaxQuietSlots);
  for (uint32_t k = 1; k <= most; ++k)
    decays.push_back(
        std::min(decays.back(),
                 m.isLeaky ? exactExp(-(k * device.slot_s) / m.tau_s) : 1.0));
}

NeuronState TimeModel::preset() const { return {m.init_V, 0}; }

MembranePiece membrane::pieceOf(const MembraneConstants &m, double duration_s) {
  return {duration_s, m.isLeaky ? exactExp(-duration_s / m.tau_s) : 1.0,
          duration_s / m.capacitance_F};
}

namespace {
/// A piece of a slot and its current.
struct Driven {
  double start_s;
  MembranePiece piece;
  double current_A;
};
} // namespace

/// Free membrane after a piece at constant current, rails applied.
static double advance(const MembraneConstants &m, double v, double current_A,
                      const MembranePiece &piece) {
  // A membrane that is monotone within a piece and meets a rail stays there, so
  // clamping the end value is exact.
  return m.isLeaky ? membrane::advance<true>(m, piece, v, current_A)
                   : membrane::advance<false>(m, piece, v, current_A);
}

/// `end_V`: the free membrane after the only piece, if it is known.
static SlotOutcome stepDriven(const MembraneConstants &m, NeuronState &state,
                              const Driven *pieces, size_t count,
                              const double *end_V);

SlotOutcome membrane::stepPieces(const MembraneConstants &m, NeuronState &state,
                                 double synaptic_A, double modulation_A) {
  const Driven pieces[] = {{0, m.pulse, synaptic_A + modulation_A},
                           {m.pulse.duration_s, m.gap, modulation_A}};
  return stepDriven(m, state, pieces, 2, nullptr);
}

SlotOutcome TimeModel::step(NeuronState &state, double synaptic_A,
                            double modulation_A) const {
  if (synaptic_A == 0 && state.hold_s == 0 && state.membrane_V < m.threshold_V)
    return stepQuiet(state, modulation_A);
  return membrane::stepPieces(m, state, synaptic_A, modulation_A);
}

SlotOutcome TimeModel::stepQuiet(NeuronState &state,
                                 double modulation_A) const {
  if (state.quietSlots == 0 || state.quietSlots == kMaxQuietSlots ||
      state.quietModulation_A != modulation_A) {
    state.quietSlots = 0;
    state.quietStart_V = state.membrane_V;
    state.quietModulation_A = modulation_A;
  }
  const uint32_t k = state.quietSlots + 1;
  const double end =
      m.isLeaky ? membrane::advanceQuiet<true>(m, state.quietStart_V,
                                               modulation_A, decays[k])
                : membrane::advanceQuiet<false>(m, state.quietStart_V,
                                                modulation_A, double(k));
  if (end >= m.threshold_V) {
    const Driven whole = {0, m.slot, modulation_A};
    return stepDriven(m, state, &whole, 1, &end);
  }
  SlotOutcome outcome;
  outcome.margin_V = m.threshold_V - std::max(state.membrane_V, end);
  state.membrane_V = end;
  state.quietSlots = k;
  return outcome;
}

static SlotOutcome stepDriven(const MembraneConstants &m, NeuronState &state,
                              const Driven *pieces, size_t count,
                              const double *end_V) {
  const double threshold = m.threshold_V;
  SlotOutcome outcome;
  double v = state.membrane_V;
  double hold = state.hold_s;
  // The membrane as if no spike were taken, and the largest values at which it
  // could have fired; a neuron held for the whole slot stays at its voltage.
  double freeV = v;
  double largest = m.railLow_V, largestFree = m.railLow_V;
  bool couldFire = false;

  for (size_t i = 0; i < count; ++i) {
    const Driven &driven = pieces[i];
    double time = driven.start_s;
    MembranePiece piece = driven.piece;
    if (outcome.spiked) {
      freeV = advance(m, freeV, driven.current_A, piece);
      largestFree = std::max(largestFree, freeV);
    }
    if (hold >= piece.duration_s) {
      hold -= piece.duration_s;
      continue;
    }
    if (hold > 0) {
      time += hold;
      piece = membrane::pieceOf(m, piece.duration_s - hold);
      hold = 0;
    }
    if (outcome.spiked) {
      v = advance(m, v, driven.current_A, piece);
      continue;
    }

    double end = end_V ? *end_V : advance(m, v, driven.current_A, piece);
    couldFire = true;
    largest = std::max({largest, v, end});
    if (v < threshold && end < threshold) {
      v = end;
      continue;
    }

    // The spike: at once if the membrane is at threshold already, else where
    // the closed form crosses it.
    double crossing = 0;
    if (v < threshold) {
      if (m.isLeaky) {
        double target = membrane::targetOf(m, driven.current_A);
        double ratio = (threshold - target) / (v - target);
        // The target may lie at the threshold itself, but for rounding.
        crossing = ratio > 0 ? -m.tau_s * exactLog(ratio) : piece.duration_s;
      } else {
        crossing = (threshold - v) * m.capacitance_F / driven.current_A;
      }
      // Rounding may put a crossing at the very end a little outside.
      crossing = std::clamp(crossing, 0.0, piece.duration_s);
    }
    outcome.spiked = true;
    outcome.spikeTime_s = time + crossing;
    freeV = end;
    largestFree = largest;

    if (m.isSubtract) {
      v = m.isLeaky
              ? membrane::afterSpike<true>(m, piece.decay, piece.perCapacitance,
                                           v, driven.current_A)
              : membrane::afterSpike<false>(
                    m, piece.decay, piece.perCapacitance, v, driven.current_A);
      continue;
    }
    double remaining = piece.duration_s - crossing;
    double held = std::min(m.refractory_s, remaining);
    v = m.reset_V;
    hold = m.refractory_s - held;
    remaining -= held;
    if (remaining > 0)
      v = advance(m, v, driven.current_A, membrane::pieceOf(m, remaining));
  }

  state.membrane_V = v;
  state.hold_s = hold;
  state.quietSlots = 0;
  if (outcome.spiked)
    outcome.margin_V = largestFree - threshold;
  else
    outcome.margin_V = threshold - (couldFire ? largest : v);
  return outcome;
}

bool ntrt::regularSpike(double rate, uint32_t slot) {
  if (!(rate > 0))
    return false;
  rate = std::min(rate, 1.0);
  double now = slot;
  return std::floor((now + 1) * rate + 0.5) > std::floor(now * rate + 0.5);
}
