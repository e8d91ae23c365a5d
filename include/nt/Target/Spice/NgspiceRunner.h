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

namespace nt::spice {

struct NgspiceOptions {
  /// The program; empty: $NT_NGSPICE, or "ngspice" on the PATH.
  std::string program;
  double timeout_s = 600; ///< Wall clock, for each run.
  unsigned parallel = 2;  ///< Runs side by side.
};

/// One transient: `folder`/core.cir is run there and leaves core.raw and
/// ngspice.log beside it.
struct NgspiceJob {
  std::string folder;
  double stop_s = 0; ///< The time the transient must reach.
};

inline constexpr const char *netlistFileName = "core.cir";
inline constexpr const char *rawFileName = "core.raw";
inline constexpr const char *logFileName = "ngspice.log";

/// Runs ngspice in batch mode. Fails if it cannot be started (NT-SPICE-001), if
/// it exits with an error, logs one, runs out of time or stops before stop_s
/// (NT-SPICE-002), or if its raw file is not whole (NT-SPICE-005).
ntrt::Result<RawData> runNgspice(const NgspiceJob &job,
                                 const NgspiceOptions &options = {});
/// The same for many jobs, options.parallel at a time; results in their order.
std::vector<ntrt::Result<RawData>>
runNgspice(const std::vector<NgspiceJob> &jobs,
           const NgspiceOptions &options = {});

} // namespace nt::spice

#endif // NT_TARGET_SPICE_NGSPICERUNNER_H
