//===- SpikeSimulator.cpp - The reference simulator of spike --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Interpreter/SpikeSimulator.h"

#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Support/Diagnostics.h"
#include "ntrt/Program.h"
#include "ntrt/TimeModel.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <thread>

using namespace mlir;
using namespace nt;

namespace {
/// The synapses of one connection by source: those of source s are entries
/// first[s] .. first[s + 1] - 1, of ascending target.
struct Synapses {
  std::vector<uint32_t> first;
  std::vector<uint32_t> target;
  std::vector<int8_t> code;
};

struct PopulationModel {
  struct Input {
    /// 0 is the encoder, p + 1 is population p.
    size_t source = 0;
    Synapses synapses;
  };
  ntrt::TimeModel time;
  std::vector<Input> inputs;
  /// Of each column's synapses: the part that its neuron's membrane takes.
  std::vector<double> lsb_A;
  std::vector<double> modulation_A; ///< Of each neuron's word.
};
} // namespace

struct SpikeSimulator::Impl {
  std::vector<Population> populations;
  std::vector<PopulationModel> models;
  uint32_t inputs = 0, slots = 0, latency = 0;
  double fullScale = 1;
  bool isSigned = false; ///< Magnitudes of values below 0 follow the others.
  size_t readout = 0;    ///< Index of the population that is read.
  spike::ReadoutKind readoutKind = spike::ReadoutKind::Membrane;
  double readoutInit_V = 0, readoutSpan_V = 1;
  std::vector<uint32_t> classOfOutput;

  void run(ArrayRef<float> values, bool recordSpikes, SpikeRun &result) const;
};

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

/// Transposes the connection from lists by target to lists by source.
static Synapses expand(spike::ConnectOp connection, ArrayRef<int8_t> codes) {
  Synapses synapses;
  const int64_t neurons = connection.getNumNeurons();
  const int64_t columns = connection.getColumnsPerNeuron();
  synapses.first.assign(connection.getNumInputs() + 1, 0);
  auto forEach = [&](llvm::function_ref<void(int64_t, int64_t, int8_t)> visit) {
    for (int64_t neuron = 0; neuron < neurons; ++neuron)
      connection.forEachCode(
          neuron, [&](int64_t input, int64_t column, int64_t place) {
            if (codes[place] != 0)
              visit(input, neuron * columns + column, codes[place]);
          });
  };
  forEach([&](int64_t input, int64_t, int8_t) { ++synapses.first[input + 1]; });
  for (size_t input = 1; input < synapses.first.size(); ++input)
    synapses.first[input] += synapses.first[input - 1];

  synapses.target.resize(synapses.first.back());
  synapses.code.resize(synapses.first.back());
  std::vector<uint32_t> next(synapses.first.begin(), synapses.first.end() - 1);
  forEach([&](int64_t input, int64_t column, int8_t code) {
    uint32_t place = next[input]++;
    synapses.target[place] = column;
    synapses.code[place] = code;
  });
  return synapses;
}

static FailureOr<spike::TaskOp>
findTask(ModuleOp module, spike::NetworkOp network, StringRef name) {
  SmallVector<spike::TaskOp> tasks;
  for (spike::TaskOp task : module.getOps<spike::TaskOp>())
    if (task.getNetwork() == network.getSymName() &&
        (name.empty() || task.getSymName() == name))
      tasks.push_back(task);
  if (tasks.size() == 1)
    return tasks.front();
  if (!name.empty())
    emitDiag(network, ntrt::Diag::TaskUnknown) << "\"" << name << "\"";
  else
    emitDiag(network, ntrt::Diag::TaskUnknown)
        << "none is named and the network has " << tasks.size();
  return failure();
}

