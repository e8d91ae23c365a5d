//===- Cosim.h - What ntc cosim found, as page and JSON ---------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_REPORT_COSIM_H
#define NT_TARGET_REPORT_COSIM_H

#include "nt/Target/Spice/ChipComparison.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace nt::report {

/// One image with one task: a phase of a transient.
struct CosimImage {
  size_t image = 0;
  spice::ChipPhaseComparison found;
  spice::CoreComparison all; ///< found.judged as one.
  /// Pulses on synapses of the emitted cores whose code is not 0.
  uint64_t synapticEvents = 0;
};

/// The supply of one modulation domain at one DAC code.
struct SweepPoint {
  uint32_t dac = 0;
  double volts = 0, lsb_A = 0;
  /// Mean over the domain's neurons.
  double simulatedRate_Hz = 0, circuitRate_Hz = 0;
};

/// Everything one run of ntc cosim found.
struct CosimReport {
  std::string directory, program;
  std::string mode; ///< "cores", "chip", "retarget" or "sweep".
  std::string what; ///< The cores, tasks or domain, in words.
  ntrt::DeviceModel device;
  std::vector<CosimImage> images;
  /// Of a transient with several phases.
  std::vector<spice::ChipComparison::DomainTrace> domains;
  std::vector<double> phaseStart_s;
  std::vector<SweepPoint> sweep;
  uint64_t synapses = 0, registers = 0;
  double ngspice_s = 0;   ///< Wall clock, runs side by side.
  double simulator_s = 0; ///< Wall clock of the simulator on the same images.
  double marginTolerance_V = 0, timeTolerance = 0;
  bool passed = false;

  /// Charge that sources and resets took from the supply, times its volts: what
  /// the behavioural circuit can measure of an image (J).
  double measuredEnergy_J(const CosimImage &image) const;
  /// The device's figures times the image's events and spikes (J).
  double estimatedEnergy_J(const CosimImage &image) const;
  /// All images as one.
  spice::CoreComparison total() const;
};

/// A page that needs no network: tables, membranes of circuit and simulator
/// laid over each other, domain volts, the curve of a sweep.
std::string renderCosim(const CosimReport &report);
llvm::json::Object cosimJson(const CosimReport &report);

/// One line of a plot.
struct PlotSeries {
  std::string label, style; ///< A stroke class (stroke-0 ..).
  std::vector<double> x, y;
  bool dots = false; ///< Marks instead of a line.
};
/// Lines and dots over common axes, long lines thinned to what can be seen.
/// Vertical marks at `marks`. `logY` takes positive values only.
std::string linePlot(const std::vector<PlotSeries> &series,
                     llvm::StringRef xLabel, llvm::StringRef yLabel,
                     llvm::StringRef label,
                     const std::vector<double> &marks = {}, bool logY = false);

} // namespace nt::report

#endif // NT_TARGET_REPORT_COSIM_H
