//===- ChipRun.cpp - A chip at work on samples ----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChipRun.h"
#include "Kernels/Clocked.h"

#include <algorithm>
#include <limits>
#include <tuple>

using namespace ntrt;

/// Words of trains of an image above which they are no longer kept for all
/// slots at once.
static constexpr uint64_t kMostWords = 1u << 22;
/// Images that share a visit to a core's codes.
static constexpr uint64_t kMostImages = 8;

static uint64_t wordsOf(const Chip &chip, uint32_t slots) {
  uint64_t sources = 0;
  for (const CoreConfig &core : chip.program.cores)
    sources += uint64_t(core.axons) + core.neurons;
  return sources * wordsOfTrain(slots);
}

ChipRun::ChipRun(const Chip &chip, const SimOptions &options)
    : chip(chip), options(options), slots(chip.slotsOf(options)),
      total(uint64_t(slots) + chip.lastStart),
      latency(chip.device.linkLatency_slots),
      coreByCore(!chip.forwardOrder.empty() &&
                 wordsOf(chip, slots) <= kMostWords),
      outputsOf(chip.cores.size()), probesOf(chip.cores.size()),
      // No event is kept longer than the latency.
      queue(coreByCore ? 0 : chip.cores.size(), std::min(latency, total) + 2) {
  images.resize(
      coreByCore ? std::clamp<uint64_t>(
                       kMostWords / std::max<uint64_t>(1, wordsOf(chip, slots)),
                       1, kMostImages)
                 : 1);
  if (options.recordMargins)
    references = chip.referenceEngines();
  for (size_t c = 0; c < chip.cores.size(); ++c) {
    cores.push_back(options.recordMargins ? references[c]->start()
                                          : chip.cores[c].engine->start());
    if (coreByCore)
      trains.emplace_back(chip.program.cores[c].neurons, slots);
  }
  for (uint32_t i = 0; i < chip.program.readout.size(); ++i)
    outputsOf[chip.program.readout[i].core].push_back(i);
  for (uint32_t i = 0; i < options.probes.size(); ++i)
    probesOf[options.probes[i].core].push_back(i);
}

void ChipRun::prepare(Image &image, const float *values) {
  image.rates.clear();
  const uint32_t inputs = chip.program.inputs;
  for (uint32_t line = 0; line < chip.program.inputLines(); ++line)
    if (const double magnitude = chip.program.magnitudeOn(
            line, values[line < inputs ? line : line - inputs]);
        magnitude > 0)
      image.rates.push_back({line, magnitude / chip.program.inputFullScale});
  image.readout_V.resize(chip.program.readout.size());
  image.result = SimResult();
  image.result.counts.resize(chip.program.readout.size());
  image.result.slotsSinceFirst.resize(chip.program.readout.size());
  image.result.cores.resize(chip.cores.size());
  image.result.traces_V.resize(options.probes.size());
  if (options.recordMargins)
    for (const CoreConfig &core : chip.program.cores)
      image.result.minMargin_V.emplace_back(
          core.neurons, std::numeric_limits<double>::infinity());
  if (!coreByCore)
    return;
  if (image.axons.empty())
    for (const CoreConfig &core : chip.program.cores)
      image.axons.emplace_back(core.axons, slots);
  for (SpikeTrains &axons : image.axons)
    axons.clear();
}

void ChipRun::startCore(Image &image, size_t index) {
  cores[index]->reset(chip.cores[index].startSlot, image.number);
  if (options.recordMargins)
    cores[index]->recordMargins(&image.result.minMargin_V[index]);
}

std::vector<SimResult> ChipRun::run(const float *values, size_t count,
                                    uint64_t first) {
  for (size_t i = 0; i < count; ++i) {
    images[i].number = first + i;
    prepare(images[i], values + i * chip.program.inputs);
  }
  if (coreByCore) {
    for (size_t i = 0; i < count; ++i)
      encodeInputs(images[i]);
    for (uint32_t core : chip.forwardOrder)
      for (size_t i = 0; i < count; ++i) {
        startCore(images[i], core);
        runCore(images[i], core);
        readMembranes(images[i], core);
      }
  } else {
    runSlots(images.front());
  }
  std::vector<SimResult> results;
  for (size_t i = 0; i < count; ++i)
    results.push_back(finish(images[i]));
  return results;
}

