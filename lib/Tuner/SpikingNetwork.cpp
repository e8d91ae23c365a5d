//===- SpikingNetwork.cpp - Gradients through spikes ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/SpikingNetwork.h"

#include "nt/Tuner/Threads.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>

using namespace nt::tuner;

namespace {
/// Samples that run side by side.
constexpr size_t kLanes = ntrt::kTimeLanes;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
/// Slots that are taken at once, so that a synapse is read once for all of
/// them.
constexpr uint32_t kTile = 8;
/// Two slots' spikes, each -1 or 0, or sums of codes.
typedef int16_t SlotPair __attribute__((vector_size(2 * kLanes * 2)));
constexpr uint32_t kPairs = kTile / 2;
/// Neurons whose sums of a tile stay in the nearest cache.
constexpr size_t kChunk = 32;
} // namespace

// Lanes do not meet, and nothing is contracted: the same bits with any vectors.
#if defined(__x86_64__)
#define NT_CLONES __attribute__((target_clones("avx512bw", "avx2", "default")))
#else
#define NT_CLONES
#endif

/// sums[n] = the sum of conductance * in[index] over the entries of n, each
/// [kTile] slots.
NT_CLONES static void gather(const uint32_t *first, const uint32_t *index,
                             const float *conductance, size_t count,
                             const Lanes *in, Lanes *sums) {
  // Half a tile at once, so that sums stay in registers.
  for (size_t n = 0; n < count; ++n)
    for (uint32_t t = 0; t < kTile; t += 4) {
      Lanes a{}, b{}, c{}, d{};
      for (uint32_t s = first[n]; s < first[n + 1]; ++s) {
        const Lanes *from = in + size_t(index[s]) * kTile + t;
        const float weight = conductance[s];
        a += weight * from[0];
        b += weight * from[1];
        c += weight * from[2];
        d += weight * from[3];
      }
      Lanes *to = sums + n * kTile + t;
      to[0] = a;
      to[1] = b;
      to[2] = c;
      to[3] = d;
    }
}

/// The same for one value an entry and lane instead of a tile.
NT_CLONES static void gatherOnce(const uint32_t *first, const uint32_t *index,
                                 const float *conductance, size_t count,
                                 const Lanes *in, Lanes *sums) {
  for (size_t n = 0; n < count; ++n) {
    Lanes sum{};
    for (uint32_t s = first[n]; s < first[n + 1]; ++s)
      sum += conductance[s] * in[index[s]];
    sums[n] = sum;
  }
}

/// As gather(), of whole numbers whose sums keep to 16 bits.
NT_CLONES static void gatherCodes(const uint32_t *first, const uint32_t *index,
                                  const int8_t *codes, size_t count,
                                  const SlotPair *in, Lanes *sums) {
  for (size_t n = 0; n < count; ++n) {
    SlotPair total[kPairs] = {};
    for (uint32_t s = first[n]; s < first[n + 1]; ++s) {
      const SlotPair *from = in + size_t(index[s]) * kPairs;
      const SlotPair code = SlotPair{} + int16_t(codes[s]);
      for (uint32_t p = 0; p < kPairs; ++p)
        total[p] += code & from[p];
    }
    int16_t each[kTile * kLanes];
    __builtin_memcpy(each, total, sizeof each);
    auto *to = reinterpret_cast<float *>(sums + n * kTile);
    for (size_t i = 0; i < kTile * kLanes; ++i)
      to[i] = each[i];
  }
}

/// A tile's spikes, a bit a lane, as a vector a slot of 1 and 0.
NT_CLONES static void spread(const uint16_t *spiked, Lanes *to) {
  typedef int32_t Bits __attribute__((vector_size(sizeof(Lanes))));
  Bits places;
  for (size_t lane = 0; lane < kLanes; ++lane)
    places[lane] = 1 << lane;
  const Lanes zero{}, one = zero + 1.0f;
  for (uint32_t t = 0; t < kTile; ++t)
    to[t] = ((Bits{} + spiked[t]) & places) != 0 ? one : zero;
}
NT_CLONES static void spread(const uint16_t *spiked, SlotPair *to) {
  SlotPair places;
  for (size_t lane = 0; lane < 2 * kLanes; ++lane)
    places[lane] = static_cast<int16_t>(1 << lane % kLanes);
  for (uint32_t p = 0; p < kPairs; ++p) {
    SlotPair bits;
    for (size_t lane = 0; lane < 2 * kLanes; ++lane)
      bits[lane] = static_cast<int16_t>(spiked[2 * p + lane / kLanes]);
    to[p] = (bits & places) != 0;
  }
}

