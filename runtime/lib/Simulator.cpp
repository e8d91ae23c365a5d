//===- Simulator.cpp - Clocked simulation of a configured chip ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Simulator.h"
#include "CoreEngine.h"
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
  uint32_t startSlot;
  std::vector<uint32_t> synapses; ///< Of each axon, those whose code is not 0.
  CoreDrive drive;
  EngineKind kind;
  std::unique_ptr<CoreEngine> engine;
  RouteTable routes;
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
    // Without the division where all slots are kept.
    return axons[(slot < slots ? slot : slot % slots) * cores + core];
  }

private:
  size_t cores, slots;
  std::vector<std::vector<uint32_t>> axons;
};
/// A program with a task, prepared for runs.
struct Chip {
  Chip(Program program, TaskOverlay task, const DeviceModel &device,
       EngineKind kind, const ChipVariation *variation);

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
  /// Events that a core's link takes in a slot, the rest being lost.
  size_t linkEvents = std::numeric_limits<size_t>::max();
  void vary(const ChipVariation &variation);
  /// Every core by the reference engine, for a run that records margins.
  std::vector<std::unique_ptr<CoreEngine>> referenceEngines() const;

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

static std::vector<uint32_t> synapsesOf(const CoreConfig &core) {
  std::vector<uint32_t> synapses(core.axons);
  for (uint32_t axon = 0; axon < core.axons; ++axon)
    for (uint32_t n = 0; n < core.neurons; ++n)
      synapses[axon] += core.code(axon, n) != 0;
  return synapses;
}

static CoreDrive driveOf(const CoreConfig &core,
                         const CoreModulation &modulation,
                         const DeviceModel &device) {
  CoreDrive drive;
  for (uint32_t n = 0; n < core.neurons; ++n) {
    drive.lsb_A.push_back(device.synapseDomain.lsbCurrent_A(
        core.synapseDac[core.synapseDomain[n]]));
    const ModulationWord &word = modulation.words[n];
    drive.modulation_A.push_back(
        word.code *
        device.modulationDomain.lsbCurrent_A(modulation.dac[word.domain]));
  }
  return drive;
}

Chip::Chip(Program programIn, TaskOverlay taskIn, const DeviceModel &deviceIn,
           EngineKind kind, const ChipVariation *variation)
    : program(std::move(programIn)), task(std::move(taskIn)), device(deviceIn),
      time(device), inputRoutes(program.inputs) {
  size_t synapseDomains = 0, modulationDomains = 0;
  for (size_t c = 0; c < program.cores.size(); ++c) {
    const CoreConfig &config = program.cores[c];
    Core core{config.startSlot,
              synapsesOf(config),
              driveOf(config, task.cores[c], device),
              kind == EngineKind::Auto ? chooseEngine(config) : kind,
              nullptr,
              RouteTable(config.neurons)};
    if (!variation)
      core.engine = makeEngine(core.kind, config, core.drive, time,
                               device.synapse.maxCode());
    synapseDomains += config.synapseDac.size();
    modulationDomains += task.cores[c].dac.size();
    lastStart = std::max(lastStart, config.startSlot);
    cores.push_back(std::move(core));
  }
  if (variation)
    vary(*variation);
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

/// Gives each core the engine of one real chip; drawing its synapses takes a
/// while, so on all processors.
void Chip::vary(const ChipVariation &variation) {
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t c; (c = next++) < cores.size();)
      cores[c].engine =
          variedEngine(program.cores[c], task.cores[c], device, variation);
  };
  std::vector<std::thread> others;
  for (unsigned t = 1; t < std::max(1u, std::thread::hardware_concurrency());
       ++t)
    others.emplace_back(work);
  work();
  for (std::thread &thread : others)
    thread.join();
  // Room for the rounding of a product such as 1e8 Hz x 10 us.
  linkEvents = size_t(
      std::max(1.0, device.linkEventRate_Hz * device.slot_s * (1 + 1e-9)));
}

std::vector<std::unique_ptr<CoreEngine>> Chip::referenceEngines() const {
  std::vector<std::unique_ptr<CoreEngine>> engines;
  for (size_t c = 0; c < cores.size(); ++c)
    engines.push_back(referenceEngine(program.cores[c], cores[c].drive, time));
  return engines;
}

