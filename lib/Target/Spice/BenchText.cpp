//===- BenchText.cpp - Parts that benches share ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BenchText.h"
#include "nt/Target/Spice/SpiceNetlist.h"

#include <algorithm>

using namespace nt::spice;
using ntrt::DeviceModel;

const char *nt::spice::resetName(const DeviceModel &device) {
  return device.neuron.reset == ntrt::ResetKind::Hard ? "hard" : "subtract";
}

std::string nt::spice::benchHead(const std::string &title,
                                 const TransistorCells &cells,
                                 const DeviceModel &device, bool mismatch,
                                 unsigned seed) {
  return "NT bench: " + title + ", " + cells.description() + '\n' +
         cells.preamble(device.coreAxons, mismatch, seed) + R"(
Vdd vdd 0 {nt_vdd}
Vsn vsn 0 {nt_vsn}
Vsp vsp 0 {nt_vsp}
Vcn casn 0 {nt_vcn}
Vcp casp 0 {nt_vcp}
Xbias vbc vbl vbr bufn bufp vdd nt_bias ir={nt_ir_)" +
         resetName(device) + "}\n" + transistorSolverOptions();
}

std::string nt::spice::codeBits(int code, const std::string &nOn,
                                const std::string &pOn) {
  std::string n, p;
  for (int k = 0; k < 3; ++k) {
    bool used = std::abs(code) >> k & 1;
    n += ' ' + (used && code < 0 ? nOn : std::string("0"));
    p += ' ' + (used && code > 0 ? pOn : std::string("vdd"));
  }
  return n + p;
}

std::string nt::spice::synapseLine(const std::string &name,
                                   const std::string &column,
                                   const std::string &row, int code) {
  return "X" + name + ' ' + column + " rn" + row + " rp" + row +
         codeBits(code, "vdd", "0") + " vbn vbp vsn vsp vdd nt_synapse\n";
}

std::string nt::spice::quietRow(const std::string &row) {
  return "Vrn" + row + " rn" + row + " 0 0\nVrp" + row + " rp" + row +
         " 0 {nt_vdd}\n";
}

std::string nt::spice::quietColumn(const std::string &name,
                                   const std::string &column,
                                   const std::string &row, uint32_t rows) {
  // Of each polarity: two digits of three units on in half of the rows, one of
  // four units off there, three of seven units off in the other half.
  auto sources = [&](const char *instance, const std::string &nodes,
                     const char *cell, double units, double digits) {
    return instance + name + ' ' + column + nodes + ' ' + cell +
           " units=" + formatNumber(units * rows) +
           " digits=" + formatNumber(digits * rows) + '\n';
  };
  std::string n = " rn" + row + " vbn vsn", p = " rp" + row + " vbp vsp vdd";
  return sources("Xon", n + " vdd", "nt_sink", 1.5, 1) +
         sources("Xin", n, "nt_idle_sinks", 5.5, 2) +
         sources("Xop", p, "nt_sourcing", 1.5, 1) +
         sources("Xip", p, "nt_idle_sources", 5.5, 2);
}

std::string nt::spice::pulsedRow(const std::string &row, double start_s,
                                 double width_s) {
  // Edges of 5 ns; half of each counts as on.
  std::string times = ' ' + formatNumber(start_s) + " 5e-9 5e-9 " +
                      formatNumber(width_s - 5e-9) + " 1)\n";
  return "Vrn" + row + " rn" + row + " 0 PULSE(0 {nt_vcn}" + times + "Vrp" +
         row + " rp" + row + " 0 PULSE({nt_vdd} {nt_vcp}" + times;
}

std::string nt::spice::domainAt(const std::string &volts,
                                const std::string &ratio, unsigned drive) {
  return "Vset vset 0 " + volts +
         "\nXdom vset vbn vbp casn bufn bufp vsn vsp vdd nt_domain ratio=" +
         ratio + " drive=" + std::to_string(drive) + '\n';
}

std::string nt::spice::slotClocks(const std::string &kind, double slot_s) {
  std::string slot = formatNumber(slot_s);
  auto pulse = [&](const std::string &node, const std::string &high,
                   const std::string &before, const std::string &width) {
    return "V" + node + ' ' + node + " 0 PULSE(0 " + high + " {" + slot + '-' +
           before + "} 5e-9 5e-9 {" + width + "} " + slot + ")\n";
  };
  bool hard = kind == "hard";
  std::string blk = hard ? "nt_t_blk_hard" : "nt_t_blk";
  return pulse("clr", "{nt_vdd}", "nt_t_clr", "nt_t_clr") +
         pulse("blk", "{nt_vdd}", blk, blk) +
         (hard ? "Vpkt pkt 0 0\n"
               : pulse("pkt", "{nt_vcn}", "nt_t_pkt", "nt_w_pkt"));
}

double Wave::at(double when) const {
  size_t low = 0, high = size();
  while (low < high) {
    size_t middle = (low + high) / 2;
    (x(middle) < when ? low : high) = x(middle) < when ? middle + 1 : middle;
  }
  if (low == 0)
    return y(0);
  if (low == size())
    return y(size() - 1);
  double span = x(low) - x(low - 1);
  double part = span > 0 ? (when - x(low - 1)) / span : 1;
  return y(low - 1) + part * (y(low) - y(low - 1));
}

/// Trapezoids of f(y) over [from, to].
template <typename Function>
static double integrate(const Wave &wave, double from, double to,
                        const Function &f) {
  double sum = 0, time = from, value = f(wave.at(from));
  for (size_t i = 0; i < wave.size(); ++i) {
    if (wave.x(i) <= from)
      continue;
    double next = std::min(wave.x(i), to);
    double then = f(wave.at(next));
    sum += 0.5 * (value + then) * (next - time);
    time = next;
    value = then;
    if (wave.x(i) >= to)
      break;
  }
  return sum;
}

double Wave::integral(double from, double to) const {
  return integrate(*this, from, to, [](double value) { return value; });
}

double Wave::positiveIntegral(double from, double to, double sign) const {
  return integrate(*this, from, to,
                   [&](double value) { return std::max(0.0, sign * value); });
}

double Wave::least(double from, double to) const {
  double found = at(from);
  for (size_t i = 0; i < size(); ++i)
    if (x(i) >= from && x(i) <= to)
      found = std::min(found, y(i));
  return found;
}

double Wave::largest(double from, double to) const {
  double found = at(from);
  for (size_t i = 0; i < size(); ++i)
    if (x(i) >= from && x(i) <= to)
      found = std::max(found, y(i));
  return found;
}

std::vector<double> Wave::crossings(double level, bool rising) const {
  std::vector<double> found;
  for (size_t i = 1; i < size(); ++i) {
    double before = y(i - 1) - level, after = y(i) - level;
    if (rising ? before < 0 && after >= 0 : before >= 0 && after < 0)
      found.push_back(x(i - 1) + (x(i) - x(i - 1)) * before / (before - after));
  }
  return found;
}

ntrt::Result<Wave> nt::spice::waveOf(const RawData &data,
                                     const std::string &name) {
  size_t variable = data.find(name);
  if (variable == data.names.size() || !data.points)
    return noFigure(name, "the raw file has no such waveform");
  return Wave{&data, variable};
}

ntrt::Diagnostic nt::spice::noFigure(const std::string &bench,
                                     const std::string &detail) {
  return {ntrt::Diag::SpiceFigure, bench, detail};
}