/// A link that is full takes the axons with the lowest numbers.
void ChipRun::dropEvents(Image &image, std::vector<uint32_t> &axons) {
  if (axons.size() <= chip.linkEvents)
    return;
  image.result.droppedEvents += axons.size() - chip.linkEvents;
  std::sort(axons.begin(), axons.end());
  axons.resize(chip.linkEvents);
}

/// One slot of a core, in which it integrates; leaves its spikes in `spikes`.
void ChipRun::stepCore(Image &image, uint64_t slot, size_t index,
                       std::vector<uint32_t> &axons) {
  dropEvents(image, axons);
  for (uint32_t axon : axons)
    image.result.cores[index].synapticEvents +=
        chip.cores[index].synapses[axon];
  spikes.clear();
  cores[index]->step(slot, axons, options.recordSpikes, spikes);
  if (options.recordSpikes)
    for (const CoreSpike &spike : spikes)
      image.result.events.push_back({uint32_t(slot), uint32_t(index),
                                     spike.neuron, spike.time_s,
                                     spike.margin_V});
  for (uint32_t probe : probesOf[index])
    image.result.traces_V[probe].push_back(
        cores[index]->membrane_V(options.probes[probe].neuron, slot + 1));
}

void ChipRun::readMembranes(Image &image, size_t index) {
  for (uint32_t output : outputsOf[index])
    image.readout_V[output] =
        cores[index]->membrane_V(chip.program.readout[output].neuron,
                                 uint64_t(chip.cores[index].startSlot) + slots);
}

void ChipRun::encodeInputs(Image &image) {
  std::vector<uint64_t> train(wordsOfTrain(slots));
  for (auto [input, rate] : image.rates) {
    clockedKernels().regularTrain(rate, slots, train.data());
    if (options.recordSpikes)
      for (uint32_t slot = 0; slot < slots; ++slot)
        if (train[slot / kTrainSlots] >> slot % kTrainSlots & 1)
          image.result.events.push_back(
              {slot, SpikeEvent::kInputCore, input, 0, 0});
    uint32_t events;
    clockedKernels().countTrains(train.data(), uint32_t(train.size()), 1,
                                 &events);
    // Events that come outside a core's slots count too.
    image.result.routedEvents +=
        events * deliver(image, chip.inputRoutes.begin(input),
                         chip.inputRoutes.end(input), train.data(), 1);
  }
}

/// Puts a train on its axons, of which slot 0 acts in `firstSlot`; returns the
/// number of axons.
uint64_t ChipRun::deliver(Image &image, const AxonTarget *begin,
                          const AxonTarget *end, const uint64_t *train,
                          int64_t firstSlot) {
  for (const AxonTarget *target = begin; target != end; ++target)
    image.axons[target->core].add(
        target->axon, train,
        firstSlot - int64_t(chip.cores[target->core].startSlot));
  return uint64_t(end - begin);
}

/// Events of each train, to `counts`.
void ChipRun::count(const SpikeTrains &trains) {
  counts.resize(trains.sources());
  if (!counts.empty())
    clockedKernels().countTrains(trains.of(0), trains.words(), counts.size(),
                                 counts.data());
}

void ChipRun::runCore(Image &image, size_t index) {
  const ChipCore &core = chip.cores[index];
  const SpikeTrains &axons = image.axons[index];
  SpikeTrains &mine = trains[index];
  CoreActivity &activity = image.result.cores[index];
  mine.clear();
  if (options.recordSpikes || !probesOf[index].empty() ||
      chip.linkEvents < std::numeric_limits<size_t>::max()) {
    stepThrough(image, index);
  } else {
    count(axons);
    for (uint32_t axon = 0; axon < core.synapses.size(); ++axon)
      activity.synapticEvents += uint64_t(counts[axon]) * core.synapses[axon];
    cores[index]->run(core.startSlot, slots, axons, mine);
  }
  count(mine);
  for (uint32_t neuron = 0; neuron < counts.size(); ++neuron)
    if (counts[neuron]) {
      activity.spikes += counts[neuron];
      activity.routedEvents +=
          counts[neuron] * deliver(image, core.routes.begin(neuron),
                                   core.routes.end(neuron), mine.of(neuron),
                                   int64_t(core.startSlot + 1 + latency));
    }
  for (uint32_t output : outputsOf[index]) {
    const uint32_t neuron = chip.program.readout[output].neuron;
    image.result.counts[output] = counts[neuron];
    image.result.slotsSinceFirst[output] = slots - mine.firstSlot(neuron);
  }
}

