//===- ChipRun.h - A chip at work on samples --------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_CHIPRUN_H
#define NTRT_LIB_CHIPRUN_H

#include "Chip.h"

namespace ntrt {

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

/// Runs batches of images one after the other. Where events only go forward
/// each core runs all images through all their slots before the next core, so
/// that its codes stay in the cache; otherwise all cores go from slot to slot
/// together. Both give the same result, because an event acts in a later slot
/// only. For one thread.
class ChipRun {
public:
  ChipRun(const Chip &chip, const SimOptions &options);

  /// Samples that fit one batch.
  size_t batch() const { return images.size(); }
  /// Results of `count` samples, at most batch(); `first` is the number of the
  /// first one.
  std::vector<SimResult> run(const float *values, size_t count, uint64_t first);

private:
  /// One image in a run.
  struct Image {
    uint64_t number = 0; ///< Among the samples.
    /// Inputs that are not 0, with their spikes per slot.
    std::vector<std::pair<uint32_t, double>> rates;
    /// Core by core: what the axons of each core get in its slots.
    std::vector<SpikeTrains> axons;
    std::vector<double> readout_V; ///< Membranes at the end.
    SimResult result;
  };

  void prepare(Image &image, const float *values);
  void startCore(Image &image, size_t index);
  void dropEvents(Image &image, std::vector<uint32_t> &axons);
  void stepCore(Image &image, uint64_t slot, size_t index,
                std::vector<uint32_t> &axons);
  void readMembranes(Image &image, size_t index);
  SimResult finish(Image &image);

  /// Core by core.
  void encodeInputs(Image &image);
  void runCore(Image &image, size_t index);
  void stepThrough(Image &image, size_t index);
  uint64_t deliver(Image &image, const AxonTarget *begin, const AxonTarget *end,
                   const uint64_t *train, int64_t firstSlot);
  void count(const SpikeTrains &trains);

  /// Slot by slot.
  void runSlots(Image &image);
  uint64_t deliver(const AxonTarget *begin, const AxonTarget *end,
                   uint64_t slot);

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
  std::vector<CoreSpike> spikes;   ///< Of the last step.
  std::vector<SpikeTrains> trains; ///< Core by core: of the neurons.
  std::vector<uint32_t> counts;    ///< Of the trains last counted.
  EventQueue queue;                ///< Slot by slot.
};

} // namespace ntrt

#endif // NTRT_LIB_CHIPRUN_H
