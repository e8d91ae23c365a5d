//===- TransistorCells.h - Transistor-level cells ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_TRANSISTORCELLS_H
#define NT_TARGET_SPICE_TRANSISTORCELLS_H

#include "ntrt/DeviceModel.h"

#include <string>

namespace nt::spice {

/// Which cells on which transistors.
struct TransistorCellsOptions {
  /// "mos": NT's own model cards of a corner; "pdk": a foundry's library.
  std::string level = "mos";
  /// "tt", "ss" or "ff" for "mos"; a word for the report otherwise.
  std::string corner = "tt";
  double temperature_C = 27;
  /// Cell file in place of the installed mos.lib.
  std::string cells;
  /// For "pdk": the foundry's library, its section, its transistor models.
  std::string pdkLibrary, pdkSection, nfet, pfet;
};

/// The text that a netlist of transistors starts with: device library, cells,
/// temperature. Checked to hold every cell NT instantiates, with its ports.
class TransistorCells {
public:
  /// Reports all misfits at once: an unknown level or corner (NT-SPICE-022), a
  /// missing file, a missing subcircuit or port (NT-SPICE-003), a section or
  /// model the foundry's library does not name (NT-SPICE-023).
  static ntrt::Result<TransistorCells>
  load(const TransistorCellsOptions &options);

  /// For columns of `rows` synapses, to which the cells fit their packets and
  /// modulators. `mismatch` draws every transistor's V_th with the given seed.
  std::string preamble(uint32_t rows, bool mismatch = false,
                       unsigned seed = 1) const;
  /// A plain number that the devices or cells set with .param; NaN if neither
  /// does.
  double parameter(const std::string &name) const;
  /// For sources of figures: "mos cells, tt, 27 C".
  const std::string &description() const { return what; }
  const TransistorCellsOptions &options() const { return chosen; }

private:
  TransistorCellsOptions chosen;
  std::string devices, cells, what;
};

/// Options of the solver for transistors: currents of picoamperes count.
std::string transistorSolverOptions();

} // namespace nt::spice

#endif // NT_TARGET_SPICE_TRANSISTORCELLS_H