DiagnosticList Chip::check(const SimOptions &options) const {
  for (const ReadoutNeuron &probe : options.probes)
    if (probe.core >= cores.size() ||
        probe.neuron >= program.cores[probe.core].neurons)
      return {
          {Diag::SimNeurons, "simulation",
           "neuron " + text(probe.neuron) + " of core " + text(probe.core)}};
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
/// Images that share a visit to a core's codes.
constexpr size_t kMaxBatch = 8;

/// One image in a run.
struct Image {
  EventQueue queue;
  uint64_t number = 0; ///< Among the samples.
  /// Inputs that are not 0, with their spikes per slot.
  std::vector<std::pair<uint32_t, double>> rates;
  std::vector<double> readout_V; ///< Membranes at the end.
  SimResult result;
};

/// Runs batches of images one after the other. Where events only go forward
/// each core runs all images through all their slots before the next core, so
/// that its codes stay in the cache; otherwise all cores go from slot to slot
/// together. Both give the same result, because an event acts in a later slot
/// only.
class Run {
public:
  Run(const Chip &chip, const SimOptions &options);

  /// Samples that fit one batch.
  size_t batch() const { return images.size(); }
  /// Results of `count` samples, at most batch(); `first` is the number of the
  /// first one.
  std::vector<SimResult> run(const float *values, size_t count, uint64_t first);

private:
  void prepare(Image &image, const float *values);
  void runCore(Image &image, uint64_t slot, size_t index);
  void dropEvents(Image &image, std::vector<uint32_t> &axons);
  void readMembranes(Image &image, size_t index);
  void encodeInputs(Image &image, uint64_t slot);
  void encodeAllInputs(Image &image);
  void emitInput(Image &image, uint32_t input, uint64_t slot);
  uint64_t deliver(Image &image, const Target *begin, const Target *end,
                   uint64_t slot);
  void startCore(Image &image, size_t index);
  SimResult finish(Image &image);

  const Chip &chip;
  const SimOptions &options;
  uint32_t slots;
  uint64_t total, latency;
  bool coreByCore;
  std::vector<Image> images;
  std::vector<std::unique_ptr<CoreEngine>> references;
  std::vector<std::unique_ptr<CoreRun>> cores;
  /// The outputs and the probes that each core holds.
  std::vector<std::vector<uint32_t>> outputsOf, probesOf;
  std::vector<CoreSpike> spikes;
};
} // namespace

Run::Run(const Chip &chip, const SimOptions &options)
    : chip(chip), options(options), slots(chip.slotsOf(options)),
      total(uint64_t(slots) + chip.lastStart),
      latency(chip.device.linkLatency_slots),
      coreByCore(!chip.forwardOrder.empty() &&
                 total * chip.cores.size() <= kMaxQueues),
      outputsOf(chip.cores.size()), probesOf(chip.cores.size()) {
  size_t batch = 1;
  if (coreByCore)
    batch = std::clamp<size_t>(kMaxQueues / (total * chip.cores.size()), 1,
                               kMaxBatch);
  for (size_t i = 0; i < batch; ++i)
    images.push_back(
        {EventQueue(chip.cores.size(),
                    // Slot by slot, no event is kept longer than
                    // the latency.
                    coreByCore ? total : std::min(latency, total) + 2),
         0,
         {},
         {},
         {}});
  if (options.recordMargins)
    references = chip.referenceEngines();
  for (size_t c = 0; c < chip.cores.size(); ++c)
    cores.push_back(options.recordMargins ? references[c]->start()
                                          : chip.cores[c].engine->start());
  for (uint32_t i = 0; i < chip.program.readout.size(); ++i)
    outputsOf[chip.program.readout[i].core].push_back(i);
  for (uint32_t i = 0; i < options.probes.size(); ++i)
    probesOf[options.probes[i].core].push_back(i);
}

void Run::prepare(Image &image, const float *values) {
  image.queue.clear();
  image.rates.clear();
  for (uint32_t i = 0; i < chip.program.inputs; ++i)
    if (values[i] > 0)
      image.rates.push_back(
          {i, double(values[i]) / chip.program.inputFullScale});
  image.readout_V.resize(chip.program.readout.size());
  image.result = SimResult();
  image.result.counts.resize(chip.program.readout.size());
  image.result.cores.resize(chip.cores.size());
  image.result.traces_V.resize(options.probes.size());
  if (options.recordMargins)
    for (const CoreConfig &core : chip.program.cores)
      image.result.minMargin_V.emplace_back(
          core.neurons, std::numeric_limits<double>::infinity());
}

