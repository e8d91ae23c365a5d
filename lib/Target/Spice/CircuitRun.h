//===- CircuitRun.h - Netlists through ngspice, checked ---------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TARGET_SPICE_CIRCUITRUN_H
#define NT_LIB_TARGET_SPICE_CIRCUITRUN_H

#include "nt/Target/Spice/NgspiceRunner.h"

#include <functional>

namespace nt::spice {

/// A folder for runs: the user's, or a temporary one that goes with the object.
class WorkFolder {
public:
  WorkFolder() = default;
  WorkFolder(const WorkFolder &) = delete;
  WorkFolder &operator=(const WorkFolder &) = delete;
  ~WorkFolder();
  /// Makes `wanted`, or a temporary folder if it is empty.
  ntrt::Status make(const std::string &wanted);
  /// A failed run's netlist and log are worth keeping.
  void keep() { temporary = false; }

  std::string path;

private:
  bool temporary = false;
};

/// What is to be known of an emitted netlist to judge its run.
struct CircuitInfo {
  double stop_s = 0, slot_s = 0;
  std::vector<double> corners_s; ///< See CoreNetlistInfo.
};

/// Emits, runs and checks `count` circuits in work.path/run<i>, several side by
/// side. `write` emits circuit i with a largest step (a factor of the usual
/// one) to a stream; `take` gets its waveforms. A run that stepped over a
/// corner of a source is repeated with another step, and refused after the
/// fourth time (NT-SPICE-002). Adds the wall-clock time of the runs to
/// `seconds`. The folder is kept if anything fails.
ntrt::Status runCircuits(
    size_t count, WorkFolder &work, const NgspiceOptions &options,
    const std::function<ntrt::Result<CircuitInfo>(size_t, double,
                                                  std::ostream &)> &write,
    const std::function<ntrt::Status(size_t, RawData, const std::string &)>
        &take,
    double &seconds);

} // namespace nt::spice

#endif // NT_LIB_TARGET_SPICE_CIRCUITRUN_H
