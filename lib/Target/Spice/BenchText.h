//===- BenchText.h - Parts that benches share -------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TARGET_SPICE_BENCHTEXT_H
#define NT_LIB_TARGET_SPICE_BENCHTEXT_H

#include "nt/Target/Spice/Characterization.h"

namespace nt::spice {

/// The LSB current at which an event's figures are given.
inline constexpr double kEventLsb_A = 5e-9;

/// Title, cells for the device's columns, rails and bias of a bench.
std::string benchHead(const std::string &title, const TransistorCells &cells,
                      const ntrt::DeviceModel &device, bool mismatch = false,
                      unsigned seed = 1);
/// The words of a code's configuration bits for an nt_synapse or nt_modulator:
/// n0.. then p0..; `nOn` is the node of a bit that sinks, `pOn` of one that
/// sources.
std::string codeBits(int code, const std::string &nOn, const std::string &pOn);
std::string synapseLine(const std::string &name, const std::string &column,
                        const std::string &row, int code);
/// A pair of row lines rn<row>, rp<row>: off, or one pulse of the given start
/// and width.
std::string quietRow(const std::string &row);
std::string pulsedRow(const std::string &row, double start_s, double width_s);
/// A column of `rows` quiet synapses, codes 3 and -3 by halves, as one of each
/// state of a source with multipliers: the same circuit in twelve transistors.
std::string quietColumn(const std::string &name, const std::string &column,
                        const std::string &row, uint32_t rows);
/// A domain at constant volts with its bias lines vbn and vbp.
std::string domainAt(const std::string &volts, const std::string &ratio,
                     unsigned drive = 1);
/// Clocks of a neuron: clr, blk, pkt, with the slot of the device.
std::string slotClocks(const std::string &kind, double slot_s);
const char *resetName(const ntrt::DeviceModel &device);

/// Waveform of a node or a source current.
struct Wave {
  const RawData *data;
  size_t variable;

  size_t size() const { return data->points; }
  double x(size_t point) const { return data->at(point, 0); }
  double y(size_t point) const { return data->at(point, variable); }
  /// Linear between points; the end values outside.
  double at(double x) const;
  /// Integral of y over [from, to].
  double integral(double from, double to) const;
  /// Of max(0, sign * y).
  double positiveIntegral(double from, double to, double sign) const;
  double least(double from, double to) const;
  double largest(double from, double to) const;
  /// x where y crosses `level` upward (rising) or downward.
  std::vector<double> crossings(double level, bool rising) const;
};
/// The wave of a name; NT-SPICE-024 if there is none.
ntrt::Result<Wave> waveOf(const RawData &data, const std::string &name);

ntrt::Diagnostic noFigure(const std::string &bench, const std::string &detail);

} // namespace nt::spice

#endif // NT_LIB_TARGET_SPICE_BENCHTEXT_H
