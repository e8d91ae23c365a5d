//===- ChipCalibration.cpp - Fitting a program to one real chip -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Calibration/ChipCalibration.h"

#include "ChipSpikes.h"

#include "nt/Mapping/Limits.h"
#include "nt/Quantization/Levels.h"
#include "nt/Tuner/ChipNetwork.h"
#include "nt/Tuner/Multiply.h"
#include "nt/Tuner/Threads.h"

#include "ntrt/Bitstream.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <numeric>
#include <thread>

using namespace nt;
using namespace nt::calibration;
using nt::tuner::ChipNetwork;
using ntrt::Diag;

namespace {

/// Damping of the objective, as a share of the mean diagonal: keeps inputs that
/// the samples hardly saw from being spent as slack.
constexpr float kDamping = 0.01f;

/// The outputs that labels stand for.
ntrt::Status labelsToOutputs(const ntrt::TaskOverlay &task,
                             ntrt::Dataset &data) {
  if (data.labels.size() != data.samples())
    return ntrt::Diagnostic{Diag::DataLabel, "task '" + task.name + "'",
                            "its data has no labels"};
  for (size_t i = 0; i < data.labels.size(); ++i) {
    auto found = std::find(task.classOfOutput.begin(), task.classOfOutput.end(),
                           data.labels[i]);
    if (found == task.classOfOutput.end())
      return ntrt::Diagnostic{Diag::DataLabel, "task '" + task.name + "'",
                              "sample " + std::to_string(i) + " has label " +
                                  std::to_string(data.labels[i]) +
                                  ", which no output stands for"};
    data.labels[i] = static_cast<uint32_t>(found - task.classOfOutput.begin());
  }
  return ntrt::Done{};
}

/// What multiplies the ideal chip's scores, so that their softmax is as likely
/// as can be: rates alone say nothing of how sure the network is.
double fitScoreScale(tuner::TunableNetwork &network,
                     const ntrt::Dataset &data) {
  ntrt::Dataset part = data;
  const size_t count = std::min<size_t>(data.samples(), 2000);
  part.values.resize(count * data.sampleSize);
  const std::vector<float> logits = tuner::logitsOf(network, part);
  const size_t outputs = network.outputSize();
  double best = 1, least = INFINITY;
  for (int step = -8; step <= 24; ++step) {
    const double scale = std::pow(2, step / 2.0);
    double loss = 0;
    for (size_t i = 0; i < count; ++i) {
      const float *row = logits.data() + i * outputs;
      const double top = *std::max_element(row, row + outputs);
      double sum = 0;
      for (size_t o = 0; o < outputs; ++o)
        sum += std::exp(scale * (row[o] - top));
      loss += std::log(sum) - scale * (row[data.labels[i]] - top);
    }
    if (loss < least) {
      least = loss;
      best = scale;
    }
  }
  return best;
}

/// The task on the ideal chip and on the one at hand.
struct TaskNetworks {
  ChipNetwork ideal, actual;
  std::vector<tuner::CoreWords> words; ///< Of each core.
};

class Calibration {
public:
  Calibration(const ntrt::Program &program,
              const std::vector<ntrt::TaskOverlay> &tasks,
              const ntrt::DeviceModel &device, const ntrt::ChipVariation &chip,
              const std::vector<ntrt::Dataset> &data,
              const CalibrationOptions &options,
              const std::function<void(double)> &report)
      : device(device), chip(chip), options(options), report(report),
        ideal(program), data(data) {
    result.program = program;
    result.tasks = tasks;
  }

  ntrt::Result<CalibrationResult> run();

private:
  ntrt::DiagnosticList prepare();
  void tellWays();
  ntrt::Status fitCore(size_t core);
  ntrt::Status encodeCore(size_t core, const std::vector<const float *> &rates,
                          const std::vector<const float *> &idealRates);
  ntrt::Status encodeNeuron(size_t core, uint32_t neuron,
                            const Eigen::Ref<const Eigen::MatrixXf> &hessian,
                            const float *linear, size_t stride);
  void setMeans(size_t core);
  double errorOf(size_t core) const;
  tuner::RetuningOptions retuningOptions(unsigned epochs) const;
  ntrt::Status retuneTask(size_t task);
  ntrt::Result<std::unique_ptr<tuner::SpikingNetwork>>
  idealSpikes(const ntrt::TaskOverlay &task) const;
  ntrt::Status retuneThroughSpikes(size_t task);
  void storeWords(size_t task);

