//===- Selection.h - Cores and layers the user names ------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_SELECTION_H
#define NT_TOOLS_NTC_SELECTION_H

#include "ntrt/Program.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <string>
#include <vector>

namespace ntc {

/// The cores of --core and --layer, in rising order, each once. Adds a
/// diagnostic for each that the program does not have.
inline std::vector<uint32_t> selectCores(const ntrt::Program &program,
                                         const std::vector<unsigned> &cores,
                                         const std::vector<std::string> &layers,
                                         ntrt::DiagnosticList &misfits) {
  std::vector<uint32_t> selected;
  for (unsigned core : cores) {
    if (core < program.cores.size())
      selected.push_back(core);
    else
      misfits.push_back({ntrt::Diag::SpiceCore, "--core",
                         llvm::formatv("{0}, the program has {1} cores", core,
                                       program.cores.size())
                             .str()});
  }
  for (const std::string &layer : layers) {
    const size_t before = selected.size();
    std::string names;
    for (uint32_t core = 0; core < program.cores.size(); ++core)
      if (program.layers[program.cores[core].layer].name == layer)
        selected.push_back(core);
    for (const ntrt::Layer &known : program.layers)
      names += (names.empty() ? "" : ", ") + known.name;
    if (selected.size() == before)
      misfits.push_back({ntrt::Diag::SpiceCore, "--layer",
                         "no layer '" + layer + "'; there are " + names});
  }
  std::sort(selected.begin(), selected.end());
  selected.erase(std::unique(selected.begin(), selected.end()), selected.end());
  return selected;
}

} // namespace ntc

#endif // NT_TOOLS_NTC_SELECTION_H
