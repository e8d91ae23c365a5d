//===- ClockedEngine.cpp - Vectors of neurons, slot by slot ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Neurons that share most of their axons are laid side by side (an image's
// patch in a convolution), so that an event touches few blocks of neurons. A
// vector of neurons that gets no charge and cannot spike by itself is left
// alone: its membranes follow from those at the start of its quiet run.
//
//===----------------------------------------------------------------------===//

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

/// Neurons whose codes are summed at once, and those advanced at once.
constexpr uint32_t kBlock = 32, kLanes = 4, kVectors = kBlock / kLanes;

/// What the inner loop reads and writes, [position].
struct Bank {
  const MembraneConstants *m;
  const double *quietDecay, *lsb_A, *modulation_A;
  double *start_V; ///< The membrane at the start of slot `since` ...
  int64_t *since;  ///< ... from which the neuron has had quiet slots only.
  double *hold_s;  ///< At the start of slot `since`.
  int64_t *due;    ///< [vector] Its first slot that may need a step.
};

/// The inner loops, compiled for one kind of machine.
struct Kernels {
  void (*sumRows)(const int8_t *const *rows, size_t count, size_t rowsPerSum,
                  int32_t *sums);
  uint32_t (*stepLeaky)(const Bank &bank, size_t base, int64_t slot,
                        const int32_t *sums);
  uint32_t (*stepLossless)(const Bank &bank, size_t base, int64_t slot,
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
  /// Columns by position; a position past the neurons holds none.
  uint32_t neurons, blocks;
  std::vector<uint32_t> neuronAt; ///< [position]
  std::vector<uint32_t> positionOf;
  size_t rowsPerSum; ///< So many codes cannot overflow eight bits.
  /// The used blocks of each axon: firstBlock[axon] .. firstBlock[axon + 1].
  std::vector<uint32_t> firstBlock, blockOf;
  std::vector<int8_t> codes;               ///< [used block][kBlock]
  std::vector<double> lsb_A, modulation_A; ///< [position]
  TimeModel time;
};

class ClockedRun final : public CoreRun {
public:
  explicit ClockedRun(const ClockedCore &core);
  void reset(uint64_t slot) override;
  void step(uint64_t slot, const std::vector<uint32_t> &axons, bool withTimes,
            std::vector<CoreSpike> &spikes) override;
  double membrane_V(uint32_t neuron, uint64_t slot) const override;

private:
  Bank bank();
  void stepBlock(uint32_t block, int64_t slot, bool withTimes,
                 std::vector<CoreSpike> &spikes);
  SlotOutcome stepAlone(uint32_t position, int64_t slot, int32_t sum,
                        NeuronState &state) const;

  const ClockedCore &core;
  std::vector<double> start_V, hold_s;
  std::vector<int64_t> since, due, blockDue;
  std::vector<std::vector<const int8_t *>> rows; ///< Of each block, this slot.
  alignas(32) int32_t sums[kBlock];
};
} // namespace

/// Columns in an order in which neighbours share axons: each joins the first
/// group with whose founder it shares at least half of the axons of both.
static std::vector<uint32_t> groupColumns(const CoreConfig &core) {
  const size_t words = (core.axons + 63) / 64;
  std::vector<uint64_t> used(words * core.neurons);
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t n = 0; n < core.neurons; ++n)
      if (core.code(axon, n))
        used[n * words + axon / 64] |= uint64_t(1) << axon % 64;
  // Comparing each column with each group is for cores of a usual size.
  constexpr uint32_t kMostGroups = 512;
  std::vector<std::vector<uint32_t>> groups;
  for (uint32_t n = 0; n < core.neurons; ++n) {
    auto shares = [&](const std::vector<uint32_t> &group) {
      const uint64_t *a = &used[n * words], *b = &used[group[0] * words];
      size_t both = 0, either = 0;
      for (size_t w = 0; w < words; ++w) {
        both += size_t(std::popcount(a[w] & b[w]));
        either += size_t(std::popcount(a[w] | b[w]));
      }
      return 2 * both >= either;
    };
    auto group = std::find_if(groups.begin(), groups.end(), shares);
    if (group == groups.end() && groups.size() == kMostGroups)
      --group;
    if (group == groups.end())
      groups.push_back({n});
    else
      group->push_back(n);
  }
  std::vector<uint32_t> order;
  for (const std::vector<uint32_t> &group : groups)
    order.insert(order.end(), group.begin(), group.end());
  return order;
}