  const ntrt::DeviceModel &device;
  const ntrt::ChipVariation &chip;
  const CalibrationOptions &options;
  const std::function<void(double)> &report;
  const ntrt::Program &ideal;
  std::vector<ntrt::Dataset> data; ///< Labels are outputs.
  std::vector<TaskNetworks> networks;
  /// Sources to choose among, by code + maxCode.
  std::vector<std::vector<ntrt::Sources>> ways;
  size_t samples = 0; ///< Of each task, that encodings are fitted to.
  std::atomic<size_t> encodingsChanged{0}, codesChanged{0}, synapses{0};
  CalibrationResult result;
};

} // namespace

ntrt::DiagnosticList Calibration::prepare() {
  ntrt::DiagnosticList misfits;
  auto collect = [&](const ntrt::DiagnosticList &list) {
    misfits.insert(misfits.end(), list.begin(), list.end());
  };
  if (result.tasks.empty() || data.size() != result.tasks.size())
    return {{Diag::OptionInvalid, "calibration",
             std::to_string(data.size()) + " data sets for " +
                 std::to_string(result.tasks.size()) + " tasks"}};
  if (options.spikeEpochs > 0 && !options.words)
    misfits.push_back({Diag::OptionInvalid, "calibration",
                       "words cannot be kept and trained through spikes"});
  if (options.slots > ntrt::kMaxSlots)
    misfits.push_back({Diag::OptionInvalid, "calibration",
                       "slots is " + std::to_string(options.slots) +
                           ", not 0.." + std::to_string(ntrt::kMaxSlots)});
  samples = options.samples;
  for (size_t t = 0; t < data.size(); ++t) {
    const std::string place = "task '" + result.tasks[t].name + "'";
    if (data[t].sampleSize != ideal.inputs || data[t].samples() == 0) {
      misfits.push_back({Diag::DataShape, place,
                         std::to_string(data[t].sampleSize) +
                             " values a sample, the program takes " +
                             std::to_string(ideal.inputs)});
      continue;
    }
    for (float value : data[t].values)
      if (!std::isfinite(value)) {
        misfits.push_back(
            {Diag::DataValue, place, "a value of its data is not finite"});
        break;
      }
    if (ntrt::Status status = labelsToOutputs(result.tasks[t], data[t]);
        !status)
      collect(status.diagnostics());
    samples = std::min(samples, data[t].samples());
    auto wanted = ChipNetwork::create(ideal, result.tasks[t], device, nullptr);
    auto real = ChipNetwork::create(ideal, result.tasks[t], device, &chip);
    if (!wanted || !real) {
      collect(wanted ? real.diagnostics() : wanted.diagnostics());
      continue;
    }
    networks.push_back({std::move(*wanted), std::move(*real), {}});
    for (size_t c = 0; c < ideal.cores.size(); ++c)
      networks.back().words.push_back(tuner::wordsOfCore(
          ideal.cores[c], result.tasks[t].cores[c], device, &chip));
  }
  return misfits;
}

void Calibration::tellWays() {
  const int32_t maxCode = device.synapse.maxCode();
  const int32_t reach = options.encoding == Encoding::Neighbours ? 1 : 0;
  for (int32_t code = -maxCode; code <= maxCode; ++code) {
    std::vector<ntrt::Sources> all;
    for (int32_t near = std::max(-maxCode, code - reach);
         near <= std::min(maxCode, code + reach); ++near)
      for (ntrt::Sources sources : ntrt::encodingsOf(
               near, device.synapse.digits, device.synapse.encoding))
        all.push_back(sources);
    ways.push_back(std::move(all));
  }
}

