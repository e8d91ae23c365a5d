//===- spiking-engines.cpp - Speed and agreement of engines ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What bench/spiking and bench/spiking-agreement call. Prints one JSON object a
// line.
//
//===----------------------------------------------------------------------===//

#include "../runtime/unittests/EngineAgreement.h"
#include "ntrt/Dataset.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

using namespace ntrt;

static const char *const kEngines[] = {"auto",     "reference", "clocked",
                                       "portable", "event",     "avx2"};

static EngineKind engineOf(const char *name) {
  for (int i = 0; i < 6; ++i)
    if (std::strcmp(name, kEngines[i]) == 0)
      return EngineKind(i);
  std::fprintf(stderr, "engines: unknown engine '%s'\n", name);
  std::exit(2);
}

template <typename T> static T orExit(Result<T> result) {
  if (!result) {
    std::fputs(toString(result.diagnostics()).c_str(), stderr);
    std::exit(1);
  }
  return std::move(*result);
}

/// Processor time of all threads, which other processes hardly disturb.
static double cpu_s() { return double(std::clock()) / CLOCKS_PER_SEC; }

static double now_s() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Runs all samples once, together or (0 threads) one after the other, each
/// when the last is done; prints the time and what happened in it.
static void measure(const Simulator &simulator,
                    const std::vector<float> &values, uint32_t slots,
                    unsigned threads, const char *engine) {
  SimOptions options;
  options.slots = slots;
  const size_t images = values.size() / simulator.program().inputs;
  uint64_t synaptic = 0, spikes = 0;
  const double start = now_s(), startCpu = cpu_s();
  auto take = [&](size_t, const SimResult &result) {
    synaptic += result.synapticEvents;
    spikes += result.spikes;
  };
  if (threads) {
    Status status =
        simulator.runMany(values.data(), images, options, threads, take);
    if (!status) {
      std::fputs(toString(status.diagnostics()).c_str(), stderr);
      std::exit(1);
    }
  } else {
    const size_t size = simulator.program().inputs;
    for (size_t i = 0; i < images; ++i)
      take(i, orExit(simulator.run(values.data() + i * size, size, options)));
  }
  const double seconds = now_s() - start, cpu = cpu_s() - startCpu;
  uint64_t neurons = 0, synapses = 0;
  for (const CoreConfig &core : simulator.program().cores) {
    neurons += core.neurons;
    for (int8_t code : core.codes)
      synapses += code != 0;
  }
  std::printf("{\"engine\": \"%s\", \"threads\": %u, \"images\": %zu, "
              "\"slots\": %u, \"seconds\": %.6f, \"cpu_seconds\": %.6f, "
              "\"neurons\": %llu, "
              "\"synapses\": %llu, \"spikes\": %llu, \"synaptic_events\": "
              "%llu}\n",
              engine, threads, images,
              slots ? slots : simulator.program().defaultSlots, seconds, cpu,
              (unsigned long long)neurons, (unsigned long long)synapses,
              (unsigned long long)spikes, (unsigned long long)synaptic);
}

/// What <ntb> <ntm> <device> <data> name.
struct Inputs {
  DeviceModel device;
  Program program;
  TaskOverlay task;
  Dataset data;
};
static Inputs load(char **argument) {
  DeviceModel device = orExit(DeviceModel::load(argument[2]));
  Program program =
      orExit(decodeProgram(orExit(readFile(argument[0])), device, argument[0]));
  TaskOverlay task = orExit(
      decodeTask(orExit(readFile(argument[1])), program, device, argument[1]));
  Dataset data = orExit(Dataset::load(argument[3], program.normalisation));
  return {std::move(device), std::move(program), std::move(task),
          std::move(data)};
}

/// engines run <ntb> <ntm> <device> <data> <engine> <threads> <slots>
static int run(char **argument) {
  const auto [device, program, task, data] = load(argument);
  Simulator simulator =
      orExit(Simulator::create(program, task, device, engineOf(argument[4])));
  measure(simulator, data.values, uint32_t(std::atoi(argument[6])),
          unsigned(std::atoi(argument[5])), argument[4]);
  return 0;
}