FailureOr<SpikeSimulator> SpikeSimulator::create(ModuleOp module,
                                                 StringRef taskName) {
  auto networks = llvm::to_vector(module.getOps<spike::NetworkOp>());
  if (networks.size() != 1) {
    module.emitError() << "needs one spike.network to simulate, found "
                       << networks.size();
    return failure();
  }
  spike::NetworkOp network = networks.front();
  FailureOr<spike::TaskOp> task = findTask(module, network, taskName);
  if (failed(task))
    return failure();

  auto impl = std::make_shared<Impl>();
  spike::EncodeOp encoder = network.getEncode();
  impl->inputs = encoder.getNumInputs();
  impl->isSigned = encoder.isSigned();
  impl->fullScale = encoder.getFullScale().convertToDouble();
  impl->slots = network.getSlots();
  impl->latency = network.getTiming().getLatency();

  llvm::DenseMap<Value, size_t> sourceOf;
  sourceOf[encoder.getResult()] = 0;
  for (spike::PopulationOp population : network.getPopulations()) {
    spike::ConnectOp connection = population.getConnection();
    spike::WordsAttr words = task->getWordsOf(population.getLayerName());
    // The verifiers have seen to it that these are present and fit.
    std::vector<int8_t> wordCodes = *spike::readCodes(words.getCodes());
    std::vector<int8_t> wordDomains = *spike::readCodes(words.getDomainOf());

    const uint32_t neurons = population.getNumNeurons();
    PopulationModel model{
        ntrt::TimeModel(network.getTimeModelOf(population)), {}, {}, {}};
    for (spike::ConnectOp joined : population.getConnections())
      model.inputs.push_back(
          {sourceOf.lookup(joined.getInput()),
           expand(joined, *spike::readCodes(joined.getCodes()))});
    for (uint32_t n = 0; n < neurons; ++n) {
      const int64_t columns = connection.getColumnsPerNeuron();
      for (int64_t column = 0; column < columns; ++column)
        model.lsb_A.push_back(connection.getDomains().getLsb_A(
                                  connection.getDomainOf(n, column)) /
                              static_cast<double>(columns));
      model.modulation_A.push_back(static_cast<double>(wordCodes[n]) *
                                   words.getDomains().getLsb_A(wordDomains[n]));
    }
    impl->models.push_back(std::move(model));
    impl->populations.push_back(
        {population.getLayerName().str(), neurons,
         static_cast<uint32_t>(population.getStartSlot()),
         population.getRange().convertToDouble()});
    sourceOf[population.getResult()] = impl->models.size();
  }

  spike::ReadoutOp readout = network.getReadout();
  impl->readout = sourceOf.lookup(readout.getInput()) - 1;
  impl->readoutKind = readout.getKind();
  ntrt::NeuronModel neuron = readout.getInput()
                                 .getDefiningOp<spike::PopulationOp>()
                                 .getLif()
                                 .toNeuronModel();
  impl->readoutInit_V = neuron.vInit_V;
  impl->readoutSpan_V = neuron.vThreshold_V - neuron.vReset_V;
  impl->classOfOutput.assign(task->getClasses().begin(),
                             task->getClasses().end());

  SpikeSimulator simulator;
  simulator.impl = std::move(impl);
  return simulator;
}

ArrayRef<SpikeSimulator::Population> SpikeSimulator::populations() const {
  return impl->populations;
}
uint32_t SpikeSimulator::numInputs() const { return impl->inputs; }
uint32_t SpikeSimulator::numOutputs() const {
  return impl->classOfOutput.size();
}
uint32_t SpikeSimulator::defaultSlots() const { return impl->slots; }

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// From the first slot in which `unit` is among those that fired, to `end`.
static double slotsSinceFirst(ArrayRef<std::vector<uint32_t>> fired,
                              uint32_t unit, uint32_t end) {
  for (auto [slot, units] : llvm::enumerate(fired))
    if (llvm::is_contained(units, unit))
      return end - static_cast<double>(slot);
  return 0;
}