/// Distances to threshold in swings, at least 0 with a spike and below it
/// without: how near each margin was to the other outcome.
NT_CLONES static void distancesOf(const Lanes *margin_V, float perSwing,
                                  const uint16_t *spiked, uint32_t slots,
                                  Lanes *distance) {
  Lanes fired[kTile];
  spread(spiked, fired);
  const Lanes zero{}, least = zero + 1e-30f;
  for (uint32_t t = 0; t < slots; ++t) {
    const Lanes margin = margin_V[t] * perSwing;
    // Never -0: the sign says whether it spiked.
    distance[t] = fired[t] > zero ? (margin < zero ? zero : margin)
                                  : -(margin < least ? least : margin);
  }
}

/// Some slots of a layer backward, the last one first. `distance` is [neuron]
/// [stride], of the tile's first slot; `fromSpikes`: gradients of spikes,
/// [neuron][kTile]; `onMembrane`: of the membrane at the tile's end, then of
/// that at its start; `toSums`: of synaptic sums, [neuron][kTile], for code 1
/// of neuron n weight[n].
NT_CLONES static void scanBack(size_t neurons, uint32_t slots,
                               const Lanes *distance, size_t stride,
                               const Lanes *fromSpikes, const float *weight,
                               float decay, bool isSubtract, Lanes *onMembrane,
                               Lanes *toSums, Lanes *toBias) {
  const Lanes zero = {}, one = zero + 1.0f;
  for (size_t n = 0; n < neurons; ++n) {
    Lanes membrane = onMembrane[n], bias = toBias[n];
    for (uint32_t t = slots; t-- > 0;) {
      const Lanes x = distance[n * stride + t];
      const Lanes slope = one - (x < zero ? -x : x);
      const Lanes surrogate = slope > zero ? slope : zero;
      Lanes stays = one - surrogate;
      if (!isSubtract)
        stays = x < zero ? stays : zero; // A hard reset forgets.
      const Lanes onSlot =
          fromSpikes[n * kTile + t] * surrogate + membrane * stays;
      membrane = onSlot * decay;
      toSums[n * kTile + t] = onSlot * weight[n];
      bias += onSlot;
    }
    onMembrane[n] = membrane;
    toBias[n] = bias;
  }
}

/// kLanes samples on their way through the network.
struct SpikingNetwork::Block {
  size_t samples = 0;            ///< In use; lanes beyond stay at 0.
  std::vector<double> rates;     ///< Of the inputs, [input][lane].
  std::vector<Lanes> exactRates; ///< [unit]
  std::vector<uint16_t> spiked;  ///< Of a tile, [unit][kTile]; bit l: lane l.
  std::vector<std::vector<Lanes>> distance; ///< [layer][neuron][slot]
  std::vector<std::vector<Lanes>> counts;   ///< [layer][neuron]
  std::vector<std::vector<Lanes>> exact;    ///< Rates, [layer][neuron]
  std::vector<Lanes> scores;
  std::vector<Lanes> outputGradient;
  std::vector<std::vector<Lanes>> toBias; ///< [layer][neuron]
};

/// Conductances as codes if they are whole and no sum leaves 16 bits; or none.
static std::vector<int8_t> codesOf(const SpikingLayer &layer) {
  std::vector<int8_t> codes;
  for (size_t n = 0; n < layer.neurons(); ++n) {
    int64_t most = 0;
    for (uint32_t s = layer.first[n]; s < layer.first[n + 1]; ++s) {
      const float value = layer.conductance[s];
      if (value != std::round(value) || std::abs(value) > INT8_MAX)
        return {};
      codes.push_back(static_cast<int8_t>(value));
      most += std::abs(codes.back());
    }
    if (most > INT16_MAX)
      return {};
  }
  return codes;
}

