//===- ChipNetwork.h - A configured chip as a network of rates --*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a chip computes when spikes are many: a neuron's rate in spikes a slot
// is the clipped sum of its events' charges and its modulation's, each over the
// charge of a spike. Made of program, task and device alone, so each synapse of
// a convolution is itself, with its own sources' mismatch. Leak and hard reset
// have no place in it.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_CHIPNETWORK_H
#define NT_TUNER_CHIPNETWORK_H

#include "nt/Tuner/Retuning.h"

#include "ntrt/ChipVariation.h"

namespace nt::tuner {

/// LSB current of a domain at a DAC code, on a chip whose volts are off; `chip`
/// null for the ideal one.
double lsbOn(const ntrt::DeviceModel &device, const ntrt::ChipVariation *chip,
             ntrt::CorePlace core, ntrt::DomainKind kind, uint32_t domain,
             uint32_t dac);

/// Scores are the read-out neurons' sums times `scoreScale`; sites are the
/// cores, with one value a neuron: the modulation in spikes a slot.
class ChipNetwork final : public TunableNetwork {
public:
  /// `chip`: whose sources conduct, at its domains' volts; null for the ideal
  /// chip. Errors: what does
  /// not fit together, and events that go round (NT-CHIP-001).
  static ntrt::Result<ChipNetwork> create(const ntrt::Program &program,
                                          const ntrt::TaskOverlay &task,
                                          const ntrt::DeviceModel &device,
                                          const ntrt::ChipVariation *chip);

  size_t inputSize() const override { return inputs; }
  size_t outputSize() const override { return readout.size(); }
  std::vector<Site> &sites() override { return siteList; }
  const float *forward(const float *samples, size_t batch) override;
  const float *forwardTraining(const float *samples, size_t batch) override {
    return forward(samples, batch);
  }
  void backward(const float *outputGradient, size_t batch) override;

  double scoreScale = 1;

  /// forward() in pieces. After setInputs, each core of order() in turn:
  /// gather returns the rates of its axons [axons, batch], run forms its sums.
  void setInputs(const float *samples, size_t batch);
  const float *gather(size_t core);
  void run(size_t core);
  /// Cores in an order in which events go forward.
  const std::vector<size_t> &order() const { return forwardOrder; }
  /// After run: [neurons, batch], the modulation included, not clipped.
  const std::vector<float> &sums(size_t core) const { return cores[core].sums; }
  /// Spikes a slot of an event of each synapse: [axons, neurons].
  std::vector<float> &weights(size_t core) { return cores[core].weights; }

private:
  struct Core {
    size_t axons = 0, neurons = 0;
    std::vector<float> weights;
    /// What drives each axon: a row of the rates of `sourceCore`, or of the
    /// inputs where that is kInput; kNone: nothing.
    std::vector<uint32_t> sourceCore, sourceRow;
    bool hasNeuronSources = false;
    std::vector<float> axonRates, sums, rates, slopes;
  };
  static constexpr uint32_t kInput = ~0u, kNone = ~0u - 1;

  size_t inputs = 0, batchSize = 0;
  bool hasSignedInputs = false; ///< Their rates below 0 follow the others.
  double fullScale = 1;
  std::vector<Core> cores;
  std::vector<Site> siteList;
  std::vector<size_t> forwardOrder;
  std::vector<ntrt::ReadoutNeuron> readout;
  std::vector<float> inputRates, scores, axonSlopes;
};

/// Spikes a slot of an event of each synapse [axons, neurons]; `chip` null for
/// the ideal one.
std::vector<float> eventSteps(const ntrt::CoreConfig &core,
                              const ntrt::DeviceModel &device,
                              const ntrt::ChipVariation *chip);

/// What words of a core's neurons give, in spikes a slot: the site's levels,
/// and the word of each of them.
struct CoreWords {
  WordSite site;
  std::vector<ntrt::ModulationWord> words; ///< Beside site.levels.
};
CoreWords wordsOfCore(const ntrt::CoreConfig &core,
                      const ntrt::CoreModulation &modulation,
                      const ntrt::DeviceModel &device,
                      const ntrt::ChipVariation *chip);

} // namespace nt::tuner

#endif // NT_TUNER_CHIPNETWORK_H
