//===- PartitionProblem.cpp - Checks of partitions ------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/PartitionProblem.h"

#include <algorithm>

using namespace nt::mapping;
using ntrt::Diag;
using ntrt::DiagnosticList;

PartitionLimits PartitionLimits::of(const ntrt::DeviceModel &device) {
  PartitionLimits limits;
  limits.coreAxons = device.coreAxons;
  limits.coreNeurons = device.coreNeurons;
  limits.cores = device.cores();
  limits.synapseDomains = device.synapseDomain.countPerCore;
  limits.modulationDomains = device.modulationDomain.countPerCore;
  return limits;
}

static std::string text(uint64_t number) { return std::to_string(number); }

static bool isStrictlyIncreasing(const std::vector<uint32_t> &values) {
  return std::adjacent_find(values.begin(), values.end(),
                            std::greater_equal<>()) == values.end();
}

static void checkDomains(const PartitionLayer &layer, uint32_t need,
                         uint32_t limit, const char *kind,
                         DiagnosticList &misfits) {
  if (need > limit)
    misfits.push_back(
        {Diag::MapDomains, "layer " + layer.name,
         text(need) + " " + kind + " domains, a core has " + text(limit)});
}

static void checkFanIn(const PartitionLayer &layer, uint32_t coreAxons,
                       DiagnosticList &misfits) {
  uint64_t over = 0, largest = 0;
  for (const std::vector<uint32_t> &inputs : layer.inputsOf) {
    over += inputs.size() > coreAxons;
    largest = std::max<uint64_t>(largest, inputs.size());
  }
  if (over > 0)
    misfits.push_back({Diag::MapFanIn, "layer " + layer.name,
                       text(over) + " of " + text(layer.neurons()) +
                           " neurons have up to " + text(largest) +
                           " inputs, a core has " + text(coreAxons) +
                           " axons"});
}

DiagnosticList PartitionProblem::check() const {
  DiagnosticList misfits;
  if (limits.coreAxons == 0 || limits.coreNeurons == 0)
    misfits.push_back({Diag::MapInternal, "device", "a core of size zero"});
  for (const PartitionLayer &layer : layers) {
    auto misfit = [&](std::string detail) {
      misfits.push_back(
          {Diag::MapInternal, "layer " + layer.name, std::move(detail)});
    };
    if (layer.neurons() == 0 || layer.neurons() != layer.inputsOf.size()) {
      misfit(text(layer.inputsOf.size()) + " neurons for a shape of " +
             text(layer.neurons()));
      continue;
    }
    for (const std::vector<uint32_t> &inputs : layer.inputsOf)
      if (!isStrictlyIncreasing(inputs) ||
          (!inputs.empty() && inputs.back() >= layer.inputs)) {
        misfit("a neuron's inputs are not increasing or out of range");
        break;
      }
    if (layer.columnsPerNeuron == 0 || limits.neuronsOf(layer) == 0)
      misfit(text(layer.columnsPerNeuron) + " columns a neuron, a core has " +
             text(limits.coreNeurons));
    checkFanIn(layer, limits.coreAxons, misfits);
    checkDomains(layer, layer.synapseDomains, limits.synapseDomains, "synapse",
                 misfits);
    checkDomains(layer, layer.modulationDomains, limits.modulationDomains,
                 "modulation", misfits);
  }
  return misfits;
}

/// Checks one core against the limits and its neurons' inputs.
static void verifyCore(const CorePart &core, const PartitionLayer &layer,
                       const PartitionLimits &limits, const std::string &place,
                       DiagnosticList &misfits) {
  auto misfit = [&](std::string detail) {
    misfits.push_back({Diag::MapInternal, place, std::move(detail)});
  };
  if (core.neurons.empty() || core.neurons.size() > limits.neuronsOf(layer))
    misfit(text(core.neurons.size()) + " neurons, the range is 1 to " +
           text(limits.neuronsOf(layer)));
  if (core.inputs.size() > limits.coreAxons)
    misfit(text(core.inputs.size()) + " axons, the limit is " +
           text(limits.coreAxons));
  if (!isStrictlyIncreasing(core.inputs))
    misfit("its inputs are not strictly increasing");

  std::vector<bool> used(core.inputs.size());
  for (uint32_t neuron : core.neurons) {
    if (neuron >= layer.inputsOf.size())
      continue; // Reported by the caller.
    for (uint32_t input : layer.inputsOf[neuron]) {
      auto at = std::lower_bound(core.inputs.begin(), core.inputs.end(), input);
      if (at == core.inputs.end() || *at != input)
        return misfit("neuron " + text(neuron) + " lacks its input " +
                      text(input));
      used[size_t(at - core.inputs.begin())] = true;
    }
  }
  if (std::find(used.begin(), used.end(), false) != used.end())
    misfit("an axon that none of its neurons has a synapse on");
}

DiagnosticList
PartitionProblem::verify(const PartitionSolution &solution) const {
  DiagnosticList misfits;
  std::vector<std::vector<uint32_t>> held(layers.size());
  for (size_t i = 0; i < layers.size(); ++i)
    held[i].resize(layers[i].inputsOf.size());
  for (size_t i = 0; i < solution.cores.size(); ++i) {
    const CorePart &core = solution.cores[i];
    std::string place = "core " + text(i);
    if (core.layer >= layers.size()) {
      misfits.push_back(
          {Diag::MapInternal, place, "no such layer: " + text(core.layer)});
      continue;
    }
    verifyCore(core, layers[core.layer], limits, place, misfits);
    for (uint32_t neuron : core.neurons) {
      if (neuron < held[core.layer].size())
        ++held[core.layer][neuron];
      else
        misfits.push_back(
            {Diag::MapInternal, place, "no such neuron: " + text(neuron)});
    }
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    auto wrong = std::find_if(held[i].begin(), held[i].end(),
                              [](uint32_t count) { return count != 1; });
    if (wrong != held[i].end())
      misfits.push_back({Diag::MapInternal, "layer " + layers[i].name,
                         "neuron " + text(uint64_t(wrong - held[i].begin())) +
                             " is on " + text(*wrong) + " cores"});
  }
  if (solution.cores.size() > limits.cores)
    misfits.push_back({Diag::MapCores, "network",
                       text(solution.cores.size()) + " cores, the device has " +
                           text(limits.cores)});
  return misfits;
}