SpikingNetwork::Derived::Derived(const SpikingLayer &layer, uint32_t slots)
    : times{ntrt::TimeModel(layer.device, slots)} {
  const ntrt::MembraneConstants m = times.front().constants();
  swing_V = m.swing_V;
  isSubtract = m.isSubtract;
  slotDecay = static_cast<float>(m.slot.decay);
  if (m.isLeaky) {
    modulationGain =
        static_cast<float>((1 - m.slot.decay) * m.tau_s / m.slot.duration_s);
    pulseGain = static_cast<float>((1 - m.pulse.decay) * m.tau_s /
                                   m.pulse.duration_s * m.gap.decay);
  }
  for (double lsb_A : layer.lsb_A)
    weight.push_back(
        static_cast<float>(lsb_A * m.pulse.perCapacitance / m.swing_V));
  if (!layer.neuronsOfChip.empty()) {
    ntrt::DeviceModel device = layer.device;
    times.clear();
    for (const ntrt::NeuronModel &neuron : layer.neuronsOfChip) {
      device.neuron = neuron;
      times.emplace_back(device, slots);
    }
  }
  step = ntrt::stepLanesOf(times.front());
  codes = codesOf(layer);
  const size_t axons = layer.units.size();
  isContiguous = axons > 0;
  for (size_t a = 0; a < axons; ++a)
    isContiguous &= layer.units[a] != SpikingLayer::kNone &&
                    layer.units[a] == layer.units.front() + a;
  firstOut.assign(axons + 1, 0);
  for (uint32_t axon : layer.axon)
    ++firstOut[axon + 1];
  for (size_t i = 0; i < axons; ++i)
    firstOut[i + 1] += firstOut[i];
  target.resize(layer.axon.size());
  outConductance.resize(layer.axon.size());
  std::vector<uint32_t> next(firstOut.begin(), firstOut.end() - 1);
  for (size_t n = 0; n < layer.neurons(); ++n)
    for (uint32_t s = layer.first[n]; s < layer.first[n + 1]; ++s) {
      const uint32_t place = next[layer.axon[s]]++;
      target[place] = static_cast<uint32_t>(n);
      outConductance[place] = layer.conductance[s];
    }
}

SpikingNetwork::SpikingNetwork(SpikingModel given, unsigned threads)
    : model(std::move(given)), threads(std::max(threads, 1u)) {
  size_t units = model.inputUnits();
  for (const SpikingLayer &layer : model.layers) {
    derived.emplace_back(layer, model.slots);
    derived.back().firstUnit = units;
    for (uint32_t unit : layer.units) {
      assert((unit == SpikingLayer::kNone || unit < units) &&
             "driven by itself or by a later layer");
      derived.back().hasNeuronSources |=
          unit != SpikingLayer::kNone && unit >= model.inputUnits();
    }
    units += layer.neurons();
    Site site;
    site.name = layer.name;
    site.channels = layer.neurons();
    site.values.assign(layer.neurons(), 0.0f);
    site.gradients.assign(layer.neurons(), 0.0f);
    siteList.push_back(std::move(site));
  }
  if (model.outputs.empty())
    for (uint32_t n = 0; n < model.layers[model.readout].neurons(); ++n)
      model.outputs.push_back(n);
}

SpikingNetwork::~SpikingNetwork() = default;

size_t SpikingNetwork::outputSize() const { return model.outputs.size(); }

void SpikingNetwork::setLevels(size_t layer, std::vector<float> levels,
                               std::vector<double> levels_A) {
  model.layers[layer].levels = std::move(levels);
  model.layers[layer].levels_A = std::move(levels_A);
}

