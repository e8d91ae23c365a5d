//===- VariedEngine.cpp - A core of one real chip -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each synapse has a conductance of its own, in whole parts of an LSB, so that
// sums are integers and order cannot matter; each neuron has constants of its
// own. docs/chip-variation.md gives the formulas.
//
//===----------------------------------------------------------------------===//

#include "CoreEngine.h"
#include "ExactMath.h"
#include "Membrane.h"
#include "ntrt/BlockLayout.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

using namespace ntrt;

namespace {
typedef int16_t Shorts8 __attribute__((vector_size(16)));
typedef int32_t Ints8 __attribute__((vector_size(32)));
typedef int32_t Ints4 __attribute__((vector_size(16)));
typedef int64_t Longs4 __attribute__((vector_size(32)));
typedef double Doubles4 __attribute__((vector_size(32)));
constexpr uint32_t kBlock = 32, kLanes = 4, kVectors = kBlock / kLanes;

constexpr double kBoltzmann_J_per_K = 1.380649e-23;
constexpr double kElectron_C = 1.602176634e-19;

/// A domain of synapses as this chip has it.
struct VariedDomain {
  double volts; ///< Of its DAC, with its error.
  double lsb_A; ///< At those volts.
};

/// Constants of the neurons, [position].
struct NeuronBank {
  explicit NeuronBank(size_t size)
      : resistance_Ohm(size), threshold_V(size, 1e9), swing_V(size),
        restart_V(size), pulseDecay(size, 1), pulsePer(size), gapDecay(size, 1),
        gapPer(size), thermal_V2(size), perCapacitance2(size) {}
  std::vector<double> resistance_Ohm, threshold_V, swing_V, restart_V;
  std::vector<double> pulseDecay, pulsePer, gapDecay, gapPer;
  /// Noise a slot: kT/C's part, and volts^2 for each ampere second of current.
  std::vector<double> thermal_V2, perCapacitance2;
};

struct VariedCore;

/// The inner loops, compiled for one kind of machine.
struct Kernels {
  void (*sumRows)(const int16_t *const *rows, size_t count, size_t offset,
                  int32_t *sums);
  void (*sumMagnitudes)(const int16_t *const *rows, size_t count, size_t offset,
                        int32_t *sums);
  /// [is leaky] Advances a block; returns its positions that spiked, or with
  /// hold_s those that spike or are held and are left as they were.
  uint32_t (*step[2])(const VariedCore &core, size_t base, const double *lsb_A,
                      const double *second_A, const int32_t *sums,
                      double *membrane_V, const double *hold_s);
};

struct VariedCore final : CoreEngine {
  VariedCore(const CoreConfig &core, const CoreModulation &modulation,
             const DeviceModel &device, const ChipVariation &variation);
  std::unique_ptr<CoreRun> start() const override;
  void drawNeurons(const CoreConfig &core, const CoreModulation &modulation);
  /// Of the joined columns of a neuron, whose charges add up.
  NeuronVariation neuronOf(const CoreConfig &core, uint32_t neuron) const;
  void drawSynapses(const CoreConfig &core);
  bool isPaired() const { return columnsPerNeuron > 1; }

  Kernels kernels;
  DeviceModel device;
  ChipVariation variation;
  CorePlace place;
  uint32_t columnsPerNeuron;
  BlockLayout layout;
  double partsPerLsb;
  MembraneConstants nominal;
  std::vector<MembraneConstants> constants; ///< [position]
  NeuronBank bank;
  std::vector<double> modulation_A;                    ///< [position]
  std::vector<uint8_t> domainOf[kMaxColumnsPerNeuron]; ///< [column][position]
  std::vector<VariedDomain> domains;
  /// [column of a neuron][used block][kBlock], and what lies between columns.
  std::vector<int16_t> parts;
  size_t partsPerColumn;
  /// What each axon's synapses draw of each domain, in parts: [axon][domain]
  std::vector<int32_t> loads;
  bool isNoisy;
};

class VariedRun final : public CoreRun {
public:
  explicit VariedRun(const VariedCore &core);
  void reset(uint64_t slot, uint64_t image) override;
  void step(uint64_t slot, const std::vector<uint32_t> &axons, bool withTimes,
            std::vector<CoreSpike> &spikes) override;
  double membrane_V(uint32_t neuron, uint64_t) const override {
    return membranes_V[core.layout.positionOf[neuron]];
  }

private:
  void setCurrents(const std::vector<uint32_t> &axons);
  void addNoise(uint32_t block, uint64_t slot, const int32_t *magnitudes);
  void stepBlock(uint32_t block, bool withTimes,
                 std::vector<CoreSpike> &spikes);

