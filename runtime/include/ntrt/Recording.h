//===- Recording.h - Rasters and membranes to a file ------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_RECORDING_H
#define NTRT_RECORDING_H

#include "ntrt/Dataset.h"
#include "ntrt/Simulator.h"

#include <functional>

namespace ntrt {

/// A neuron by its layer and by its place on the chip.
struct RecordedNeuron {
  uint32_t layer = 0, layerNeuron = 0;
  ReadoutNeuron place;
};

/// The neurons that selections name: "conv2", "conv2[3]", "conv2[0:8]" (the
/// first 8). All misfits together. No selection: all neurons.
Result<std::vector<RecordedNeuron>>
selectNeurons(const Program &program,
              const std::vector<std::string> &selections);

struct RecordingOptions {
  bool spikes = true, membranes = false;
  std::vector<RecordedNeuron> neurons;
  uint32_t slots = 0; ///< 0: the program's.
  unsigned threads = 0;
  /// The .npz to write: neuron_layer and neuron_index [neurons]; spike_image,
  /// spike_slot, spike_neuron (index into the neurons) and spike_time_s
  /// [spikes]; membrane_V [images][neurons][slots], at the end of each slot
  /// that the neuron integrates. While it runs, "<path>.part" holds each image
  /// that is done; a run that was killed goes on from there.
  std::string path;
};

/// The most bytes that a recording can take.
uint64_t largestRecording_B(const Program &program, size_t images,
                            const RecordingOptions &options);

struct RecordingSummary {
  size_t images = 0, resumed = 0; ///< Resumed: found in the part file.
  uint64_t spikes = 0;
};

/// Records all samples. Refuses one that could be larger than the free disk or
/// memory (NT-SIM-005) before it begins. `done` (may be empty) is told how many
/// images are recorded.
Result<RecordingSummary> recordRun(const Simulator &simulator,
                                   const DeviceModel &device,
                                   const Dataset &data,
                                   const RecordingOptions &options,
                                   const std::function<void(size_t)> &done);

/// A picture (SVG) of one image of a recording: a raster of the spikes and, if
/// recorded, the membranes of the first few neurons.
Result<std::string> drawRecording(const std::string &npzPath, uint32_t image,
                                  const Program &program,
                                  const DeviceModel &device);

} // namespace ntrt

#endif // NTRT_RECORDING_H
