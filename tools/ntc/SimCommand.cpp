//===- SimCommand.cpp - ntc sim -------------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Options.h"
#include "Session.h"

#include "nt/Verification/Verification.h"

#include "ntrt/Dataset.h"
#include "ntrt/Simulator.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace ntc;

int ntc::runSim(const SimOptions &options) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(options.device, options.program, {options.task});
  if (!artefacts)
    return kInputFault;
  ntrt::Result<ntrt::Dataset> data = ntrt::Dataset::load(options.data);
  if (!data)
    return report(data.diagnostics());
  const ntrt::TaskOverlay &task = artefacts->tasks.front();
  mlir::FailureOr<nt::verification::ChipFigures> figures =
      nt::verification::chipFigures(artefacts->program, task, artefacts->device,
                                    *data, options.slots, options.threads,
                                    /*progress=*/!options.json);
  if (failed(figures))
    return kInputFault;
  const size_t images = data->samples();
  if (!options.record.empty()) {
    ntrt::NpyArray scores;
    scores.shape = {images, artefacts->program.readout.size()};
    scores.values.assign(figures->scores.begin(), figures->scores.end());
    ntrt::Status written = ntrt::writeNpz(options.record, {{"scores", scores}});
    if (!written)
      return report(written.diagnostics());
  }
  const bool labelled = data->labels.size() == images;
  if (options.json) {
    llvm::json::Object object{
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
  return kDone;
}
