//===- Training.cpp - Learning the modulation of a task -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Training.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>

using namespace nt::tuner;

namespace {

/// Adam (Kingma 2015) on the values of one site.
class Adam {
public:
  explicit Adam(Site &site)
      : site(site), mean(site.values.size()), square(site.values.size()) {}

  void step(double rate) {
    constexpr double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    power1 *= beta1;
    power2 *= beta2;
    for (size_t i = 0; i < mean.size(); ++i) {
      const double g = site.gradients[i];
      mean[i] = beta1 * mean[i] + (1 - beta1) * g;
      square[i] = beta2 * square[i] + (1 - beta2) * g * g;
      const double m = mean[i] / (1 - power1), v = square[i] / (1 - power2);
      site.values[i] -= static_cast<float>(rate * m / (std::sqrt(v) + epsilon));
    }
  }

private:
  Site &site;
  std::vector<double> mean, square;
  double power1 = 1, power2 = 1;
};

/// Fisher-Yates with the generator's raw output, so that the order is the same
/// with every standard library.
void shuffle(std::vector<size_t> &order, std::mt19937_64 &generator) {
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[generator() % i]);
}

size_t largest(const float *scores, size_t count) {
  return static_cast<size_t>(std::max_element(scores, scores + count) - scores);
}

/// Calls `visit(firstSample, scores, count)` for the whole data set in batches.
template <typename Visit>
void forEachBatch(Engine &engine, const ntrt::Dataset &data, Visit visit) {
  constexpr size_t batch = 256;
  for (size_t first = 0; first < data.samples(); first += batch) {
    const size_t count = std::min(batch, data.samples() - first);
    visit(first, engine.forward(data.sample(first), count), count);
  }
}

/// Mean cross-entropy of a batch's scores and its gradient for them.
double crossEntropy(const float *scores, const uint32_t *labels, size_t batch,
                    size_t outputs, float *gradient) {
  double loss = 0;
  for (size_t n = 0; n < batch; ++n, scores += outputs, gradient += outputs) {
    const float best = *std::max_element(scores, scores + outputs);
    double sum = 0;
    for (size_t c = 0; c < outputs; ++c)
      sum += std::exp(static_cast<double>(scores[c] - best));
    loss += std::log(sum) - (scores[labels[n]] - best);
    for (size_t c = 0; c < outputs; ++c) {
      const double p = std::exp(static_cast<double>(scores[c] - best)) / sum;
      gradient[c] = static_cast<float>((p - (c == labels[n] ? 1.0 : 0.0)) /
                                       static_cast<double>(batch));
    }
  }
  return loss / static_cast<double>(batch);
}

} // namespace

double nt::tuner::lossAndGradients(Engine &engine, const float *samples,
                                   const uint32_t *labels, size_t batch) {
  std::vector<float> gradient(batch * engine.outputSize());
  const float *scores = engine.forwardTraining(samples, batch);
  const double loss =
      crossEntropy(scores, labels, batch, engine.outputSize(), gradient.data());
  engine.backward(gradient.data(), batch);
  return loss;
}

double
nt::tuner::train(Engine &engine, const ntrt::Dataset &data,
                 const TrainingOptions &options,
                 const std::function<void(const TrainingProgress &)> &report) {
  std::vector<Adam> optimisers;
  for (Site &site : engine.sites())
    optimisers.emplace_back(site);

  std::mt19937_64 generator(options.seed);
  std::vector<size_t> order(data.samples());
  std::iota(order.begin(), order.end(), size_t(0));
  const size_t stepsPerEpoch =
      (order.size() + options.batch - 1) / options.batch;
  const double totalSteps =
      static_cast<double>(stepsPerEpoch) * std::max(1u, options.epochs);

  std::vector<float> samples(options.batch * data.sampleSize);
  std::vector<uint32_t> labels(options.batch);
  std::vector<float> gradient;
  double epochLoss = 0;
  size_t step = 0;
  for (unsigned epoch = 0; epoch < options.epochs; ++epoch) {
    shuffle(order, generator);
    double lossSum = 0;
    size_t correct = 0;
    for (size_t first = 0; first < order.size(); first += options.batch) {
      const size_t count =
          std::min<size_t>(options.batch, order.size() - first);
      for (size_t i = 0; i < count; ++i) {
        std::copy_n(data.sample(order[first + i]), data.sampleSize,
                    samples.data() + i * data.sampleSize);
        labels[i] = data.labels[order[first + i]];
      }
      const float *scores = engine.forwardTraining(samples.data(), count);
      for (size_t i = 0; i < count; ++i)
        correct += largest(scores + i * engine.outputSize(),
                           engine.outputSize()) == labels[i];
      gradient.resize(count * engine.outputSize());
      lossSum += crossEntropy(scores, labels.data(), count, engine.outputSize(),
                              gradient.data()) *
                 static_cast<double>(count);
      engine.backward(gradient.data(), count);
      if (!std::isfinite(lossSum))
        return lossSum;
      const double phase = static_cast<double>(step++) / totalSteps;
      const double rate =
          options.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * phase));
      for (Adam &optimiser : optimisers)
        optimiser.step(rate);
      const size_t done = first + count;
      report({epoch, done, order.size(), lossSum / done,
              static_cast<double>(correct) / done});
    }
    epochLoss = lossSum / static_cast<double>(order.size());
  }
  return epochLoss;
}