/// Slot by slot, for what cannot be had of all slots at once.
void ChipRun::stepThrough(Image &image, size_t index) {
  const uint64_t start = chip.cores[index].startSlot;
  std::vector<uint32_t> axons;
  for (AxonLists lists(image.axons[index], slots); lists.next(axons);) {
    stepCore(image, start + lists.slot(), index, axons);
    for (const CoreSpike &spike : spikes)
      trains[index].set(spike.neuron, lists.slot());
  }
}

/// All cores together. An image's inputs of a slot act in the next.
void ChipRun::runSlots(Image &image) {
  queue.clear();
  for (size_t core = 0; core < chip.cores.size(); ++core)
    startCore(image, core);
  for (uint64_t slot = 0; slot < total; ++slot) {
    for (size_t index = 0; index < chip.cores.size(); ++index) {
      const ChipCore &core = chip.cores[index];
      std::vector<uint32_t> &axons = queue.at(slot, index);
      if (slot >= core.startSlot && slot < uint64_t(core.startSlot) + slots) {
        stepCore(image, slot, index, axons);
        CoreActivity &activity = image.result.cores[index];
        activity.spikes += spikes.size();
        for (const CoreSpike &spike : spikes)
          activity.routedEvents +=
              deliver(core.routes.begin(spike.neuron),
                      core.routes.end(spike.neuron), slot + 1 + latency);
        for (uint32_t output : outputsOf[index])
          for (const CoreSpike &spike : spikes)
            if (spike.neuron == chip.program.readout[output].neuron &&
                image.result.counts[output]++ == 0)
              image.result.slotsSinceFirst[output] =
                  uint32_t(core.startSlot + slots - slot);
      }
      axons.clear();
    }
    if (slot >= slots)
      continue;
    for (auto [input, rate] : image.rates)
      if (regularSpike(rate, uint32_t(slot))) {
        if (options.recordSpikes)
          image.result.events.push_back(
              {uint32_t(slot), SpikeEvent::kInputCore, input, 0, 0});
        image.result.routedEvents +=
            deliver(chip.inputRoutes.begin(input), chip.inputRoutes.end(input),
                    slot + 1);
      }
  }
  for (size_t core = 0; core < chip.cores.size(); ++core)
    readMembranes(image, core);
}

/// Puts an event on its axons; returns their number.
uint64_t ChipRun::deliver(const AxonTarget *begin, const AxonTarget *end,
                          uint64_t slot) {
  if (slot < total)
    for (const AxonTarget *target = begin; target != end; ++target)
      queue.at(slot, target->core).push_back(target->axon);
  return uint64_t(end - begin);
}

SimResult ChipRun::finish(Image &image) {
  SimResult &result = image.result;
  for (const CoreActivity &activity : result.cores) {
    result.synapticEvents += activity.synapticEvents;
    result.spikes += activity.spikes;
    result.routedEvents += activity.routedEvents;
  }
  auto place = [](const SpikeEvent &event) {
    return std::tuple(event.slot, event.core, event.neuron);
  };
  std::sort(result.events.begin(), result.events.end(),
            [&](const SpikeEvent &a, const SpikeEvent &b) {
              return place(a) < place(b);
            });
  const NeuronModel &neuron = chip.device.neuron;
  const double swing_V = neuron.vThreshold_V - neuron.vReset_V;
  for (size_t i = 0; i < result.counts.size(); ++i) {
    result.scores.push_back(
        scoreOf(chip.program.readoutKind,
                {result.counts[i], result.slotsSinceFirst[i],
                 (image.readout_V[i] - neuron.vInit_V) / swing_V}));
  }
  result.output =
      uint32_t(std::max_element(result.scores.begin(), result.scores.end()) -
               result.scores.begin());
  result.label = chip.task.classOfOutput[result.output];
  const EnergyModel &energy = chip.device.energy;
  // A spike of a pair empties both of its membranes.
  uint64_t packets = 0;
  for (size_t core = 0; core < result.cores.size(); ++core)
    packets +=
        result.cores[core].spikes * chip.program.cores[core].columnsPerNeuron;
  result.energy_J = double(result.synapticEvents) * energy.perSynapticEvent_J +
                    double(packets) * energy.perSpike_J +
                    double(result.routedEvents) * energy.perRoutedEvent_J +
                    chip.staticPower_W * double(total) * chip.device.slot_s;
  return std::move(result);
}