/// The exact current of each value, which is a level.
std::vector<double> SpikingNetwork::currentsOf(size_t index) const {
  const SpikingLayer &layer = model.layers[index];
  std::vector<double> currents_A;
  for (size_t n = 0; n < siteList[index].values.size(); ++n) {
    const float value = siteList[index].values[n];
    const auto first =
        layer.levels.begin() + static_cast<long>(n * layer.levelsPerValue);
    const auto last = layer.levelsPerValue
                          ? first + static_cast<long>(layer.levelsPerValue)
                          : layer.levels.end();
    const auto at = std::lower_bound(first, last, value);
    assert(at != last && *at == value && "not a level");
    currents_A.push_back(layer.levels_A[at - layer.levels.begin()]);
  }
  return currents_A;
}

//===----------------------------------------------------------------------===//
// Forward
//===----------------------------------------------------------------------===//

void SpikingNetwork::loadBlock(Block &block, const float *samples,
                               size_t firstSample, size_t batch) const {
  block.samples = std::min(kLanes, batch - firstSample);
  block.rates.assign(model.inputUnits() * kLanes, 0.0);
  for (size_t lane = 0; lane < block.samples; ++lane)
    for (size_t i = 0; i < model.inputs; ++i) {
      const double rate =
          static_cast<double>(
              samples[(firstSample + lane) * model.inputs + i]) /
          model.inputFullScale;
      block.rates[i * kLanes + lane] = rate;
      if (model.hasSignedInputs)
        block.rates[(model.inputs + i) * kLanes + lane] = -rate;
    }
  block.counts.resize(model.layers.size());
  block.distance.resize(model.layers.size());
  block.toBias.resize(model.layers.size());
  block.exact.resize(model.layers.size());
  block.spiked.assign(
      (derived.back().firstUnit + model.layers.back().neurons()) * kTile, 0);
  for (size_t l = 0; l < model.layers.size(); ++l) {
    block.counts[l].assign(model.layers[l].neurons(), Lanes{});
  }
  block.scores.assign(outputSize(), Lanes{});
}

/// What the axons of a layer get of all units; `room` holds it if need be.
static const Lanes *axonsOf(const std::vector<uint32_t> &unitOf,
                            bool isContiguous, const std::vector<Lanes> &units,
                            std::vector<Lanes> &room) {
  if (isContiguous)
    return units.data() + unitOf.front();
  room.resize(unitOf.size());
  for (size_t a = 0; a < unitOf.size(); ++a)
    room[a] = unitOf[a] == SpikingLayer::kNone ? Lanes{} : units[unitOf[a]];
  return room.data();
}

/// A tile's spikes of a layer's axons, [axon][vectors of a tile].
template <typename Vector>
static void spreadAxons(const std::vector<uint32_t> &unitOf,
                        const std::vector<uint16_t> &spiked,
                        std::vector<Vector> &axons) {
  static constexpr uint16_t kSilent[kTile] = {};
  constexpr size_t kVectors =
      kTile * kLanes / (sizeof(Vector) / sizeof(Vector{}[0]));
  axons.resize(unitOf.size() * kVectors);
  for (size_t a = 0; a < unitOf.size(); ++a)
    spread(unitOf[a] == SpikingLayer::kNone ? kSilent
                                            : &spiked[unitOf[a] * kTile],
           &axons[a * kVectors]);
}

struct SpikingNetwork::Forward {
  std::vector<std::vector<ntrt::LaneStates>> states; ///< [layer][neuron]
  std::vector<Lanes> axons;
  std::vector<SlotPair> axonPairs;
};

