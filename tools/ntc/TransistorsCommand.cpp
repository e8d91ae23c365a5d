//===- TransistorsCommand.cpp - ntc transistors ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Options.h"
#include "Session.h"

#include "nt/Support/Progress.h"
#include "nt/Target/Spice/MosCore.h"
#include "ntrt/Dataset.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>

using namespace ntc;
using nt::spice::MosImage;
using nt::spice::MosNeuron;

namespace {

std::atomic<bool> interrupted = false;

/// Ends after the images under way; a second signal ends at once.
void interrupt(int signal) {
  interrupted = true;
  std::signal(signal, SIG_DFL);
}

/// A folder for runs, removed unless the user named it.
class Folder {
public:
  explicit Folder(const std::string &wanted) : path(wanted) {
    llvm::SmallString<128> temporary;
    if (wanted.empty() &&
        !llvm::sys::fs::createUniqueDirectory("nt-transistors", temporary))
      path = temporary.str();
    own = wanted.empty();
  }
  ~Folder() {
    if (own && !path.empty())
      llvm::sys::fs::remove_directories(path);
  }
  std::string path;

private:
  bool own;
};

} // namespace

static int64_t difference(const MosNeuron &neuron) {
  return std::abs(static_cast<int64_t>(neuron.foundSlots.size()) -
                  static_cast<int64_t>(neuron.expectedSlots.size()));
}

static llvm::json::Value json(const MosNeuron &neuron) {
  llvm::json::Object object{
      {"layer", neuron.layer},
      {"neuron", neuron.layerNeuron},
      {"core", neuron.core},
      {"time_model", static_cast<int64_t>(neuron.expectedSlots.size())},
      {"circuit", static_cast<int64_t>(neuron.foundSlots.size())},
      {"simulator", static_cast<int64_t>(neuron.simulatedSlots.size())},
      {"membrane_V", neuron.membrane_V},
      {"time_model_membrane_V", neuron.expectedMembrane_V}};
  if (neuron.firstSlot) {
    object["first_differing_slot"] = *neuron.firstSlot;
    object["margin_V"] = *neuron.firstMargin_V;
  }
  return object;
}

static llvm::json::Value json(const MosImage &image, unsigned index) {
  llvm::json::Array neurons;
  for (const MosNeuron &neuron : image.neurons)
    neurons.push_back(json(neuron));
  return llvm::json::Object{
      {"image", index},
      {"label", image.label},
      {"simulator_label", image.simulatedLabel},
      {"scores", llvm::json::Array(image.scores)},
      {"simulator_scores", llvm::json::Array(image.simulatedScores)},
      {"ngspice_s", image.ngspice_s},
      {"energy_J", image.energy_J},
      {"neuron_energy_J", image.neuronEnergy_J},
      {"synapse_energy_J", image.synapseEnergy_J},
      {"domain_energy_J", image.domainEnergy_J},
      {"estimated_J", image.estimated_J},
      {"neurons", std::move(neurons)}};
}

static void print(const MosImage &image, unsigned index) {
  uint64_t expected = 0, found = 0, within = 0, equal = 0;
  for (const MosNeuron &neuron : image.neurons) {
    expected += neuron.expectedSlots.size();
    found += neuron.foundSlots.size();
    within += difference(neuron) <= 1;
    equal += difference(neuron) == 0;
  }
  llvm::outs() << llvm::formatv(
      "image {0}: {1} spikes, time model {2}; counts equal for {3} and within "
      "1 for {4} of {5} neurons; class {6}, simulator {7}; {8:f3} nJ; {9:f0} "
      "s\n",
      index, found, expected, equal, within, image.neurons.size(), image.label,
      image.simulatedLabel, image.energy_J * 1e9, image.ngspice_s);
  for (const MosNeuron &neuron : image.neurons)
    if (difference(neuron) > 1)
      llvm::outs() << llvm::formatv(
          "  {0}[{1}]: {2} spikes, time model {3}, first differs in slot {4}, "
          "margin {5:f2} mV\n",
          neuron.layer, neuron.layerNeuron, neuron.foundSlots.size(),
          neuron.expectedSlots.size(), *neuron.firstSlot,
          *neuron.firstMargin_V * 1e3);
}

int ntc::runTransistors(const TransistorsOptions &o) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(o.device, o.program, {o.task});
  if (!artefacts)
    return kInputFault;
  auto data = ntrt::Dataset::load(o.data);
  if (!data)
    return report(data.diagnostics());
  auto simulator = ntrt::Simulator::create(
      artefacts->program, artefacts->tasks.front(), artefacts->device);
  if (!simulator)
    return report(simulator.diagnostics());
  auto cells = nt::spice::TransistorCells::load(
      {o.cells, o.corner, o.temperature, o.cellFile, o.pdk, o.pdkSection,
       o.nfet, o.pfet});
  if (!cells)
    return report(cells.diagnostics());
  Folder folder(o.keep);
  const unsigned images =
      std::min<unsigned>(o.images, static_cast<unsigned>(data->samples()));
  std::vector<std::optional<MosImage>> done(images);
  ntrt::DiagnosticList failures;
  std::mutex mutex;
  unsigned next = 0, ended = 0;
  nt::ProgressBar bar("transistors", images);
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  auto work = [&] {
    std::unique_lock lock(mutex);
    while (next < images && !interrupted && failures.empty()) {
      const unsigned mine = next++;
      lock.unlock();
      nt::spice::MosRunOptions run;
      run.slots = o.slots;
      run.ngspice.program = o.ngspice;
      run.ngspice.parallel = 1;
      run.ngspice.timeout_s = o.timeout;
      run.folder = folder.path + "/image" + std::to_string(mine);
      auto image =
          nt::spice::runMosImage(*simulator, artefacts->device, *cells,
                                 data->sample(mine), data->sampleSize, run);
      lock.lock();
      if (image)
        done[mine] = std::move(*image);
      else
        failures.insert(failures.end(), image.diagnostics().begin(),
                        image.diagnostics().end());
      bar.update(++ended, "image " + std::to_string(mine));
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < o.parallel; ++i)
    workers.emplace_back(work);
  work();
  for (std::thread &worker : workers)
    worker.join();
  bar.finish();

  llvm::json::Array rows;
  unsigned complete = 0;
  for (unsigned i = 0; i < images; ++i)
    if (done[i]) {
      ++complete;
      print(*done[i], i);
      rows.push_back(json(*done[i], i));
    }
  const std::string record = o.record + (complete == images ? "" : ".partial");
  if (!o.record.empty() &&
      !writeText(
          record,
          llvm::formatv("{0:2}\n", llvm::json::Value(llvm::json::Object{
                                       {"program", artefacts->program.name},
                                       {"task", artefacts->tasks.front().name},
                                       {"device", artefacts->device.name},
                                       {"cells", cells->description()},
                                       {"complete", complete == images},
                                       {"images", std::move(rows)}}))
              .str()))
    return kInputFault;
  if (!o.record.empty() && complete < images)
    llvm::errs() << "ntc: " << complete << " of " << images << " images are in "
                 << record << '\n';
  if (!failures.empty())
    return report(failures);
  if (complete < images) {
    llvm::errs() << "ntc: interrupted after " << complete << " of " << images
                 << " images\n";
    return kInputFault;
  }
  return kDone;
}