/// engines export <ntb> <ntm> <device> <data> <slots> <npz>: what other
/// simulators need to run the same network. Of each layer l: `weights_l`
/// [neurons, neurons of the layer before or inputs] and `bias_l` (a slot), both
/// as fractions of V_th - V_reset; `counts_l` [images, neurons], this
/// simulator's spikes. `values` [images, inputs], `rates` of them in spikes a
/// slot, `labels` and
/// `classes` (of the readout neurons), `decay` of the membrane in a slot,
/// `start` and `rest` as fractions between reset and threshold.
static int exportNetwork(char **argument) {
  const auto [device, program, task, data] = load(argument);
  const size_t layers = program.layers.size();
  std::vector<size_t> neurons, sources(layers, program.inputs);
  for (const Layer &layer : program.layers)
    neurons.push_back(layer.neurons);
  std::map<std::string, NpyArray> arrays;
  // Index of each axon's source in the layer before.
  std::vector<std::vector<int64_t>> sourceOf;
  for (const CoreConfig &core : program.cores)
    sourceOf.emplace_back(core.axons, -1);
  for (const InputRoute &route : program.inputRoutes)
    sourceOf[route.targetCore][route.targetAxon] = route.input;
  for (const Route &route : program.routes) {
    const CoreConfig &from = program.cores[route.sourceCore];
    sourceOf[route.targetCore][route.targetAxon] =
        from.layerNeuron[route.sourceNeuron];
    sources[program.cores[route.targetCore].layer] = neurons[from.layer];
  }
  std::vector<std::vector<float>> weights, biases;
  for (size_t l = 0; l < layers; ++l) {
    weights.emplace_back(neurons[l] * sources[l], 0.0f);
    biases.emplace_back(neurons[l], 0.0f);
  }
  for (size_t c = 0; c < program.cores.size(); ++c) {
    const CoreConfig &core = program.cores[c];
    for (uint32_t n = 0; n < core.neurons; ++n) {
      const size_t row = core.layerNeuron[n];
      const double step = device.synapseStep(device.synapseDomain.lsbCurrent_A(
          core.synapseDac[core.synapseDomain[n]]));
      for (uint32_t a = 0; a < core.axons; ++a)
        if (sourceOf[c][a] >= 0)
          weights[core.layer]
                 [row * sources[core.layer] + size_t(sourceOf[c][a])] +=
              float(step * core.code(a, n));
      const ModulationWord word = task.cores[c].words[n];
      biases[core.layer][row] =
          float(word.code *
                device.modulationStep(device.modulationDomain.lsbCurrent_A(
                    task.cores[c].dac[word.domain])));
    }
  }
  Simulator simulator =
      orExit(Simulator::create(program, task, device, EngineKind::Clocked));
  const uint32_t slots = uint32_t(std::atoi(argument[4]));
  std::vector<std::vector<float>> counts(layers);
  for (size_t l = 0; l < layers; ++l)
    counts[l].resize(data.samples() * neurons[l]);
  SimOptions options;
  options.slots = slots;
  options.recordSpikes = true;
  size_t right = 0;
  for (size_t i = 0; i < data.samples(); ++i) {
    SimResult result =
        orExit(simulator.run(data.sample(i), data.sampleSize, options));
    for (const SpikeEvent &spike : result.events) {
      if (spike.core == SpikeEvent::kInputCore)
        continue;
      const CoreConfig &core = program.cores[spike.core];
      counts[core.layer]
            [i * neurons[core.layer] + core.layerNeuron[spike.neuron]] += 1;
    }
    right += result.label == data.labels[i];
  }
  auto add = [&](const std::string &name, std::vector<size_t> shape,
                 std::vector<float> values) {
    arrays[name] = {std::move(shape), std::move(values), "<f4"};
  };
  for (size_t l = 0; l < layers; ++l) {
    const std::string suffix = "_" + std::to_string(l);
    add("weights" + suffix, {neurons[l], sources[l]}, weights[l]);
    add("bias" + suffix, {neurons[l]}, biases[l]);
    add("counts" + suffix, {data.samples(), neurons[l]}, counts[l]);
  }
  std::vector<float> rates(data.values);
  for (float &rate : rates)
    rate /= float(program.inputFullScale);
  add("rates", {data.samples(), program.inputs}, rates);
  add("values", {data.samples(), program.inputs}, data.values);
  add("labels", {data.samples()},
      std::vector<float>(data.labels.begin(), data.labels.end()));
  std::vector<float> classes(neurons.back(), -1);
  for (size_t o = 0; o < program.readout.size(); ++o)
    classes[program.cores[program.readout[o].core]
                .layerNeuron[program.readout[o].neuron]] =
        float(task.classOfOutput[o]);
  add("classes", {classes.size()}, classes);
  const NeuronModel &neuron = device.neuron;
  const double swing = neuron.vThreshold_V - neuron.vReset_V;
  add("decay", {1},
      {float(std::exp(-neuron.leak_S / neuron.capacitance_F * device.slot_s))});
  add("start", {1}, {float((neuron.vInit_V - neuron.vReset_V) / swing)});
  add("rest", {1}, {float((neuron.vRest_V - neuron.vReset_V) / swing)});
  add("right", {1}, {float(right)});
  return writeNpz(argument[5], arrays) ? 0 : 1;
}