/// `slots` slots of a layer from `first` on.
void SpikingNetwork::forwardTile(Block &block, size_t index, uint32_t first,
                                 uint32_t slots, Mode mode,
                                 Forward &forward) const {
  const SpikingLayer &layer = model.layers[index];
  const Derived &d = derived[index];
  const bool hasCodes = !d.codes.empty();
  if (hasCodes)
    spreadAxons(layer.units, block.spiked, forward.axonPairs);
  else
    spreadAxons(layer.units, block.spiked, forward.axons);
  const auto perSwing = static_cast<float>(1 / d.swing_V);
  Lanes sums[kChunk * kTile], margins_V[kTile], fired[kTile];
  for (size_t chunk = 0; chunk < layer.neurons(); chunk += kChunk) {
    const size_t count = std::min(kChunk, layer.neurons() - chunk);
    if (hasCodes)
      gatherCodes(&layer.first[chunk], layer.axon.data(), d.codes.data(), count,
                  forward.axonPairs.data(), sums);
    else
      gather(&layer.first[chunk], layer.axon.data(), layer.conductance.data(),
             count, forward.axons.data(), sums);
    for (size_t n = chunk; n < chunk + count; ++n) {
      uint16_t *spiked = &block.spiked[(d.firstUnit + n) * kTile];
      d.step(d.time(n), forward.states[index][n],
             {slots,
              reinterpret_cast<const float *>(sums + (n - chunk) * kTile),
              layer.lsb_A[n], modulation_A[index][n], spiked,
              mode == Mode::Training ? reinterpret_cast<float *>(margins_V)
                                     : nullptr});
      std::fill(spiked + slots, spiked + kTile, 0);
      spread(spiked, fired);
      for (uint32_t t = 0; t < slots; ++t)
        block.counts[index][n] += fired[t];
      if (mode == Mode::Training)
        distancesOf(margins_V, perSwing, spiked, slots,
                    &block.distance[index][n * model.slots + first]);
    }
  }
}

void SpikingNetwork::forwardBlock(Block &block, Mode mode) const {
  Forward forward;
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const size_t neurons = model.layers[l].neurons();
    forward.states.emplace_back(neurons, ntrt::presetLanes(derived[l].time(0)));
    if (mode == Mode::Training)
      block.distance[l].resize(neurons * model.slots);
  }
  for (uint32_t first = 0; first < model.slots; first += kTile) {
    const uint32_t slots = std::min(kTile, model.slots - first);
    for (size_t i = 0; i < model.inputUnits(); ++i)
      for (uint32_t t = 0; t < kTile; ++t) {
        uint16_t spiked = 0;
        for (size_t lane = 0; lane < block.samples && t < slots; ++lane)
          spiked |= static_cast<uint16_t>(
              ntrt::regularSpike(block.rates[i * kLanes + lane], first + t)
              << lane);
        block.spiked[i * kTile + t] = spiked;
      }
    for (size_t l = 0; l < model.layers.size(); ++l)
      forwardTile(block, l, first, slots, mode, forward);
  }
  const Derived &d = derived[model.readout];
  for (size_t o = 0; o < outputSize(); ++o) {
    const size_t n = model.outputs[o];
    block.scores[o] = block.counts[model.readout][n];
    if (model.membraneReadout)
      for (size_t lane = 0; lane < block.samples; ++lane)
        block.scores[o][lane] += static_cast<float>(
            (forward.states[model.readout][n].membrane_V[lane] -
             d.time(n).constants().init_V) /
            d.swing_V);
    block.scores[o] /= static_cast<float>(model.slots);
  }
}

void SpikingNetwork::exactBlock(Block &block) const {
  const Lanes zero = {}, one = zero + 1.0f;
  block.exactRates.assign(block.spiked.size() / kTile, Lanes{});
  for (size_t i = 0; i < model.inputUnits(); ++i)
    for (size_t lane = 0; lane < block.samples; ++lane)
      block.exactRates[i][lane] = static_cast<float>(
          std::clamp(block.rates[i * kLanes + lane], 0.0, 1.0));
  std::vector<Lanes> room, sums(model.layers[model.readout].neurons());
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const SpikingLayer &layer = model.layers[l];
    const ntrt::MembraneConstants &m = derived[l].time(0).constants();
    Lanes *rates = block.exactRates.data() + derived[l].firstUnit;
    gatherOnce(
        layer.first.data(), layer.axon.data(), layer.conductance.data(),
        layer.neurons(),
        axonsOf(layer.units, derived[l].isContiguous, block.exactRates, room),
        rates);
    for (size_t n = 0; n < layer.neurons(); ++n) {
      Lanes rate = rates[n] * derived[l].weight[n] +
                   static_cast<float>(reference_A[l][n] *
                                      m.slot.perCapacitance / m.swing_V);
      if (l == model.readout)
        sums[n] = rate;
      rate = rate > zero ? rate : zero;
      rates[n] = rate < one ? rate : one;
    }
    if (l == model.readout)
      for (size_t o = 0; o < outputSize(); ++o)
        block.scores[o] = sums[model.outputs[o]];
    block.exact[l].assign(rates, rates + layer.neurons());
  }
}

