//===- CosimCommand.cpp - ntc cosim ---------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Manifest.h"
#include "Options.h"
#include "Selection.h"
#include "Session.h"
#include "Table.h"

#include "nt/Support/Progress.h"
#include "nt/Target/Report/Cosim.h"

#include "ntrt/Dataset.h"
#include "ntrt/Simulator.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <chrono>
#include <map>
#include <set>

using namespace ntc;
using namespace nt::spice;
using nt::report::CosimImage;
using nt::report::CosimReport;
using nt::report::SweepPoint;

namespace {

class Cosimulation {
public:
  explicit Cosimulation(const CosimOptions &options) : options(options) {}
  int run();

private:
  bool readFolder();
  bool readData();
  bool select();
  bool parseSweep();
  bool parseBlock();
  /// Prints what is wrong; true if nothing is.
  bool check(const ntrt::DiagnosticList &list) const {
    if (!list.empty())
      report(list);
    return list.empty();
  }
  std::optional<ChipPhase> phaseOf(const ntrt::TaskOverlay &task,
                                   const std::string &dataOf, unsigned image);
  bool prepareImages();
  bool prepareRetarget();
  bool prepareSweep();
  void addRuns(const std::vector<ChipPhase> &phases);
  bool compare();
  void addTotals(const ChipComparison &comparison);
  uint64_t synapticEvents(const ChipPhaseComparison &phase,
                          const std::vector<ntrt::SpikeEvent> &spikes) const;
  void fillSweep();
  void judge();
  void print() const;

  const CosimOptions &options;
  std::optional<Artefacts> artefacts;
  std::map<std::string, ntrt::Dataset> data; ///< By task.
  std::vector<uint32_t> cores;
  uint32_t slots = 0;
  /// Tasks with other DAC codes, of a sweep.
  std::vector<ntrt::TaskOverlay> variants;
  uint32_t sweepCore = 0, sweepDomain = 0;
  std::vector<uint32_t> sweepDacs;
  uint32_t blockRows = 0; ///< 0: whole cores.
  std::vector<uint32_t> blockColumns;

  /// Transients, the pieces of one following each other, and how many each has.
  std::vector<ChipRun> runs;
  std::vector<size_t> pieces;
  /// The image of each phase of each transient.
  std::vector<std::vector<unsigned>> imageOfPhase;
  CosimReport found;
};

} // namespace

bool Cosimulation::readFolder() {
  std::optional<Manifest> manifest = Manifest::read(options.directory);
  if (!manifest)
    return false;
  const std::string folder = options.directory + "/";
  std::vector<std::string> overlays;
  for (const std::string &task : manifest->overlays)
    overlays.push_back(folder + task + ".ntm");
  artefacts =
      Artefacts::read(folder + "device.json", folder + "model.ntb", overlays);
  return artefacts.has_value();
}

bool Cosimulation::readData() {
  ntrt::DiagnosticList misfits;
  std::vector<std::string> wanted = options.retarget;
  if (wanted.empty())
    wanted.push_back(options.task);
  for (const std::string &task : wanted)
    if (!artefacts->find(task))
      misfits.push_back({ntrt::Diag::TaskUnknown, task,
                         options.directory + " has no " + task + ".ntm"});
  for (const std::string &entry : options.data) {
    // "task=spec" for a task of the folder; else the data of the one task.
    auto [name, rest] = llvm::StringRef(entry).split('=');
    const bool named = !rest.empty() && artefacts->find(name.str());
    ntrt::Result<ntrt::Dataset> set = ntrt::Dataset::load(
        named ? rest.str() : entry, artefacts->program.normalisation);
    if (!set)
      misfits.insert(misfits.end(), set.diagnostics().begin(),
                     set.diagnostics().end());
    else
      data[named ? name.str() : wanted.front()] = std::move(*set);
  }
  for (const std::string &task :
       std::set<std::string>(wanted.begin(), wanted.end())) {
    auto set = data.find(task);
    if (set == data.end()) {
      if (misfits.empty())
        misfits.push_back(
            {ntrt::Diag::OptionInvalid, "--data",
             "no data of task @" + task + ": give " + task + "=<data>"});
      continue;
    }
    for (unsigned image : options.images)
      if (image >= set->second.samples())
        misfits.push_back({ntrt::Diag::OptionInvalid, "--images",
                           llvm::formatv("{0} of {1} samples of @{2}", image,
                                         set->second.samples(), task)
                               .str()});
  }
  return check(misfits);
}

