//===- ClockedEngine.cpp - Vectors of neurons, block by block -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of neurons goes through up to 64 slots at once, so that its codes and
// membranes stay in the nearest cache. A vector of neurons that gets no charge
// and cannot spike by itself is left alone: its membranes follow from those at
// the start of its quiet run.
//
//===----------------------------------------------------------------------===//

#include "Aligned.h"
#include "CoreEngine.h"
#include "Kernels/Clocked.h"
#include "Membrane.h"
#include "ntrt/BlockLayout.h"

#include <algorithm>
#include <bit>

using namespace ntrt;

namespace {
constexpr uint32_t kBlock = kClockedBlock;

struct ClockedCore final : CoreEngine {
  ClockedCore(const CoreConfig &core, const CoreDrive &drive,
              const TimeModel &time, int32_t maxCode, EngineKind kind);
  std::unique_ptr<CoreRun> start() const override;

  const int8_t *codesOf(uint32_t block, uint32_t column) const {
    return &codes[column][firstRow[block] * kBlock];
  }
  bool isPaired() const { return columnsPerNeuron > 1; }
  size_t sumsPerSlot() const { return size_t(columnsPerNeuron) * kBlock; }
  size_t rowsOf(uint32_t block) const {
    return firstRow[block + 1] - firstRow[block];
  }

  const ClockedKernels &kernels;
  uint32_t columnsPerNeuron;
  BlockLayout layout;
  size_t rowsPerSum; ///< So many codes cannot overflow eight bits.
  /// Of each block: the axons that it uses, rising, and their codes
  /// [column of a neuron][row][kBlock].
  std::vector<size_t> firstRow;
  std::vector<uint32_t> axonOf;
  LineVector<int8_t> codes[kMaxColumnsPerNeuron];
  /// The row, in its block, of each entry of layout.blockOf.
  std::vector<uint32_t> rowAt;
  LineVector<double> lsb_A[kMaxColumnsPerNeuron]; ///< [column][position]
  LineVector<double> modulation_A;                ///< [position]
  TimeModel time;
};

/// The rows of a block that have an event, slot by slot.
struct RowLists {
  void resize(size_t most) {
    stride = most + kTrainSlots;
    rows.resize(stride * kTrainSlots);
  }
  uint32_t *of(uint32_t slot) { return &rows[slot * stride]; }

  size_t stride = 0;
  std::vector<uint32_t> rows;
  uint32_t counts[kTrainSlots];
};

class ClockedRun final : public CoreRun {
public:
  explicit ClockedRun(const ClockedCore &core);
  void reset(uint64_t slot, uint64_t image) override;
  void step(uint64_t slot, const std::vector<uint32_t> &axons, bool withTimes,
            std::vector<CoreSpike> &spikes) override;
  void run(uint64_t first, uint32_t slots, const SpikeTrains &axons,
           SpikeTrains &spikes) override;
  double membrane_V(uint32_t neuron, uint64_t slot) const override;

private:
  ClockedBank bank();
  void sumRows(uint32_t block, const uint32_t *rows, size_t count,
               int32_t *sums) const {
    for (uint32_t column = 0; column < core.columnsPerNeuron; ++column)
      core.kernels.sumRows(core.codesOf(block, column), rows, count,
                           core.rowsPerSum, sums + column * kBlock);
  }
  void stepBlock(uint32_t block, int64_t slot, bool hasRows, bool withTimes,
                 std::vector<CoreSpike> &spikes);
  void listRows(uint32_t block, const SpikeTrains &axons, uint32_t word,
                uint32_t slots);

  const ClockedCore &core;
  LineVector<double> start_V, hold_s, now_V;
  LineVector<int64_t> since, nowSlot, due;
  /// For step(): of each block, or with isDense of all blocks.
  std::vector<std::vector<uint32_t>> rows;
  RowLists lists;
  LineVector<int32_t> sums; ///< [slot][column of a neuron][kBlock]
};
} // namespace

