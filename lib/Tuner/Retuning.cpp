//===- Retuning.cpp - Modulation words of a quantised network -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Retuning.h"

#include "Losses.h"
#include "Samples.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace nt::tuner;

namespace {

constexpr size_t kEvaluationBatch = 256;

/// Adam's state of one site.
struct Moments {
  std::vector<float> mean, square;
};

struct Score {
  double loss = 0, accuracy = 0;
};

class Retuner {
public:
  Retuner(TunableNetwork &network, const ntrt::Dataset &data,
          const std::vector<float> &teacher, std::vector<WordSite> &sites,
          const RetuningOptions &options);

  ntrt::Result<RetuningResult>
  run(const std::function<void(size_t, size_t)> &report);

private:
  /// Gives every value of the network the nearest level.
  void realise();
  /// Scores of samples order[first, last) are in `scores`.
  LossInput gather(const std::vector<size_t> &order, size_t first, size_t last);
  Score evaluate();
  double trainBatch(const std::vector<size_t> &order, size_t first,
                    size_t last);
  void step(double rate);

  TunableNetwork &network;
  const ntrt::Dataset &data;
  const std::vector<float> &teacher;
  std::vector<WordSite> &sites;
  const RetuningOptions &options;
  TrainingOptions lossOptions;
  std::vector<size_t> training, heldOut;
  std::vector<Moments> moments;
  std::vector<double> spacing; ///< Mean distance of a site's levels.
  uint64_t steps = 0;
  // Of the current batch.
  std::vector<float> inputs, teacherScores, gradient;
  std::vector<uint32_t> labels;
};

} // namespace

Retuner::Retuner(TunableNetwork &network, const ntrt::Dataset &data,
                 const std::vector<float> &teacher,
                 std::vector<WordSite> &sites, const RetuningOptions &options)
    : network(network), data(data), teacher(teacher), sites(sites),
      options(options) {
  if (!teacher.empty()) {
    lossOptions.loss = LossKind::Distillation;
    lossOptions.temperature = 1;
    lossOptions.teacherWeight = options.teacherWeight;
  }
  const std::vector<size_t> order =
      shuffled(data.samples(), mix(options.seed, 0x72657475));
  const auto held =
      static_cast<size_t>(options.heldOut * static_cast<double>(order.size()));
  heldOut.assign(order.begin(), order.begin() + static_cast<long>(held));
  training.assign(order.begin() + static_cast<long>(held), order.end());
  for (const WordSite &site : sites) {
    double span = 0;
    for (size_t i = 0; i < site.latent.size(); ++i)
      span += site.levelsOf(i).back() - site.levelsOf(i).front();
    const auto steps =
        static_cast<double>(site.latent.size()) *
        (static_cast<double>(site.levelsPerValue ? site.levelsPerValue
                                                 : site.levels.size()) -
         1);
    spacing.push_back(steps > 0 ? span / steps : 0.0);
    const size_t moved = site.latent.size() / site.together;
    moments.push_back(
        {std::vector<float>(moved, 0.0f), std::vector<float>(moved, 0.0f)});
  }
}

float nt::tuner::nearestLevel(std::span<const float> levels, float value) {
  auto above = std::lower_bound(levels.begin(), levels.end(), value);
  if (above == levels.begin())
    return levels.front();
  if (above == levels.end())
    return levels.back();
  const float low = *(above - 1);
  return value - low <= *above - value ? low : *above;
}

void Retuner::realise() {
  for (size_t s = 0; s < sites.size(); ++s) {
    std::vector<float> &values = network.sites()[s].values;
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = nearestLevel(sites[s].levelsOf(i), sites[s].latent[i]);
  }
}

LossInput Retuner::gather(const std::vector<size_t> &order, size_t first,
                          size_t last) {
  const size_t count = last - first, outputs = network.outputSize();
  inputs.resize(count * data.sampleSize);
  labels.assign(count, 0);
  teacherScores.resize(teacher.empty() ? 0 : count * outputs);
  for (size_t i = 0; i < count; ++i) {
    const size_t sample = order[first + i];
    std::copy_n(data.sample(sample), data.sampleSize,
                inputs.data() + i * data.sampleSize);
    if (!data.labels.empty())
      labels[i] = data.labels[sample];
    if (!teacher.empty())
      std::copy_n(teacher.data() + sample * outputs, outputs,
                  teacherScores.data() + i * outputs);
  }
  return {nullptr, labels.data(),
          teacher.empty() ? nullptr : teacherScores.data(), count, outputs};
}

Score Retuner::evaluate() {
  const std::vector<size_t> &order = heldOut.empty() ? training : heldOut;
  Score score;
  for (size_t first = 0; first < order.size(); first += kEvaluationBatch) {
    const size_t last = std::min(first + kEvaluationBatch, order.size());
    LossInput in = gather(order, first, last);
    in.scores = network.forward(inputs.data(), in.batch);
    score.loss +=
        lossOf(in, lossOptions, {}, nullptr) * static_cast<double>(in.batch);
    for (size_t i = 0; i < in.batch; ++i)
      score.accuracy +=
          largest(in.scores + i * in.outputs, in.outputs) == labels[i];
  }
  score.loss /= static_cast<double>(order.size());
  score.accuracy /= static_cast<double>(order.size());
  return score;
}

