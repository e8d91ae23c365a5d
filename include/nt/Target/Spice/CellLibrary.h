//===- CellLibrary.h - The cells a core netlist is built from ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_CELLLIBRARY_H
#define NT_TARGET_SPICE_CELLLIBRARY_H

#include "ntrt/Diagnostics.h"

#include <map>
#include <string>
#include <vector>

namespace nt::spice {

/// The ports of a subcircuit, in order, and the names of its parameters.
struct CellInterface {
  std::vector<std::string> ports, parameters;
};

/// The subcircuits a library's text defines.
std::map<std::string, CellInterface> findCells(const std::string &text);
/// A diagnostic (NT-SPICE-003) for each needed subcircuit that is missing or
/// has other ports, and for each parameter it lacks.
ntrt::DiagnosticList
missingCells(const std::map<std::string, CellInterface> &found,
             const std::map<std::string, CellInterface> &needed,
             const std::string &place);
/// The file of a library: a path, or <name>.lib in $NT_SPICE_PATH
/// (colon-separated), the installed share/nt/spice or the source tree's.
ntrt::Result<std::string> findCellFile(const std::string &nameOrPath);

/// The text of a cell library, checked to hold every subcircuit the emitter
/// instantiates with its ports and parameters.
class CellLibrary {
public:
  /// `nameOrPath` is a path to a file, or the name of a level ("behavioural")
  /// looked up as <dir>/<name>.lib in $NT_SPICE_PATH (colon-separated), the
  /// installed share/nt/spice and the source tree's.
  static ntrt::Result<CellLibrary> load(const std::string &nameOrPath);
  /// Checks library text; `place` names it in diagnostics. Reports every
  /// missing subcircuit, port and parameter (NT-SPICE-003).
  static ntrt::Result<CellLibrary> parse(std::string text,
                                         const std::string &place);

  /// Checks for the cells that netlists of chips need beside those of a core:
  /// the event fabric, held membranes, rewritable modulation (NT-SPICE-003).
  ntrt::Status checkChipCells() const;

  const std::string &text() const { return contents; }
  const std::map<std::string, CellInterface> &cells() const { return found; }

private:
  std::string contents, place;
  std::map<std::string, CellInterface> found;
};

} // namespace nt::spice

#endif // NT_TARGET_SPICE_CELLLIBRARY_H