bool Cosimulation::parseSweep() {
  if (options.sweep.empty())
    return true;
  auto [core, domain] = llvm::StringRef(options.sweep).split(':');
  const ntrt::Program &program = artefacts->program;
  if (core.getAsInteger(10, sweepCore) || domain.getAsInteger(10, sweepDomain))
    return check({{ntrt::Diag::OptionInvalid, "--sweep " + options.sweep,
                   "expected <core>:<modulation domain>"}});
  if (sweepCore >= program.cores.size())
    return check({{ntrt::Diag::SpiceCore, "--sweep",
                   llvm::formatv("{0}, the program has {1} cores", sweepCore,
                                 program.cores.size())
                       .str()}});
  const ntrt::CoreModulation &modulation =
      artefacts->find(options.task)->cores[sweepCore];
  if (sweepDomain >= modulation.dac.size())
    return check({{ntrt::Diag::OptionInvalid, "--sweep " + options.sweep,
                   llvm::formatv("core {0} uses {1} modulation domains",
                                 sweepCore, modulation.dac.size())
                       .str()}});
  const uint32_t codes = artefacts->device.modulationDomain.dacCodes();
  for (unsigned dac : options.dacs) {
    if (dac >= codes)
      return check(
          {{ntrt::Diag::OptionInvalid, "--dac",
            llvm::formatv("{0}, codes go from 0 to {1}", dac, codes - 1)
                .str()}});
    sweepDacs.push_back(dac);
  }
  if (sweepDacs.empty())
    for (uint32_t i = 0; i < 8; ++i)
      sweepDacs.push_back(i * (codes - 1) / 7);
  return true;
}

bool Cosimulation::select() {
  const ntrt::Program &program = artefacts->program;
  slots = options.slots ? options.slots : program.defaultSlots;
  ntrt::DiagnosticList misfits;
  cores = selectCores(program, options.cores, options.layers, misfits);
  if (!check(misfits))
    return false;
  const bool whole = options.chip || !options.retarget.empty();
  if (!options.sweep.empty())
    cores = {sweepCore};
  else if (cores.empty() && whole)
    for (uint32_t core = 0; core < program.cores.size(); ++core)
      cores.push_back(core);
  else if (cores.empty())
    cores.push_back(program.readout.front().core);
  return true;
}

bool Cosimulation::parseBlock() {
  if (options.block.empty())
    return true;
  auto [rows, columns] = llvm::StringRef(options.block).split('x');
  uint32_t count = 0;
  if (rows.getAsInteger(10, blockRows) || columns.getAsInteger(10, count) ||
      blockRows == 0 || count == 0 || cores.size() != 1 || options.chip ||
      !options.retarget.empty() || !options.sweep.empty())
    return check({{ntrt::Diag::OptionInvalid, "--block " + options.block,
                   "expected <rows>x<columns>, with one --core alone"}});
  const ntrt::Program &program = artefacts->program;
  if (count > program.cores[cores[0]].neurons)
    return check({{ntrt::Diag::SpiceCore, "--block " + options.block,
                   llvm::formatv("core {0} has {1} neurons", cores[0],
                                 program.cores[cores[0]].neurons)
                       .str()}});
  for (const ntrt::Route &route : program.routes)
    if (route.sourceCore == cores[0] && route.targetCore == cores[0])
      return check(
          {{ntrt::Diag::SpiceCore, "--block " + options.block,
            llvm::formatv("core {0} drives itself: run it whole", cores[0])
                .str()}});
  for (uint32_t column = 0; column < count; ++column)
    blockColumns.push_back(column);
  return true;
}

/// A recorded run of one image as a phase; adds to the simulator's time.
std::optional<ChipPhase> Cosimulation::phaseOf(const ntrt::TaskOverlay &task,
                                               const std::string &dataOf,
                                               unsigned image) {
  ntrt::Result<ntrt::Simulator> simulator =
      ntrt::Simulator::create(artefacts->program, task, artefacts->device);
  if (!simulator) {
    report(simulator.diagnostics());
    return std::nullopt;
  }
  const ntrt::Dataset &set = data.at(dataOf);
  ntrt::SimOptions sim;
  sim.slots = slots;
  // The time of a run that is not recorded, the median of a few.
  std::vector<double> seconds;
  for (int i = 0; i < 5; ++i) {
    auto start = std::chrono::steady_clock::now();
    ntrt::Result<ntrt::SimResult> timed =
        simulator->run(set.sample(image), set.sampleSize, sim);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count());
    if (!timed) {
      report(timed.diagnostics());
      return std::nullopt;
    }
  }
  std::sort(seconds.begin(), seconds.end());
  found.simulator_s += seconds[seconds.size() / 2];
  sim.recordSpikes = true;
  ntrt::Result<ntrt::SimResult> result =
      simulator->run(set.sample(image), set.sampleSize, sim);
  if (!result) {
    report(result.diagnostics());
    return std::nullopt;
  }
  if (blockColumns.empty())
    return ChipPhase{&task, std::move(result->events)};
  // The block's own time, not that of the whole chip.
  found.simulator_s -= seconds[seconds.size() / 2];
  auto start = std::chrono::steady_clock::now();
  ChipPhase phase{&task, cutBlock(artefacts->program, task, artefacts->device,
                                  result->events, cores[0], blockRows,
                                  blockColumns, slots)};
  found.simulator_s +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return phase;
}

