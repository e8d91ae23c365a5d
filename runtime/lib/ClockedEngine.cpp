//===- ClockedEngine.cpp - Vectors of neurons, slot by slot ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A vector of neurons that gets no charge and cannot spike by itself is left
// alone: its membranes follow from those at the start of its quiet run.
//
//===----------------------------------------------------------------------===//

#include "BlockLayout.h"
#include "CoreEngine.h"
#include "Membrane.h"

#include <algorithm>
#include <bit>
#include <cstring>

using namespace ntrt;

namespace {
typedef int8_t Bytes32 __attribute__((vector_size(32)));
typedef int32_t Ints4 __attribute__((vector_size(16)));
typedef int64_t Longs4 __attribute__((vector_size(32)));
typedef double Doubles4 __attribute__((vector_size(32)));

/// Neurons advanced at once.
constexpr uint32_t kLanes = 4, kVectors = kBlock / kLanes;

/// What the inner loop reads and writes, [position] or [vector].
struct Bank {
  const MembraneConstants *m;
  const double *quietDecay, *lsb_A, *modulation_A;
  double *start_V;  ///< The membrane at the start of slot `since` ...
  int64_t *since;   ///< ... from which the neuron has had quiet slots only.
  double *hold_s;   ///< At the start of slot `since`.
  double *now_V;    ///< The membrane at the start of slot `nowSlot`.
  int64_t *nowSlot; ///< [vector]
  int64_t *due;     ///< [vector] Its first slot that may need a step.
};

/// The inner loops, compiled for one kind of machine.
struct Kernels {
  void (*sumRows)(const int8_t *const *rows, size_t count, size_t offset,
                  size_t rowsPerSum, int32_t *sums);
  /// [is leaky][is subtract]
  uint32_t (*step[2][2])(const Bank &bank, size_t base, int64_t slot,
                         const int32_t *sums);
};

} // namespace

static Kernels chooseKernels(bool isPortable);

namespace {
struct ClockedCore final : CoreEngine {
  ClockedCore(const CoreConfig &core, const CoreDrive &drive,
              const TimeModel &time, int32_t maxCode, bool isPortable);
  std::unique_ptr<CoreRun> start() const override;

  Kernels kernels;
  BlockLayout layout;
  size_t rowsPerSum;         ///< So many codes cannot overflow eight bits.
  std::vector<int8_t> codes; ///< [used block][kBlock]
  std::vector<double> lsb_A, modulation_A; ///< [position]
  TimeModel time;
};

class ClockedRun final : public CoreRun {
public:
  explicit ClockedRun(const ClockedCore &core);
  void reset(uint64_t slot, uint64_t image) override;
  void step(uint64_t slot, const std::vector<uint32_t> &axons, bool withTimes,
            std::vector<CoreSpike> &spikes) override;
  double membrane_V(uint32_t neuron, uint64_t slot) const override;

private:
  Bank bank();
  void stepBlock(uint32_t block, int64_t slot, bool withTimes,
                 std::vector<CoreSpike> &spikes);

  const ClockedCore &core;
  std::vector<double> start_V, hold_s, now_V;
  std::vector<int64_t> since, nowSlot, due, blockDue;
  /// Of the slot's axons: of each block, or with isDense of all blocks.
  std::vector<std::vector<const int8_t *>> rows;
  std::vector<const int8_t *> allRows;
  alignas(32) int32_t sums[kBlock];
};
} // namespace

ClockedCore::ClockedCore(const CoreConfig &core, const CoreDrive &drive,
                         const TimeModel &time, int32_t maxCode,
                         bool isPortable)
    : kernels(chooseKernels(isPortable)), layout(core),
      rowsPerSum(size_t(127 / maxCode)),
      codes(layout.blockOf.size() * size_t(kBlock)),
      lsb_A(layout.blocks * kBlock), modulation_A(layout.blocks * kBlock),
      time(time) {
  for (uint32_t position = 0; position < core.neurons; ++position) {
    const uint32_t n = layout.neuronAt[position];
    lsb_A[position] = drive.lsb_A[n];
    modulation_A[position] = drive.modulation_A[n];
  }
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t i = layout.firstBlock[axon]; i < layout.firstBlock[axon + 1];
         ++i)
      for (uint32_t j = 0; j < kBlock; ++j) {
        const uint32_t position = layout.blockOf[i] * kBlock + j;
        if (position < core.neurons)
          codes[i * size_t(kBlock) + j] =
              core.code(axon, layout.neuronAt[position]);
      }
}

