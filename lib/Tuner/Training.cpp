//===- Training.cpp - Learning the modulation of a task -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Training.h"

#include "Losses.h"
#include "Optimisers.h"
#include "Samples.h"

#include "ntrt/Bitstream.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numbers>

using namespace nt::tuner;
using ntrt::Diag;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// All that training needs to go on: what a checkpoint holds.
struct State {
  uint64_t epoch = 0, position = 0, step = 0;
  double lossSum = 0;
  uint64_t correct = 0;
  std::vector<EpochRecord> curve;
  uint64_t bestEpoch = 0, withoutBetter = 0;
  double bestAccuracy = -1, bestLoss = std::numeric_limits<double>::infinity();
  std::vector<std::vector<float>> bestValues;
};

/// Visits a state and the optimisers' the same way to write and to read.
template <typename Archive>
void archive(Archive &a, State &state, std::vector<Parameters> &parameters) {
  a.value(state.epoch), a.value(state.position), a.value(state.step);
  a.value(state.lossSum), a.value(state.correct);
  a.values(state.curve);
  a.value(state.bestEpoch), a.value(state.withoutBetter);
  a.value(state.bestAccuracy), a.value(state.bestLoss);
  uint64_t count = state.bestValues.size();
  a.value(count);
  // A damaged count must not ask for memory.
  if (count > parameters.size())
    return a.fail();
  state.bestValues.resize(count);
  for (std::vector<float> &values : state.bestValues)
    a.values(values);
  for (Parameters &p : parameters) {
    a.value(p.steps);
    a.values(p.values), a.values(p.mean), a.values(p.square);
  }
}

class WriteArchive {
public:
  std::string bytes;
  template <typename T> void value(T &value) {
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(T));
  }
  template <typename T> void values(std::vector<T> &values) {
    uint64_t count = values.size();
    value(count);
    bytes.append(reinterpret_cast<const char *>(values.data()),
                 count * sizeof(T));
  }
  void fail() {}
};

class ReadArchive {
public:
  ReadArchive(const uint8_t *from, size_t size) : from(from), left(size) {}
  bool ok = true;
  size_t remaining() const { return left; }

  template <typename T> void value(T &value) { take(&value, sizeof(T)); }
  template <typename T> void values(std::vector<T> &values) {
    uint64_t count = 0;
    value(count);
    if (count > left / sizeof(T))
      return fail();
    values.resize(count);
    take(values.data(), count * sizeof(T));
  }
  void fail() { ok = false; }

private:
  void take(void *to, size_t size) {
    if (!ok || size > left)
      return fail();
    if (size)
      std::memcpy(to, from, size);
    from += size;
    left -= size;
  }
  const uint8_t *from;
  size_t left;
};

class Trainer {
public:
  Trainer(Engine &engine, const ntrt::Dataset &data,
          const TrainingOptions &options,
          const std::vector<std::vector<uint32_t>> &groups);

  ntrt::Result<TrainingResult>
  run(const std::function<void(const TrainingProgress &)> &report);

private:
  void splitSamples();
  void weighClasses();
  void cacheFixedLayers();
  const float *forwardBatch(const std::vector<size_t> &samples, size_t epoch,
                            bool training);
  double trainBatch(const std::vector<size_t> &samples);
  void endEpoch();
  EpochRecord validate();
  double rateAt(double step) const;
  uint64_t fingerprint();
  ntrt::Status save();
  ntrt::Status load();
  std::vector<std::vector<float>> currentValues() const;
  void storeAll();

  Engine &engine;
  const ntrt::Dataset &data;
  const TrainingOptions &options;
  std::vector<Parameters> parameters;
  std::vector<size_t> training, heldOut;
  std::vector<double> weights;
  size_t stepsPerEpoch = 1;

  std::vector<float> fixed; ///< Of every sample; empty if not kept.
  size_t fixedSize = 0;

  State state;
  uint64_t identity = 0;
  // Of the current batch.
  std::vector<float> inputs, teacher, gradient;
  std::vector<uint32_t> labels;
};

} // namespace

/// Values of one layer that share: all of them, or those of a channel.
static std::vector<uint32_t> groupsFor(const Site &site, Sharing sharing) {
  if (site.kind == Site::Kind::Gain || sharing == Sharing::Site)
    return {};
  std::vector<uint32_t> groups(site.values.size(), 0);
  if (sharing == Sharing::Channel) {
    const size_t positions = site.valuesPerChannel();
    if (positions == 1)
      return {};
    for (size_t i = 0; i < groups.size(); ++i)
      groups[i] = static_cast<uint32_t>(i / positions);
  }
  return groups;
}