  const VariedCore &core;
  uint64_t image = 0;
  std::vector<double> membranes_V, hold_s; ///< [position]
  std::vector<double> lsb_A[kMaxColumnsPerNeuron];
  std::vector<std::vector<const int16_t *>> rows;
  alignas(32) int32_t sums[kMaxColumnsPerNeuron * kBlock];
};

/// MembraneConstants of a vector of neurons.
struct LaneConstants {
  double rest_V, railLow_V, railHigh_V;
  Doubles4 resistance_Ohm, threshold_V, swing_V, restart_V;
};
struct LanePiece {
  Doubles4 decay, perCapacitance;
};
} // namespace

template <typename Vector> NTRT_INLINE Vector load(const void *from) {
  Vector result;
  std::memcpy(&result, from, sizeof result);
  return result;
}

template <bool kMagnitudes>
NTRT_INLINE void sumRows(const int16_t *const *rows, size_t count,
                         size_t offset, int32_t *sums) {
  Ints8 total[kBlock / 8] = {};
  for (size_t i = 0; i < count; ++i)
    for (uint32_t j = 0; j < kBlock / 8; ++j) {
      const Ints8 row = __builtin_convertvector(
          load<Shorts8>(rows[i] + offset + 8 * j), Ints8);
      total[j] += kMagnitudes ? (row < 0 ? -row : row) : row;
    }
  std::memcpy(sums, total, sizeof total);
}

template <bool kIsLeaky>
NTRT_INLINE uint32_t stepLanes(const VariedCore &core, size_t base,
                               const double *lsb_A, const double *second_A,
                               const int32_t *sums, double *membrane_V,
                               const double *hold_s) {
  using namespace membrane;
  const NeuronBank &bank = core.bank;
  const bool hasGap = core.nominal.gap.duration_s > 0;
  const Doubles4 zero{};
  uint32_t marked = 0;
  for (uint32_t v = 0; v < kVectors; ++v) {
    const size_t at = base + v * kLanes;
    const LaneConstants m{core.nominal.rest_V,
                          core.nominal.railLow_V,
                          core.nominal.railHigh_V,
                          load<Doubles4>(&bank.resistance_Ohm[at]),
                          load<Doubles4>(&bank.threshold_V[at]),
                          load<Doubles4>(&bank.swing_V[at]),
                          load<Doubles4>(&bank.restart_V[at])};
    const LanePiece pulse{load<Doubles4>(&bank.pulseDecay[at]),
                          load<Doubles4>(&bank.pulsePer[at])};
    const LanePiece gap{load<Doubles4>(&bank.gapDecay[at]),
                        load<Doubles4>(&bank.gapPer[at])};
    const Doubles4 start = load<Doubles4>(membrane_V + at);
    const Doubles4 modulation = load<Doubles4>(&core.modulation_A[at]);
    const Doubles4 charge =
        __builtin_convertvector(load<Ints4>(sums + v * kLanes), Doubles4);
    Doubles4 synaptic = charge * load<Doubles4>(lsb_A + at);
    if (second_A)
      synaptic += __builtin_convertvector(
                      load<Ints4>(sums + kBlock + v * kLanes), Doubles4) *
                  load<Doubles4>(second_A + at);
    const Doubles4 current = synaptic + modulation;
    const Doubles4 middle = advance<kIsLeaky>(m, pulse, start, current);
    const Doubles4 last =
        hasGap ? advance<kIsLeaky>(m, gap, middle, modulation) : middle;
    const Longs4 inPulse = (start >= m.threshold_V) | (middle >= m.threshold_V);
    const Longs4 spiked = inPulse | (last >= m.threshold_V);
    Longs4 isMarked = spiked;
    Doubles4 end = last;
    if (hold_s) {
      isMarked = spiked | (load<Doubles4>(hold_s + at) > zero);
      end = isMarked ? start : last;
    } else {
      Doubles4 rest = afterSpike<kIsLeaky>(
          m, inPulse ? pulse.decay : gap.decay,
          inPulse ? pulse.perCapacitance : gap.perCapacitance,
          inPulse ? start : middle, inPulse ? current : modulation);
      if (hasGap)
        rest = inPulse ? advance<kIsLeaky>(m, gap, rest, modulation) : rest;
      end = spiked ? rest : last;
    }
    std::memcpy(membrane_V + at, &end, sizeof end);
    for (uint32_t lane = 0; lane < kLanes; ++lane)
      marked |= uint32_t(isMarked[lane] & 1) << (v * kLanes + lane);
  }
  return marked;
}