ntrt::Status
Calibration::encodeNeuron(size_t coreIndex, uint32_t neuron,
                          const Eigen::Ref<const Eigen::MatrixXf> &hessian,
                          const float *linear, size_t stride) {
  ntrt::CoreConfig &core = result.program.cores[coreIndex];
  const ntrt::CorePlace place{core.row, core.column};
  const uint32_t digits = device.synapse.digits;
  quantization::LevelProblem problem(hessian);
  problem.linear.resize(core.axons);
  problem.first = {0};
  std::vector<const std::vector<ntrt::Sources> *> candidates(core.axons);
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    const ntrt::Sources now = core.sourcesAt(axon, neuron, digits);
    const int32_t code = core.code(axon, neuron);
    problem.linear[axon] = linear[axon * stride];
    // A synapse that is off stays off: it belongs to no connection.
    if (code == 0) {
      problem.levels.push_back(0);
      problem.start.push_back(0);
    } else {
      candidates[axon] = &ways[code + device.synapse.maxCode()];
      for (ntrt::Sources sources : *candidates[axon])
        problem.levels.push_back(
            static_cast<float>(chip.synapse(place, axon, neuron, sources)));
      problem.start.push_back(
          std::find(candidates[axon]->begin(), candidates[axon]->end(), now) -
          candidates[axon]->begin());
    }
    problem.first.push_back(problem.levels.size());
  }
  auto solution = quantization::solve(problem);
  if (!solution)
    return solution.diagnostics();
  for (uint32_t axon = 0; axon < core.axons; ++axon) {
    if (!candidates[axon])
      continue;
    const size_t at = size_t(axon) * core.neurons + neuron;
    const ntrt::Sources sources = (*candidates[axon])[solution->choice[axon]];
    const auto code = static_cast<int8_t>(
        *ntrt::codeOf(sources, digits, device.synapse.encoding));
    ++synapses;
    encodingsChanged += sources != core.sources[at];
    codesChanged += code != core.codes[at];
    core.sources[at] = sources;
    core.codes[at] = code;
  }
  return ntrt::Done{};
}

/// Least squares of the core's sums against the ideal ones, on the rates that
/// the cores before, as they are by now, give.
ntrt::Status
Calibration::encodeCore(size_t index, const std::vector<const float *> &rates,
                        const std::vector<const float *> &idealRates) {
  ntrt::CoreConfig &core = result.program.cores[index];
  const ntrt::CoreConfig &wanted = ideal.cores[index];
  const size_t axons = core.axons, neurons = core.neurons;
  if (core.sources.empty())
    for (int8_t code : core.codes)
      core.sources.push_back(
          ntrt::leastCurrentSources(code, device.synapse.digits));
  Eigen::MatrixXf hessian = Eigen::MatrixXf::Zero(axons, axons);
  // Row-major [axons, axons]: rates times ideal rates.
  std::vector<float> cross(axons * axons, 0.0f);
  std::vector<float> linear(axons * neurons, 0.0f), codes;
  for (int8_t code : wanted.codes)
    codes.push_back(code);
  const auto count = static_cast<float>(samples);
  for (size_t t = 0; t < rates.size(); ++t) {
    tuner::multiply(false, true, axons, axons, samples, rates[t], rates[t], 1,
                    hessian.data());
    tuner::multiply(false, true, axons, axons, samples, rates[t], idealRates[t],
                    1, cross.data());
    using Rows =
        Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic,
                                       Eigen::RowMajor>>;
    const Eigen::VectorXf mean =
        Rows(rates[t], axons, samples).rowwise().mean();
    const Eigen::VectorXf idealMean =
        Rows(idealRates[t], axons, samples).rowwise().mean();
    if (options.words) {
      // A neuron's mean is its word's to set right.
      hessian -= count * mean * mean.transpose();
      for (size_t i = 0; i < axons; ++i)
        for (size_t j = 0; j < axons; ++j)
          cross[i * axons + j] -= count * mean[i] * idealMean[j];
    } else {
      // What the modulation source is off belongs to the error.
      for (size_t n = 0; n < neurons; ++n) {
        const float lsb = static_cast<float>(
            device.synapseStep(device.synapseDomain.lsbCurrent_A(
                core.synapseDac[core.synapseDomain[n]])));
        const float off = (networks[t].ideal.sites()[index].values[n] -
                           networks[t].actual.sites()[index].values[n]) /
                          lsb;
        for (size_t i = 0; i < axons; ++i)
          linear[i * neurons + n] += count * mean[i] * off;
      }
    }
  }
  tuner::multiply(false, false, axons, neurons, axons, cross.data(),
                  codes.data(), 1, linear.data());
  const float damping =
      kDamping * hessian.diagonal().mean() + std::numeric_limits<float>::min();
  hessian.diagonal().array() += damping;
  for (size_t i = 0; i < linear.size(); ++i)
    linear[i] += damping * codes[i];

  std::atomic<uint32_t> next{0};
  std::vector<ntrt::DiagnosticList> failures(std::max(1u, options.threads));
  auto work = [&](ntrt::DiagnosticList &failure) {
    for (uint32_t n; (n = next++) < neurons;)
      if (ntrt::Status status =
              encodeNeuron(index, n, hessian, linear.data() + n, neurons);
          !status)
        failure = status.diagnostics();
  };
  std::vector<std::thread> others;
  for (size_t t = 1; t < failures.size(); ++t)
    others.emplace_back(work, std::ref(failures[t]));
  work(failures[0]);
  for (std::thread &thread : others)
    thread.join();
  for (const ntrt::DiagnosticList &failure : failures)
    if (!failure.empty())
      return failure;

  const std::vector<float> weights = tuner::eventSteps(core, device, &chip);
  for (TaskNetworks &task : networks)
    task.actual.weights(index) = weights;
  return ntrt::Done{};
}

