//===- NgspiceRunner.h - Running ngspice as a child process -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_NGSPICERUNNER_H
#define NT_TARGET_SPICE_NGSPICERUNNER_H

#include "nt/Target/Spice/RawFile.h"

#include <functional>

namespace nt::spice {

struct NgspiceOptions {
  /// The program; empty: $NT_NGSPICE, or "ngspice" on the PATH.
  std::string program;
  double timeout_s = 600; ///< Wall clock, for each run.
  unsigned parallel = 2;  ///< Runs side by side.
  /// Called now and then with the simulated time done, as a fraction of that of
  /// all jobs of a call.
  std::function<void(double)> progress;
};

/// "ngspice-39" of the program that the options name. Refuses a program that
/// cannot be run (NT-SPICE-001), and another program or an ngspice that is too
/// old (NT-SPICE-021).
ntrt::Result<std::string> ngspiceVersion(const NgspiceOptions &options);

/// One transient: `folder`/core.cir is run there and leaves core.raw and
/// ngspice.log beside it.
struct NgspiceJob {
  std::string folder;
  double stop_s = 0; ///< The time the transient must reach.
};

inline constexpr const char *netlistFileName = "core.cir";
inline constexpr const char *rawFileName = "core.raw";
/// What a run that failed or was interrupted had written; its header counts no
/// points.
inline constexpr const char *partialRawFileName = "core.partial.raw";
inline constexpr const char *logFileName = "ngspice.log";
/// The oldest version whose behaviour the cells were built for.
inline constexpr int oldestNgspice = 39;

/// What the log of a failed run says, for people: the first error, the node and
/// time of a convergence failure with its likely cause; empty if the log tells
/// of no failure. Nodes of neurons are given by layer and neuron.
std::string explainLog(const std::string &log);
/// The major version in what `ngspice --version` prints; 0 if there is none.
int parseVersion(const std::string &output);

/// Runs ngspice in batch mode. Fails if it cannot be started (NT-SPICE-001) or
/// is too old (NT-SPICE-021), if it exits with an error, logs one, runs out of
/// time or stops before stop_s (NT-SPICE-002), if its raw file is not whole
/// (NT-SPICE-005) or was cut by a full disk (NT-SPICE-008), and if this process
/// gets SIGINT or SIGTERM meanwhile (NT-SPICE-007: all children are ended).
/// What a failed run had written is renamed to core.partial.raw.
ntrt::Result<RawData> runNgspice(const NgspiceJob &job,
                                 const NgspiceOptions &options = {});
/// The same for many jobs, options.parallel at a time; results in their order.
std::vector<ntrt::Result<RawData>>
runNgspice(const std::vector<NgspiceJob> &jobs,
           const NgspiceOptions &options = {});

} // namespace nt::spice

#endif // NT_TARGET_SPICE_NGSPICERUNNER_H
