//===- ChipCalibration.h - Fitting a program to one real chip ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sources of a real chip are each off their value. Two things of its
// configuration can make up for it and leave the frozen network as it is: which
// sources make each code, and the modulation words. See docs/chip-variation.md.
//
//===----------------------------------------------------------------------===//
#ifndef NT_CALIBRATION_CHIPCALIBRATION_H
#define NT_CALIBRATION_CHIPCALIBRATION_H

#include "nt/Tuner/Retuning.h"

#include "ntrt/ChipVariation.h"

namespace nt::calibration {

/// How the sources of each code are chosen.
enum class Encoding {
  Keep,       ///< As they are.
  Same,       ///< Among the encodings of the code.
  Neighbours, ///< Among those of the code and of the codes next to it.
};

struct CalibrationOptions {
  Encoding encoding = Encoding::Same;
  /// Whether words may change, and epochs of training them on the labels and
  /// on the ideal chip's scores; with none, each neuron's mean is set right.
  bool words = true;
  unsigned epochs = 3;
  unsigned batch = 64;
  /// Epochs of training words through the chip's spikes, behind the others,
  /// and the slots of a run (0: the program's).
  unsigned spikeEpochs = 0;
  uint32_t slots = 0;
  /// Of retuning; see tuner::RetuningOptions.
  double learningRate = 0.1;
  /// Share of the ideal chip's scores in the loss, the rest is the labels'.
  double teacherWeight = 0.5;
  /// Samples of each task that encodings and means are fitted to.
  size_t samples = 512;
  uint64_t seed = 1;
  unsigned threads = 1;
};

struct TaskCalibration {
  /// Of samples held out of training; see tuner::RetuningResult. Empty without
  /// epochs.
  tuner::RetuningResult retuning;
  tuner::RetuningResult throughSpikes; ///< Likewise, of spikeEpochs.
  size_t wordsChanged = 0;
};

struct CalibrationResult {
  ntrt::Program program;
  std::vector<ntrt::TaskOverlay> tasks;
  size_t synapses = 0;         ///< With a code that is not 0.
  size_t encodingsChanged = 0; ///< Of them, that have other sources now.
  size_t codesChanged = 0;     ///< Of them, that have a code next to theirs.
  /// Mean squared error of all sums against the ideal chip's, in spikes a slot,
  /// on the samples: with the sources before and after, words as they were.
  double errorBefore = 0, errorAfter = 0;
  std::vector<TaskCalibration> taskResults;
};

/// Fits a program and its tasks to `chip`; data[t] are training samples of task
/// t, with labels. `report` (may be empty) hears how far it is, 0 to 1. What
/// comes out fits the device. Training through spikes knows the chip's
/// thresholds, capacitors, leaks, dead neurons and domain volts, as well.
/// Errors: NT-DATA-002, NT-DATA-004, NT-OPT-001, NT-CHIP-001, what
/// ChipNetwork::create and tuner::retune refuse.
ntrt::Result<CalibrationResult> calibrate(
    const ntrt::Program &program, const std::vector<ntrt::TaskOverlay> &tasks,
    const ntrt::DeviceModel &device, const ntrt::ChipVariation &chip,
    const std::vector<ntrt::Dataset> &data, const CalibrationOptions &options,
    const std::function<void(double)> &report = {});

/// Share of right answers, percent, of the chip as a network of rates; `chip`
/// null for the ideal one.
ntrt::Result<double> rateAccuracy(const ntrt::Program &program,
                                  const ntrt::TaskOverlay &task,
                                  const ntrt::DeviceModel &device,
                                  const ntrt::ChipVariation *chip,
                                  const ntrt::Dataset &data);

} // namespace nt::calibration

#endif // NT_CALIBRATION_CHIPCALIBRATION_H