/// Behind exactBlock and forwardBlock.
void SpikingNetwork::addUp(const Block &block,
                           std::vector<LayerDeviation> &deviations) const {
  deviations.resize(model.layers.size());
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const size_t neurons = model.layers[l].neurons();
    LayerDeviation &deviation = deviations[l];
    deviation.lacking.resize(neurons);
    deviation.samples.resize(neurons);
    for (size_t n = 0; n < neurons; ++n)
      for (size_t lane = 0; lane < block.samples; ++lane) {
        const double wanted = block.exact[l][n][lane];
        // A membrane below its start cannot fall as far as a sum.
        const auto output =
            l == model.readout
                ? std::find(model.outputs.begin(), model.outputs.end(), n)
                : model.outputs.end();
        const double seen =
            output != model.outputs.end()
                ? std::max(block.scores[output - model.outputs.begin()][lane],
                           0.0f)
                : block.counts[l][n][lane] / model.slots;
        // Where a neuron is silent its bias has no slope.
        if (!(seen > 0))
          continue;
        deviation.lacking[n] += wanted - seen;
        ++deviation.samples[n];
      }
  }
}

/// Threads take block after block, so that a slow one does not hold up others.
void SpikingNetwork::forEachBlock(
    size_t count, const std::function<void(size_t)> &work) const {
  std::atomic<size_t> next{0};
  parallel(static_cast<unsigned>(std::min<size_t>(threads, count)),
           [&](unsigned) {
             for (size_t b = next++; b < count; b = next++)
               work(b);
           });
}

const float *SpikingNetwork::run(const float *samples, size_t batch, Mode mode,
                                 std::vector<LayerDeviation> *deviations) {
  modulation_A.clear();
  for (size_t l = 0; l < model.layers.size(); ++l)
    modulation_A.push_back(currentsOf(l));
  if (reference_A.empty())
    reference_A = modulation_A;
  const size_t count = (batch + kLanes - 1) / kLanes;
  // Only what backward needs outlives a group of blocks; a group is some blocks
  // a thread, so that few wait for the last.
  const size_t held =
      mode == Mode::Training ? count : std::min<size_t>(count, 4 * threads);
  blocks.resize(held);
  const size_t size = outputSize();
  const auto range = static_cast<float>(model.scoreScale);
  outputs.resize(batch * size);
  for (size_t group = 0; group < count; group += held) {
    const size_t now = std::min(held, count - group);
    forEachBlock(now, [&](size_t b) {
      loadBlock(blocks[b], samples, (group + b) * kLanes, batch);
      if (mode == Mode::Exact || mode == Mode::Comparing)
        exactBlock(blocks[b]);
      if (mode != Mode::Exact)
        forwardBlock(blocks[b], mode);
    });
    for (size_t b = 0; b < now; ++b) {
      const Block &block = blocks[b];
      for (size_t lane = 0; lane < block.samples; ++lane)
        for (size_t n = 0; n < size; ++n)
          outputs[((group + b) * kLanes + lane) * size + n] =
              block.scores[n][lane] * range;
      if (deviations)
        addUp(block, *deviations);
    }
  }
  return outputs.data();
}

double SpikingNetwork::leakLoss(size_t layer) const {
  const ntrt::MembraneConstants &m = derived[layer].time(0).constants();
  return (1 - m.slot.decay) * ((m.reset_V + m.threshold_V) / 2 - m.rest_V) /
         m.swing_V;
}

