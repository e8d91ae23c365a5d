//===- Training.h - Learning the modulation of a task -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_TRAINING_H
#define NT_TUNER_TRAINING_H

#include "nt/Tuner/Engine.h"

#include "ntrt/Dataset.h"

#include <functional>

namespace nt::tuner {

struct TrainingOptions {
  unsigned epochs = 10;
  unsigned batch = 64;
  /// Largest step of Adam; falls to 0 by half a cosine over the run.
  double learningRate = 0.01;
  /// Of the order of samples; the same seed gives the same result.
  uint64_t seed = 1;
};

/// What training reports after each step.
struct TrainingProgress {
  unsigned epoch = 0;
  size_t samplesDone = 0, samplesTotal = 0;
  /// Means over the epoch so far.
  double loss = 0, accuracy = 0;
};

/// Learns every site of `engine` on `data`, whose labels index the outputs.
/// Returns the mean loss of the last epoch; NaN or infinity if it diverged, in
/// which case the values are not usable.
double train(Engine &engine, const ntrt::Dataset &data,
             const TrainingOptions &options,
             const std::function<void(const TrainingProgress &)> &report);

/// Mean cross-entropy of softmax(scores) against the labels of a batch, and its
/// gradient for every value of every trained site (in the sites).
double lossAndGradients(Engine &engine, const float *samples,
                        const uint32_t *labels, size_t batch);

/// Fraction of samples whose largest output stands for their label;
/// `classOfOutput` maps outputs to labels (empty: identity).
double accuracy(Engine &engine, const ntrt::Dataset &data,
                const std::vector<uint32_t> &classOfOutput = {});

/// The one-to-one assignment of outputs to classes that agrees with the most
/// training responses: classOfOutput. Writes no weight. `classes` must not
/// exceed the outputs; spare outputs get the labels from `classes` on.
std::vector<uint32_t> matchOutputs(Engine &engine, const ntrt::Dataset &data,
                                   size_t classes);

/// Minimum-cost perfect assignment of a square cost matrix [n * n] (Kuhn 1955,
/// shortest augmenting paths): column of each row.
std::vector<size_t> assignMinimumCost(const std::vector<double> &cost,
                                      size_t n);

} // namespace nt::tuner

#endif // NT_TUNER_TRAINING_H