std::unique_ptr<CoreRun> ClockedCore::start() const {
  return std::make_unique<ClockedRun>(*this);
}

ClockedRun::ClockedRun(const ClockedCore &core)
    : core(core), start_V(core.layout.blocks * kBlock),
      hold_s(core.layout.blocks * kBlock), now_V(core.layout.blocks * kBlock),
      since(core.layout.blocks * kBlock),
      nowSlot(core.layout.blocks * kVectors),
      due(core.layout.blocks * kVectors), blockDue(core.layout.blocks),
      rows(core.layout.blocks) {}

void ClockedRun::reset(uint64_t slot, uint64_t) {
  const double init_V = core.time.preset().membrane_V;
  std::fill(start_V.begin(), start_V.end(), init_V);
  std::fill(now_V.begin(), now_V.end(), init_V);
  std::fill(hold_s.begin(), hold_s.end(), 0.0);
  for (std::vector<int64_t> *slots : {&since, &nowSlot, &due, &blockDue})
    std::fill(slots->begin(), slots->end(), int64_t(slot));
}

Bank ClockedRun::bank() {
  return {&core.time.constants(), core.time.quietDecay(),
          core.lsb_A.data(),      core.modulation_A.data(),
          start_V.data(),         since.data(),
          hold_s.data(),          now_V.data(),
          nowSlot.data(),         due.data()};
}

/// Adds rows of a block in eight bits as far as they cannot overflow, then
/// widens.
NTRT_INLINE void sumRows(const int8_t *const *rows, size_t count, size_t offset,
                         size_t rowsPerSum, int32_t *sums) {
  std::fill(sums, sums + kBlock, 0);
  for (size_t first = 0; first < count; first += rowsPerSum) {
    const size_t last = std::min(count, first + rowsPerSum);
    Bytes32 total{};
    for (size_t i = first; i < last; ++i) {
      Bytes32 row;
      std::memcpy(&row, rows[i] + offset, sizeof row);
      total += row;
    }
    int8_t partial[kBlock];
    std::memcpy(partial, &total, sizeof total);
    for (size_t j = 0; j < kBlock; ++j)
      sums[j] += partial[j];
  }
}

template <typename Vector> NTRT_INLINE Vector load(const void *from) {
  Vector result;
  std::memcpy(&result, from, sizeof result);
  return result;
}
/// A bit for each lane of a comparison.
NTRT_INLINE uint32_t maskOf(Longs4 lanes) {
#ifdef __clang__
  // One instruction, where the portable form takes seven.
  typedef bool Bools4 __attribute__((ext_vector_type(4)));
  const Bools4 bools = __builtin_convertvector(lanes, Bools4);
  uint8_t bits;
  std::memcpy(&bits, &bools, sizeof bits);
  return bits & 15;
#else
  return uint32_t(lanes[0] & 1) | uint32_t(lanes[1] & 2) |
         uint32_t(lanes[2] & 4) | uint32_t(lanes[3] & 8);
#endif
}

/// What advanceQuiet() takes for so many slots.
template <bool kIsLeaky>
NTRT_INLINE Doubles4 passedOf(const Bank &bank, Longs4 slots) {
  if constexpr (kIsLeaky)
    return Doubles4{bank.quietDecay[slots[0]], bank.quietDecay[slots[1]],
                    bank.quietDecay[slots[2]], bank.quietDecay[slots[3]]};
  else
    return __builtin_convertvector(slots, Doubles4);
}

/// What a vector's spikes need of its slot.
struct SpikeInputs {
  Doubles4 start, middle, current;
  Longs4 isQuiet, inPulse;
};