double Calibration::errorOf(size_t index) const {
  double sum = 0;
  for (const TaskNetworks &task : networks) {
    const std::vector<float> &now = task.actual.sums(index),
                             &wanted = task.ideal.sums(index);
    for (size_t i = 0; i < now.size(); ++i)
      sum += (double(now[i]) - wanted[i]) * (double(now[i]) - wanted[i]);
  }
  return sum;
}

/// Words that bring the mean of each neuron's sum to the ideal chip's.
void Calibration::setMeans(size_t index) {
  for (TaskNetworks &task : networks) {
    tuner::CoreWords &words = task.words[index];
    std::vector<float> &values = task.actual.sites()[index].values;
    for (size_t n = 0; n < values.size(); ++n) {
      const float *now = task.actual.sums(index).data() + n * samples;
      const float *wanted = task.ideal.sums(index).data() + n * samples;
      const double error = (std::accumulate(now, now + samples, 0.0) -
                            std::accumulate(wanted, wanted + samples, 0.0)) /
                           static_cast<double>(samples);
      // Nothing but rounding: the word there was is as good as can be.
      if (std::abs(error) < 1e-6)
        continue;
      values[n] = tuner::nearestLevel(words.site.levelsOf(n),
                                      values[n] - static_cast<float>(error));
    }
    task.actual.run(index);
  }
}

ntrt::Status Calibration::fitCore(size_t index) {
  std::vector<const float *> rates, idealRates;
  for (TaskNetworks &task : networks) {
    idealRates.push_back(task.ideal.gather(index));
    rates.push_back(task.actual.gather(index));
    task.ideal.run(index);
    task.actual.run(index);
  }
  result.errorBefore += errorOf(index);
  if (options.encoding != Encoding::Keep) {
    if (ntrt::Status status = encodeCore(index, rates, idealRates); !status)
      return status;
    for (TaskNetworks &task : networks)
      task.actual.run(index);
  }
  result.errorAfter += errorOf(index);
  if (options.words)
    setMeans(index);
  return ntrt::Done{};
}

tuner::RetuningOptions Calibration::retuningOptions(unsigned epochs) const {
  tuner::RetuningOptions retuning;
  retuning.epochs = epochs;
  retuning.batch = options.batch;
  retuning.learningRate = options.learningRate;
  retuning.teacherWeight = options.teacherWeight;
  retuning.seed = options.seed;
  return retuning;
}

