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
#include <cassert>
#include <cmath>

using namespace nt::tuner;

namespace {
/// Samples that run side by side.
constexpr size_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
} // namespace

// Sums of whole numbers are exact, and lanes do not meet: the same bits with
// and without AVX2.
#if defined(__x86_64__)
#define NT_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define NT_CLONES
#endif

/// Adds the sum of conductance * in[index] over the entries of n to `from`[n]
/// (null: to 0), for all n, into sums[n].
NT_CLONES static void gather(const uint32_t *first, const uint32_t *index,
                             const float *conductance, size_t count,
                             const Lanes *in, const Lanes *from, Lanes *sums) {
  for (size_t n = 0; n < count; ++n) {
    Lanes sum = from ? from[n] : Lanes{};
    for (uint32_t s = first[n]; s < first[n + 1]; ++s)
      sum += conductance[s] * in[index[s]];
    sums[n] = sum;
  }
}

/// One slot of a layer backward. `fromSpikes`: gradients of its spikes in the
/// slot; `onMembrane`: of the membrane at the slot's end, then of that at its
/// start; `toSums`: of a synaptic sum, for code 1 of neuron n weight[n].
NT_CLONES static void scanBack(size_t neurons, const Lanes *distance,
                               const Lanes *fromSpikes, const float *weight,
                               float decay, bool isSubtract, Lanes *onMembrane,
                               Lanes *toSums, Lanes *toBias) {
  const Lanes zero = {}, one = zero + 1.0f;
  for (size_t n = 0; n < neurons; ++n) {
    const Lanes x = distance[n];
    const Lanes slope = one - (x < zero ? -x : x);
    const Lanes surrogate = slope > zero ? slope : zero;
    Lanes stays = one - surrogate;
    if (!isSubtract)
      stays = x < zero ? stays : zero; // A hard reset forgets.
    const Lanes onSlot = fromSpikes[n] * surrogate + onMembrane[n] * stays;
    onMembrane[n] = onSlot * decay;
    toSums[n] = onSlot * weight[n];
    toBias[n] += onSlot;
  }
}

/// kLanes samples on their way through the network.
struct SpikingNetwork::Block {
  size_t samples = 0;        ///< In use; lanes beyond stay at 0.
  std::vector<double> rates; ///< Of the inputs, [input][lane].
  std::vector<Lanes> spikes; ///< Of the current slot, [unit]; or exact rates.
  std::vector<std::vector<Lanes>> distance; ///< [layer][slot * neurons + n]
  std::vector<std::vector<Lanes>> counts;   ///< [layer][neuron]
  std::vector<std::vector<Lanes>> exact;    ///< Rates, [layer][neuron]
  std::vector<Lanes> scores;
  std::vector<Lanes> outputGradient;
  std::vector<std::vector<Lanes>> toBias; ///< [layer][neuron]
};

SpikingNetwork::Derived::Derived(const SpikingLayer &layer)
    : times{ntrt::TimeModel(layer.device)} {
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
      times.emplace_back(device);
    }
  }
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
    derived.emplace_back(layer);
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
  block.spikes.assign(derived.back().firstUnit + model.layers.back().neurons(),
                      Lanes{});
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

void SpikingNetwork::forwardBlock(Block &block, Mode mode) const {
  std::vector<std::vector<ntrt::NeuronState>> states;
  size_t most = 0;
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const size_t neurons = model.layers[l].neurons();
    states.emplace_back(neurons * kLanes, derived[l].time(0).preset());
    most = std::max(most, neurons);
    if (mode == Mode::Training)
      block.distance[l].resize(neurons * model.slots);
  }
  std::vector<Lanes> sums(most), room;
  for (uint32_t slot = 0; slot < model.slots; ++slot) {
    for (size_t i = 0; i < model.inputUnits(); ++i)
      for (size_t lane = 0; lane < block.samples; ++lane)
        block.spikes[i][lane] =
            ntrt::regularSpike(block.rates[i * kLanes + lane], slot) ? 1.0f
                                                                     : 0.0f;
    for (size_t l = 0; l < model.layers.size(); ++l) {
      const SpikingLayer &layer = model.layers[l];
      gather(layer.first.data(), layer.axon.data(), layer.conductance.data(),
             layer.neurons(),
             axonsOf(layer.units, derived[l].isContiguous, block.spikes, room),
             nullptr, sums.data());
      const auto perSwing = static_cast<float>(1 / derived[l].swing_V);
      for (size_t n = 0; n < layer.neurons(); ++n) {
        Lanes spiked = {}, distance = {};
        for (size_t lane = 0; lane < block.samples; ++lane) {
          const ntrt::SlotOutcome outcome = derived[l].time(n).step(
              states[l][n * kLanes + lane],
              static_cast<double>(sums[n][lane]) * layer.lsb_A[n],
              modulation_A[l][n]);
          spiked[lane] = outcome.spiked ? 1.0f : 0.0f;
          const auto margin = static_cast<float>(outcome.margin_V) * perSwing;
          // Never -0: the sign says whether it spiked.
          distance[lane] = outcome.spiked ? std::max(margin, 0.0f)
                                          : -std::max(margin, 1e-30f);
        }
        block.spikes[derived[l].firstUnit + n] = spiked;
        block.counts[l][n] += spiked;
        if (mode == Mode::Training)
          block.distance[l][slot * layer.neurons() + n] = distance;
      }
    }
  }
  const Derived &d = derived[model.readout];
  for (size_t o = 0; o < outputSize(); ++o) {
    const size_t n = model.outputs[o];
    block.scores[o] = block.counts[model.readout][n];
    if (model.membraneReadout)
      for (size_t lane = 0; lane < block.samples; ++lane)
        block.scores[o][lane] += static_cast<float>(
            (states[model.readout][n * kLanes + lane].membrane_V -
             d.time(n).constants().init_V) /
            d.swing_V);
    block.scores[o] /= static_cast<float>(model.slots);
  }
}