/// The membranes of a vector after a slot in which some lanes spike: the same
/// for all kinds of spike but for the piece it falls into.
template <bool kIsLeaky>
NTRT_INLINE Doubles4 spikeAll(const MembraneConstants &m, bool hasGap,
                              const SpikeInputs &in, Doubles4 modulation) {
  using namespace membrane;
  const Doubles4 zero{};
  Doubles4 decay = in.isQuiet ? zero + m.slot.decay : zero + m.gap.decay;
  Doubles4 per =
      in.isQuiet ? zero + m.slot.perCapacitance : zero + m.gap.perCapacitance;
  decay = in.inPulse ? zero + m.pulse.decay : decay;
  per = in.inPulse ? zero + m.pulse.perCapacitance : per;
  const Doubles4 from = in.inPulse | in.isQuiet ? in.start : in.middle;
  const Doubles4 by = in.inPulse ? in.current : modulation;
  const Doubles4 rest = afterSpike<kIsLeaky>(m, decay, per, from, by);
  if (!hasGap)
    return rest;
  return in.inPulse ? advance<kIsLeaky>(m, m.gap, rest, modulation) : rest;
}

/// Advances the vectors of a block that got charge or are due. Returns the
/// positions, as bits of the block, that spiked; with a `hard` reset those that
/// spike or are held instead, and leaves them as they were. Branches are few
/// and foreseeable; spikes, which are neither, come in a second loop.
template <bool kIsLeaky, bool kIsSubtract>
NTRT_INLINE uint32_t stepVectors(const Bank &bank, size_t base, int64_t slot,
                                 const int32_t *sums) {
  using namespace membrane;
  const MembraneConstants m = *bank.m;
  const Doubles4 zero{}, threshold = zero + m.threshold_V;
  const Longs4 after = Longs4{} + (slot + 1);
  const bool hasGap = m.gap.duration_s > 0;
  SpikeInputs inputs[kVectors];
  uint32_t marked = 0;
  for (uint32_t v = 0; v < kVectors; ++v) {
    const size_t at = base + v * kLanes;
    int64_t &due = bank.due[at / kLanes], &nowSlot = bank.nowSlot[at / kLanes];
    uint64_t sumBits[2];
    std::memcpy(sumBits, sums + v * kLanes, sizeof sumBits);
    const bool hasCharge = (sumBits[0] | sumBits[1]) != 0;
    if (!hasCharge && due > slot)
      continue;

    const Doubles4 stored = load<Doubles4>(bank.start_V + at);
    const Doubles4 modulation = load<Doubles4>(bank.modulation_A + at);
    const Longs4 since = load<Longs4>(bank.since + at);
    Doubles4 start = load<Doubles4>(bank.now_V + at);
    if (nowSlot != slot) {
      const Longs4 passed = slot - since;
      start = advanceQuiet<kIsLeaky>(m, stored, modulation,
                                     passedOf<kIsLeaky>(bank, passed));
      start = passed == 0 ? stored : start;
    }
    const Doubles4 charge =
        __builtin_convertvector(load<Ints4>(sums + v * kLanes), Doubles4);
    Longs4 isHeld{};
    if constexpr (!kIsSubtract)
      isHeld = load<Doubles4>(bank.hold_s + at) > zero;
    const Longs4 isQuiet = (charge == zero) & (start < threshold) & ~isHeld;

    const Doubles4 current =
        charge * load<Doubles4>(bank.lsb_A + at) + modulation;
    const Doubles4 middle = advance<kIsLeaky>(m, m.pulse, start, current);
    const Doubles4 last =
        hasGap ? advance<kIsLeaky>(m, m.gap, middle, modulation) : middle;
    // A run's first slot needs no table.
    Doubles4 quietEnd = advanceQuiet<kIsLeaky>(
        m, start, modulation, zero + (kIsLeaky ? bank.quietDecay[1] : 1.0));
    Doubles4 newStart = isQuiet ? start : last;
    Longs4 newSince = isQuiet ? Longs4{} + slot : after;
    if (maskOf(isQuiet & (since != slot))) {
      // At its end a run of quiet slots begins anew, with this slot.
      const Longs4 isRunOver = slot - since == int64_t(kMaxQuietSlots);
      const Doubles4 runStart = isRunOver ? start : stored;
      const Longs4 runSince = isRunOver ? Longs4{} + slot : since;
      quietEnd =
          advanceQuiet<kIsLeaky>(m, runStart, modulation,
                                 passedOf<kIsLeaky>(bank, slot + 1 - runSince));
      newStart = isQuiet ? runStart : last;
      newSince = isQuiet ? runSince : after;
    }
    Doubles4 end = isQuiet ? quietEnd : last;
    const Longs4 inPulse =
        ~isQuiet & ((start >= threshold) | (middle >= threshold));
    const Longs4 spiked = inPulse | (end >= threshold);
    Longs4 isMarked = spiked;
    if constexpr (kIsSubtract) {
      inputs[v] = {start, middle, current, isQuiet, inPulse};
    } else {
      isMarked = spiked | isHeld;
      newStart = isMarked ? stored : newStart;
      newSince = isMarked ? since : newSince;
      end = isMarked ? start : end;
    }
    marked |= maskOf(isMarked) << v * kLanes;
    std::memcpy(bank.start_V + at, &newStart, sizeof newStart);
    std::memcpy(bank.since + at, &newSince, sizeof newSince);
    std::memcpy(bank.now_V + at, &end, sizeof end);
    nowSlot = slot + 1;
    // With charge there is often more in the next slot: not worth a division.
    due = slot + 1;
    if (hasCharge || maskOf(isMarked))
      continue;
    // To the nearest integer of half a slot less, by the bits of a sum: AVX2
    // converts no doubles to 64-bit integers.
    const Doubles4 quiet =
        surelyQuietSlots<kIsLeaky>(m, end, modulation) - 0.5 + 0x1.8p52;
    const Longs4 whole = load<Longs4>(&quiet) & 0xfffff;
    const Longs4 runEnd = newSince + int64_t(kMaxQuietSlots);
    const Longs4 first = slot + 1 + whole;
    const Longs4 laneDue = first < runEnd ? first : runEnd;
    due = std::min(std::min(laneDue[0], laneDue[1]),
                   std::min(laneDue[2], laneDue[3]));
  }
  if constexpr (kIsSubtract)
    for (uint32_t left = marked; left;) {
      const uint32_t v = uint32_t(std::countr_zero(left)) / kLanes;
      const size_t at = base + v * kLanes;
      const Longs4 bits = {1, 2, 4, 8};
      const Longs4 spiked =
          ((Longs4{} + int64_t(left >> v * kLanes)) & bits) == bits;
      const Doubles4 rest = spikeAll<kIsLeaky>(
          m, hasGap, inputs[v], load<Doubles4>(bank.modulation_A + at));
      const Doubles4 newStart =
          spiked ? rest : load<Doubles4>(bank.start_V + at);
      const Doubles4 end = spiked ? rest : load<Doubles4>(bank.now_V + at);
      const Longs4 newSince = spiked ? after : load<Longs4>(bank.since + at);
      std::memcpy(bank.start_V + at, &newStart, sizeof newStart);
      std::memcpy(bank.since + at, &newSince, sizeof newSince);
      std::memcpy(bank.now_V + at, &end, sizeof end);
      left &= ~(uint32_t(15) << v * kLanes);
    }
  return marked;
}