ntrt::Status Calibration::retuneTask(size_t index) {
  TaskNetworks &task = networks[index];
  task.ideal.scoreScale = task.actual.scoreScale =
      fitScoreScale(task.ideal, data[index]);
  std::vector<tuner::WordSite> sites;
  for (size_t c = 0; c < task.words.size(); ++c) {
    sites.push_back(task.words[c].site);
    sites.back().latent = task.actual.sites()[c].values;
  }
  const double from = 0.3 + 0.7 * double(index) / double(networks.size());
  auto outcome = tuner::retune(
      task.actual, data[index], tuner::logitsOf(task.ideal, data[index]), sites,
      retuningOptions(options.epochs), [&](size_t done, size_t total) {
        if (report)
          report(from + 0.7 / double(networks.size()) * double(done) /
                            double(std::max<size_t>(total, 1)));
      });
  if (!outcome)
    return outcome.diagnostics();
  result.taskResults[index].retuning = *outcome;
  return ntrt::Done{};
}

/// The ideal chip, spike for spike, with the words there were. Words may have
/// been fitted to leak and reset, of which rates know nothing.
ntrt::Result<std::unique_ptr<tuner::SpikingNetwork>>
Calibration::idealSpikes(const ntrt::TaskOverlay &task) const {
  ntrt::DeviceModel nominal = device;
  nominal.synapse.mismatchSigma = nominal.neuron.thresholdSigma_V = 0;
  nominal.variation = {};
  const ntrt::ChipVariation none(nominal, 0);
  std::vector<tuner::CoreWords> words;
  for (size_t c = 0; c < ideal.cores.size(); ++c)
    words.push_back(
        tuner::wordsOfCore(ideal.cores[c], task.cores[c], nominal, nullptr));
  auto spikes = chipSpikes(ideal, task, nominal, none, words,
                           options.slots ? options.slots : ideal.defaultSlots);
  if (!spikes)
    return spikes.diagnostics();
  auto network = std::make_unique<tuner::SpikingNetwork>(
      std::move(spikes->model), options.threads);
  for (size_t l = 0; l < spikes->coreOfLayer.size(); ++l) {
    const ntrt::CoreModulation &modulation = task.cores[spikes->coreOfLayer[l]];
    std::vector<float> &values = network->sites()[l].values;
    for (size_t n = 0; n < values.size(); ++n)
      values[n] = static_cast<float>(
          modulation.words[n].code *
          device.modulationStep(device.modulationDomain.lsbCurrent_A(
              modulation.dac[modulation.words[n].domain])));
  }
  return network;
}

/// On the rates' words, the chip's own spikes in the loop.
ntrt::Status Calibration::retuneThroughSpikes(size_t index) {
  TaskNetworks &task = networks[index];
  auto spikes =
      chipSpikes(result.program, result.tasks[index], device, chip, task.words,
                 options.slots ? options.slots : result.program.defaultSlots);
  if (!spikes)
    return spikes.diagnostics();
  auto ideal = idealSpikes(result.tasks[index]);
  if (!ideal)
    return ideal.diagnostics();
  std::vector<float> teacher = tuner::logitsOf(**ideal, data[index]);
  spikes->model.scoreScale = fitScoreScale(**ideal, data[index]);
  for (float &score : teacher)
    score *= static_cast<float>(spikes->model.scoreScale);
  tuner::SpikingNetwork network(std::move(spikes->model), options.threads);
  std::vector<tuner::WordSite> sites;
  for (size_t core : spikes->coreOfLayer) {
    sites.push_back(task.words[core].site);
    sites.back().latent = task.actual.sites()[core].values;
  }
  auto outcome = tuner::retune(network, data[index], teacher, sites,
                               retuningOptions(options.spikeEpochs));
  if (!outcome)
    return outcome.diagnostics();
  for (size_t l = 0; l < spikes->coreOfLayer.size(); ++l)
    task.actual.sites()[spikes->coreOfLayer[l]].values =
        network.sites()[l].values;
  result.taskResults[index].throughSpikes = *outcome;
  return ntrt::Done{};
}

void Calibration::storeWords(size_t index) {
  TaskNetworks &task = networks[index];
  for (size_t c = 0; c < task.words.size(); ++c) {
    const tuner::CoreWords &words = task.words[c];
    for (size_t n = 0; n < task.actual.sites()[c].values.size(); ++n) {
      const std::span<const float> levels = words.site.levelsOf(n);
      const float value = task.actual.sites()[c].values[n];
      ntrt::ModulationWord &stored = result.tasks[index].cores[c].words[n];
      // Of words that give the same, the one there was.
      auto at = static_cast<size_t>(
          std::lower_bound(levels.begin(), levels.end(), value) -
          levels.begin());
      const ntrt::ModulationWord *all =
          words.words.data() + n * words.site.levelsPerValue;
      ntrt::ModulationWord word = all[at];
      for (; at < levels.size() && levels[at] == value; ++at)
        if (all[at] == stored || (all[at].code == 0 && stored.code == 0))
          word = stored;
      result.taskResults[index].wordsChanged += !(stored == word);
      stored = word;
    }
  }
}