void SpikeSimulator::Impl::run(ArrayRef<float> values, bool recordSpikes,
                               SpikeRun &result) const {
  const uint32_t slots = result.slots;
  uint32_t lastStart = 0;
  for (const Population &population : populations)
    lastStart = std::max(lastStart, population.startSlot);
  const uint32_t totalSlots = slots + lastStart;

  // fired[source][slot]: the units of a source that spiked in a slot.
  std::vector<std::vector<std::vector<uint32_t>>> fired(
      models.size() + 1, std::vector<std::vector<uint32_t>>(totalSlots));
  std::vector<std::vector<ntrt::NeuronState>> states;
  for (auto [population, model] : llvm::zip_equal(populations, models)) {
    states.emplace_back(population.neurons, model.time.preset());
    result.spikeCounts.emplace_back(population.neurons, 0);
  }
  result.spikes.resize(recordSpikes ? models.size() : 0);
  std::vector<double> rates;
  for (float value : values)
    rates.push_back(static_cast<double>(value) / fullScale);
  if (isSigned)
    for (float value : values)
      rates.push_back(-static_cast<double>(value) / fullScale);

  std::vector<int32_t> sums;
  for (uint32_t slot = 0; slot < totalSlots; ++slot) {
    if (slot < slots)
      for (uint32_t unit = 0; unit < rates.size(); ++unit)
        if (ntrt::regularSpike(rates[unit], slot))
          fired[0][slot].push_back(unit);

    for (size_t p = 0; p < models.size(); ++p) {
      const PopulationModel &model = models[p];
      const Population &population = populations[p];
      if (slot < population.startSlot || slot >= population.startSlot + slots)
        continue;

      sums.assign(model.lsb_A.size(), 0);
      for (const PopulationModel::Input &input : model.inputs) {
        // Inputs reach their cores without the link between cores.
        const uint32_t delay = input.source == 0 ? 1 : 1 + latency;
        if (slot < delay)
          continue;
        const auto &synapses = input.synapses;
        for (uint32_t unit : fired[input.source][slot - delay])
          for (uint32_t s = synapses.first[unit],
                        end = synapses.first[unit + 1];
               s < end; ++s)
            sums[synapses.target[s]] += synapses.code[s];
      }

      const size_t columns = model.lsb_A.size() / population.neurons;
      for (uint32_t n = 0; n < population.neurons; ++n) {
        double synaptic_A = 0;
        for (size_t column = n * columns; column < (n + 1) * columns; ++column)
          synaptic_A += static_cast<double>(sums[column]) * model.lsb_A[column];
        ntrt::SlotOutcome outcome =
            model.time.step(states[p][n], synaptic_A, model.modulation_A[n]);
        if (!outcome.spiked)
          continue;
        fired[p + 1][slot].push_back(n);
        ++result.spikeCounts[p][n];
        if (recordSpikes)
          result.spikes[p].push_back(
              {slot, n, outcome.spikeTime_s, outcome.margin_V});
      }
    }
  }

  result.counts = result.spikeCounts[readout];
  for (size_t i = 0; i < result.counts.size(); ++i) {
    double score = result.counts[i];
    if (readoutKind == spike::ReadoutKind::Membrane)
      score += (states[readout][i].membrane_V - readoutInit_V) / readoutSpan_V;
    if (readoutKind == spike::ReadoutKind::First)
      score = slotsSinceFirst(fired[readout + 1], i,
                              populations[readout].startSlot + slots);
    result.scores.push_back(score);
  }
  result.output = std::max_element(result.scores.begin(), result.scores.end()) -
                  result.scores.begin();
  result.label = classOfOutput[result.output];
}

ntrt::Result<SpikeRun>
SpikeSimulator::run(ArrayRef<float> values,
                    const SpikeRunOptions &options) const {
  if (values.size() != impl->inputs)
    return ntrt::Diagnostic{ntrt::Diag::SimInput, "input",
                            std::to_string(values.size()) + " values for " +
                                std::to_string(impl->inputs) + " inputs"};
  for (size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]) || (values[i] < 0 && !impl->isSigned))
      return ntrt::Diagnostic{ntrt::Diag::DataValue,
                              "input " + std::to_string(i),
                              "the value is " + std::to_string(values[i])};
  SpikeRun result;
  result.slots = options.slots ? options.slots : impl->slots;
  if (result.slots > ntrt::kMaxSlots)
    return ntrt::Diagnostic{ntrt::Diag::SimSlots, "slots",
                            std::to_string(result.slots) + " is more than " +
                                std::to_string(ntrt::kMaxSlots)};
  impl->run(values, options.recordSpikes, result);
  return result;
}

ntrt::Status SpikeSimulator::runMany(
    ArrayRef<float> values, const SpikeRunOptions &options, unsigned threads,
    llvm::function_ref<void(size_t, const SpikeRun &)> done) const {
  if (values.size() % impl->inputs != 0)
    return ntrt::Diagnostic{ntrt::Diag::SimInput, "images",
                            std::to_string(values.size()) +
                                " values are no whole number of images of " +
                                std::to_string(impl->inputs) + " inputs"};
  const size_t images = values.size() / impl->inputs;
  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());

  std::mutex mutex;
  size_t next = 0;
  ntrt::DiagnosticList refused;
  auto work = [&] {
    for (;;) {
      size_t image;
      {
        std::lock_guard lock(mutex);
        if (next >= images || !refused.empty())
          return;
        image = next++;
      }
      ntrt::Result<SpikeRun> result =
          run(values.slice(image * impl->inputs, impl->inputs), options);
      std::lock_guard lock(mutex);
      if (result) {
        done(image, *result);
        continue;
      }
      refused = result.diagnostics();
      for (ntrt::Diagnostic &diagnostic : refused)
        diagnostic.place =
            "image " + std::to_string(image) + ", " + diagnostic.place;
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < std::min<size_t>(threads, images); ++i)
    workers.emplace_back(work);
  work();
  for (std::thread &worker : workers)
    worker.join();
  if (!refused.empty())
    return refused;
  return ntrt::Done{};
}

double SpikeRun::saturatedFraction(size_t population, double threshold) const {
  const std::vector<uint32_t> &counted = spikeCounts[population];
  size_t saturated =
      std::count_if(counted.begin(), counted.end(),
                    [&](uint32_t count) { return count >= threshold * slots; });
  return static_cast<double>(saturated) / counted.size();
}