/// Adds a transient: one circuit, or its cores in pieces of a few columns,
/// which share nothing but their rows.
void Cosimulation::addRuns(const std::vector<ChipPhase> &phases) {
  if (options.chip || !options.retarget.empty()) {
    ChipRun run{phases, {}};
    for (uint32_t core : cores)
      run.cores.push_back({core, {}});
    runs.push_back(std::move(run));
    pieces.push_back(1);
    return;
  }
  size_t count = 0;
  for (uint32_t core : cores) {
    const ntrt::CoreConfig &config = artefacts->program.cores[core];
    const uint32_t perRun = columnsPerRun(blockRows ? blockRows : config.axons);
    const uint32_t columns =
        blockRows ? static_cast<uint32_t>(blockColumns.size()) : config.neurons;
    for (uint32_t first = 0; first < columns; first += perRun) {
      CoreSelection selection{core, {}};
      for (uint32_t column = first; column < std::min(first + perRun, columns);
           ++column)
        selection.neurons.push_back(column);
      runs.push_back({phases, {selection}});
      ++count;
    }
  }
  pieces.push_back(count);
}

bool Cosimulation::prepareImages() {
  const ntrt::TaskOverlay &task = *artefacts->find(options.task);
  for (unsigned image : options.images) {
    std::optional<ChipPhase> phase = phaseOf(task, options.task, image);
    if (!phase)
      return false;
    imageOfPhase.push_back({image});
    addRuns({std::move(*phase)});
  }
  return true;
}

bool Cosimulation::prepareRetarget() {
  std::vector<ChipPhase> phases;
  imageOfPhase.push_back({});
  for (const std::string &name : options.retarget) {
    std::optional<ChipPhase> phase =
        phaseOf(*artefacts->find(name), name, options.images.front());
    if (!phase)
      return false;
    phases.push_back(std::move(*phase));
    imageOfPhase.back().push_back(options.images.front());
  }
  addRuns(phases);
  return true;
}

bool Cosimulation::prepareSweep() {
  for (uint32_t dac : sweepDacs) {
    ntrt::TaskOverlay task = *artefacts->find(options.task);
    task.name += ", DAC code " + std::to_string(dac);
    task.cores[sweepCore].dac[sweepDomain] = static_cast<uint16_t>(dac);
    variants.push_back(std::move(task));
  }
  std::vector<ChipPhase> phases;
  imageOfPhase.push_back({});
  for (const ntrt::TaskOverlay &variant : variants) {
    std::optional<ChipPhase> phase =
        phaseOf(variant, options.task, options.images.front());
    if (!phase)
      return false;
    phases.push_back(std::move(*phase));
    imageOfPhase.back().push_back(options.images.front());
  }
  addRuns(phases);
  return true;
}

uint64_t Cosimulation::synapticEvents(
    const ChipPhaseComparison &phase,
    const std::vector<ntrt::SpikeEvent> &spikes) const {
  uint64_t events = 0;
  for (uint32_t core : phase.cores) {
    const ntrt::CoreConfig &config = artefacts->program.cores[core];
    for (const AxonEvent &event : axonEventsOfCore(
             artefacts->program, artefacts->device, spikes, core, slots))
      for (uint32_t column = 0; column < config.columns(); ++column)
        events += config.code(event.axon, column) != 0;
  }
  return events;
}

void Cosimulation::addTotals(const ChipComparison &comparison) {
  found.synapses = std::max(found.synapses, comparison.synapses);
  found.registers = std::max(found.registers, comparison.registers);
  found.ngspice_s += comparison.ngspice_s;
  found.domains = comparison.domains;
  found.phaseStart_s = comparison.phaseStart_s;
}