#define NTRT_STEP(leaky, subtract)                                             \
  [](const Bank &bank, size_t base, int64_t slot, const int32_t *sums)         \
      NTRT_TARGET {                                                            \
        return stepVectors<leaky, subtract>(bank, base, slot, sums);           \
      }
#define NTRT_KERNELS                                                           \
  {                                                                            \
    [](const int8_t *const *rows, size_t count, size_t offset,                 \
       size_t rowsPerSum, int32_t *sums)                                       \
        NTRT_TARGET { sumRows(rows, count, offset, rowsPerSum, sums); },       \
    {                                                                          \
      {NTRT_STEP(false, false), NTRT_STEP(false, true)}, {                     \
        NTRT_STEP(true, false), NTRT_STEP(true, true)                          \
      }                                                                        \
    }                                                                          \
  }

#define NTRT_TARGET
static Kernels portableKernels() { return NTRT_KERNELS; }
#undef NTRT_TARGET

#ifdef __x86_64__
// AVX2 alone has no fused multiply-add: both give the same bits.
#define NTRT_TARGET __attribute__((target("avx2")))
static Kernels avx2Kernels() { return NTRT_KERNELS; }
#undef NTRT_TARGET
#endif

static Kernels chooseKernels(bool isPortable) {
#ifdef __x86_64__
  if (!isPortable && __builtin_cpu_supports("avx2"))
    return avx2Kernels();
#endif
  (void)isPortable;
  return portableKernels();
}

