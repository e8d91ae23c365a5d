//===- Retuning.h - Modulation words of a quantised network -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What quantisation and mismatch took is given back through the one thing that
// may move: each neuron's modulation word. A float value is kept behind each
// word; the network runs on the nearest value that a word gives, and the
// gradient passes straight through to the float one (Bengio 2013).
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_RETUNING_H
#define NT_TUNER_RETUNING_H

#include "nt/Tuner/Engine.h"

#include "ntrt/Dataset.h"

#include <functional>
#include <span>

namespace nt::tuner {

/// A frozen network whose modulation has gradients. Batches as of Engine.
class TunableNetwork {
public:
  virtual ~TunableNetwork() = default;
  virtual size_t inputSize() const = 0;
  virtual size_t outputSize() const = 0;
  virtual std::vector<Site> &sites() = 0;
  virtual const float *forward(const float *samples, size_t batch) = 0;
  virtual const float *forwardTraining(const float *samples, size_t batch) = 0;
  virtual void backward(const float *outputGradient, size_t batch) = 0;
};

/// An engine as such a network.
class EngineNetwork final : public TunableNetwork {
public:
  explicit EngineNetwork(Engine &engine) : engine(engine) {}
  size_t inputSize() const override { return engine.inputSize(); }
  size_t outputSize() const override { return engine.outputSize(); }
  std::vector<Site> &sites() override { return engine.sites(); }
  const float *forward(const float *samples, size_t batch) override {
    return engine.forward(samples, batch);
  }
  const float *forwardTraining(const float *samples, size_t batch) override {
    return engine.forwardTraining(samples, batch);
  }
  void backward(const float *outputGradient, size_t batch) override {
    engine.backward(outputGradient, batch);
  }

private:
  Engine &engine;
};

/// The values that a site's words give and the float value behind each word.
struct WordSite {
  /// Rising. Of all values of the site; with `levelsPerValue`, so many of each
  /// value, one after the other: sources of a real chip are each off their
  /// value.
  std::vector<float> levels;
  size_t levelsPerValue = 0;
  std::vector<float> latent;
  /// So many values one after the other move by the same steps, from where each
  /// is; a divisor of their number.
  size_t together = 1;

  std::span<const float> levelsOf(size_t value) const {
    if (levelsPerValue == 0)
      return levels;
    return std::span(levels).subspan(value * levelsPerValue, levelsPerValue);
  }
};

struct RetuningOptions {
  unsigned epochs = 3, batch = 64;
  /// Largest step, in mean distances of a site's levels; falls to 0 by a
  /// cosine.
  double learningRate = 0.1;
  uint64_t seed = 1;
  /// Share of the samples that choose the best epoch.
  double heldOut = 0.1;
  /// Share of the teacher in the loss, the rest is the labels'.
  double teacherWeight = 0.5;
};

struct RetuningResult {
  /// Of the samples held out (of all, if none are): the loss that is minimised
  /// and the share of right answers, before and after.
  double lossBefore = 0, lossAfter = 0;
  double accuracyBefore = 0, accuracyAfter = 0;
  /// Epoch whose words stand; 0: those there were.
  unsigned bestEpoch = 0;
  size_t samplesTrained = 0, samplesHeldOut = 0;
};

/// Value of `levels` nearest to `value`; of two as near, the lower.
float nearestLevel(std::span<const float> levels, float value);

/// Moves the values of the network's sites among their levels; `sites` has one
/// entry a site of the network, whose latent values are read and left as those
/// of the best epoch. What is left in the network is a level of its site for
/// every value, and never worse on the samples held out than the nearest levels
/// of the latent values given. `teacher` is logits [samples, outputs], or
/// empty: labels alone. Errors: NT-TUNE-002 if the loss is not finite.
ntrt::Result<RetuningResult>
retune(TunableNetwork &network, const ntrt::Dataset &data,
       const std::vector<float> &teacher, std::vector<WordSite> &sites,
       const RetuningOptions &options,
       const std::function<void(size_t done, size_t total)> &report = {});

/// Logits of all samples, [samples, outputs].
std::vector<float> logitsOf(TunableNetwork &network, const ntrt::Dataset &data);

} // namespace nt::tuner

#endif // NT_TUNER_RETUNING_H