double nt::tuner::accuracy(Engine &engine, const ntrt::Dataset &data,
                           const std::vector<uint32_t> &classOfOutput) {
  size_t correct = 0;
  const size_t outputs = engine.outputSize();
  forEachBatch(engine, data,
               [&](size_t first, const float *scores, size_t count) {
                 for (size_t i = 0; i < count; ++i) {
                   const size_t output = largest(scores + i * outputs, outputs);
                   const size_t label =
                       classOfOutput.empty() ? output : classOfOutput[output];
                   correct += label == data.labels[first + i];
                 }
               });
  return static_cast<double>(correct) / static_cast<double>(data.samples());
}

std::vector<uint32_t> nt::tuner::matchOutputs(Engine &engine,
                                              const ntrt::Dataset &data,
                                              size_t classes) {
  const size_t outputs = engine.outputSize();
  // Cost of giving class c to output o: minus the responses that would be
  // right.
  std::vector<double> cost(outputs * outputs, 0.0);
  forEachBatch(engine, data,
               [&](size_t first, const float *scores, size_t count) {
                 for (size_t i = 0; i < count; ++i) {
                   const uint32_t label = data.labels[first + i];
                   const size_t output = largest(scores + i * outputs, outputs);
                   if (label < classes)
                     cost[output * outputs + label] -= 1;
                 }
               });
  std::vector<uint32_t> result;
  for (size_t label : assignMinimumCost(cost, outputs))
    result.push_back(static_cast<uint32_t>(label));
  return result;
}

std::vector<size_t>
nt::tuner::assignMinimumCost(const std::vector<double> &cost, size_t n) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  // Potentials and matching are 1-based; column 0 is the free start column.
  std::vector<double> rowPotential(n + 1), columnPotential(n + 1);
  std::vector<size_t> rowOfColumn(n + 1), previous(n + 1);
  for (size_t row = 1; row <= n; ++row) {
    rowOfColumn[0] = row;
    size_t column = 0;
    std::vector<double> slack(n + 1, infinity);
    std::vector<char> visited(n + 1, 0);
    do {
      visited[column] = 1;
      const size_t current = rowOfColumn[column];
      double delta = infinity;
      size_t next = 0;
      for (size_t j = 1; j <= n; ++j) {
        if (visited[j])
          continue;
        const double reduced = cost[(current - 1) * n + j - 1] -
                               rowPotential[current] - columnPotential[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if (slack[j] < delta) {
          delta = slack[j];
          next = j;
        }
      }
      for (size_t j = 0; j <= n; ++j) {
        if (visited[j]) {
          rowPotential[rowOfColumn[j]] += delta;
          columnPotential[j] -= delta;
        } else {
          slack[j] -= delta;
        }
      }
      column = next;
    } while (rowOfColumn[column] != 0);
    while (column != 0) {
      rowOfColumn[column] = rowOfColumn[previous[column]];
      column = previous[column];
    }
  }
  std::vector<size_t> columnOfRow(n);
  for (size_t column = 1; column <= n; ++column)
    columnOfRow[rowOfColumn[column] - 1] = column - 1;
  return columnOfRow;
}