void Run::startCore(Image &image, size_t index) {
  cores[index]->reset(chip.cores[index].startSlot, image.number);
  if (options.recordMargins)
    cores[index]->recordMargins(&image.result.minMargin_V[index]);
}

std::vector<SimResult> Run::run(const float *values, size_t count,
                                uint64_t first) {
  for (size_t i = 0; i < count; ++i) {
    images[i].number = first + i;
    prepare(images[i], values + i * chip.program.inputs);
  }
  if (coreByCore) {
    for (size_t i = 0; i < count; ++i)
      encodeAllInputs(images[i]);
    for (uint32_t core : chip.forwardOrder)
      for (size_t i = 0; i < count; ++i) {
        startCore(images[i], core);
        for (uint64_t slot = 0; slot < total; ++slot)
          runCore(images[i], slot, core);
        readMembranes(images[i], core);
      }
  } else {
    Image &image = images.front();
    for (size_t core = 0; core < chip.cores.size(); ++core)
      startCore(image, core);
    for (uint64_t slot = 0; slot < total; ++slot) {
      for (size_t core = 0; core < chip.cores.size(); ++core)
        runCore(image, slot, core);
      if (slot < slots)
        encodeInputs(image, slot);
    }
    for (size_t core = 0; core < chip.cores.size(); ++core)
      readMembranes(image, core);
  }
  std::vector<SimResult> results;
  for (size_t i = 0; i < count; ++i)
    results.push_back(finish(images[i]));
  return results;
}

void Run::runCore(Image &image, uint64_t slot, size_t index) {
  const Core &core = chip.cores[index];
  std::vector<uint32_t> &axons = image.queue.at(slot, index);
  if (slot >= core.startSlot && slot < uint64_t(core.startSlot) + slots) {
    dropEvents(image, axons);
    CoreActivity &activity = image.result.cores[index];
    for (uint32_t axon : axons)
      activity.synapticEvents += core.synapses[axon];
    spikes.clear();
    cores[index]->step(slot, axons, options.recordSpikes, spikes);
    activity.spikes += spikes.size();
    for (const CoreSpike &spike : spikes) {
      activity.routedEvents +=
          deliver(image, core.routes.begin(spike.neuron),
                  core.routes.end(spike.neuron), slot + 1 + latency);
      if (options.recordSpikes)
        image.result.events.push_back({uint32_t(slot), uint32_t(index),
                                       spike.neuron, spike.time_s,
                                       spike.margin_V});
    }
    for (uint32_t probe : probesOf[index])
      image.result.traces_V[probe].push_back(
          cores[index]->membrane_V(options.probes[probe].neuron, slot + 1));
    for (uint32_t output : outputsOf[index])
      for (const CoreSpike &spike : spikes)
        image.result.counts[output] +=
            spike.neuron == chip.program.readout[output].neuron;
  }
  axons.clear();
}

/// A link that is full takes the axons with the lowest numbers.
void Run::dropEvents(Image &image, std::vector<uint32_t> &axons) {
  if (axons.size() <= chip.linkEvents)
    return;
  image.result.droppedEvents += axons.size() - chip.linkEvents;
  std::sort(axons.begin(), axons.end());
  axons.resize(chip.linkEvents);
}

void Run::readMembranes(Image &image, size_t index) {
  for (uint32_t output : outputsOf[index])
    image.readout_V[output] =
        cores[index]->membrane_V(chip.program.readout[output].neuron,
                                 uint64_t(chip.cores[index].startSlot) + slots);
}

void Run::encodeInputs(Image &image, uint64_t slot) {
  for (auto [input, rate] : image.rates)
    if (regularSpike(rate, uint32_t(slot)))
      emitInput(image, input, slot);
}

/// The same for all slots, with one rounding a slot: what regularSpike() counts
/// at the end of a slot is what it counts at the start of the next.
void Run::encodeAllInputs(Image &image) {
  for (auto [input, rate] : image.rates) {
    const double clipped = std::min(rate, 1.0);
    // Not negative, so that conversion rounds down.
    int64_t before = int64_t(0 * clipped + 0.5);
    for (uint32_t slot = 0; slot < slots; ++slot) {
      const int64_t after = int64_t((double(slot) + 1) * clipped + 0.5);
      if (after > before)
        emitInput(image, input, slot);
      before = after;
    }
  }
}

