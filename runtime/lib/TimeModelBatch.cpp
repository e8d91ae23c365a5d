//===- TimeModelBatch.cpp - Many quiet neurons over one slot --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Most neurons neither spike nor are held in a slot. They need neither
// exponential nor logarithm, and many fit a vector register. The expressions
// are those of TimeModel::advance, in the same order.
//
//===----------------------------------------------------------------------===//

#include "TargetClones.h"
#include "ntrt/TimeModel.h"

#include <algorithm>

using namespace ntrt;

namespace {
/// One piece of a slot at constant current.
struct Piece {
  double duration_s, decay;
};
struct Membrane {
  double capacitance, leak, rest, threshold, railLow, railHigh;
  Piece pulse, gap;
};

struct Lossless {
  static double advance(const Membrane &m, const Piece &piece, double v,
                        double current_A) {
    return v + current_A * piece.duration_s / m.capacitance;
  }
};
struct Leaky {
  static double advance(const Membrane &m, const Piece &piece, double v,
                        double current_A) {
    double target = m.rest + current_A / m.leak;
    return target + (v - target) * piece.decay;
  }
};
} // namespace

/// Two comparisons that vectorise; the same as std::clamp.
static inline double clampToRails(const Membrane &m, double v) {
  v = v < m.railLow ? m.railLow : v;
  return m.railHigh < v ? m.railHigh : v;
}

/// Neurons handled at a time, so that the marks stay in the first cache.
static constexpr size_t kBlock = 64;

template <typename Kind>
[[gnu::always_inline]] static inline size_t
stepAll(const Membrane &m, double *membrane_V, const double *hold_s,
        const double *synaptic_A, const double *modulation_A, size_t count,
        uint32_t *pending) {
  size_t pendingCount = 0;
  int64_t quiet[kBlock];
  for (size_t base = 0; base < count; base += kBlock) {
    size_t size = std::min(kBlock, count - base);
    double *v = membrane_V + base;
    const double *hold = hold_s + base, *synaptic = synaptic_A + base;
    const double *modulation = modulation_A + base;
    for (size_t i = 0; i < size; ++i) {
      double start = v[i];
      double middle = clampToRails(
          m, Kind::advance(m, m.pulse, start, synaptic[i] + modulation[i]));
      middle = m.pulse.duration_s > 0 ? middle : start;
      double end =
          clampToRails(m, Kind::advance(m, m.gap, middle, modulation[i]));
      end = m.gap.duration_s > 0 ? end : middle;
      bool isQuiet = (hold[i] == 0) & (start < m.threshold) &
                     (middle < m.threshold) & (end < m.threshold);
      v[i] = isQuiet ? end : start;
      quiet[i] = isQuiet;
    }
    for (size_t i = 0; i < size; ++i) {
      pending[pendingCount] = uint32_t(base + i);
      pendingCount += !quiet[i];
    }
  }
  return pendingCount;
}

NTRT_TARGET_CLONES static size_t
stepLossless(const Membrane &m, double *membrane_V, const double *hold_s,
             const double *synaptic_A, const double *modulation_A, size_t count,
             uint32_t *pending) {
  return stepAll<Lossless>(m, membrane_V, hold_s, synaptic_A, modulation_A,
                           count, pending);
}

NTRT_TARGET_CLONES static size_t
stepLeaky(const Membrane &m, double *membrane_V, const double *hold_s,
          const double *synaptic_A, const double *modulation_A, size_t count,
          uint32_t *pending) {
  return stepAll<Leaky>(m, membrane_V, hold_s, synaptic_A, modulation_A, count,
                        pending);
}

size_t TimeModel::stepQuiet(double *membrane_V, const double *hold_s,
                            const double *synaptic_A,
                            const double *modulation_A, size_t count,
                            uint32_t *pending) const {
  double gap = slot - pulse;
  Membrane m{capacitance,
             leak,
             rest,
             threshold,
             railLow,
             railHigh,
             {pulse, pulseDecay},
             {gap, gap == pulse ? pulseDecay : restDecay}};
  return leak == 0 ? stepLossless(m, membrane_V, hold_s, synaptic_A,
                                  modulation_A, count, pending)
                   : stepLeaky(m, membrane_V, hold_s, synaptic_A, modulation_A,
                               count, pending);
}