Trainer::Trainer(Engine &engine, const ntrt::Dataset &data,
                 const TrainingOptions &options,
                 const std::vector<std::vector<uint32_t>> &groups)
    : engine(engine), data(data), options(options) {
  const std::vector<Site> &sites = engine.sites();
  for (size_t s = 0; s < sites.size(); ++s)
    if (sites[s].trained)
      parameters.emplace_back(s, sites[s],
                              s < groups.size() && !groups[s].empty()
                                  ? groups[s]
                                  : groupsFor(sites[s], options.sharing));
  splitSamples();
  weighClasses();
  stepsPerEpoch = (training.size() + options.batch - 1) / options.batch;
  labels.resize(options.batch);
}

void Trainer::splitSamples() {
  const std::vector<size_t> order =
      shuffled(data.samples(), mix(options.seed, 0x76616C));
  const auto held = static_cast<size_t>(options.validation *
                                        static_cast<double>(order.size()));
  heldOut.assign(order.begin(), order.begin() + static_cast<long>(held));
  training.assign(order.begin() + static_cast<long>(held), order.end());
  // Where the data came from does not matter to the order of training.
  std::sort(heldOut.begin(), heldOut.end());
  std::sort(training.begin(), training.end());
}

void Trainer::weighClasses() {
  weights = options.classWeights;
  if (!options.balanced)
    return;
  weights.assign(engine.outputSize(), 0.0);
  for (size_t i : training)
    weights[data.labels[i]] += 1;
  const auto classes = static_cast<double>(std::count_if(
      weights.begin(), weights.end(), [](double n) { return n > 0; }));
  for (double &weight : weights)
    if (weight > 0)
      weight = static_cast<double>(training.size()) / (classes * weight);
}

/// Runs the layers below the lowest trained one once for all, if their results
/// fit in memory and the samples stay as they are.
void Trainer::cacheFixedLayers() {
  constexpr size_t limitBytes = size_t(1) << 30;
  fixedSize = options.augmentation.isActive() ? 0 : engine.fixedSize();
  if (fixedSize == 0 || options.epochs < 2 ||
      fixedSize > limitBytes / sizeof(float) / data.samples()) {
    fixedSize = 0;
    return;
  }
  fixed.resize(data.samples() * fixedSize);
  constexpr size_t batch = 256;
  for (size_t first = 0; first < data.samples(); first += batch)
    engine.forwardFixed(data.sample(first),
                        std::min(batch, data.samples() - first),
                        fixed.data() + first * fixedSize);
}

const float *Trainer::forwardBatch(const std::vector<size_t> &samples,
                                   size_t epoch, bool isTraining) {
  const size_t size = isTraining && fixedSize ? fixedSize : data.sampleSize;
  inputs.resize(samples.size() * size);
  labels.resize(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    const size_t sample = samples[i];
    labels[i] = data.labels[sample];
    float *to = inputs.data() + i * size;
    if (isTraining && fixedSize)
      std::copy_n(fixed.data() + sample * size, size, to);
    else if (isTraining)
      augment(data.sample(sample), to, data.sampleShape, options.augmentation,
              mix(mix(options.seed, epoch + 1), sample));
    else
      std::copy_n(data.sample(sample), size, to);
  }
  if (!isTraining)
    return engine.forward(inputs.data(), samples.size());
  return fixedSize ? engine.forwardTrainingFrom(inputs.data(), samples.size())
                   : engine.forwardTraining(inputs.data(), samples.size());
}

/// Forward, loss, backward; returns the mean loss.
double Trainer::trainBatch(const std::vector<size_t> &samples) {
  const float *scores = forwardBatch(samples, state.epoch, true);
  const size_t outputs = engine.outputSize();
  gradient.resize(samples.size() * outputs);
  LossInput in;
  in.scores = scores;
  in.labels = labels.data();
  in.batch = samples.size();
  in.outputs = outputs;
  if (options.loss == LossKind::Distillation) {
    teacher.resize(samples.size() * outputs);
    for (size_t i = 0; i < samples.size(); ++i)
      std::copy_n(options.teacher.data() + samples[i] * outputs, outputs,
                  teacher.data() + i * outputs);
    in.teacher = teacher.data();
  }
  const double loss = lossOf(in, options, weights, gradient.data());
  for (size_t i = 0; i < samples.size(); ++i)
    state.correct += largest(scores + i * outputs, outputs) == labels[i];
  engine.backward(gradient.data(), samples.size());
  return loss;
}

