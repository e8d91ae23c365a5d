//===- CompiledNetwork.h - A shared library that was emitted ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_CPU_COMPILEDNETWORK_H
#define NT_TARGET_CPU_COMPILEDNETWORK_H

#include "ntrt/Diagnostics.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nt::cpu {

/// A network that emitSharedLibrary() wrote, loaded into this process.
class CompiledNetwork {
public:
  /// `path` is <folder>/<name>.so, and <name> what its functions begin with.
  static ntrt::Result<CompiledNetwork> load(const std::string &path);
  CompiledNetwork(CompiledNetwork &&) noexcept;
  ~CompiledNetwork();

  uint32_t inputs() const, outputs() const, slots() const, neurons() const;

  struct Run {
    uint32_t label = 0;
    std::vector<double> scores;  ///< [outputs]
    std::vector<uint8_t> spikes; ///< [slots][neurons], by core and column.
  };
  /// Runs one sample of inputs() values (null: an error of the library's) for
  /// `slots` slots, 0: as compiled.
  ntrt::Result<Run> run(const float *values, uint32_t slots = 0) const;

private:
  struct Library;
  explicit CompiledNetwork(std::unique_ptr<Library> library);
  std::unique_ptr<Library> library;
};

} // namespace nt::cpu

#endif // NT_TARGET_CPU_COMPILEDNETWORK_H
