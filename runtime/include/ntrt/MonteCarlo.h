//===- MonteCarlo.h - Many chips of a device --------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_MONTECARLO_H
#define NTRT_MONTECARLO_H

#include "ntrt/Dataset.h"
#include "ntrt/Simulator.h"

#include <functional>

namespace ntrt {

struct MonteCarloOptions {
  /// Chip i has the seed that the run's seed and i give.
  uint64_t seed = 1;
  uint32_t chips = 100;
  uint32_t slots = 0;   ///< 0: the program's.
  unsigned threads = 0; ///< 0: all processors. Does not change the results.
  /// Results are appended here, one chip a line, each written through to the
  /// disk. A file that a run with the same inputs left behind is gone on with.
  std::string path;
};

/// What one chip did.
struct ChipResult {
  uint32_t chip = 0;
  uint64_t seed = 0;
  uint64_t correct = 0; ///< Of the samples.
  uint64_t spikes = 0, synapticEvents = 0, droppedEvents = 0;
  double energy_J = 0; ///< A sample.
};

/// A quantile of the chips' accuracies with its confidence interval, percent.
struct Quantile {
  double p = 0, value = 0;
  /// Order statistics that hold the quantile with at least 95 % confidence;
  /// with few chips the outermost ones, and then less than that.
  double low = 0, high = 0, confidence = 0;
};

struct MonteCarloResult {
  std::vector<ChipResult> chips;
  uint32_t resumed = 0;            ///< Chips that the file held already.
  double idealPercent = 0;         ///< The same samples on the ideal chip.
  double mean = 0, deviation = 0;  ///< Of the chips' accuracies, percent.
  std::vector<Quantile> quantiles; ///< 5, 25, 50, 75 and 95 %.
};

/// The seed of a chip of a run.
uint64_t chipSeed(uint64_t seed, uint32_t chip);

/// Simulates chips one after the other, each on all threads. `done` (may be
/// empty) is told of each chip, those of the file included. Data must have
/// labels.
Result<MonteCarloResult>
runMonteCarlo(const Program &program, const TaskOverlay &task,
              const DeviceModel &device, const Dataset &data,
              const MonteCarloOptions &options,
              const std::function<void(const ChipResult &)> &done);

/// Quantiles of a sample with distribution-free confidence intervals.
std::vector<Quantile> quantilesOf(std::vector<double> values);

} // namespace ntrt

#endif // NTRT_MONTECARLO_H