void ClockedRun::stepBlock(uint32_t block, int64_t slot, bool withTimes,
                           std::vector<CoreSpike> &spikes) {
  const MembraneConstants &m = core.time.constants();
  const uint32_t base = block * kBlock;
  // What a spike's time needs is gone once the vectors have been advanced.
  std::vector<NeuronState> before;
  if (withTimes && m.isSubtract)
    for (uint32_t i = 0; i < kBlock; ++i) {
      const uint32_t position = base + i;
      before.push_back({});
      if (position < core.layout.neurons)
        before.back() = {
            membrane_V(core.layout.neuronAt[position], uint64_t(slot)), 0,
            uint32_t(slot - since[position]), start_V[position],
            core.modulation_A[position]};
    }
  uint32_t marked =
      core.kernels.step[m.isLeaky][m.isSubtract](bank(), base, slot, sums);
  for (; marked; marked &= marked - 1) {
    const uint32_t i = uint32_t(std::countr_zero(marked)), position = base + i;
    if (position >= core.layout.neurons)
      continue;
    CoreSpike spike{core.layout.neuronAt[position]};
    SlotOutcome outcome{true};
    if (m.isSubtract) {
      if (withTimes)
        outcome =
            core.time.step(before[i], double(sums[i]) * core.lsb_A[position],
                           core.modulation_A[position]);
    } else {
      NeuronState state{now_V[position], hold_s[position],
                        uint32_t(slot - since[position]), start_V[position],
                        core.modulation_A[position]};
      outcome = core.time.step(state, double(sums[i]) * core.lsb_A[position],
                               core.modulation_A[position]);
      start_V[position] = now_V[position] = state.membrane_V;
      hold_s[position] = state.hold_s;
      since[position] = slot + 1;
    }
    spike.time_s = outcome.spikeTime_s;
    spike.margin_V = outcome.margin_V;
    if (outcome.spiked)
      spikes.push_back(spike);
  }
  const int64_t *first = &due[block * kVectors];
  blockDue[block] = *std::min_element(first, first + kVectors);
}

void ClockedRun::step(uint64_t slot, const std::vector<uint32_t> &axons,
                      bool withTimes, std::vector<CoreSpike> &spikes) {
  if (core.layout.isDense) {
    const size_t stride = core.layout.blocks * size_t(kBlock);
    allRows.clear();
    for (uint32_t axon : axons)
      allRows.push_back(&core.codes[axon * stride]);
  } else {
    for (uint32_t axon : axons)
      for (uint32_t i = core.layout.firstBlock[axon];
           i < core.layout.firstBlock[axon + 1]; ++i)
        rows[core.layout.blockOf[i]].push_back(&core.codes[size_t(i) * kBlock]);
  }
  for (uint32_t block = 0; block < core.layout.blocks; ++block) {
    std::vector<const int8_t *> &mine =
        core.layout.isDense ? allRows : rows[block];
    if (mine.empty() && blockDue[block] > int64_t(slot))
      continue;
    core.kernels.sumRows(mine.data(), mine.size(),
                         core.layout.isDense ? block * size_t(kBlock) : 0,
                         core.rowsPerSum, sums);
    if (!core.layout.isDense)
      mine.clear();
    stepBlock(block, int64_t(slot), withTimes, spikes);
  }
}

double ClockedRun::membrane_V(uint32_t neuron, uint64_t slot) const {
  const uint32_t position = core.layout.positionOf[neuron];
  if (nowSlot[position / kLanes] == int64_t(slot))
    return now_V[position];
  const int64_t passed = int64_t(slot) - since[position];
  const double start = start_V[position];
  if (passed == 0)
    return start;
  const MembraneConstants &m = core.time.constants();
  const double modulation = core.modulation_A[position];
  return m.isLeaky ? membrane::advanceQuiet<true>(
                         m, start, modulation, core.time.quietDecay()[passed])
                   : membrane::advanceQuiet<false>(m, start, modulation,
                                                   double(passed));
}

std::unique_ptr<CoreEngine>
ntrt::clockedEngine(const CoreConfig &core, const CoreDrive &drive,
                    const TimeModel &time, int32_t maxCode, bool isPortable) {
  return std::make_unique<ClockedCore>(core, drive, time, maxCode, isPortable);
}