ClockedCore::ClockedCore(const CoreConfig &core, const CoreDrive &drive,
                         const TimeModel &time, int32_t maxCode,
                         EngineKind kind)
    : kernels(clockedKernels(kind)), columnsPerNeuron(core.columnsPerNeuron),
      layout(core, kBlock), rowsPerSum(size_t(127 / maxCode)),
      firstRow(layout.blocks + 1), rowAt(layout.blockOf.size()),
      modulation_A(layout.blocks * kBlock), time(time) {
  for (uint32_t column = 0; column < columnsPerNeuron; ++column) {
    lsb_A[column].resize(layout.blocks * kBlock);
    for (uint32_t position = 0; position < core.neurons; ++position)
      lsb_A[column][position] =
          drive.lsb_A[core.columnOf(layout.neuronAt[position]) + column];
  }
  for (uint32_t position = 0; position < core.neurons; ++position)
    modulation_A[position] = drive.modulation_A[layout.neuronAt[position]];
  for (uint32_t block : layout.blockOf)
    ++firstRow[block + 1];
  for (uint32_t block = 0; block < layout.blocks; ++block)
    firstRow[block + 1] += firstRow[block];
  axonOf.resize(firstRow.back());
  for (uint32_t column = 0; column < columnsPerNeuron; ++column)
    codes[column].resize(firstRow.back() * kBlock);
  std::vector<uint32_t> filled(layout.blocks);
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t i = layout.firstBlock[axon]; i < layout.firstBlock[axon + 1];
         ++i) {
      const uint32_t block = layout.blockOf[i];
      rowAt[i] = filled[block]++;
      const size_t row = firstRow[block] + rowAt[i];
      axonOf[row] = axon;
      for (uint32_t column = 0; column < columnsPerNeuron; ++column)
        for (uint32_t j = 0; j < kBlock; ++j)
          if (const uint32_t position = block * kBlock + j;
              position < core.neurons)
            codes[column][row * kBlock + j] = core.code(
                axon, core.columnOf(layout.neuronAt[position]) + column);
    }
}

std::unique_ptr<CoreRun> ClockedCore::start() const {
  return std::make_unique<ClockedRun>(*this);
}

ClockedRun::ClockedRun(const ClockedCore &core)
    : core(core), start_V(core.layout.blocks * kBlock),
      hold_s(core.layout.blocks * kBlock), now_V(core.layout.blocks * kBlock),
      since(core.layout.blocks * kBlock),
      nowSlot(core.layout.blocks * kBlock / core.kernels.lanes),
      due(core.layout.blocks * kBlock / core.kernels.lanes),
      rows(core.layout.blocks), sums(kTrainSlots * core.sumsPerSlot()) {}

void ClockedRun::reset(uint64_t slot, uint64_t) {
  const double init_V = core.time.preset().membrane_V;
  std::fill(start_V.begin(), start_V.end(), init_V);
  std::fill(now_V.begin(), now_V.end(), init_V);
  std::fill(hold_s.begin(), hold_s.end(), 0.0);
  for (LineVector<int64_t> *slots : {&since, &nowSlot, &due})
    std::fill(slots->begin(), slots->end(), int64_t(slot));
}

/// ClockedBank::stepMarked: with a `hard` reset a spike or a hold needs the
/// whole time model.
static uint64_t stepMarked(const ClockedBank &bank, size_t base, int64_t slot,
                           const int32_t *sums, uint64_t marked) {
  uint64_t spiked = 0;
  for (; marked; marked &= marked - 1) {
    const uint32_t i = uint32_t(std::countr_zero(marked));
    const size_t at = base + i;
    NeuronState state{bank.now_V[at], bank.hold_s[at],
                      uint32_t(slot - bank.since[at]), bank.start_V[at],
                      bank.modulation_A[at]};
    double synaptic_A = double(sums[i]) * bank.lsb_A[at];
    if (bank.second_A)
      synaptic_A += double(sums[kBlock + i]) * bank.second_A[at];
    const SlotOutcome outcome =
        bank.time->step(state, synaptic_A, bank.modulation_A[at]);
    bank.start_V[at] = bank.now_V[at] = state.membrane_V;
    bank.hold_s[at] = state.hold_s;
    bank.since[at] = slot + 1;
    spiked |= uint64_t(outcome.spiked) << i;
  }
  return spiked;
}

ClockedBank ClockedRun::bank() {
  return {&core.time,
          &core.time.constants(),
          core.time.quietDecay(),
          core.lsb_A[0].data(),
          core.modulation_A.data(),
          core.isPaired() ? core.lsb_A[1].data() : nullptr,
          start_V.data(),
          since.data(),
          hold_s.data(),
          now_V.data(),
          nowSlot.data(),
          due.data(),
          stepMarked};
}

