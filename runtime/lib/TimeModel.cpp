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

#include <algorithm>
#include <cmath>

using namespace ntrt;

TimeModel::TimeModel(const DeviceModel &device)
    : capacitance(device.neuron.capacitance_F), leak(device.neuron.leak_S),
      rest(device.neuron.vRest_V), resetV(device.neuron.vReset_V),
      threshold(device.neuron.vThreshold_V), init(device.neuron.vInit_V),
      railLow(device.neuron.railLow_V), railHigh(device.neuron.railHigh_V),
      refractory(device.neuron.refractory_s),
      pulse(device.synapse.pulseWidth_s), slot(device.slot_s),
      tau(leak > 0 ? capacitance / leak : 0),
      pulseDecay(leak > 0 ? std::exp(-pulse / tau) : 1),
      restDecay(leak > 0 ? std::exp(-(slot - pulse) / tau) : 1),
      reset(device.neuron.reset) {}

NeuronState TimeModel::preset() const { return {init, 0}; }

double TimeModel::advance(double v, double current_A, double duration_s) const {
  if (leak == 0) {
    v = v + current_A * duration_s / capacitance;
  } else {
    // The two whole pieces are by far the most frequent durations.
    double decay = duration_s == pulse          ? pulseDecay
                   : duration_s == slot - pulse ? restDecay
                                                : std::exp(-duration_s / tau);
    double target = rest + current_A / leak;
    v = target + (v - target) * decay;
  }
  // A membrane that is monotone within a piece and meets a rail stays there, so
  // clamping the end value is exact.
  return std::clamp(v, railLow, railHigh);
}

SlotOutcome TimeModel::step(NeuronState &state, double synaptic_A,
                            double modulation_A) const {
  const struct {
    double start_s, duration_s, current_A;
  } pieces[] = {{0, pulse, synaptic_A + modulation_A},
                {pulse, slot - pulse, modulation_A}};

  SlotOutcome outcome;
  double v = state.membrane_V;
  double hold = state.hold_s;
  // The membrane as if no spike were taken, and the largest values at which it
  // could have fired; a neuron held for the whole slot stays at its voltage.
  double freeV = v;
  double largest = railLow, largestFree = railLow;
  bool couldFire = false;

  for (const auto &piece : pieces) {
    double time = piece.start_s;
    double remaining = piece.duration_s;
    if (hold >= remaining) {
      hold -= remaining;
      if (outcome.spiked) {
        freeV = advance(freeV, piece.current_A, piece.duration_s);
        largestFree = std::max(largestFree, freeV);
      }
      continue;
    }
    time += hold;
    remaining -= hold;
    hold = 0;

    if (outcome.spiked) {
      freeV = advance(freeV, piece.current_A, piece.duration_s);
      largestFree = std::max(largestFree, freeV);
      v = advance(v, piece.current_A, remaining);
      continue;
    }

    double end = advance(v, piece.current_A, remaining);
    couldFire = true;
    largest = std::max({largest, v, end});
    if (v < threshold && end < threshold) {
      v = end;
      continue;
    }

    // The spike: at once if the membrane is at threshold already, else where
    // the closed form crosses it.
    double crossing = 0;
    double start = v;
    if (v < threshold) {
      if (leak == 0) {
        crossing = (threshold - v) * capacitance / piece.current_A;
      } else {
        double target = rest + piece.current_A / leak;
        crossing = -tau * std::log((threshold - target) / (v - target));
      }
      // Rounding may put a crossing at the very end a little outside.
      crossing = std::clamp(crossing, 0.0, remaining);
      v = threshold;
    }
    outcome.spiked = true;
    outcome.spikeTime_s = time + crossing;
    freeV = end;
    largestFree = largest;

    if (reset == ResetKind::Subtract && leak == 0) {
      // The same line with and without the packet: no crossing time in it, so
      // that nothing is rounded in the limit of the integer SNN.
      v = start + piece.current_A * remaining / capacitance -
          (threshold - resetV);
      v = std::clamp(v, railLow, railHigh);
      continue;
    }
    remaining -= crossing;
    if (reset == ResetKind::Subtract) {
      v -= threshold - resetV;
    } else {
      v = resetV;
      double held = std::min(refractory, remaining);
      hold = refractory - held;
      remaining -= held;
    }
    if (remaining > 0)
      v = advance(v, piece.current_A, remaining);
  }

  state.membrane_V = v;
  state.hold_s = hold;
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
