//===- Simulator.cpp - Clocked simulation of a configured chip ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Simulator.h"
#include "Crossbar.h"
#include "Text.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

using namespace ntrt;

namespace {
struct Target {
  uint32_t core, axon;
};

/// The targets of each source, all in one vector.
class RouteTable {
public:
  RouteTable() = default;
  explicit RouteTable(uint32_t sources) : first(size_t(sources) + 1) {}
  /// Routes come in rising order of their sources.
  void add(uint32_t source, Target target) {
    targets.push_back(target);
    ++first[source + 1];
  }
  /// To be called once after the last add().
  void finish() {
    for (size_t i = 1; i < first.size(); ++i)
      first[i] += first[i - 1];
  }
  const Target *begin(uint32_t source) const {
    return targets.data() + first[source];
  }
  const Target *end(uint32_t source) const {
    return targets.data() + first[source + 1];
  }

private:
  std::vector<size_t> first;
  std::vector<Target> targets;
};

/// A core as it stays through all runs.
struct Core {
  Crossbar crossbar;
  uint32_t neurons, startSlot;
  std::vector<double> lsb_A;        ///< Of each neuron's synapses.
  std::vector<double> modulation_A; ///< Of each neuron.
  RouteTable routes;
};

/// A core in one run.
struct CoreState {
  std::vector<double> membrane_V, hold_s, synaptic_A;
  std::vector<int32_t> sums;
  std::vector<uint32_t> pending, counts;
};

/// Events on their way: the active axons of each core in each coming slot.
class EventQueue {
public:
  EventQueue(size_t cores, size_t slots)
      : cores(cores), slots(slots), axons(cores * slots) {}
  void clear() {
    for (std::vector<uint32_t> &events : axons)
      events.clear();
  }
  std::vector<uint32_t> &at(uint64_t slot, size_t core) {
    return axons[slot % slots * cores + core];
  }

private:
  size_t cores, slots;
  std::vector<std::vector<uint32_t>> axons;
};
/// A program with a task, prepared for runs.
struct Chip {
  Chip(Program program, TaskOverlay task, const DeviceModel &device);

  /// Reports what is wrong with the options.
  DiagnosticList check(const SimOptions &options) const;
  /// What is wrong with one sample; empty if nothing is.
  std::string check(const float *values) const;
  uint32_t slotsOf(const SimOptions &options) const {
    return options.slots ? options.slots : program.defaultSlots;
  }

  Program program;
  TaskOverlay task;
  DeviceModel device;
  TimeModel time;
  std::vector<Core> cores;
  RouteTable inputRoutes;
  uint32_t lastStart = 0;
  double staticPower_W = 0;
  /// The cores in an order in which events go forward only; empty if some go
  /// round.
  std::vector<uint32_t> forwardOrder;
};
} // namespace

struct Simulator::Impl : Chip {
  using Chip::Chip;
};

/// A topological order of the cores by their routes, or nothing.
static std::vector<uint32_t> orderOf(const Program &program) {
  std::vector<std::set<uint32_t>> targets(program.cores.size());
  for (const Route &route : program.routes)
    targets[route.sourceCore].insert(route.targetCore);
  std::vector<size_t> sources(program.cores.size());
  for (const std::set<uint32_t> &ofCore : targets)
    for (uint32_t target : ofCore)
      ++sources[target];
  std::vector<uint32_t> order;
  for (uint32_t core = 0; core < sources.size(); ++core)
    if (sources[core] == 0)
      order.push_back(core);
  for (size_t i = 0; i < order.size(); ++i)
    for (uint32_t target : targets[order[i]])
      if (--sources[target] == 0)
        order.push_back(target);
  if (order.size() < program.cores.size())
    order.clear();
  return order;
}

