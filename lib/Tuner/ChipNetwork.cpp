//===- ChipNetwork.cpp - A configured chip as a network of rates ----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/ChipNetwork.h"

#include "nt/Tuner/Multiply.h"
#include "nt/Tuner/Threads.h"

#include <algorithm>
#include <tuple>

using namespace nt::tuner;

double nt::tuner::lsbOn(const ntrt::DeviceModel &device,
                        const ntrt::ChipVariation *chip, ntrt::CorePlace core,
                        ntrt::DomainKind kind, uint32_t domain, uint32_t dac) {
  const ntrt::DomainModel &model = device.domain(kind);
  const double error_V = chip ? chip->domainError_V(core, kind, domain) : 0;
  return model.current_A(model.volts(dac) + error_V);
}

std::vector<float> nt::tuner::eventSteps(const ntrt::CoreConfig &core,
                                         const ntrt::DeviceModel &device,
                                         const ntrt::ChipVariation *chip) {
  std::vector<double> steps;
  for (uint8_t domain : core.synapseDomain)
    steps.push_back(device.synapseStep(
        lsbOn(device, chip, {core.row, core.column}, ntrt::DomainKind::Synapse,
              domain, core.synapseDac[domain])));
  std::vector<float> result(core.codes.size());
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t n = 0; n < core.neurons; ++n)
      result[size_t(axon) * core.neurons + n] = static_cast<float>(
          steps[n] *
          (chip ? chip->synapse({core.row, core.column}, axon, n,
                                core.sourcesAt(axon, n, device.synapse.digits))
                : core.code(axon, n)));
  return result;
}

ntrt::Result<ChipNetwork> ChipNetwork::create(const ntrt::Program &program,
                                              const ntrt::TaskOverlay &task,
                                              const ntrt::DeviceModel &device,
                                              const ntrt::ChipVariation *chip) {
  ntrt::DiagnosticList misfits = ntrt::checkProgram(program, device);
  const ntrt::DiagnosticList ofTask = ntrt::checkTask(task, program, device);
  misfits.insert(misfits.end(), ofTask.begin(), ofTask.end());
  for (size_t core = 0; core < program.cores.size(); ++core)
    if (program.cores[core].isPaired())
      misfits.push_back({ntrt::Diag::PairStage, program.name,
                         "fitting to a chip, of core " + std::to_string(core)});
  for (const ntrt::Route &route : program.routes)
    if (misfits.empty() && program.cores[route.sourceCore].startSlot >=
                               program.cores[route.targetCore].startSlot)
      misfits.push_back({ntrt::Diag::ChipStructure, program.name,
                         "events of core " + std::to_string(route.sourceCore) +
                             " go to core " + std::to_string(route.targetCore) +
                             ", which starts no later"});
  if (!misfits.empty())
    return misfits;

  ChipNetwork network;
  network.inputs = program.inputs;
  network.hasSignedInputs = program.hasSignedInputs();
  network.fullScale = program.inputFullScale;
  network.readout = program.readout;
  for (size_t c = 0; c < program.cores.size(); ++c) {
    const ntrt::CoreConfig &config = program.cores[c];
    const ntrt::CorePlace place{config.row, config.column};
    Core core;
    core.axons = config.axons;
    core.neurons = config.neurons;
    core.sourceCore.assign(core.axons, kNone);
    core.sourceRow.resize(core.axons);
    core.weights = eventSteps(config, device, chip);
    network.cores.push_back(std::move(core));

    const ntrt::CoreModulation &modulation = task.cores[c];
    Site site;
    site.name = "core " + std::to_string(c);
    for (uint32_t n = 0; n < config.neurons; ++n) {
      const ntrt::ModulationWord word = modulation.words[n];
      site.values.push_back(static_cast<float>(
          device.modulationStep(lsbOn(device, chip, place,
                                      ntrt::DomainKind::Modulation, word.domain,
                                      modulation.dac[word.domain])) *
          (chip ? chip->modulation(place, n, word.code) : word.code)));
    }
    site.gradients.resize(config.neurons);
    network.siteList.push_back(std::move(site));
    network.forwardOrder.push_back(c);
  }
  for (const ntrt::InputRoute &route : program.inputRoutes) {
    network.cores[route.targetCore].sourceCore[route.targetAxon] = kInput;
    network.cores[route.targetCore].sourceRow[route.targetAxon] = route.input;
  }
  for (const ntrt::Route &route : program.routes) {
    Core &target = network.cores[route.targetCore];
    target.sourceCore[route.targetAxon] = route.sourceCore;
    target.sourceRow[route.targetAxon] = route.sourceNeuron;
    target.hasNeuronSources = true;
  }
  std::sort(network.forwardOrder.begin(), network.forwardOrder.end(),
            [&](size_t a, size_t b) {
              return std::pair(program.cores[a].startSlot, a) <
                     std::pair(program.cores[b].startSlot, b);
            });
  return network;
}

void ChipNetwork::setInputs(const float *samples, size_t batch) {
  batchSize = batch;
  inputRates.resize((hasSignedInputs ? 2 : 1) * inputs * batch);
  for (size_t s = 0; s < batch; ++s)
    for (size_t i = 0; i < inputs; ++i) {
      const auto rate = static_cast<float>(samples[s * inputs + i] / fullScale);
      inputRates[i * batch + s] = std::clamp(rate, 0.0f, 1.0f);
      if (hasSignedInputs)
        inputRates[(inputs + i) * batch + s] = std::clamp(-rate, 0.0f, 1.0f);
    }
}

