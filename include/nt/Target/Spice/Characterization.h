//===- Characterization.h - Device figures from transistor benches -*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs benches of the transistor-level cells in ngspice and makes a device file
// of their figures. docs/cells/characterisation.md tells what each bench does.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_CHARACTERIZATION_H
#define NT_TARGET_SPICE_CHARACTERIZATION_H

#include "nt/Target/Spice/NgspiceRunner.h"
#include "nt/Target/Spice/TransistorCells.h"

#include <atomic>
#include <functional>
#include <map>

namespace nt::spice {

/// One measured figure.
struct Figure {
  /// Place in a device file ("/neuron/c_mem"), or a name of its own
  /// ("inl_lsb") that the device file has no field for.
  std::string name;
  double value = 0;
  std::string unit;
  std::string what; ///< How it was measured, one clause.
};

/// Measured points of y against x.
struct Curve {
  std::string name, xUnit, yUnit, what;
  std::vector<double> x = {}, y = {};
};

/// What the benches found so far.
class Measurements {
public:
  void add(Figure figure) { all.push_back(std::move(figure)); }
  /// Adds a point to the curve of header.name, in the order of x.
  void point(const Curve &header, double x, double y);
  /// The figure of a name; nothing if no bench has given it.
  const Figure *find(const std::string &name) const;
  const Curve *curve(const std::string &name) const;
  /// Value of a figure that an earlier bench must have given.
  double value(const std::string &name) const;

  const std::vector<Figure> &figures() const { return all; }
  const std::vector<Curve> &curves() const { return allCurves; }

private:
  std::vector<Figure> all;
  std::vector<Curve> allCurves;
};

/// One run of ngspice and what is read off it.
struct Bench {
  std::string name; ///< Also the folder of its run: letters, digits, '-'.
  std::string netlist;
  double last = 0; ///< Last value of time or of the swept source.
  std::function<ntrt::Status(const RawData &, Measurements &)> evaluate;
};

struct CharacterizationOptions {
  TransistorCellsOptions cells;
  /// The device whose array sizes, slot, DACs and fabric are kept, and whose
  /// volts, threshold and reset the benches use.
  std::string base = "nt1";
  /// Transistors of each kind drawn for mismatch; 0 leaves the base's sigmas.
  unsigned mismatchSamples = 200;
  unsigned seed = 1;
  /// Volts at which the synapse curve is measured.
  unsigned curvePoints = 11;
  NgspiceOptions ngspice;
  /// Folder that keeps netlists, raw files and logs; empty: none is kept.
  std::string keep;
  /// Called after each bench: done, of how many, its name.
  std::function<void(size_t, size_t, const std::string &)> progress;
  /// Set by a signal handler: no further bench is started.
  const std::atomic<bool> *interrupted = nullptr;
};

struct Characterization {
  Measurements measurements;
  std::string simulator; ///< "ngspice-39".
  std::string cells;     ///< "mos cells, tt, 27 C".
  /// Benches that failed or were not run; empty if all is measured.
  std::vector<std::string> missing;
  ntrt::DiagnosticList failures;

  bool complete() const { return missing.empty(); }
};

/// Runs all benches, options.ngspice.parallel side by side. Fails if nothing
/// could be started (cells, base device, ngspice); a bench that fails is listed
/// in the result instead.
ntrt::Result<Characterization>
characterize(const CharacterizationOptions &options);

/// The base device's file with the measured figures put in, each with
/// `command`, cells, corner, temperature and simulator as its source. Checked
/// to be a device file. Needs a complete characterisation.
ntrt::Result<std::string> deviceJson(const Characterization &result,
                                     const CharacterizationOptions &options,
                                     const std::string &name,
                                     const std::string &command);
/// All figures and curves as JSON, with "complete" and "missing".
std::string measurementsJson(const Characterization &result,
                             const std::string &command);

/// The benches of the first pass, and those that need its figures.
std::vector<Bench> sourceBenches(const TransistorCells &cells,
                                 const ntrt::DeviceModel &base,
                                 const CharacterizationOptions &options);
std::vector<Bench> neuronBenches(const TransistorCells &cells,
                                 const ntrt::DeviceModel &base,
                                 const CharacterizationOptions &options);
std::vector<Bench> dependentSourceBenches(
    const TransistorCells &cells, const ntrt::DeviceModel &base,
    const CharacterizationOptions &options, const Measurements &measured);
/// Buffers in parallel that a domain of so many synapses has.
unsigned domainDrive(double cells);

} // namespace nt::spice

#endif // NT_TARGET_SPICE_CHARACTERIZATION_H