double Retuner::trainBatch(const std::vector<size_t> &order, size_t first,
                           size_t last) {
  LossInput in = gather(order, first, last);
  in.scores = network.forwardTraining(inputs.data(), in.batch);
  gradient.resize(in.batch * in.outputs);
  const double loss = lossOf(in, lossOptions, {}, gradient.data());
  network.backward(gradient.data(), in.batch);
  return loss;
}

/// Adam on the float values, with the gradients at the levels. Beyond the outer
/// levels nothing changes, so the float values stay within them.
void Retuner::step(double rate) {
  constexpr float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
  ++steps;
  const auto count = static_cast<double>(steps);
  const auto correct1 = static_cast<float>(1 / (1 - std::pow(0.9, count))),
             correct2 = static_cast<float>(1 / (1 - std::pow(0.999, count)));
  for (size_t s = 0; s < sites.size(); ++s) {
    WordSite &site = sites[s];
    const std::vector<float> &slopes = network.sites()[s].gradients;
    const auto size = static_cast<float>(rate * spacing[s]);
    for (size_t group = 0; group < moments[s].mean.size(); ++group) {
      const size_t first = group * site.together, last = first + site.together;
      float slope = 0;
      for (size_t i = first; i < last; ++i)
        slope += slopes[i];
      float &mean = moments[s].mean[group], &square = moments[s].square[group];
      mean = beta1 * mean + (1 - beta1) * slope;
      square = beta2 * square + (1 - beta2) * slope * slope;
      const float move =
          size * mean * correct1 / (std::sqrt(square * correct2) + epsilon);
      for (size_t i = first; i < last; ++i) {
        const std::span<const float> levels = site.levelsOf(i);
        site.latent[i] =
            std::clamp(site.latent[i] - move, levels.front(), levels.back());
      }
    }
  }
  realise();
}

ntrt::Result<RetuningResult>
Retuner::run(const std::function<void(size_t, size_t)> &report) {
  RetuningResult result;
  result.samplesTrained = training.size();
  result.samplesHeldOut = heldOut.size();
  realise();
  const Score before = evaluate();
  result.lossBefore = result.lossAfter = before.loss;
  result.accuracyBefore = result.accuracyAfter = before.accuracy;
  std::vector<std::vector<float>> best;
  for (const WordSite &site : sites)
    best.push_back(site.latent);

  const size_t total = training.size() * options.epochs;
  size_t done = 0;
  for (unsigned epoch = 0; epoch < options.epochs; ++epoch) {
    const std::vector<size_t> shuffle =
        shuffled(training.size(), mix(options.seed, epoch + 1));
    std::vector<size_t> order;
    for (size_t index : shuffle)
      order.push_back(training[index]);
    for (size_t first = 0; first < order.size(); first += options.batch) {
      const size_t last = std::min<size_t>(first + options.batch, order.size());
      const double loss = trainBatch(order, first, last);
      if (!std::isfinite(loss))
        return ntrt::Diagnostic{ntrt::Diag::TuneDiverged, "retuning",
                                "epoch " + std::to_string(epoch + 1)};
      const double share = static_cast<double>(done + first) /
                           static_cast<double>(std::max<size_t>(total, 1));
      step(options.learningRate * 0.5 *
           (1 + std::cos(std::numbers::pi * share)));
      if (report)
        report(done + last, total);
    }
    done += order.size();
    const Score score = evaluate();
    if (score.loss < result.lossAfter) {
      result.lossAfter = score.loss;
      result.accuracyAfter = score.accuracy;
      result.bestEpoch = epoch + 1;
      for (size_t s = 0; s < sites.size(); ++s)
        best[s] = sites[s].latent;
    }
  }
  for (size_t s = 0; s < sites.size(); ++s)
    sites[s].latent = best[s];
  realise();
  return result;
}

ntrt::Result<RetuningResult>
nt::tuner::retune(TunableNetwork &network, const ntrt::Dataset &data,
                  const std::vector<float> &teacher,
                  std::vector<WordSite> &sites, const RetuningOptions &options,
                  const std::function<void(size_t, size_t)> &report) {
  return Retuner(network, data, teacher, sites, options).run(report);
}

std::vector<float> nt::tuner::logitsOf(TunableNetwork &network,
                                       const ntrt::Dataset &data) {
  const size_t outputs = network.outputSize();
  std::vector<float> logits(data.samples() * outputs);
  for (size_t first = 0; first < data.samples(); first += kEvaluationBatch) {
    const size_t count = std::min(kEvaluationBatch, data.samples() - first);
    std::copy_n(network.forward(data.sample(first), count), count * outputs,
                logits.data() + first * outputs);
  }
  return logits;
}