const float *ChipNetwork::gather(size_t index) {
  Core &core = cores[index];
  core.axonRates.resize(core.axons * batchSize);
  for (size_t axon = 0; axon < core.axons; ++axon) {
    float *to = core.axonRates.data() + axon * batchSize;
    if (core.sourceCore[axon] == kNone) {
      std::fill_n(to, batchSize, 0.0f);
      continue;
    }
    const std::vector<float> &from = core.sourceCore[axon] == kInput
                                         ? inputRates
                                         : cores[core.sourceCore[axon]].rates;
    std::copy_n(from.data() + core.sourceRow[axon] * batchSize, batchSize, to);
  }
  return core.axonRates.data();
}

void ChipNetwork::run(size_t index) {
  Core &core = cores[index];
  core.sums.resize(core.neurons * batchSize);
  core.rates.resize(core.sums.size());
  for (size_t n = 0; n < core.neurons; ++n)
    std::fill_n(core.sums.data() + n * batchSize, batchSize,
                siteList[index].values[n]);
  multiply(/*transposeA=*/true, /*transposeB=*/false, core.neurons, batchSize,
           core.axons, core.weights.data(), core.axonRates.data(), 1,
           core.sums.data());
  for (size_t i = 0; i < core.sums.size(); ++i)
    core.rates[i] = std::clamp(core.sums[i], 0.0f, 1.0f);
}

const float *ChipNetwork::forward(const float *samples, size_t batch) {
  setInputs(samples, batch);
  for (size_t core : forwardOrder) {
    gather(core);
    run(core);
  }
  scores.resize(batch * readout.size());
  for (size_t o = 0; o < readout.size(); ++o)
    for (size_t s = 0; s < batch; ++s)
      scores[s * readout.size() + o] =
          static_cast<float>(scoreScale) *
          cores[readout[o].core].sums[readout[o].neuron * batch + s];
  return scores.data();
}

void ChipNetwork::backward(const float *outputGradient, size_t batch) {
  for (Core &core : cores)
    core.slopes.assign(core.neurons * batch, 0.0f);
  for (auto at = forwardOrder.rbegin(); at != forwardOrder.rend(); ++at) {
    Core &core = cores[*at];
    for (size_t i = 0; i < core.slopes.size(); ++i)
      if (core.sums[i] <= 0 || core.sums[i] >= 1)
        core.slopes[i] = 0;
    for (size_t o = 0; o < readout.size(); ++o)
      for (size_t s = 0; readout[o].core == *at && s < batch; ++s)
        core.slopes[readout[o].neuron * batch + s] +=
            static_cast<float>(scoreScale) *
            outputGradient[s * readout.size() + o];
    std::vector<float> &gradients = siteList[*at].gradients;
    for (size_t n = 0; n < core.neurons; ++n) {
      float sum = 0;
      for (size_t s = 0; s < batch; ++s)
        sum += core.slopes[n * batch + s];
      gradients[n] = sum;
    }
    if (!core.hasNeuronSources)
      continue;
    axonSlopes.resize(core.axons * batch);
    multiply(false, false, core.axons, batch, core.neurons, core.weights.data(),
             core.slopes.data(), 0, axonSlopes.data());
    for (size_t axon = 0; axon < core.axons; ++axon) {
      if (core.sourceCore[axon] >= kNone)
        continue;
      float *to = cores[core.sourceCore[axon]].slopes.data() +
                  core.sourceRow[axon] * batch;
      for (size_t s = 0; s < batch; ++s)
        to[s] += axonSlopes[axon * batch + s];
    }
  }
}

CoreWords nt::tuner::wordsOfCore(const ntrt::CoreConfig &core,
                                 const ntrt::CoreModulation &modulation,
                                 const ntrt::DeviceModel &device,
                                 const ntrt::ChipVariation *chip) {
  CoreWords result;
  const int32_t maxCode = device.synapse.maxCode();
  for (uint32_t n = 0; n < core.neurons; ++n) {
    std::vector<std::pair<float, ntrt::ModulationWord>> all;
    for (size_t d = 0; d < modulation.dac.size(); ++d) {
      const double step = device.modulationStep(lsbOn(
          device, chip, {core.row, core.column}, ntrt::DomainKind::Modulation,
          static_cast<uint32_t>(d), modulation.dac[d]));
      for (int32_t code = -maxCode; code <= maxCode; ++code) {
        // One form for "no current".
        if (code == 0 && d > 0)
          continue;
        const double units =
            chip ? chip->modulation({core.row, core.column}, n, code) : code;
        all.push_back({static_cast<float>(step * units),
                       {static_cast<uint8_t>(d), static_cast<int8_t>(code)}});
      }
    }
    std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) {
      return std::tuple(a.first, a.second.domain, a.second.code) <
             std::tuple(b.first, b.second.domain, b.second.code);
    });
    for (const auto &[level, word] : all) {
      result.site.levels.push_back(level);
      result.words.push_back(word);
    }
    result.site.levelsPerValue = all.size();
  }
  return result;
}