bool Cosimulation::compare() {
  ChipCompareOptions compare;
  compare.netlist.slots = slots;
  compare.netlist.inputs =
      options.inputs == "spikes" ? InputSource::Spikes : InputSource::Rows;
  compare.netlist.meters = true;
  // Twice the settling time: what is left of a step is below a DAC code.
  compare.netlist.gap_s = 2 * artefacts->device.modulationDomain.settling_s;
  compare.netlist.save.membranes = !options.output.empty();
  compare.marginTolerance = options.marginTolerance;
  compare.timeTolerance = options.timeTolerance;
  compare.folder = options.keep;
  compare.cells = options.cells;
  compare.ngspice.program = options.ngspice;
  compare.ngspice.parallel = options.parallel;
  compare.ngspice.timeout_s = options.timeout;
  nt::ProgressBar bar("ngspice", 1000, !options.json);
  compare.ngspice.progress = [&](double done) {
    bar.update(static_cast<size_t>(1000 * done),
               llvm::formatv("{0} runs", runs.size()).str());
  };
  ntrt::Result<std::vector<ChipComparison>> results =
      compareChips(artefacts->program, artefacts->device, runs, compare);
  if (!results) {
    report(results.diagnostics());
    return false;
  }
  bar.update(1000);
  bar.finish();
  size_t first = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    ChipComparison merged = mergePieces(
        {results->begin() + static_cast<std::ptrdiff_t>(first),
         results->begin() + static_cast<std::ptrdiff_t>(first + pieces[i])},
        artefacts->device);
    addTotals(merged);
    for (size_t phase = 0; phase < merged.phases.size(); ++phase) {
      CosimImage image;
      image.image = imageOfPhase[i][phase];
      image.all = mergeComparisons(merged.phases[phase].judged,
                                   artefacts->device.slot_s);
      image.synapticEvents = synapticEvents(merged.phases[phase],
                                            runs[first].phases[phase].spikes);
      image.found = std::move(merged.phases[phase]);
      found.images.push_back(std::move(image));
    }
    first += pieces[i];
  }
  return true;
}

void Cosimulation::fillSweep() {
  const ntrt::DomainModel &domain = artefacts->device.modulationDomain;
  const double run_s = slots * artefacts->device.slot_s;
  for (size_t phase = 0; phase < sweepDacs.size(); ++phase) {
    const auto &words = variants[phase].cores[sweepCore].words;
    SweepPoint point;
    point.dac = sweepDacs[phase];
    point.volts = domain.volts(point.dac);
    point.lsb_A = domain.lsbCurrent_A(point.dac);
    double simulated = 0, circuit = 0, neurons = 0;
    for (const NeuronComparison &neuron : found.images[phase].all.neurons)
      if (words[neuron.column].domain == sweepDomain &&
          words[neuron.column].code != 0) {
        simulated += neuron.expected;
        circuit += neuron.found;
        ++neurons;
      }
    if (neurons > 0) {
      point.simulatedRate_Hz = simulated / neurons / run_s;
      point.circuitRate_Hz = circuit / neurons / run_s;
    }
    found.sweep.push_back(point);
  }
}

void Cosimulation::judge() {
  found.marginTolerance_V =
      options.marginTolerance * (artefacts->device.neuron.vThreshold_V -
                                 artefacts->device.neuron.vReset_V);
  found.timeTolerance = options.timeTolerance;
  found.passed = llvm::all_of(found.images, [](const CosimImage &image) {
    return image.found.passed();
  });
}