void SpikingNetwork::exactBlock(Block &block) const {
  const Lanes zero = {}, one = zero + 1.0f;
  for (size_t i = 0; i < model.inputUnits(); ++i)
    for (size_t lane = 0; lane < block.samples; ++lane)
      block.spikes[i][lane] = static_cast<float>(
          std::clamp(block.rates[i * kLanes + lane], 0.0, 1.0));
  std::vector<Lanes> room, sums(model.layers[model.readout].neurons());
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const SpikingLayer &layer = model.layers[l];
    const ntrt::MembraneConstants &m = derived[l].time(0).constants();
    Lanes *rates = block.spikes.data() + derived[l].firstUnit;
    gather(layer.first.data(), layer.axon.data(), layer.conductance.data(),
           layer.neurons(),
           axonsOf(layer.units, derived[l].isContiguous, block.spikes, room),
           nullptr, rates);
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

const float *SpikingNetwork::run(const float *samples, size_t batch, Mode mode,
                                 std::vector<LayerDeviation> *deviations) {
  modulation_A.clear();
  for (size_t l = 0; l < model.layers.size(); ++l)
    modulation_A.push_back(currentsOf(l));
  if (reference_A.empty())
    reference_A = modulation_A;
  const size_t count = (batch + kLanes - 1) / kLanes;
  // Only what backward needs outlives a group of blocks.
  const size_t held =
      mode == Mode::Training ? count : std::min<size_t>(count, threads);
  blocks.resize(held);
  const size_t size = outputSize();
  const auto range = static_cast<float>(model.scoreScale);
  outputs.resize(batch * size);
  for (size_t group = 0; group < count; group += held) {
    const size_t now = std::min(held, count - group);
    auto work = [&](unsigned worker) {
      for (size_t b = worker; b < now; b += threads) {
        loadBlock(blocks[b], samples, (group + b) * kLanes, batch);
        if (mode == Mode::Exact || mode == Mode::Comparing)
          exactBlock(blocks[b]);
        if (mode != Mode::Exact)
          forwardBlock(blocks[b], mode);
      }
    };
    parallel(static_cast<unsigned>(std::min<size_t>(threads, now)), work);
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
  // [unit], though inputs have no gradients.
  std::vector<Lanes> fromSpikes(block.spikes.size());
  std::vector<std::vector<Lanes>> onMembrane(count), toSums(count);
  std::vector<Lanes> toAxons;
  std::vector<std::vector<float>> weight(count);
  for (size_t l = 0; l < count; ++l) {
    const size_t neurons = model.layers[l].neurons();
    onMembrane[l].assign(neurons, Lanes{});
    toSums[l].assign(neurons, Lanes{});
    block.toBias[l].assign(neurons, Lanes{});
    for (float w : derived[l].weight)
      weight[l].push_back(w * derived[l].pulseGain);
  }
  auto addOutputs = [&](Lanes *neurons) {
    for (size_t o = 0; o < outputSize(); ++o)
      neurons[model.outputs[o]] += block.outputGradient[o];
  };
  if (model.membraneReadout)
    addOutputs(onMembrane[model.readout].data());
  for (uint32_t slot = model.slots; slot-- > 0;) {
    std::fill(fromSpikes.begin(), fromSpikes.end(), Lanes{});
    addOutputs(fromSpikes.data() + derived[model.readout].firstUnit);
    for (size_t l = count; l-- > 0;) {
      const SpikingLayer &layer = model.layers[l];
      const Derived &d = derived[l];
      scanBack(layer.neurons(), &block.distance[l][slot * layer.neurons()],
               fromSpikes.data() + d.firstUnit, weight[l].data(), d.slotDecay,
               d.isSubtract, onMembrane[l].data(), toSums[l].data(),
               block.toBias[l].data());
      if (!d.hasNeuronSources)
        continue;
      toAxons.resize(layer.units.size());
      gather(d.firstOut.data(), d.target.data(), d.outConductance.data(),
             layer.units.size(), toSums[l].data(), nullptr, toAxons.data());
      for (size_t a = 0; a < layer.units.size(); ++a)
        if (layer.units[a] != SpikingLayer::kNone)
          fromSpikes[layer.units[a]] += toAxons[a];
    }
  }
}

void SpikingNetwork::backward(const float *outputGradient, size_t batch) {
  const size_t size = outputSize();
  const auto range = static_cast<float>(model.scoreScale);
  auto work = [&](unsigned worker) {
    for (size_t b = worker; b < blocks.size(); b += threads) {
      Block &block = blocks[b];
      block.outputGradient.assign(size, Lanes{});
      for (size_t lane = 0; lane < block.samples; ++lane)
        for (size_t n = 0; n < size; ++n)
          block.outputGradient[n][lane] =
              outputGradient[(b * kLanes + lane) * size + n] * range /
              static_cast<float>(model.slots);
      backwardBlock(block);
    }
  };
  assert(blocks.size() == (batch + kLanes - 1) / kLanes &&
         "backward without forwardTraining");
  (void)batch;
  parallel(static_cast<unsigned>(std::min<size_t>(threads, blocks.size())),
           work);
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