#define NTRT_STEP(leaky)                                                       \
  [](const VariedCore &core, size_t base, const double *lsb_A,                 \
     const double *second_A, const int32_t *sums, double *membrane_V,          \
     const double *hold_s) NTRT_TARGET {                                       \
    return stepLanes<leaky>(core, base, lsb_A, second_A, sums, membrane_V,     \
                            hold_s);                                           \
  }
#define NTRT_SUM(magnitudes)                                                   \
  [](const int16_t *const *rows, size_t count, size_t offset, int32_t *sums)   \
      NTRT_TARGET { sumRows<magnitudes>(rows, count, offset, sums); }
#define NTRT_KERNELS                                                           \
  {                                                                            \
    NTRT_SUM(false), NTRT_SUM(true), { NTRT_STEP(false), NTRT_STEP(true) }     \
  }

#define NTRT_TARGET
static Kernels portableKernels() { return NTRT_KERNELS; }
#undef NTRT_TARGET

static Kernels chooseKernels() {
#ifdef __x86_64__
#define NTRT_TARGET __attribute__((target("avx2")))
  if (__builtin_cpu_supports("avx2"))
    return NTRT_KERNELS;
#undef NTRT_TARGET
#endif
  return portableKernels();
}

VariedCore::VariedCore(const CoreConfig &core, const CoreModulation &modulation,
                       const DeviceModel &device,
                       const ChipVariation &variation)
    : kernels(chooseKernels()), device(device), variation(variation),
      place{core.row, core.column}, columnsPerNeuron(core.columnsPerNeuron),
      layout(core, kBlock), partsPerLsb(variation.partsPerLsb()),
      nominal(TimeModel(device).constants()), constants(core.neurons),
      bank(layout.blocks * kBlock), modulation_A(layout.blocks * kBlock),
      partsPerColumn(layout.blockOf.size() * size_t(kBlock)),
      loads(size_t(core.axons) * core.synapseDac.size()),
      isNoisy(device.variation.temperature_K > 0 ||
              device.variation.shotNoise > 0) {
  for (uint32_t d = 0; d < core.synapseDac.size(); ++d) {
    const double volts = device.synapseDomain.volts(core.synapseDac[d]) +
                         variation.domainError_V(place, DomainKind::Synapse, d);
    domains.push_back({volts, device.synapseDomain.current_A(volts)});
  }
  parts.resize(partsPerColumn * columnsPerNeuron);
  for (uint32_t i = 0; i < columnsPerNeuron; ++i) {
    domainOf[i].resize(layout.blocks * kBlock);
    for (uint32_t position = 0; position < core.neurons; ++position)
      domainOf[i][position] =
          core.synapseDomain[core.columnOf(layout.neuronAt[position]) + i];
  }
  drawNeurons(core, modulation);
  drawSynapses(core);
}

NeuronVariation VariedCore::neuronOf(const CoreConfig &core,
                                     uint32_t neuron) const {
  NeuronVariation result = variation.neuron(place, core.columnOf(neuron));
  if (!core.isPaired())
    return result;
  const NeuronVariation other =
      variation.neuron(place, core.columnOf(neuron) + 1);
  result.capacitorFactor = (result.capacitorFactor + other.capacitorFactor) / 2;
  result.leakFactor = (result.leakFactor + other.leakFactor) / 2;
  return result;
}