void Cosimulation::print() const {
  if (options.json) {
    llvm::outs() << llvm::formatv(
        "{0:2}\n", llvm::json::Value(nt::report::cosimJson(found)));
    return;
  }
  llvm::raw_ostream &out = llvm::outs();
  out << llvm::formatv("{0} on {1}: {2}\n\n", found.program, found.device.name,
                       found.what);
  std::vector<std::vector<std::string>> table = {
      {"", "image", "task", "equal counts", "simulator", "circuit", "median",
       "95 %", "measured", "estimated"}};
  auto percent = [](double fraction) {
    return llvm::formatv("{0:f4} %", 100 * fraction).str();
  };
  auto nano = [](double joules) {
    return llvm::formatv("{0:f3} nJ", 1e9 * joules).str();
  };
  for (const CosimImage &image : found.images)
    table.push_back(
        {image.found.passed() ? "ok" : "FAILED", std::to_string(image.image),
         "@" + image.found.task,
         llvm::formatv("{0} of {1}", image.found.equalCounts,
                       image.found.neurons)
             .str(),
         std::to_string(image.found.simulated),
         std::to_string(image.found.found), percent(image.all.medianTimeError),
         percent(image.all.p95TimeError), nano(found.measuredEnergy_J(image)),
         nano(found.estimatedEnergy_J(image))});
  printTable(out, table);
  for (const CosimImage &image : found.images) {
    for (const DifferingNeuron &neuron : image.all.differing) {
      out << llvm::formatv(
          "  image {0}: {1}[{2}] slot {3}: {4}, margin {5:f3} "
          "mV",
          image.image, neuron.layer, neuron.layerNeuron, neuron.firstSlot,
          neuron.expectedSpike ? "a spike is missing" : "a spike too many",
          1e3 * neuron.margin_V);
      if (neuron.thresholdShift_V)
        out << llvm::formatv(", as with the threshold shifted by {0:f3} mV",
                             1e3 * *neuron.thresholdShift_V);
      out << (neuron.excused ? ", excused\n" : ", not excused\n");
    }
    for (const ChipDeviation &deviation : image.found.deviations)
      if (!deviation.own)
        out << llvm::formatv("  image {0}: {1}[{2}] follows another neuron's "
                             "difference from slot {3} on\n",
                             image.image, deviation.layer,
                             deviation.layerNeuron, deviation.firstSlot);
    if (image.found.stray)
      out << llvm::formatv("  image {0}: {1} spikes outside the slots of their "
                           "core\n",
                           image.image, image.found.stray);
  }
  if (!found.sweep.empty()) {
    std::vector<std::vector<std::string>> curve = {
        {"DAC code", "supply", "LSB", "rate: simulator", "circuit"}};
    for (const SweepPoint &point : found.sweep)
      curve.push_back(
          {std::to_string(point.dac),
           llvm::formatv("{0:f3} V", point.volts).str(),
           llvm::formatv("{0:f4} nA", 1e9 * point.lsb_A).str(),
           llvm::formatv("{0:f2} kHz", 1e-3 * point.simulatedRate_Hz).str(),
           llvm::formatv("{0:f2} kHz", 1e-3 * point.circuitRate_Hz).str()});
    out << "\n";
    printTable(out, curve);
  }
  out << llvm::formatv(
      "\n  ngspice {0:f1} s, the simulator {1:f5} s for the "
      "same images: {2:f0} times as fast\n",
      found.ngspice_s, found.simulator_s,
      found.simulator_s > 0 ? found.ngspice_s / found.simulator_s : 0);
}

int Cosimulation::run() {
  if (!readFolder() || !readData() || !parseSweep() || !select() ||
      !parseBlock())
    return kInputFault;
  found.directory = options.directory;
  found.program = artefacts->program.name;
  found.device = artefacts->device;
  std::string names;
  for (uint32_t core : cores)
    names += (names.empty() ? "" : ", ") + std::to_string(core);
  bool prepared = false;
  if (!options.sweep.empty()) {
    found.mode = "sweep";
    found.what = llvm::formatv("supply of modulation domain {0} of core {1}",
                               sweepDomain, sweepCore);
    prepared = prepareSweep();
  } else if (!options.retarget.empty()) {
    found.mode = "retarget";
    found.what = "tasks " + llvm::join(options.retarget, ", ") +
                 " in one transient, cores " + names;
    prepared = prepareRetarget();
  } else {
    found.mode = options.chip ? "chip" : "cores";
    found.what = (options.chip ? "cores " + names + " with their event fabric"
                               : "cores " + names + ", each alone");
    if (blockRows)
      found.what += ", its " + std::to_string(blockRows) +
                    " busiest rows and first " +
                    std::to_string(blockColumns.size()) + " columns";
    prepared = prepareImages();
  }
  if (!prepared || !compare())
    return kInputFault;
  if (!options.sweep.empty())
    fillSweep();
  judge();
  if (!options.output.empty() &&
      !writeText(options.output, nt::report::renderCosim(found)))
    return kInputFault;
  print();
  if (found.passed)
    return kDone;
  return report({{ntrt::Diag::VerifyMismatch, options.directory,
                  llvm::formatv("{0} of {1} images differ",
                                llvm::count_if(found.images,
                                               [](const CosimImage &image) {
                                                 return !image.found.passed();
                                               }),
                                found.images.size())
                      .str()}});
}

int ntc::runCosim(const CosimOptions &options) {
  return Cosimulation(options).run();
}