ClockedCore::ClockedCore(const CoreConfig &core, const CoreDrive &drive,
                         const TimeModel &time, int32_t maxCode,
                         bool isPortable)
    : kernels(chooseKernels(isPortable)), neurons(core.neurons),
      blocks((core.neurons + kBlock - 1) / kBlock),
      neuronAt(groupColumns(core)), positionOf(core.neurons),
      rowsPerSum(size_t(127 / maxCode)), lsb_A(blocks * kBlock),
      modulation_A(blocks * kBlock), time(time) {
  for (uint32_t position = 0; position < neurons; ++position) {
    const uint32_t n = neuronAt[position];
    positionOf[n] = position;
    lsb_A[position] = drive.lsb_A[n];
    modulation_A[position] = drive.modulation_A[n];
  }
  firstBlock.push_back(0);
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    for (uint32_t block = 0; block < blocks; ++block) {
      int8_t row[kBlock] = {};
      bool isUsed = false;
      for (uint32_t i = 0; i < kBlock && block * kBlock + i < neurons; ++i) {
        row[i] = core.code(axon, neuronAt[block * kBlock + i]);
        isUsed |= row[i] != 0;
      }
      if (!isUsed)
        continue;
      blockOf.push_back(block);
      codes.insert(codes.end(), row, row + kBlock);
    }
    firstBlock.push_back(uint32_t(blockOf.size()));
  }
}

std::unique_ptr<CoreRun> ClockedCore::start() const {
  return std::make_unique<ClockedRun>(*this);
}

ClockedRun::ClockedRun(const ClockedCore &core)
    : core(core), start_V(core.blocks * kBlock), hold_s(core.blocks * kBlock),
      since(core.blocks * kBlock), due(core.blocks * kVectors),
      blockDue(core.blocks), rows(core.blocks) {}

void ClockedRun::reset(uint64_t slot) {
  std::fill(start_V.begin(), start_V.end(), core.time.preset().membrane_V);
  std::fill(hold_s.begin(), hold_s.end(), 0.0);
  std::fill(since.begin(), since.end(), int64_t(slot));
  std::fill(due.begin(), due.end(), int64_t(slot));
  std::fill(blockDue.begin(), blockDue.end(), int64_t(slot));
}

Bank ClockedRun::bank() {
  return {&core.time.constants(), core.time.quietDecay(),
          core.lsb_A.data(),      core.modulation_A.data(),
          start_V.data(),         since.data(),
          hold_s.data(),          due.data()};
}