ntrt::Result<CalibrationResult> Calibration::run() {
  if (ntrt::DiagnosticList misfits = prepare(); !misfits.empty())
    return misfits;
  tuner::setPrimitiveThreads(options.threads);
  tellWays();
  result.taskResults.resize(networks.size());
  for (size_t t = 0; t < networks.size(); ++t) {
    networks[t].ideal.setInputs(data[t].values.data(), samples);
    networks[t].actual.setInputs(data[t].values.data(), samples);
  }
  const std::vector<size_t> order = networks.front().ideal.order();
  size_t sums = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (ntrt::Status status = fitCore(order[i]); !status)
      return status.diagnostics();
    sums += ideal.cores[order[i]].neurons * samples * networks.size();
    if (report)
      report(0.3 * double(i + 1) / double(order.size()));
  }
  result.errorBefore /= double(sums);
  result.errorAfter /= double(sums);
  result.synapses = synapses;
  result.encodingsChanged = encodingsChanged;
  result.codesChanged = codesChanged;
  if (options.words)
    for (size_t t = 0; t < networks.size(); ++t) {
      if (options.epochs > 0)
        if (ntrt::Status status = retuneTask(t); !status)
          return status.diagnostics();
      if (options.spikeEpochs > 0)
        if (ntrt::Status status = retuneThroughSpikes(t); !status)
          return status.diagnostics();
      storeWords(t);
    }
  const uint64_t hash = ntrt::programHash(result.program, device);
  ntrt::DiagnosticList misfits = ntrt::checkProgram(result.program, device);
  auto collect = [&](const ntrt::DiagnosticList &list) {
    misfits.insert(misfits.end(), list.begin(), list.end());
  };
  collect(mapping::checkSynapseCurrents(result.program, device));
  for (ntrt::TaskOverlay &task : result.tasks) {
    task.programHash = hash;
    collect(ntrt::checkTask(task, result.program, device));
    collect(mapping::checkModulationCurrents(task, result.program, device));
  }
  if (!misfits.empty())
    return misfits;
  return std::move(result);
}

ntrt::Result<CalibrationResult> nt::calibration::calibrate(
    const ntrt::Program &program, const std::vector<ntrt::TaskOverlay> &tasks,
    const ntrt::DeviceModel &device, const ntrt::ChipVariation &chip,
    const std::vector<ntrt::Dataset> &data, const CalibrationOptions &options,
    const std::function<void(double)> &report) {
  return Calibration(program, tasks, device, chip, data, options, report).run();
}

ntrt::Result<double> nt::calibration::rateAccuracy(
    const ntrt::Program &program, const ntrt::TaskOverlay &task,
    const ntrt::DeviceModel &device, const ntrt::ChipVariation *chip,
    const ntrt::Dataset &data) {
  ntrt::Dataset labelled = data;
  if (ntrt::Status status = labelsToOutputs(task, labelled); !status)
    return status.diagnostics();
  auto network = ChipNetwork::create(program, task, device, chip);
  if (!network)
    return network.diagnostics();
  if (data.sampleSize != network->inputSize())
    return ntrt::Diagnostic{Diag::DataShape, "task '" + task.name + "'",
                            std::to_string(data.sampleSize) +
                                " values a sample, the program takes " +
                                std::to_string(network->inputSize())};
  const std::vector<float> scores = tuner::logitsOf(*network, labelled);
  const size_t outputs = network->outputSize();
  size_t correct = 0;
  for (size_t i = 0; i < labelled.samples(); ++i) {
    const float *row = scores.data() + i * outputs;
    correct += size_t(std::max_element(row, row + outputs) - row) ==
               labelled.labels[i];
  }
  return 100.0 * double(correct) / double(labelled.samples());
}