void SpikingNetwork::keepReference() {
  reference_A.clear();
  for (size_t l = 0; l < model.layers.size(); ++l)
    reference_A.push_back(currentsOf(l));
}

const float *SpikingNetwork::forward(const float *samples, size_t batch) {
  return run(samples, batch, Mode::Scores);
}
const float *SpikingNetwork::forwardTraining(const float *samples,
                                             size_t batch) {
  return run(samples, batch, Mode::Training);
}
const float *SpikingNetwork::exact(const float *samples, size_t batch) {
  return run(samples, batch, Mode::Exact);
}
const float *
SpikingNetwork::forwardComparing(const float *samples, size_t batch,
                                 std::vector<LayerDeviation> &deviations) {
  return run(samples, batch, Mode::Comparing, &deviations);
}

//===----------------------------------------------------------------------===//
// Backward
//===----------------------------------------------------------------------===//

void SpikingNetwork::backwardBlock(Block &block) const {
  const size_t count = model.layers.size();
  // [unit][kTile], though inputs have no gradients.
  std::vector<Lanes> fromSpikes(block.spiked.size());
  std::vector<std::vector<Lanes>> onMembrane(count);
  std::vector<Lanes> toSums, toAxons;
  std::vector<std::vector<float>> weight(count);
  for (size_t l = 0; l < count; ++l) {
    const size_t neurons = model.layers[l].neurons();
    onMembrane[l].assign(neurons, Lanes{});
    block.toBias[l].assign(neurons, Lanes{});
    for (float w : derived[l].weight)
      weight[l].push_back(w * derived[l].pulseGain);
  }
  if (model.membraneReadout)
    for (size_t o = 0; o < outputSize(); ++o)
      onMembrane[model.readout][model.outputs[o]] += block.outputGradient[o];
  Lanes *const outputs =
      fromSpikes.data() + derived[model.readout].firstUnit * kTile;
  const uint32_t tiles = (model.slots + kTile - 1) / kTile;
  for (uint32_t tile = tiles; tile-- > 0;) {
    const uint32_t first = tile * kTile,
                   slots = std::min(kTile, model.slots - first);
    std::fill(fromSpikes.begin(), fromSpikes.end(), Lanes{});
    for (size_t o = 0; o < outputSize(); ++o)
      for (uint32_t t = 0; t < slots; ++t)
        outputs[model.outputs[o] * kTile + t] += block.outputGradient[o];
    for (size_t l = count; l-- > 0;) {
      const SpikingLayer &layer = model.layers[l];
      const Derived &d = derived[l];
      toSums.assign(layer.neurons() * kTile, Lanes{});
      scanBack(layer.neurons(), slots, &block.distance[l][first], model.slots,
               fromSpikes.data() + d.firstUnit * kTile, weight[l].data(),
               d.slotDecay, d.isSubtract, onMembrane[l].data(), toSums.data(),
               block.toBias[l].data());
      if (!d.hasNeuronSources)
        continue;
      toAxons.resize(layer.units.size() * kTile);
      gather(d.firstOut.data(), d.target.data(), d.outConductance.data(),
             layer.units.size(), toSums.data(), toAxons.data());
      for (size_t a = 0; a < layer.units.size(); ++a)
        if (layer.units[a] != SpikingLayer::kNone)
          for (uint32_t t = 0; t < slots; ++t)
            fromSpikes[layer.units[a] * kTile + t] += toAxons[a * kTile + t];
    }
  }
}

void SpikingNetwork::backward(const float *outputGradient, size_t batch) {
  const size_t size = outputSize();
  const auto range = static_cast<float>(model.scoreScale);
  assert(blocks.size() == (batch + kLanes - 1) / kLanes &&
         "backward without forwardTraining");
  (void)batch;
  forEachBlock(blocks.size(), [&](size_t b) {
    Block &block = blocks[b];
    block.outputGradient.assign(size, Lanes{});
    for (size_t lane = 0; lane < block.samples; ++lane)
      for (size_t n = 0; n < size; ++n)
        block.outputGradient[n][lane] =
            outputGradient[(b * kLanes + lane) * size + n] * range /
            static_cast<float>(model.slots);
    backwardBlock(block);
  });
  for (size_t l = 0; l < model.layers.size(); ++l) {
    std::vector<float> &gradients = siteList[l].gradients;
    const float scale =
        derived[l].modulationGain / static_cast<float>(model.layers[l].range);
    for (size_t n = 0; n < gradients.size(); ++n) {
      float sum = 0;
      for (const Block &block : blocks)
        for (size_t lane = 0; lane < block.samples; ++lane)
          sum += block.toBias[l][n][lane];
      gradients[n] = sum * scale;
    }
  }
}

