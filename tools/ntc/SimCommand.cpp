//===- SimCommand.cpp - ntc sim -------------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Options.h"
#include "RealChip.h"
#include "Session.h"

#include "nt/Verification/Verification.h"

#include "nt/Support/Progress.h"

#include "ntrt/Dataset.h"
#include "ntrt/Recording.h"
#include "ntrt/Simulator.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace ntc;

/// --engine's values are in the order of the enumeration.
static ntrt::EngineKind engineOf(const std::string &name) {
  const char *const names[] = {"auto",     "reference", "clocked",
                               "portable", "event",     "avx2"};
  return static_cast<ntrt::EngineKind>(llvm::find(names, name) - names);
}

/// Writes the raster and the membranes that --record asks for.
static int recordSim(const SimOptions &options, const Artefacts &artefacts,
                     const ntrt::Dataset &data,
                     const std::optional<ntrt::ChipVariation> &chip) {
  if (options.output.empty())
    return report({{ntrt::Diag::OptionInvalid, "--record",
                    "it needs --output <file.npz>"}});
  ntrt::RecordingOptions recording;
  recording.spikes = llvm::is_contained(options.record, "spikes");
  recording.membranes = llvm::is_contained(options.record, "membrane");
  recording.slots = options.slots;
  recording.threads = options.threads;
  recording.path = options.output;
  ntrt::Result<std::vector<ntrt::RecordedNeuron>> neurons =
      ntrt::selectNeurons(artefacts.program, options.neurons);
  if (!neurons)
    return report(neurons.diagnostics());
  recording.neurons = std::move(*neurons);
  ntrt::Result<ntrt::Simulator> simulator =
      chip
          ? ntrt::Simulator::create(artefacts.program, artefacts.tasks.front(),
                                    artefacts.device, *chip)
          : ntrt::Simulator::create(artefacts.program, artefacts.tasks.front(),
                                    artefacts.device, engineOf(options.engine));
  if (!simulator)
    return report(simulator.diagnostics());
  if (!options.json)
    llvm::outs() << llvm::formatv(
        "recording {0} neurons over {1} images: at most {2:f1} MiB\n",
        recording.neurons.size(), data.samples(),
        static_cast<double>(ntrt::largestRecording_B(
            artefacts.program, data.samples(), recording)) /
            (1 << 20));
  nt::ProgressBar bar("recording", data.samples(), !options.json);
  ntrt::Result<ntrt::RecordingSummary> summary =
      ntrt::recordRun(*simulator, artefacts.device, data, recording,
                      [&](size_t images) { bar.update(images); });
  if (!summary)
    return report(summary.diagnostics());
  bar.finish();
  if (!options.json)
    llvm::outs() << llvm::formatv("{0} spikes in {1} ({2} of {3} images were "
                                  "recorded before)\n",
                                  summary->spikes, options.output,
                                  summary->resumed, summary->images);
  if (options.picture.empty())
    return kDone;
  ntrt::Result<std::string> svg = ntrt::drawRecording(
      options.output, 0, artefacts.program, artefacts.device);
  if (!svg)
    return report(svg.diagnostics());
  return writeText(options.picture, *svg) ? kDone : kInputFault;
}

namespace {
/// What one layer did and took, by the device's figures, an image.
struct LayerFigures {
  double spikes = 0, synapticEvents = 0;
  double events_J = 0, cores_J = 0, synapseDomains_J = 0,
         modulationDomains_J = 0;
  /// From the start of a run to the end of the layer's last slot.
  double latency_s = 0;
};
} // namespace

static std::vector<LayerFigures>
layerFigures(const Artefacts &artefacts,
             const nt::verification::ChipFigures &figures, size_t images,
             unsigned slots) {
  const ntrt::Program &program = artefacts.program;
  const ntrt::DeviceModel &device = artefacts.device;
  const ntrt::EnergyModel &energy = device.energy;
  std::vector<LayerFigures> layers(program.layers.size());
  for (size_t c = 0; c < program.cores.size(); ++c) {
    const ntrt::CoreConfig &core = program.cores[c];
    LayerFigures &layer = layers[core.layer];
    const ntrt::CoreActivity &activity = figures.cores[c];
    layer.spikes += static_cast<double>(activity.spikes);
    layer.synapticEvents += static_cast<double>(activity.synapticEvents);
    layer.events_J +=
        static_cast<double>(activity.spikes) * energy.perSpike_J +
        static_cast<double>(activity.synapticEvents) *
            energy.perSynapticEvent_J +
        static_cast<double>(activity.routedEvents) * energy.perRoutedEvent_J;
    const double run_s = figures.timePerImage_s;
    layer.cores_J += energy.staticPerCore_W * run_s;
    layer.synapseDomains_J += static_cast<double>(core.synapseDac.size()) *
                              device.synapseDomain.staticPower_W * run_s;
    layer.modulationDomains_J +=
        static_cast<double>(artefacts.tasks.front().cores[c].dac.size()) *
        device.modulationDomain.staticPower_W * run_s;
    layer.latency_s =
        std::max(layer.latency_s,
                 (core.startSlot + (slots ? slots : program.defaultSlots)) *
                     device.slot_s);
  }
  for (LayerFigures &layer : layers) {
    layer.spikes /= static_cast<double>(images);
    layer.synapticEvents /= static_cast<double>(images);
    layer.events_J /= static_cast<double>(images);
  }
  return layers;
}