Chip::Chip(Program programIn, TaskOverlay taskIn, const DeviceModel &deviceIn)
    : program(std::move(programIn)), task(std::move(taskIn)), device(deviceIn),
      time(device), inputRoutes(program.inputs) {
  size_t synapseDomains = 0, modulationDomains = 0;
  for (size_t c = 0; c < program.cores.size(); ++c) {
    const CoreConfig &config = program.cores[c];
    const CoreModulation &modulation = task.cores[c];
    Core core{Crossbar(config, device.synapse.maxCode()),
              config.neurons,
              config.startSlot,
              {},
              {},
              RouteTable(config.neurons)};
    for (uint32_t n = 0; n < config.neurons; ++n) {
      core.lsb_A.push_back(device.synapseDomain.lsbCurrent_A(
          config.synapseDac[config.synapseDomain[n]]));
      const ModulationWord &word = modulation.words[n];
      core.modulation_A.push_back(
          word.code *
          device.modulationDomain.lsbCurrent_A(modulation.dac[word.domain]));
    }
    synapseDomains += config.synapseDac.size();
    modulationDomains += modulation.dac.size();
    lastStart = std::max(lastStart, config.startSlot);
    cores.push_back(std::move(core));
  }
  for (const Route &route : program.routes)
    cores[route.sourceCore].routes.add(route.sourceNeuron,
                                       {route.targetCore, route.targetAxon});
  for (Core &core : cores)
    core.routes.finish();
  for (const InputRoute &route : program.inputRoutes)
    inputRoutes.add(route.input, {route.targetCore, route.targetAxon});
  inputRoutes.finish();

  forwardOrder = orderOf(program);
  staticPower_W =
      double(cores.size()) * device.energy.staticPerCore_W +
      double(synapseDomains) * device.synapseDomain.staticPower_W +
      double(modulationDomains) * device.modulationDomain.staticPower_W;
}

DiagnosticList Chip::check(const SimOptions &options) const {
  if (slotsOf(options) >= 1 && slotsOf(options) <= kMaxSlots)
    return {};
  return {{Diag::SimSlots, "simulation",
           text(slotsOf(options)) + " slots, the range is 1 to " +
               text(kMaxSlots)}};
}

std::string Chip::check(const float *values) const {
  for (uint32_t i = 0; i < program.inputs; ++i)
    if (!(values[i] >= 0) || !std::isfinite(values[i]))
      return "input " + text(i) + " is " + std::to_string(values[i]) +
             ", an input is 0 or more and finite";
  return {};
}

namespace {
/// Slots of all cores above which their events are no longer kept at once.
constexpr uint64_t kMaxQueues = 1u << 20;

/// Runs samples one after the other. Where events only go forward each core
/// runs through all its slots before the next, so that its codes stay in the
/// cache; otherwise all cores go from slot to slot together. Both give the same
/// result, because an event acts in a later slot only.
class Run {
public:
  Run(const Chip &chip, const SimOptions &options);

  SimResult run(const float *values);

private:
  void reset();
  void runCore(uint64_t slot, size_t index);
  void stepSpiking(uint64_t slot, size_t index, uint32_t neuron);
  void encodeInputs(uint64_t slot);
  void deliver(const Target *begin, const Target *end, uint64_t slot);
  void readOut();

  const Chip &chip;
  const SimOptions &options;
  uint32_t slots;
  uint64_t total, latency;
  bool coreByCore;
  EventQueue queue;
  std::vector<CoreState> states;
  /// Inputs that are not 0, with their spikes per slot.
  std::vector<std::pair<uint32_t, double>> rates;
  SimResult result;
};
} // namespace

Run::Run(const Chip &chip, const SimOptions &options)
    : chip(chip), options(options), slots(chip.slotsOf(options)),
      total(uint64_t(slots) + chip.lastStart),
      latency(chip.device.linkLatency_slots),
      coreByCore(!chip.forwardOrder.empty() &&
                 total * chip.cores.size() <= kMaxQueues),
      // Slot by slot, no event is kept longer than the latency.
      queue(chip.cores.size(),
            coreByCore ? total : std::min(latency, total) + 2) {
  for (const Core &core : chip.cores) {
    CoreState state;
    state.membrane_V.resize(core.neurons);
    state.hold_s.resize(core.neurons);
    state.synaptic_A.resize(core.neurons);
    state.sums.resize(core.crossbar.stride());
    state.pending.resize(core.neurons);
    state.counts.resize(core.neurons);
    states.push_back(std::move(state));
  }
}