double Trainer::rateAt(double step) const {
  const double perEpoch = static_cast<double>(stepsPerEpoch);
  const double warm = options.warmUp * perEpoch;
  if (step < warm)
    return options.learningRate * (step + 1) / (warm + 1);
  if (options.schedule == Schedule::Constant)
    return options.learningRate;
  const double rest = std::max(1.0, perEpoch * options.epochs - warm);
  return options.learningRate * 0.5 *
         (1 + std::cos(std::numbers::pi * std::min(1.0, (step - warm) / rest)));
}

EpochRecord Trainer::validate() {
  EpochRecord record;
  record.validationLoss = record.validationAccuracy = kNaN;
  if (heldOut.empty())
    return record;
  constexpr size_t batch = 256;
  double loss = 0;
  size_t correct = 0;
  const size_t outputs = engine.outputSize();
  TrainingOptions plain = options;
  if (plain.loss == LossKind::Distillation)
    plain.loss = LossKind::CrossEntropy;
  for (size_t first = 0; first < heldOut.size(); first += batch) {
    const std::vector<size_t> samples(
        heldOut.begin() + static_cast<long>(first),
        heldOut.begin() +
            static_cast<long>(std::min(first + batch, heldOut.size())));
    const float *scores = forwardBatch(samples, 0, false);
    loss += lossOf({scores, labels.data(), nullptr, samples.size(), outputs},
                   plain, weights, nullptr) *
            static_cast<double>(samples.size());
    for (size_t i = 0; i < samples.size(); ++i)
      correct += largest(scores + i * outputs, outputs) == labels[i];
  }
  const auto count = static_cast<double>(heldOut.size());
  record.validationLoss = loss / count;
  record.validationAccuracy = static_cast<double>(correct) / count;
  return record;
}

std::vector<std::vector<float>> Trainer::currentValues() const {
  std::vector<std::vector<float>> values;
  for (const Parameters &p : parameters)
    values.push_back(p.values);
  return values;
}

void Trainer::storeAll() {
  std::vector<Site> &sites = engine.sites();
  for (Parameters &p : parameters)
    p.store(sites[p.site]);
}

