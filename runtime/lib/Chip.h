//===- Chip.h - A program with a task, prepared for runs --------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_CHIP_H
#define NTRT_LIB_CHIP_H

#include "CoreEngine.h"

#include <limits>

namespace ntrt {

struct AxonTarget {
  uint32_t core, axon;
};

/// The targets of each source, all in one vector.
class RouteTable {
public:
  RouteTable() = default;
  explicit RouteTable(uint32_t sources) : first(size_t(sources) + 1) {}
  /// Routes come in rising order of their sources.
  void add(uint32_t source, AxonTarget target) {
    targets.push_back(target);
    ++first[source + 1];
  }
  /// To be called once after the last add().
  void finish() {
    for (size_t i = 1; i < first.size(); ++i)
      first[i] += first[i - 1];
  }
  const AxonTarget *begin(uint32_t source) const {
    return targets.data() + first[source];
  }
  const AxonTarget *end(uint32_t source) const {
    return targets.data() + first[source + 1];
  }

private:
  std::vector<size_t> first;
  std::vector<AxonTarget> targets;
};

/// A core as it stays through all runs.
struct ChipCore {
  uint32_t startSlot;
  std::vector<uint32_t> synapses; ///< Of each axon, those whose code is not 0.
  CoreDrive drive;
  EngineKind kind;
  std::unique_ptr<CoreEngine> engine;
  RouteTable routes;
};

/// A program with a task, prepared for runs.
struct Chip {
  Chip(Program program, TaskOverlay task, const DeviceModel &device,
       EngineKind kind, const ChipVariation *variation);

  /// Reports what is wrong with the options.
  DiagnosticList check(const SimOptions &options) const;
  /// What is wrong with one sample; empty if nothing is.
  std::string check(const float *values) const;
  uint32_t slotsOf(const SimOptions &options) const {
    return options.slots ? options.slots : program.defaultSlots;
  }

  Program program;
  TaskOverlay task;
  DeviceModel device;
  TimeModel time;
  std::vector<ChipCore> cores;
  RouteTable inputRoutes;
  uint32_t lastStart = 0;
  double staticPower_W = 0;
  /// Events that a core's link takes in a slot, the rest being lost.
  size_t linkEvents = std::numeric_limits<size_t>::max();
  void vary(const ChipVariation &variation);
  /// Every core by the reference engine, for a run that records margins.
  std::vector<std::unique_ptr<CoreEngine>> referenceEngines() const;

  /// The cores in an order in which events go forward only; empty if some go
  /// round.
  std::vector<uint32_t> forwardOrder;
};

} // namespace ntrt

#endif // NTRT_LIB_CHIP_H