/// engines scale <neurons> <fan-in> <input rate> <engine> <threads> <slots>:
/// a recurrent network of cores of 256 neurons without order, each neuron with
/// the given fan-in from random neurons of four cores.
static int scale(char **argument) {
  const uint32_t wanted = uint32_t(std::atoi(argument[0]));
  const uint32_t fanIn = uint32_t(std::atoi(argument[1]));
  const double rate = std::atof(argument[2]);
  test::RandomPrograms random(7);
  DeviceModel device = test::testDevice();
  device.neuron.leak_S = 5e-10;
  device.coreAxons = 256;
  device.coreNeurons = 256;
  const uint32_t cores = std::max(1u, wanted / 256);
  device.gridRows = 64;
  device.gridColumns = std::max(1u, (cores + 63) / 64);
  Program program;
  program.name = "scale";
  program.deviceName = device.name;
  program.deviceHash = device.hash;
  program.inputs = 64 * cores;
  program.layers = {{"all", 256 * cores}};
  TaskOverlay task;
  task.deviceHash = device.hash;
  for (uint32_t c = 0; c < cores; ++c) {
    CoreConfig core;
    core.row = c / device.gridColumns;
    core.column = c % device.gridColumns;
    core.axons = core.neurons = 256;
    core.codes.assign(256 * 256, 0);
    core.synapseDomain.assign(256, 0);
    core.synapseDac = {40};
    for (uint32_t n = 0; n < 256; ++n) {
      core.layerNeuron.push_back(c * 256 + n);
      for (uint32_t i = 0; i < fanIn; ++i)
        core.codes[random.below(256) * 256 + n] =
            int8_t(int(random.below(8)) - 3);
    }
    program.cores.push_back(core);
    for (uint32_t axon = 0; axon < 64; ++axon)
      program.inputRoutes.push_back({c * 64 + axon, c, axon});
    for (uint32_t axon = 64; axon < 256; ++axon)
      program.routes.push_back(
          {random.below(cores), random.below(256), c, axon});
    task.cores.push_back({{0}, std::vector<ModulationWord>(256)});
  }
  program.readout = {{0, 0}};
  task.classOfOutput = {0};
  std::sort(program.routes.begin(), program.routes.end());
  program.routes.erase(
      std::unique(program.routes.begin(), program.routes.end()),
      program.routes.end());
  task.programHash = frozenHash(encodeProgram(program, device));
  Simulator simulator =
      orExit(Simulator::create(program, task, device, engineOf(argument[3])));
  std::vector<float> values;
  for (uint32_t i = 0; i < program.inputs; ++i)
    values.push_back(float(rate * (0.5 + random.below(1000) / 1000.0)));
  measure(simulator, values, uint32_t(std::atoi(argument[5])),
          unsigned(std::atoi(argument[4])), argument[3]);
  return 0;
}

/// engines agree <first seed> <number>
static int agree(char **argument) {
  const uint32_t first = uint32_t(std::atoi(argument[0]));
  const uint32_t number = uint32_t(std::atoi(argument[1]));
  uint64_t spikes = 0;
  uint32_t differing = 0;
  for (uint32_t seed = first; seed < first + number; ++seed) {
    test::AgreementCase test(seed);
    std::string difference = test.compare(spikes);
    if (difference.empty())
      continue;
    ++differing;
    std::fprintf(stderr, "seed %u (%s): %s\n", seed, test.describe().c_str(),
                 difference.c_str());
  }
  std::printf("{\"networks\": %u, \"differing\": %u, \"spikes\": %llu}\n",
              number, differing, (unsigned long long)spikes);
  return differing ? 1 : 0;
}

int main(int count, char **argument) {
  const std::string command = count > 1 ? argument[1] : "";
  if (command == "run" && count == 9)
    return run(argument + 2);
  if (command == "export" && count == 8)
    return exportNetwork(argument + 2);
  if (command == "scale" && count == 8)
    return scale(argument + 2);
  if (command == "agree" && count == 4)
    return agree(argument + 2);
  std::fprintf(stderr,
               "usage: engines run|export|scale|agree ... (see the source)\n");
  return 2;
}