void VariedCore::drawNeurons(const CoreConfig &core,
                             const CoreModulation &modulation) {
  // A modulation domain's load does not change: its volts sink once and for
  // all.
  std::vector<double> units(modulation.dac.size()), lsb_A;
  for (const ModulationWord &word : modulation.words)
    units[word.domain] += std::abs(word.code) * double(columnsPerNeuron);
  for (uint32_t d = 0; d < modulation.dac.size(); ++d) {
    const DomainModel &domain = device.modulationDomain;
    const double volts =
        domain.volts(modulation.dac[d]) +
        variation.domainError_V(place, DomainKind::Modulation, d);
    lsb_A.push_back(
        domain.current_A(volts - device.variation.droop_Ohm * units[d] *
                                     domain.current_A(volts)));
  }
  for (uint32_t position = 0; position < layout.neurons; ++position) {
    const uint32_t n = layout.neuronAt[position];
    const NeuronVariation drawn = neuronOf(core, n);
    MembraneConstants m = nominal;
    m.capacitance_F *= drawn.capacitorFactor;
    m.leak_S *= drawn.leakFactor;
    if (m.isLeaky) {
      m.resistance_Ohm = 1 / m.leak_S;
      m.tau_s = m.capacitance_F / m.leak_S;
    }
    m.threshold_V += drawn.thresholdOffset_V;
    // A spike takes a charge, not a voltage, away.
    m.swing_V /= drawn.capacitorFactor;
    m.restart_V = m.threshold_V - m.swing_V;
    m.pulse = membrane::pieceOf(m, m.pulse.duration_s);
    m.gap = membrane::pieceOf(m, m.gap.duration_s);
    m.slot = membrane::pieceOf(m, m.slot.duration_s);
    // Above any rail.
    if (drawn.isDead)
      m.threshold_V = 1e9;
    constants[position] = m;
    bank.resistance_Ohm[position] = m.resistance_Ohm;
    bank.threshold_V[position] = m.threshold_V;
    bank.swing_V[position] = m.swing_V;
    bank.restart_V[position] = m.restart_V;
    bank.pulseDecay[position] = m.pulse.decay;
    bank.pulsePer[position] = m.pulse.perCapacitance;
    bank.gapDecay[position] = m.gap.decay;
    bank.gapPer[position] = m.gap.perCapacitance;
    // Noise of joined membranes averages out, as that of their currents does.
    bank.thermal_V2[position] =
        m.isLeaky ? kBoltzmann_J_per_K * device.variation.temperature_K /
                        (m.capacitance_F * columnsPerNeuron) *
                        (1 - m.slot.decay * m.slot.decay)
                  : 0;
    bank.perCapacitance2[position] =
        device.variation.shotNoise * kElectron_C /
        (m.capacitance_F * m.capacitance_F * columnsPerNeuron);
    const ModulationWord word = modulation.words[n];
    double units = 0;
    for (uint32_t i = 0; i < columnsPerNeuron; ++i)
      units += variation.modulation(place, core.columnOf(n) + i, word.code);
    modulation_A[position] = units / columnsPerNeuron * lsb_A[word.domain];
  }
}

void VariedCore::drawSynapses(const CoreConfig &core) {
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t i = layout.firstBlock[axon]; i < layout.firstBlock[axon + 1];
         ++i)
      for (uint32_t j = 0; j < kBlock; ++j) {
        const uint32_t position = layout.blockOf[i] * kBlock + j;
        if (position >= core.neurons)
          break;
        for (uint32_t k = 0; k < columnsPerNeuron; ++k) {
          const uint32_t column = core.columnOf(layout.neuronAt[position]) + k;
          const int16_t part = variation.synapseParts(
              place, axon, column,
              core.sourcesAt(axon, column, device.synapse.digits));
          parts[k * partsPerColumn + i * size_t(kBlock) + j] = part;
          loads[axon * domains.size() + core.synapseDomain[column]] +=
              std::abs(part);
        }
      }
}

std::unique_ptr<CoreRun> VariedCore::start() const {
  return std::make_unique<VariedRun>(*this);
}

VariedRun::VariedRun(const VariedCore &core)
    : core(core), membranes_V(core.layout.blocks * kBlock),
      hold_s(core.layout.blocks * kBlock), rows(core.layout.blocks) {
  for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
    lsb_A[i].resize(core.layout.blocks * kBlock);
}

void VariedRun::reset(uint64_t, uint64_t number) {
  image = number;
  std::fill(membranes_V.begin(), membranes_V.end(), core.nominal.init_V);
  std::fill(hold_s.begin(), hold_s.end(), 0.0);
}

/// The LSB current of each neuron's synapses in a slot: what the domain
/// supplies to the slot's events makes its volts sink.
void VariedRun::setCurrents(const std::vector<uint32_t> &axons) {
  const size_t count = core.domains.size();
  double lsbs_A[256];
  for (size_t d = 0; d < count; ++d) {
    const VariedDomain &domain = core.domains[d];
    int64_t load = 0;
    for (uint32_t axon : axons)
      load += core.loads[axon * count + d];
    const double supplied_A = double(load) / core.partsPerLsb * domain.lsb_A;
    const double droop_V = core.device.variation.droop_Ohm * supplied_A;
    lsbs_A[d] =
        droop_V == 0
            ? domain.lsb_A
            : core.device.synapseDomain.current_A(domain.volts - droop_V);
    lsbs_A[d] /= core.partsPerLsb * core.columnsPerNeuron;
  }
  for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
    for (size_t position = 0; position < lsb_A[i].size(); ++position)
      lsb_A[i][position] = lsbs_A[core.domainOf[i][position]];
}