void ClockedRun::stepBlock(uint32_t block, int64_t slot, bool hasRows,
                           bool withTimes, std::vector<CoreSpike> &spikes) {
  const MembraneConstants &m = core.time.constants();
  const uint32_t base = block * kBlock;
  // What a spike's time needs is gone once the vectors have been advanced.
  std::vector<NeuronState> before;
  if (withTimes)
    for (uint32_t position = base;
         position < std::min(base + kBlock, core.layout.neurons); ++position)
      before.push_back(
          {membrane_V(core.layout.neuronAt[position], uint64_t(slot)),
           hold_s[position], uint32_t(slot - since[position]),
           start_V[position], core.modulation_A[position]});
  uint64_t spiked[kTrainSlots];
  core.kernels.advance[core.isPaired()][m.isLeaky][m.isSubtract](
      bank(), base, slot, 1, sums.data(), hasRows, spiked);
  for (; spiked[0]; spiked[0] &= spiked[0] - 1) {
    const uint32_t i = uint32_t(std::countr_zero(spiked[0]));
    if (base + i >= core.layout.neurons)
      continue;
    CoreSpike spike{core.layout.neuronAt[base + i]};
    if (withTimes) {
      double synaptic_A = 0;
      if (hasRows)
        synaptic_A = double(sums[i]) * core.lsb_A[0][base + i];
      if (hasRows && core.isPaired())
        synaptic_A += double(sums[kBlock + i]) * core.lsb_A[1][base + i];
      const SlotOutcome outcome =
          core.time.step(before[i], synaptic_A, core.modulation_A[base + i]);
      spike.time_s = outcome.spikeTime_s;
      spike.margin_V = outcome.margin_V;
    }
    spikes.push_back(spike);
  }
}

void ClockedRun::step(uint64_t slot, const std::vector<uint32_t> &axons,
                      bool withTimes, std::vector<CoreSpike> &spikes) {
  if (!core.layout.isDense)
    for (uint32_t axon : axons)
      for (uint32_t i = core.layout.firstBlock[axon];
           i < core.layout.firstBlock[axon + 1]; ++i)
        rows[core.layout.blockOf[i]].push_back(core.rowAt[i]);
  for (uint32_t block = 0; block < core.layout.blocks; ++block) {
    const std::vector<uint32_t> &mine =
        core.layout.isDense ? axons : rows[block];
    if (!mine.empty())
      sumRows(block, mine.data(), mine.size(), sums.data());
    stepBlock(block, int64_t(slot), !mine.empty(), withTimes, spikes);
    rows[block].clear();
  }
}

/// Lists, slot by slot, the rows of a block whose axons have an event in one
/// word of slots.
void ClockedRun::listRows(uint32_t block, const SpikeTrains &axons,
                          uint32_t word, uint32_t slots) {
  const size_t count = core.rowsOf(block);
  const uint32_t *mine = &core.axonOf[core.firstRow[block]];
  lists.resize(count);
  std::fill(lists.counts, lists.counts + slots, 0);
  for (size_t first = 0; first < count; first += 64) {
    uint64_t bits[64] = {}, any = 0;
    for (size_t i = 0; i < std::min<size_t>(64, count - first); ++i)
      any |= bits[i] = axons.of(mine[first + i])[word];
    if (!any)
      continue;
    transposeBits(bits);
    for (uint32_t t = 0; t < slots; ++t)
      lists.counts[t] += core.kernels.listBits(bits[t], uint32_t(first),
                                               lists.of(t) + lists.counts[t]);
  }
}

void ClockedRun::run(uint64_t start, uint32_t slots, const SpikeTrains &axons,
                     SpikeTrains &spikes) {
  const MembraneConstants &m = core.time.constants();
  const auto advance =
      core.kernels.advance[core.isPaired()][m.isLeaky][m.isSubtract];
  for (uint32_t word = 0; word < axons.words(); ++word) {
    const uint32_t first = word * kTrainSlots,
                   count = std::min(kTrainSlots, slots - first);
    for (uint32_t block = 0; block < core.layout.blocks; ++block) {
      if (block == 0 || !core.layout.isDense)
        listRows(block, axons, word, count);
      uint64_t hasRows = 0;
      for (uint32_t t = 0; t < count; ++t)
        if (lists.counts[t]) {
          hasRows |= uint64_t(1) << t;
          sumRows(block, lists.of(t), lists.counts[t],
                  &sums[t * core.sumsPerSlot()]);
        }
      uint64_t spiked[kTrainSlots] = {};
      advance(bank(), block * kBlock, int64_t(start + first), count,
              sums.data(), hasRows, spiked);
      transposeBits(spiked);
      for (uint32_t i = 0; i < kBlock; ++i)
        if (const uint32_t position = block * kBlock + i;
            position < core.layout.neurons)
          spikes.of(core.layout.neuronAt[position])[word] = spiked[i];
    }
  }
}

double ClockedRun::membrane_V(uint32_t neuron, uint64_t slot) const {
  const uint32_t position = core.layout.positionOf[neuron];
  if (nowSlot[position / core.kernels.lanes] == int64_t(slot))
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
                    const TimeModel &time, int32_t maxCode, EngineKind kind) {
  return std::make_unique<ClockedCore>(core, drive, time, maxCode, kind);
}