int ntc::runSim(const SimOptions &options) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(options.device, options.program, {options.task});
  if (!artefacts)
    return kInputFault;
  ntrt::Result<ntrt::Dataset> data =
      ntrt::Dataset::load(options.data, artefacts->program.normalisation);
  if (!data)
    return report(data.diagnostics());
  ntrt::Result<std::optional<ntrt::ChipVariation>> chip =
      realChip(options.chip, artefacts->program, artefacts->device);
  if (!chip)
    return report(chip.diagnostics());
  if (!options.record.empty())
    return recordSim(options, *artefacts, *data, *chip);
  const ntrt::TaskOverlay &task = artefacts->tasks.front();
  mlir::FailureOr<nt::verification::ChipFigures> figures =
      nt::verification::chipFigures(artefacts->program, task, artefacts->device,
                                    *data, options.slots, options.threads,
                                    /*progress=*/!options.json,
                                    engineOf(options.engine),
                                    *chip ? &**chip : nullptr);
  if (failed(figures))
    return kInputFault;
  const size_t images = data->samples();
  if (!options.scores.empty()) {
    ntrt::NpyArray scores;
    scores.shape = {images, artefacts->program.readout.size()};
    scores.values.assign(figures->scores.begin(), figures->scores.end());
    ntrt::Status written = ntrt::writeNpz(options.scores, {{"scores", scores}});
    if (!written)
      return report(written.diagnostics());
  }
  const bool labelled = data->labels.size() == images;
  const std::vector<LayerFigures> layers =
      layerFigures(*artefacts, *figures, images, options.slots);
  if (options.json) {
    llvm::json::Array layerObjects;
    for (auto [layer, figure] :
         llvm::zip_equal(artefacts->program.layers, layers))
      layerObjects.push_back(llvm::json::Object{
          {"name", layer.name},
          {"spikes_per_image", figure.spikes},
          {"synaptic_events_per_image", figure.synapticEvents},
          {"events_J_per_image", figure.events_J},
          {"cores_J_per_image", figure.cores_J},
          {"synapse_domains_J_per_image", figure.synapseDomains_J},
          {"modulation_domains_J_per_image", figure.modulationDomains_J},
          {"latency_s", figure.latency_s}});
    llvm::json::Object object{
        {"layers", std::move(layerObjects)},
        {"program", artefacts->program.name},
        {"task", task.name},
        {"device", artefacts->device.name},
        {"images", static_cast<int64_t>(images)},
        {"seconds", figures->seconds},
        {"time_s_per_image", figures->timePerImage_s},
        {"energy_J_per_image", figures->energyPerImage_J},
        {"spikes_per_image", figures->spikesPerImage},
        {"synaptic_events_per_image", figures->synapticEventsPerImage},
        {"area_m2", figures->area_m2},
        {"configure_s", figures->configure_s},
        {"retarget_s", figures->retarget_s}};
    if (labelled)
      object["accuracy_percent"] = figures->accuracy;
    llvm::outs() << llvm::formatv("{0:2}\n",
                                  llvm::json::Value(std::move(object)));
    return kDone;
  }
  llvm::outs() << llvm::formatv(
      "{0} @{1} on {2}: {3} images in {4:f1} s\n", artefacts->program.name,
      task.name, artefacts->device.name, images, figures->seconds);
  if (labelled)
    llvm::outs() << llvm::formatv("  accuracy           {0:f2} %\n",
                                  figures->accuracy);
  llvm::outs() << llvm::formatv(
      "  on the chip        {0:f3} ms and {1:f3} uJ an image (device figures)\n"
      "  spikes             {2:f0} an image\n"
      "  synaptic events    {3:f0} an image\n"
      "  cores              {4}, {5:f3} mm^2\n"
      "  a new task         settles in {6:f3} ms\n",
      1e3 * figures->timePerImage_s, 1e6 * figures->energyPerImage_J,
      figures->spikesPerImage, figures->synapticEventsPerImage,
      artefacts->program.cores.size(), 1e6 * figures->area_m2,
      1e3 * figures->retarget_s);
  llvm::outs() << "  by layer, an image:  spikes, synaptic events; energy of "
                  "events, cores, synapse and modulation domains; latency\n";
  for (auto [layer, figure] :
       llvm::zip_equal(artefacts->program.layers, layers))
    llvm::outs() << llvm::formatv(
        "    {0,-16} {1,9:f0} {2,11:f0}   {3:f4} + {4:f4} + {5:f4} + {6:f4} uJ "
        " "
        "{7:f3} ms\n",
        layer.name, figure.spikes, figure.synapticEvents, 1e6 * figure.events_J,
        1e6 * figure.cores_J, 1e6 * figure.synapseDomains_J,
        1e6 * figure.modulationDomains_J, 1e3 * figure.latency_s);
  return kDone;
}
