//===- Manifest.h - What a compiled folder holds ----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_MANIFEST_H
#define NT_TOOLS_NTC_MANIFEST_H

#include <optional>
#include <string>
#include <vector>

namespace ntc {

struct TaskEntry {
  std::string name, data; ///< Training data of a tuned task.
  std::string curves;     ///< File of its learning curves; empty: none.
};
struct StageEntry {
  std::string name, file;
  double seconds = 0;
};

/// What the second columns of a layer's pairs take
/// (nt/Mapping/PairingCost.h).
struct PairsEntry {
  std::string layer;
  uint64_t neurons = 0, cores = 0, coresUnpaired = 0, synapses = 0;
  uint64_t configurationBits = 0;
  double secondPeak_A = 0, peak_A = 0;
};

/// manifest.json of a compiled folder: what was compiled, by which pipelines,
/// into which files.
struct Manifest {
  std::string model, device, data;
  unsigned slots = 0;
  size_t cores = 0;
  std::vector<TaskEntry> tasks;
  std::vector<StageEntry> stages;
  std::vector<PairsEntry> pairs; ///< Of each layer that has any.
  std::vector<std::string> pipelines, overlays;

  std::string toJson() const;
  /// Prints a diagnostic and returns nullopt if the folder has no usable
  /// manifest.
  static std::optional<Manifest> read(const std::string &folder);
};

} // namespace ntc

#endif // NT_TOOLS_NTC_MANIFEST_H
