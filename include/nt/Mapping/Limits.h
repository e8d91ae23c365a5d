//===- Limits.h - Links and supplies of a mapped chip -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rules H5 and H6 on a program, worst case (docs/mapping.md): every source
// emits in every slot it can, and all axons of a core pulse at once.
//
//===----------------------------------------------------------------------===//
#ifndef NT_MAPPING_LIMITS_H
#define NT_MAPPING_LIMITS_H

#include "nt/Mapping/PlacementProblem.h"
#include "ntrt/Program.h"

#include <map>

namespace nt::mapping {

/// A link of the fabric: from a router to one of its four neighbours, or into
/// the core at its own place (from == to).
struct Link {
  GridPlace from, to;
  auto operator<=>(const Link &) const = default;
};

/// What the routes of a program ask of the fabric. Events between cores travel
/// along the row first, then along the column; each axon is sent an event of
/// its own. Inputs enter at the core they drive.
struct LinkLoads {
  /// Events a second of every link in use, worst case.
  std::map<Link, double> rate_Hz;
  /// The most axons that one neuron of each core, or one input, drives.
  std::vector<uint32_t> fanOutOfCore;
  uint32_t fanOutOfInputs = 0;

  /// The busiest link's rate, 0 if there is none.
  double largestRate_Hz() const;
};
/// `program` has passed ntrt::checkProgram.
LinkLoads linkLoads(const ntrt::Program &program,
                    const ntrt::DeviceModel &device);
/// Rule H5; empty if all is well.
ntrt::DiagnosticList checkLinks(const ntrt::Program &program,
                                const ntrt::DeviceModel &device);

/// Worst-case current (A) of each synapse domain of each core: the units of
/// all sources that are on times its LSB current.
std::vector<std::vector<double>>
synapseCurrents_A(const ntrt::Program &program,
                  const ntrt::DeviceModel &device);
/// Current (A) of each modulation domain of each core, which flows all the
/// time.
std::vector<std::vector<double>>
modulationCurrents_A(const ntrt::TaskOverlay &task,
                     const ntrt::Program &program,
                     const ntrt::DeviceModel &device);
/// Rule H6; empty if all is well.
ntrt::DiagnosticList checkSynapseCurrents(const ntrt::Program &program,
                                          const ntrt::DeviceModel &device);
ntrt::DiagnosticList checkModulationCurrents(const ntrt::TaskOverlay &task,
                                             const ntrt::Program &program,
                                             const ntrt::DeviceModel &device);

} // namespace nt::mapping

#endif // NT_MAPPING_LIMITS_H