void Run::reset() {
  NeuronState preset = chip.time.preset();
  for (CoreState &state : states) {
    std::fill(state.membrane_V.begin(), state.membrane_V.end(),
              preset.membrane_V);
    std::fill(state.hold_s.begin(), state.hold_s.end(), preset.hold_s);
    std::fill(state.counts.begin(), state.counts.end(), 0);
  }
  queue.clear();
  rates.clear();
  result = SimResult();
  if (options.recordMargins)
    for (const Core &core : chip.cores)
      result.minMargin_V.emplace_back(core.neurons,
                                      std::numeric_limits<double>::infinity());
}

SimResult Run::run(const float *values) {
  reset();
  for (uint32_t i = 0; i < chip.program.inputs; ++i)
    if (values[i] > 0)
      rates.push_back({i, double(values[i]) / chip.program.inputFullScale});

  if (coreByCore) {
    for (uint64_t slot = 0; slot < slots; ++slot)
      encodeInputs(slot);
    for (uint32_t core : chip.forwardOrder)
      for (uint64_t slot = 0; slot < total; ++slot)
        runCore(slot, core);
    auto place = [](const SpikeEvent &event) {
      return std::tuple(event.slot, event.core, event.neuron);
    };
    std::sort(result.events.begin(), result.events.end(),
              [&](const SpikeEvent &a, const SpikeEvent &b) {
                return place(a) < place(b);
              });
  } else {
    for (uint64_t slot = 0; slot < total; ++slot) {
      for (size_t core = 0; core < chip.cores.size(); ++core)
        runCore(slot, core);
      if (slot < slots)
        encodeInputs(slot);
    }
  }
  readOut();
  const EnergyModel &energy = chip.device.energy;
  result.energy_J = double(result.synapticEvents) * energy.perSynapticEvent_J +
                    double(result.spikes) * energy.perSpike_J +
                    double(result.routedEvents) * energy.perRoutedEvent_J +
                    chip.staticPower_W * double(total) * chip.device.slot_s;
  return std::move(result);
}

void Run::runCore(uint64_t slot, size_t index) {
  const Core &core = chip.cores[index];
  if (slot >= core.startSlot && slot < uint64_t(core.startSlot) + slots) {
    CoreState &state = states[index];
    const std::vector<uint32_t> &axons = queue.at(slot, index);
    core.crossbar.currents(axons, core.lsb_A.data(), state.sums.data(),
                           state.synaptic_A.data());
    for (uint32_t axon : axons)
      result.synapticEvents += core.crossbar.synapses(axon);
    size_t pending = core.neurons;
    if (options.recordMargins)
      for (uint32_t n = 0; n < core.neurons; ++n)
        state.pending[n] = n;
    else
      pending = chip.time.stepQuiet(
          state.membrane_V.data(), state.hold_s.data(), state.synaptic_A.data(),
          core.modulation_A.data(), core.neurons, state.pending.data());
    for (size_t i = 0; i < pending; ++i)
      stepSpiking(slot, index, state.pending[i]);
  }
  queue.at(slot, index).clear();
}

/// A neuron that stepQuiet() left: it spikes, or is held.
void Run::stepSpiking(uint64_t slot, size_t index, uint32_t neuron) {
  const Core &core = chip.cores[index];
  CoreState &state = states[index];
  NeuronState membrane{state.membrane_V[neuron], state.hold_s[neuron]};
  SlotOutcome outcome = chip.time.step(membrane, state.synaptic_A[neuron],
                                       core.modulation_A[neuron]);
  state.membrane_V[neuron] = membrane.membrane_V;
  state.hold_s[neuron] = membrane.hold_s;
  if (options.recordMargins) {
    double &least = result.minMargin_V[index][neuron];
    least = std::min(least, outcome.margin_V);
  }
  if (!outcome.spiked)
    return;
  ++result.spikes;
  ++state.counts[neuron];
  if (options.recordSpikes)
    result.events.push_back({uint32_t(slot), uint32_t(index), neuron,
                             outcome.spikeTime_s, outcome.margin_V});
  deliver(core.routes.begin(neuron), core.routes.end(neuron),
          slot + 1 + latency);
}