//===----------------------------------------------------------------------===//
// Correction
//===----------------------------------------------------------------------===//

/// Mean divergence of softmax(seen) from softmax(wanted), both [samples,
/// outputs].
static double divergence(const float *wanted, const float *seen, size_t samples,
                         size_t outputs) {
  auto logSum = [&](const float *scores) {
    const double top = *std::max_element(scores, scores + outputs);
    double sum = 0;
    for (size_t i = 0; i < outputs; ++i)
      sum += std::exp(scores[i] - top);
    return top + std::log(sum);
  };
  double total = 0;
  for (size_t s = 0; s < samples; ++s, wanted += outputs, seen += outputs) {
    const double wantedSum = logSum(wanted), seenSum = logSum(seen);
    for (size_t i = 0; i < outputs; ++i)
      total += std::exp(wanted[i] - wantedSum) *
               ((wanted[i] - wantedSum) - (seen[i] - seenSum));
  }
  return total / static_cast<double>(samples);
}

CorrectionResult nt::tuner::correctModulation(
    SpikingNetwork &network, const ntrt::Dataset &data,
    std::vector<WordSite> &sites, const CorrectionOptions &options,
    const std::function<void(size_t, size_t)> &report) {
  // A neuron that few samples reach is known badly; a step is never more than
  // a fifth of a spike a slot.
  constexpr double kDamping = 0.7, kLeastShare = 0.05, kMostStep = 0.2;
  const size_t samples = data.samples();
  auto realise = [&] {
    for (size_t s = 0; s < sites.size(); ++s)
      for (size_t n = 0; n < sites[s].latent.size(); ++n)
        network.sites()[s].values[n] =
            nearestLevel(sites[s].levels, sites[s].latent[n]);
  };
  realise();
  const float *exact = network.exact(data.sample(0), samples);
  const std::vector<float> wanted(exact,
                                  exact + samples * network.outputSize());
  CorrectionResult result;
  std::vector<WordSite> best = sites;
  for (unsigned round = 0;; ++round) {
    std::vector<LayerDeviation> deviations;
    const float *seen =
        network.forwardComparing(data.sample(0), samples, deviations);
    const double error =
        divergence(wanted.data(), seen, samples, network.outputSize());
    if (round == 0)
      result.errorBefore = result.errorAfter = error;
    if (error < result.errorAfter) {
      result.errorAfter = error;
      result.bestRound = round;
      best = sites;
    }
    if (report)
      report(round + 1, options.rounds + 1);
    if (round == options.rounds)
      break;
    for (size_t l = 0; l < sites.size(); ++l) {
      const double range = network.spikingModel().layers[l].range;
      for (size_t n = 0; n < sites[l].latent.size(); ++n) {
        const double count =
            std::max(kLeastShare * static_cast<double>(samples),
                     static_cast<double>(deviations[l].samples[n]));
        double step = kDamping * deviations[l].lacking[n] / count;
        // What a leak takes from a membrane half way, so that a neuron which
        // the leak alone keeps silent is heard of.
        if (round == 0)
          step = network.leakLoss(l);
        const auto moved =
            static_cast<float>(sites[l].latent[n] +
                               range * std::clamp(step, -kMostStep, kMostStep));
        sites[l].latent[n] =
            std::clamp(moved, sites[l].levels.front(), sites[l].levels.back());
      }
    }
    realise();
  }
  sites = std::move(best);
  realise();
  return result;
}