/// Adds rows of a block in eight bits as far as they cannot overflow, then
/// widens.
NTRT_INLINE void sumRows(const int8_t *const *rows, size_t count,
                         size_t rowsPerSum, int32_t *sums) {
  std::fill(sums, sums + kBlock, 0);
  for (size_t first = 0; first < count; first += rowsPerSum) {
    const size_t last = std::min(count, first + rowsPerSum);
    Bytes32 total{};
    for (size_t i = first; i < last; ++i) {
      Bytes32 row;
      std::memcpy(&row, rows[i], sizeof row);
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
NTRT_INLINE uint32_t maskOf(Longs4 lanes) {
  return uint32_t(lanes[0] & 1) | uint32_t(lanes[1] & 2) |
         uint32_t(lanes[2] & 4) | uint32_t(lanes[3] & 8);
}

/// Advances the vectors of a block that got charge or are due. Returns the
/// positions, as bits of the block, that spiked; with a `hard` reset those that
/// spike or are held instead, and leaves them as they were.
template <bool kIsLeaky>
NTRT_INLINE uint32_t stepVectors(const Bank &bank, size_t base, int64_t slot,
                                 const int32_t *sums) {
  using namespace membrane;
  const MembraneConstants &m = *bank.m;
  uint32_t marked = 0;
  for (uint32_t v = 0; v < kVectors; ++v) {
    const Ints4 sum = load<Ints4>(sums + v * kLanes);
    const size_t at = base + v * kLanes;
    int64_t &due = bank.due[at / kLanes];
    const bool hasCharge = (sum[0] | sum[1] | sum[2] | sum[3]) != 0;
    if (!hasCharge && due > slot)
      continue;

    const Doubles4 zero{};
    const Doubles4 threshold = zero + m.threshold_V;
    const Doubles4 stored = load<Doubles4>(bank.start_V + at);
    const Doubles4 hold = load<Doubles4>(bank.hold_s + at);
    const Doubles4 modulation = load<Doubles4>(bank.modulation_A + at);
    const Longs4 since = load<Longs4>(bank.since + at);
    const Longs4 passed = slot - since;

    // The membrane at the start of the slot, and after it if it is quiet.
    Doubles4 before, after;
    if constexpr (kIsLeaky) {
      const double *decay = bank.quietDecay;
      before = Doubles4{decay[passed[0]], decay[passed[1]], decay[passed[2]],
                        decay[passed[3]]};
    } else {
      before = __builtin_convertvector(passed, Doubles4);
    }
    Doubles4 start = advanceQuiet<kIsLeaky>(m, stored, modulation, before);
    start = passed == 0 ? stored : start;
    // At its end a run of quiet slots begins anew, with this slot.
    const Longs4 isRunOver = passed == int64_t(kMaxQuietSlots);
    const Doubles4 runStart = isRunOver ? start : stored;
    const Longs4 runSince = isRunOver ? Longs4{} + slot : since;
    const Longs4 next = slot + 1 - runSince;
    if constexpr (kIsLeaky) {
      const double *decay = bank.quietDecay;
      after = Doubles4{decay[next[0]], decay[next[1]], decay[next[2]],
                       decay[next[3]]};
    } else {
      after = __builtin_convertvector(next, Doubles4);
    }
    const Doubles4 quietEnd =
        advanceQuiet<kIsLeaky>(m, runStart, modulation, after);

    const Longs4 isHeld = hold > zero;
    const Doubles4 charge = __builtin_convertvector(sum, Doubles4);
    const Longs4 isQuiet = (charge == zero) & (start < threshold) & ~isHeld;
    Doubles4 end = quietEnd;
    Longs4 spiked = isQuiet & (quietEnd >= threshold);
    if (maskOf(isQuiet) != 15) {
      const Doubles4 current =
          charge * load<Doubles4>(bank.lsb_A + at) + modulation;
      const Doubles4 middle = advance<kIsLeaky>(m, m.pulse, start, current);
      const bool hasGap = m.gap.duration_s > 0;
      const Doubles4 last =
          hasGap ? advance<kIsLeaky>(m, m.gap, middle, modulation) : middle;
      const Longs4 inPulse =
          ~isQuiet & ((start >= threshold) | (middle >= threshold));
      const Longs4 inGap = ~isQuiet & ~inPulse & (last >= threshold);
      end = isQuiet ? quietEnd : last;
      spiked |= inPulse | inGap;
      if (m.isSubtract && maskOf(inPulse | inGap)) {
        Doubles4 rest = afterSpike<kIsLeaky>(m, m.pulse, start, current);
        if (hasGap)
          rest = advance<kIsLeaky>(m, m.gap, rest, modulation);
        end = inPulse ? rest : end;
        end = inGap ? afterSpike<kIsLeaky>(m, m.gap, middle, modulation) : end;
      }
    }
    if (m.isSubtract && maskOf(isQuiet & spiked)) {
      const Doubles4 rest = afterSpike<kIsLeaky>(m, m.slot, start, modulation);
      end = isQuiet & spiked ? rest : end;
    }

    const Longs4 isAlone = m.isSubtract ? Longs4{} : spiked | isHeld;
    const Longs4 keepsRun = isQuiet & ~spiked;
    Doubles4 newStart = keepsRun ? runStart : end;
    Longs4 newSince = keepsRun ? runSince : Longs4{} + (slot + 1);
    newStart = isAlone ? stored : newStart;
    newSince = isAlone ? since : newSince;
    std::memcpy(bank.start_V + at, &newStart, sizeof newStart);
    std::memcpy(bank.since + at, &newSince, sizeof newSince);

    // To the nearest integer of half a slot less, by the bits of a sum: AVX2
    // converts no doubles to 64-bit integers.
    const Doubles4 quiet =
        surelyQuietSlots<kIsLeaky>(m, end, modulation) - 0.5 + 0x1.8p52;
    const Longs4 whole = load<Longs4>(&quiet) & 0xfffff;
    const Longs4 runEnd = newSince + int64_t(kMaxQuietSlots);
    const Longs4 first = slot + 1 + whole;
    Longs4 laneDue = first < runEnd ? first : runEnd;
    laneDue = isAlone ? Longs4{} + (slot + 1) : laneDue;
    due = std::min(std::min(laneDue[0], laneDue[1]),
                   std::min(laneDue[2], laneDue[3]));
    marked |= maskOf(m.isSubtract ? spiked : isAlone) << v * kLanes;
  }
  return marked;
}

static Kernels portableKernels() {
  return {[](const int8_t *const *rows, size_t count, size_t rowsPerSum,
             int32_t *sums) { sumRows(rows, count, rowsPerSum, sums); },
          [](const Bank &bank, size_t base, int64_t slot, const int32_t *sums) {
            return stepVectors<true>(bank, base, slot, sums);
          },
          [](const Bank &bank, size_t base, int64_t slot, const int32_t *sums) {
            return stepVectors<false>(bank, base, slot, sums);
          }};
}

#ifdef __x86_64__
// AVX2 alone has no fused multiply-add: both give the same bits.
#define NTRT_AVX2 __attribute__((target("avx2")))
static Kernels avx2Kernels() {
  return {[](const int8_t *const *rows, size_t count, size_t rowsPerSum,
             int32_t *sums)
              NTRT_AVX2 { sumRows(rows, count, rowsPerSum, sums); },
          [](const Bank &bank, size_t base, int64_t slot, const int32_t *sums)
              NTRT_AVX2 { return stepVectors<true>(bank, base, slot, sums); },
          [](const Bank &bank, size_t base, int64_t slot, const int32_t *sums)
              NTRT_AVX2 { return stepVectors<false>(bank, base, slot, sums); }};
}
#endif

static Kernels chooseKernels(bool isPortable) {
#ifdef __x86_64__
  if (!isPortable && __builtin_cpu_supports("avx2"))
    return avx2Kernels();
#endif
  (void)isPortable;
  return portableKernels();
}

/// One neuron by the definition itself.
SlotOutcome ClockedRun::stepAlone(uint32_t position, int64_t slot, int32_t sum,
                                  NeuronState &state) const {
  state.membrane_V = membrane_V(core.neuronAt[position], uint64_t(slot));
  state.hold_s = hold_s[position];
  state.quietSlots = uint32_t(slot - since[position]);
  state.quietStart_V = start_V[position];
  state.quietModulation_A = core.modulation_A[position];
  return core.time.step(state, double(sum) * core.lsb_A[position],
                        core.modulation_A[position]);
}

void ClockedRun::stepBlock(uint32_t block, int64_t slot, bool withTimes,
                           std::vector<CoreSpike> &spikes) {
  const MembraneConstants &m = core.time.constants();
  const uint32_t base = block * kBlock;
  // What a spike's time needs is gone once the vectors have been advanced.
  std::vector<double> oldStart;
  std::vector<int64_t> oldSince;
  if (withTimes && m.isSubtract) {
    oldStart.assign(start_V.begin() + base, start_V.begin() + base + kBlock);
    oldSince.assign(since.begin() + base, since.begin() + base + kBlock);
  }
  uint32_t marked =
      (m.isLeaky ? core.kernels.stepLeaky
                 : core.kernels.stepLossless)(bank(), base, slot, sums);
  for (; marked; marked &= marked - 1) {
    const uint32_t i = uint32_t(std::countr_zero(marked)), position = base + i;
    if (position >= core.neurons)
      continue;
    CoreSpike spike{core.neuronAt[position]};
    if (m.isSubtract) {
      if (withTimes) {
        std::swap(start_V[position], oldStart[i]);
        std::swap(since[position], oldSince[i]);
        NeuronState scratch;
        SlotOutcome outcome = stepAlone(position, slot, sums[i], scratch);
        std::swap(start_V[position], oldStart[i]);
        std::swap(since[position], oldSince[i]);
        spike.time_s = outcome.spikeTime_s;
        spike.margin_V = outcome.margin_V;
      }
      spikes.push_back(spike);
      continue;
    }
    NeuronState state;
    SlotOutcome outcome = stepAlone(position, slot, sums[i], state);
    start_V[position] = state.membrane_V;
    hold_s[position] = state.hold_s;
    since[position] = slot + 1;
    if (!outcome.spiked)
      continue;
    spike.time_s = outcome.spikeTime_s;
    spike.margin_V = outcome.margin_V;
    spikes.push_back(spike);
  }
  const int64_t *first = &due[block * kVectors];
  blockDue[block] = *std::min_element(first, first + kVectors);
}

void ClockedRun::step(uint64_t slot, const std::vector<uint32_t> &axons,
                      bool withTimes, std::vector<CoreSpike> &spikes) {
  for (uint32_t axon : axons)
    for (uint32_t i = core.firstBlock[axon]; i < core.firstBlock[axon + 1]; ++i)
      rows[core.blockOf[i]].push_back(&core.codes[size_t(i) * kBlock]);
  for (uint32_t block = 0; block < core.blocks; ++block) {
    if (rows[block].empty() && blockDue[block] > int64_t(slot))
      continue;
    core.kernels.sumRows(rows[block].data(), rows[block].size(),
                         core.rowsPerSum, sums);
    rows[block].clear();
    stepBlock(block, int64_t(slot), withTimes, spikes);
  }
}

double ClockedRun::membrane_V(uint32_t neuron, uint64_t slot) const {
  const uint32_t position = core.positionOf[neuron];
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