void Run::encodeInputs(uint64_t slot) {
  for (auto [input, rate] : rates) {
    if (!regularSpike(rate, uint32_t(slot)))
      continue;
    if (options.recordSpikes)
      result.events.push_back(
          {uint32_t(slot), SpikeEvent::kInputCore, input, 0, 0});
    deliver(chip.inputRoutes.begin(input), chip.inputRoutes.end(input),
            slot + 1);
  }
}

void Run::deliver(const Target *begin, const Target *end, uint64_t slot) {
  result.routedEvents += uint64_t(end - begin);
  if (slot >= total)
    return;
  for (const Target *target = begin; target != end; ++target)
    queue.at(slot, target->core).push_back(target->axon);
}

void Run::readOut() {
  const NeuronModel &neuron = chip.device.neuron;
  double swing_V = neuron.vThreshold_V - neuron.vReset_V;
  for (const ReadoutNeuron &output : chip.program.readout) {
    const CoreState &state = states[output.core];
    uint32_t count = state.counts[output.neuron];
    double score = count;
    if (chip.program.readoutKind == ReadoutKind::Membrane)
      score += (state.membrane_V[output.neuron] - neuron.vInit_V) / swing_V;
    result.counts.push_back(count);
    result.scores.push_back(score);
  }
  result.output =
      uint32_t(std::max_element(result.scores.begin(), result.scores.end()) -
               result.scores.begin());
  result.label = chip.task.classOfOutput[result.output];
}

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Simulator::Simulator(Simulator &&) noexcept = default;
Simulator &Simulator::operator=(Simulator &&) noexcept = default;
Simulator::~Simulator() = default;

Result<Simulator> Simulator::create(Program program, TaskOverlay task,
                                    const DeviceModel &device) {
  DiagnosticList diagnostics = checkProgram(program, device);
  DiagnosticList ofTask = checkTask(task, program, device);
  diagnostics.insert(diagnostics.end(), ofTask.begin(), ofTask.end());
  if (!diagnostics.empty())
    return diagnostics;
  return Simulator(
      std::make_unique<Impl>(std::move(program), std::move(task), device));
}

const Program &Simulator::program() const { return impl->program; }
const TaskOverlay &Simulator::task() const { return impl->task; }

Result<SimResult> Simulator::run(const float *values, size_t count,
                                 const SimOptions &options) const {
  DiagnosticList diagnostics = impl->check(options);
  if (count != impl->program.inputs)
    diagnostics.push_back({Diag::SimInput, "sample",
                           text(count) + " values, the program has " +
                               text(impl->program.inputs) + " inputs"});
  else if (std::string misfit = impl->check(values); !misfit.empty())
    diagnostics.push_back({Diag::DataValue, "sample", misfit});
  if (!diagnostics.empty())
    return diagnostics;
  return Run(*impl, options).run(values);
}

Status
Simulator::runMany(const float *values, size_t images,
                   const SimOptions &options, unsigned threads,
                   const std::function<void(size_t, SimResult)> &done) const {
  DiagnosticList diagnostics = impl->check(options);
  for (size_t i = 0; i < images; ++i)
    if (std::string misfit = impl->check(values + i * impl->program.inputs);
        !misfit.empty())
      diagnostics.push_back({Diag::DataValue, "sample " + text(i), misfit});
  if (!diagnostics.empty())
    return diagnostics;

  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  threads = unsigned(std::min<size_t>(threads, images));
  std::atomic<size_t> next{0};
  std::mutex doneMutex;
  auto work = [&] {
    Run run(*impl, options);
    for (size_t i; (i = next++) < images;) {
      SimResult result = run.run(values + i * impl->program.inputs);
      std::lock_guard lock(doneMutex);
      if (done)
        done(i, std::move(result));
    }
  };
  std::vector<std::thread> others;
  for (unsigned t = 1; t < threads; ++t)
    others.emplace_back(work);
  work();
  for (std::thread &thread : others)
    thread.join();
  return Done{};
}