void VariedRun::addNoise(uint32_t block, uint64_t slot,
                         const int32_t *magnitudes) {
  const NeuronBank &bank = core.bank;
  const MembraneConstants &m = core.nominal;
  for (uint32_t i = 0; i < kBlock; ++i) {
    const uint32_t position = block * kBlock + i;
    if (position >= core.layout.neurons)
      return;
    if (hold_s[position] > 0)
      continue;
    double synaptic_A = double(magnitudes[i]) * lsb_A[0][position];
    if (core.isPaired())
      synaptic_A += double(magnitudes[kBlock + i]) * lsb_A[1][position];
    const double charge_C =
        synaptic_A * m.pulse.duration_s +
        std::abs(core.modulation_A[position]) * m.slot.duration_s;
    const double variance =
        bank.thermal_V2[position] + bank.perCapacitance2[position] * charge_C;
    const double v =
        membranes_V[position] +
        std::sqrt(variance) *
            core.variation.noise(core.place, core.layout.neuronAt[position],
                                 image, slot);
    membranes_V[position] = std::clamp(v, m.railLow_V, m.railHigh_V);
  }
}

void VariedRun::stepBlock(uint32_t block, bool withTimes,
                          std::vector<CoreSpike> &spikes) {
  const MembraneConstants &m = core.nominal;
  const uint32_t base = block * kBlock;
  double before[kBlock];
  std::copy(&membranes_V[base], &membranes_V[base] + kBlock, before);
  uint32_t marked = core.kernels.step[m.isLeaky](
      core, base, lsb_A[0].data(), core.isPaired() ? lsb_A[1].data() : nullptr,
      sums, membranes_V.data(), m.isSubtract ? nullptr : hold_s.data());
  for (; marked; marked &= marked - 1) {
    const uint32_t i = uint32_t(std::countr_zero(marked)), position = base + i;
    if (position >= core.layout.neurons)
      continue;
    CoreSpike spike{core.layout.neuronAt[position]};
    if (m.isSubtract && !withTimes) {
      spikes.push_back(spike);
      continue;
    }
    NeuronState state{before[i], hold_s[position]};
    double synaptic_A = double(sums[i]) * lsb_A[0][position];
    if (core.isPaired())
      synaptic_A += double(sums[kBlock + i]) * lsb_A[1][position];
    const SlotOutcome outcome =
        membrane::stepPieces(core.constants[position], state, synaptic_A,
                             core.modulation_A[position]);
    membranes_V[position] = state.membrane_V;
    hold_s[position] = state.hold_s;
    spike.time_s = outcome.spikeTime_s;
    spike.margin_V = outcome.margin_V;
    if (outcome.spiked)
      spikes.push_back(spike);
  }
}

void VariedRun::step(uint64_t slot, const std::vector<uint32_t> &axons,
                     bool withTimes, std::vector<CoreSpike> &spikes) {
  setCurrents(axons);
  for (uint32_t axon : axons)
    for (uint32_t i = core.layout.firstBlock[axon];
         i < core.layout.firstBlock[axon + 1]; ++i)
      rows[core.layout.blockOf[i]].push_back(&core.parts[i * size_t(kBlock)]);
  for (uint32_t block = 0; block < core.layout.blocks; ++block) {
    std::vector<const int16_t *> &mine = rows[block];
    if (core.isNoisy) {
      alignas(32) int32_t magnitudes[kMaxColumnsPerNeuron * kBlock];
      for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
        core.kernels.sumMagnitudes(mine.data(), mine.size(),
                                   i * core.partsPerColumn,
                                   magnitudes + i * kBlock);
      addNoise(block, slot, magnitudes);
    }
    for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
      core.kernels.sumRows(mine.data(), mine.size(), i * core.partsPerColumn,
                           sums + i * kBlock);
    mine.clear();
    stepBlock(block, withTimes, spikes);
  }
}

std::unique_ptr<CoreEngine> ntrt::variedEngine(const CoreConfig &core,
                                               const CoreModulation &modulation,
                                               const DeviceModel &device,
                                               const ChipVariation &variation) {
  return std::make_unique<VariedCore>(core, modulation, device, variation);
}