void Run::emitInput(Image &image, uint32_t input, uint64_t slot) {
  if (options.recordSpikes)
    image.result.events.push_back(
        {uint32_t(slot), SpikeEvent::kInputCore, input, 0, 0});
  image.result.routedEvents += deliver(image, chip.inputRoutes.begin(input),
                                       chip.inputRoutes.end(input), slot + 1);
}

/// Puts an event on its axons; returns their number.
uint64_t Run::deliver(Image &image, const Target *begin, const Target *end,
                      uint64_t slot) {
  if (slot < total)
    for (const Target *target = begin; target != end; ++target)
      image.queue.at(slot, target->core).push_back(target->axon);
  return uint64_t(end - begin);
}

SimResult Run::finish(Image &image) {
  SimResult &result = image.result;
  for (const CoreActivity &activity : result.cores) {
    result.synapticEvents += activity.synapticEvents;
    result.spikes += activity.spikes;
    result.routedEvents += activity.routedEvents;
  }
  auto place = [](const SpikeEvent &event) {
    return std::tuple(event.slot, event.core, event.neuron);
  };
  std::sort(result.events.begin(), result.events.end(),
            [&](const SpikeEvent &a, const SpikeEvent &b) {
              return place(a) < place(b);
            });
  const NeuronModel &neuron = chip.device.neuron;
  const double swing_V = neuron.vThreshold_V - neuron.vReset_V;
  for (size_t i = 0; i < result.counts.size(); ++i) {
    double score = result.counts[i];
    if (chip.program.readoutKind == ReadoutKind::Membrane)
      score += (image.readout_V[i] - neuron.vInit_V) / swing_V;
    result.scores.push_back(score);
  }
  result.output =
      uint32_t(std::max_element(result.scores.begin(), result.scores.end()) -
               result.scores.begin());
  result.label = chip.task.classOfOutput[result.output];
  const EnergyModel &energy = chip.device.energy;
  result.energy_J = double(result.synapticEvents) * energy.perSynapticEvent_J +
                    double(result.spikes) * energy.perSpike_J +
                    double(result.routedEvents) * energy.perRoutedEvent_J +
                    chip.staticPower_W * double(total) * chip.device.slot_s;
  return std::move(result);
}

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Simulator::Simulator(Simulator &&) noexcept = default;
Simulator &Simulator::operator=(Simulator &&) noexcept = default;
Simulator::~Simulator() = default;

Result<Simulator> Simulator::create(Program program, TaskOverlay task,
                                    const DeviceModel &device,
                                    EngineKind engine) {
  return create(std::move(program), std::move(task), device, engine, nullptr);
}

Result<Simulator> Simulator::create(Program program, TaskOverlay task,
                                    const DeviceModel &device,
                                    const ChipVariation &variation) {
  return create(std::move(program), std::move(task), device, EngineKind::Auto,
                &variation);
}

Result<Simulator> Simulator::create(Program program, TaskOverlay task,
                                    const DeviceModel &device,
                                    EngineKind engine,
                                    const ChipVariation *variation) {
  DiagnosticList diagnostics = checkProgram(program, device);
  DiagnosticList ofTask = checkTask(task, program, device);
  diagnostics.insert(diagnostics.end(), ofTask.begin(), ofTask.end());
  if (!diagnostics.empty())
    return diagnostics;
  return Simulator(std::make_unique<Impl>(std::move(program), std::move(task),
                                          device, engine, variation));
}

const Program &Simulator::program() const { return impl->program; }
const TaskOverlay &Simulator::task() const { return impl->task; }
EngineKind Simulator::engineOf(size_t core) const {
  return impl->cores[core].kind;
}

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
  return std::move(Run(*impl, options).run(values, 1, 0).front());
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
    // Small batches at the end would leave threads without work.
    const size_t batch =
        std::clamp<size_t>(images / (4 * size_t(threads)), 1, run.batch());
    for (size_t first; (first = next.fetch_add(batch)) < images;) {
      std::vector<SimResult> results =
          run.run(values + first * impl->program.inputs,
                  std::min(batch, images - first), first);
      std::lock_guard lock(doneMutex);
      for (size_t i = 0; done && i < results.size(); ++i)
        done(first + i, std::move(results[i]));
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
