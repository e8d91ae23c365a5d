//===- EngineAgreement.h - Engines against the reference --------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_UNITTESTS_ENGINEAGREEMENT_H
#define NTRT_UNITTESTS_ENGINEAGREEMENT_H

#include "RandomProgram.h"
#include "ntrt/Simulator.h"

namespace ntrt::test {

/// A random network on a random device: the seed decides the reset, leak, hold,
/// latency, pulse, start voltage, density, signs of inputs, read-out and length
/// of the run.
class AgreementCase {
public:
  explicit AgreementCase(uint32_t seed) : random(seed), device(testDevice()) {
    if (seed % 2)
      device.synapse.pairing = ColumnPairing::AdjacentColumns;
    device.neuron.reset =
        random.below(2) ? ResetKind::Subtract : ResetKind::Hard;
    const double leaks_S[] = {0, 5e-10, 5e-9, 5e-8};
    device.neuron.leak_S = leaks_S[random.below(4)];
    const double holds_s[] = {0, 1e-6, 1.3e-5, 3.7e-5};
    device.neuron.refractory_s = holds_s[random.below(4)];
    const double pulses_s[] = {1e-6, 5e-6, 1e-5};
    device.synapse.pulseWidth_s = pulses_s[random.below(3)];
    device.linkLatency_slots = random.below(3);
    device.neuron.vInit_V = 0.9 + random.below(30) * 0.01;
    program = random.program(device);
    // Cores that start early or late, and events that go round.
    if (random.below(2) == 0)
      for (CoreConfig &core : program.cores)
        core.startSlot = 1 + random.below(6);
    if (random.below(4) == 0)
      goRound();
    if (random.below(3) == 0)
      random.signInputs(program);
    const ReadoutKind kinds[] = {ReadoutKind::Membrane, ReadoutKind::Count,
                                 ReadoutKind::First};
    program.readoutKind = kinds[random.below(3)];
    // Thin cores, quiet inputs and long runs let membranes rest.
    const uint32_t thinning = random.below(3);
    for (CoreConfig &core : program.cores)
      for (int8_t &code : core.codes)
        if (thinning && random.below(thinning == 1 ? 4 : 40))
          code = 0;
    task = random.task(program, device);
    if (random.below(2))
      for (CoreModulation &core : task.cores)
        for (ModulationWord &word : core.words)
          if (random.below(4))
            word.code = 0;
    image = random.image(program.inputs);
    const float rates[] = {1, 0.3f, 0.02f};
    const float rate = rates[random.below(3)];
    for (float &value : image)
      value *= program.hasSignedInputs() && random.below(2) ? -rate : rate;
    slots = random.below(20) ? 5 + random.below(60) : 1500;
  }

  std::string describe() const {
    return std::string(device.neuron.reset == ResetKind::Hard ? "hard"
                                                              : "subtract") +
           ", leak " + std::to_string(device.neuron.leak_S * 1e9) +
           " nS, hold " + std::to_string(device.neuron.refractory_s * 1e6) +
           " us, pulse " + std::to_string(device.synapse.pulseWidth_s * 1e6) +
           " us, " + std::to_string(slots) + " slots" +
           (device.synapse.pairing == ColumnPairing::None ? "" : ", pairs");
  }

  /// The first difference of an engine from the reference, or nothing; adds the
  /// reference's spikes to `spikes`.
  std::string compare(uint64_t &spikes) const {
    SimResult expected = run(EngineKind::Reference, true);
    spikes += expected.spikes;
    for (EngineKind kind :
         {EngineKind::Clocked, EngineKind::Avx2, EngineKind::Portable,
          EngineKind::Event, EngineKind::Auto})
      for (bool record : {true, false}) {
        SimResult found = run(kind, record);
        std::string name = "engine " + std::to_string(int(kind));
        if (record) {
          for (size_t i = 0;
               i < std::min(found.events.size(), expected.events.size()); ++i) {
            const SpikeEvent &a = found.events[i], &b = expected.events[i];
            if (a.slot != b.slot || a.core != b.core || a.neuron != b.neuron ||
                a.time_s != b.time_s || a.margin_V != b.margin_V)
              return name + ", event " + std::to_string(i) + ": " + text(a) +
                     " instead of " + text(b);
          }
          if (found.events.size() != expected.events.size())
            return name + ", number of events";
        }
        if (found.spikes != expected.spikes ||
            found.synapticEvents != expected.synapticEvents ||
            found.routedEvents != expected.routedEvents)
          return name + ", counts";
        if (found.scores != expected.scores)
          return name + ", scores";
      }
    return {};
  }

  SimResult run(EngineKind kind, bool record) const {
    Result<Simulator> simulator =
        Simulator::create(program, task, device, kind);
    SimOptions options;
    options.slots = slots;
    options.recordSpikes = record;
    return *simulator->run(image.data(), image.size(), options);
  }

  RandomPrograms random;
  DeviceModel device;
  Program program;
  TaskOverlay task;
  std::vector<float> image;
  uint32_t slots;

private:
  /// Adds a route from the last core to each axon of the first that has none.
  void goRound() {
    const uint32_t last = uint32_t(program.cores.size()) - 1;
    std::vector<bool> isUsed(program.cores[0].axons);
    for (const InputRoute &route : program.inputRoutes)
      if (route.targetCore == 0)
        isUsed[route.targetAxon] = true;
    for (uint32_t axon = 0; axon < isUsed.size(); ++axon)
      if (!isUsed[axon])
        program.routes.push_back(
            {last, random.below(program.cores[last].neurons), 0, axon});
    std::sort(program.routes.begin(), program.routes.end());
  }

  static std::string text(const SpikeEvent &event) {
    return "slot " + std::to_string(event.slot) + " core " +
           std::to_string(event.core) + " neuron " +
           std::to_string(event.neuron) + " at " +
           std::to_string(event.time_s * 1e6) + " us";
  }
};

} // namespace ntrt::test

#endif // NTRT_UNITTESTS_ENGINEAGREEMENT_H
