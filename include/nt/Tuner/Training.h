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

enum class Optimiser { Adam, AdamW, SGD };
enum class Schedule { Cosine, Constant };
enum class LossKind { CrossEntropy, MeanSquare, Distillation };
/// Which neurons share a trained value. `Site` is what the module's modulation
/// sites share already.
enum class Sharing { Site, Channel, Layer, Domain };

/// Changes to an image each time it is used; {channels, height, width}.
struct Augmentation {
  bool flip = false;  ///< Left and right swapped, half of the time.
  unsigned shift = 0; ///< Up to so many pixels each way; zeros come in.
  unsigned crop = 0;  ///< A window up to so many pixels smaller, stretched.
  bool isActive() const { return flip || shift || crop; }
};

struct TrainingOptions {
  unsigned epochs = 10;
  unsigned batch = 64;
  /// Largest step size of the schedule.
  double learningRate = 0.01;
  /// Of the order of samples, of augmentation and of the validation split; the
  /// same seed and number of threads give the same result, bit for bit.
  uint64_t seed = 1;

  Optimiser optimiser = Optimiser::Adam;
  double momentum = 0.9;    ///< Of SGD.
  double weightDecay = 0.0; ///< Decoupled with AdamW, else of the gradient.
  double l1 = 0.0;          ///< Pulls values to 0 exactly (proximal step).
  Schedule schedule = Schedule::Cosine;
  double warmUp = 0.0; ///< Epochs in which the step size rises to its largest.

  Sharing sharing = Sharing::Site;
  /// Sites whose name matches one of these globs are trained; empty: all.
  std::vector<std::string> filter;
  bool gain = false; ///< Train synapse-domain gains, too.

  double validation = 0.0; ///< Fraction of samples held out.
  unsigned patience = 0;   ///< Epochs without a better validation; 0: no limit.
  bool balanced = false;   ///< Class weights inverse to their frequency.
  std::vector<double> classWeights; ///< By output; empty: 1.
  Augmentation augmentation;
  LossKind loss = LossKind::CrossEntropy;
  /// Teacher's logits [samples, outputs], for LossKind::Distillation.
  std::vector<float> teacher;
  double temperature = 2.0;
  double teacherWeight = 0.5; ///< The rest is the labels' cross-entropy.

  unsigned threads = 1;
  /// File that the state is written to, at the end of each epoch and every
  /// `checkpointSeconds`; empty: none.
  std::string checkpoint;
  double checkpointSeconds = 10;
  bool resume = false;
};

/// Reads "key=value,key=value" over `options`; every misfit is in the result,
/// with `place`. Keys are those of docs/tuning.md.
ntrt::Status parseTrainingOptions(const std::string &text,
                                  const std::string &place,
                                  TrainingOptions &options);
/// The options as such a text, every one of them: what a checkpoint belongs to.
std::string toString(const TrainingOptions &options);

/// What training reports after each step.
struct TrainingProgress {
  unsigned epoch = 0;
  size_t samplesDone = 0, samplesTotal = 0;
  /// Means over the epoch so far.
  double loss = 0, accuracy = 0;
};

/// One point of the learning curves.
struct EpochRecord {
  double loss = 0, accuracy = 0;
  /// Of the held-out samples; NaN without any.
  double validationLoss = 0, validationAccuracy = 0;
  double learningRate = 0; ///< At the epoch's end.
};

struct TrainingResult {
  /// Mean loss of the last epoch; NaN or infinity if it diverged, in which case
  /// the values are not usable.
  double loss = 0;
  std::vector<EpochRecord> curve;
  size_t bestEpoch = 0; ///< Index in the curve of the epoch whose values stand.
  size_t trainedValues = 0, samplesTrained = 0, samplesHeldOut = 0;
  bool stoppedEarly = false;
  bool usedFixedCache = false;
};

/// Learns the trained sites of `engine` on `data`, whose labels index the
/// outputs. With validation, the values of the best epoch stand. `groups` gives
/// for each site which values are shared (Sharing::Domain; may be empty).
/// Errors: a checkpoint that cannot be read, written or continued
/// (NT-TUNE-004).
ntrt::Result<TrainingResult>
train(Engine &engine, const ntrt::Dataset &data, const TrainingOptions &options,
      const std::function<void(const TrainingProgress &)> &report,
      const std::vector<std::vector<uint32_t>> &groups = {});

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