void Trainer::endEpoch() {
  EpochRecord record = validate();
  const auto count = static_cast<double>(training.size());
  record.loss = state.lossSum / count;
  record.accuracy = static_cast<double>(state.correct) / count;
  record.learningRate = rateAt(static_cast<double>(state.step));
  state.curve.push_back(record);
  const bool isBetter = heldOut.empty() ||
                        record.validationAccuracy > state.bestAccuracy ||
                        (record.validationAccuracy == state.bestAccuracy &&
                         record.validationLoss < state.bestLoss);
  if (isBetter) {
    state.bestEpoch = state.epoch;
    state.withoutBetter = 0;
    state.bestAccuracy = record.validationAccuracy;
    state.bestLoss = record.validationLoss;
    if (!heldOut.empty())
      state.bestValues = currentValues();
  } else {
    ++state.withoutBetter;
  }
  ++state.epoch;
  state.position = 0;
  state.lossSum = 0;
  state.correct = 0;
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

static constexpr char kMagic[8] = {'N', 'T', 'C', 'K', 'P', 'T', '0', '1'};

/// What a checkpoint must have been written for: options, sites and samples.
uint64_t Trainer::fingerprint() {
  std::string text = toString(options);
  for (const Parameters &p : parameters)
    text += engine.sites()[p.site].name + ":" + std::to_string(p.size()) + ";";
  auto hash = [](const auto &values) {
    return ntrt::fnv1a64(reinterpret_cast<const uint8_t *>(values.data()),
                         values.size() * sizeof(values[0]));
  };
  return mix(hash(text), mix(mix(hash(data.values), hash(data.labels)),
                             hash(options.teacher)));
}

ntrt::Status Trainer::save() {
  if (options.checkpoint.empty())
    return ntrt::Done{};
  WriteArchive out;
  out.bytes.assign(kMagic, sizeof(kMagic));
  out.value(identity);
  archive(out, state, parameters);
  uint64_t check = ntrt::fnv1a64(
      reinterpret_cast<const uint8_t *>(out.bytes.data()), out.bytes.size());
  out.value(check);
  return ntrt::writeFileWhole(options.checkpoint, out.bytes.data(),
                              out.bytes.size());
}

ntrt::Status Trainer::load() {
  // Killed before the first one was written: nothing was done yet.
  if (std::error_code error;
      !std::filesystem::exists(options.checkpoint, error))
    return ntrt::Done{};
  auto bytes = ntrt::readFile(options.checkpoint);
  if (!bytes)
    return bytes.diagnostics();
  auto refuse = [&](const char *why) {
    return ntrt::Diagnostic{Diag::TuneCheckpoint, options.checkpoint, why};
  };
  constexpr size_t head = sizeof(kMagic) + sizeof(uint64_t);
  if (bytes->size() < head + sizeof(uint64_t) ||
      std::memcmp(bytes->data(), kMagic, sizeof(kMagic)) != 0)
    return refuse("it is not a checkpoint");
  const size_t size = bytes->size() - sizeof(uint64_t);
  uint64_t check = 0, found = 0;
  std::memcpy(&check, bytes->data() + size, sizeof(check));
  if (check != ntrt::fnv1a64(bytes->data(), size))
    return refuse("it is damaged");
  std::memcpy(&found, bytes->data() + sizeof(kMagic), sizeof(found));
  if (found != identity)
    return refuse("it was written with other options, data or layers");
  ReadArchive in(bytes->data() + head, size - head);
  archive(in, state, parameters);
  if (!in.ok || in.remaining() != 0)
    return refuse("it is damaged");
  storeAll();
  return ntrt::Done{};
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

ntrt::Result<TrainingResult>
Trainer::run(const std::function<void(const TrainingProgress &)> &report) {
  using Clock = std::chrono::steady_clock;
  storeAll(); // Groups share from the start.
  if (!options.checkpoint.empty()) {
    identity = fingerprint();
    if (options.resume)
      if (ntrt::Status loaded = load(); !loaded)
        return loaded.diagnostics();
  }
  cacheFixedLayers();

  TrainingResult result;
  result.samplesTrained = training.size();
  result.samplesHeldOut = heldOut.size();
  result.usedFixedCache = fixedSize > 0;
  for (const Parameters &p : parameters)
    result.trainedValues += p.size();
  auto saved = Clock::now();
  auto isStopped = [&] {
    return options.patience > 0 && state.withoutBetter >= options.patience;
  };
  while (state.epoch < options.epochs && !isStopped()) {
    std::vector<size_t> order =
        shuffled(training.size(), mix(options.seed, state.epoch + 1));
    while (state.position < order.size()) {
      const size_t end =
          std::min<size_t>(state.position + options.batch, order.size());
      std::vector<size_t> samples;
      for (size_t i = state.position; i < end; ++i)
        samples.push_back(training[order[i]]);
      state.lossSum +=
          trainBatch(samples) * static_cast<double>(samples.size());
      if (!std::isfinite(state.lossSum)) {
        result.loss = state.lossSum;
        return result;
      }
      const double rate = rateAt(static_cast<double>(state.step));
      std::vector<Site> &sites = engine.sites();
      for (Parameters &p : parameters)
        p.step(sites[p.site], options, rate);
      ++state.step;
      state.position = end;
      const auto done = static_cast<double>(end);
      report({static_cast<unsigned>(state.epoch), end, order.size(),
              state.lossSum / done, static_cast<double>(state.correct) / done});
      if (end < order.size() &&
          std::chrono::duration<double>(Clock::now() - saved).count() >
              options.checkpointSeconds) {
        if (ntrt::Status written = save(); !written)
          return written.diagnostics();
        saved = Clock::now();
      }
    }
    endEpoch();
    if (ntrt::Status written = save(); !written)
      return written.diagnostics();
  }

  result.curve = state.curve;
  result.bestEpoch = state.bestEpoch;
  result.stoppedEarly = state.epoch < options.epochs;
  result.loss = state.curve.empty() ? 0 : state.curve.back().loss;
  if (!state.bestValues.empty())
    for (size_t i = 0; i < parameters.size(); ++i)
      parameters[i].values = state.bestValues[i];
  storeAll();
  return result;
}

ntrt::Result<TrainingResult>
nt::tuner::train(Engine &engine, const ntrt::Dataset &data,
                 const TrainingOptions &options,
                 const std::function<void(const TrainingProgress &)> &report,
                 const std::vector<std::vector<uint32_t>> &groups) {
  return Trainer(engine, data, options, groups).run(report);
}

double nt::tuner::lossAndGradients(Engine &engine, const float *samples,
                                   const uint32_t *labels, size_t batch) {
  std::vector<float> gradient(batch * engine.outputSize());
  const float *scores = engine.forwardTraining(samples, batch);
  const double loss =
      lossOf({scores, labels, nullptr, batch, engine.outputSize()}, {}, {},
             gradient.data());
  engine.backward(gradient.data(), batch);
  return loss;
}
