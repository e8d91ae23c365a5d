//===- SourceBenches.cpp - Benches of sources, domains and DACs -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BenchText.h"
#include "nt/Target/Spice/SpiceNetlist.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace nt::spice;
using ntrt::DeviceModel;
using ntrt::DomainModel;
using ntrt::Done;
using ntrt::Status;

namespace {

/// The codes whose events are measured: each digit of each sign, and all.
constexpr std::array<int, 8> kEventCodes = {7, -7, 1, -1, 2, -2, 4, -4};
constexpr int kRows = 16;

std::string number(double value) { return formatNumber(value); }

std::string volts(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// The middle of what the membrane does.
double middle(const DeviceModel &base) {
  return (base.neuron.vReset_V + base.neuron.vThreshold_V) / 2;
}

/// A column held at constant volts by an ammeter.
std::string heldColumn(const std::string &name, double level_V) {
  return "V" + name + ' ' + name + " 0 " + number(level_V) + '\n';
}

std::vector<double> voltGrid(const DomainModel &domain, unsigned points) {
  std::vector<double> grid;
  for (unsigned i = 0; i < points; ++i)
    grid.push_back(domain.voltsMin +
                   (domain.voltsMax - domain.voltsMin) * i / (points - 1));
  return grid;
}

/// INL and DNL in LSB of the codes that digit currents make up, with the LSB of
/// the end points. digits[k] and digits[3 + k] source and sink 2^k.
std::pair<double, double> nonlinearity(const std::array<double, 6> &digits,
                                       double &lsb) {
  auto current = [&](int code) {
    double sum = 0;
    for (int k = 0; k < 3; ++k)
      if (std::abs(code) >> k & 1)
        sum += digits[code > 0 ? k : 3 + k];
    return sum;
  };
  lsb = (current(7) - current(-7)) / 14;
  double inl = 0, dnl = 0;
  for (int code = -7; code <= 7; ++code) {
    inl = std::max(inl, std::abs(current(code) / lsb - code));
    if (code < 7)
      dnl = std::max(dnl,
                     std::abs((current(code + 1) - current(code)) / lsb - 1));
  }
  return {inl, dnl};
}

/// Digit currents against the domain's volts, of synapses whose row is on or of
/// modulators.
Bench digitBench(const TransistorCells &cells, const DeviceModel &base,
                 const CharacterizationOptions &options, bool modulation) {
  const DomainModel &domain =
      modulation ? base.modulationDomain : base.synapseDomain;
  Bench bench;
  bench.name = modulation ? "modulation-currents" : "synapse-currents";
  std::string text =
      benchHead(bench.name, cells, base) +
      domainAt(number(domain.voltsMin), modulation ? "{nt_mod_ratio}" : "1");
  if (!modulation)
    text += "Vrn rnon 0 {nt_vcn}\nVrp rpon 0 {nt_vcp}\n";
  std::string save = ".save";
  for (int k = 0; k < 6; ++k) {
    int code = k < 3 ? 1 << k : -(1 << (k - 3));
    std::string name = "c" + std::to_string(k);
    text += heldColumn(name, middle(base));
    if (modulation)
      text += "X" + name + ' ' + name + codeBits(code, "casn", "casp") +
              " vbn vbp vsn vsp vdd nt_modulator\n";
    else
      text += synapseLine(name, name, "on", code);
    save += " i(v" + name + ")";
  }
  double step = (domain.voltsMax - domain.voltsMin) / (options.curvePoints - 1);
  bench.netlist = text + save + "\n.dc Vset " + number(domain.voltsMin) + ' ' +
                  number(domain.voltsMax) + ' ' + number(step) + "\n.end\n";
  bench.last = domain.voltsMax;
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    std::string kind = modulation ? "modulation" : "synapse";
    double worstInl = 0, worstDnl = 0;
    for (size_t point = 0; point < data.points; ++point) {
      std::array<double, 6> digits;
      for (int k = 0; k < 6; ++k) {
        size_t variable = data.find("i(vc" + std::to_string(k) + ")");
        if (variable == data.names.size())
          return noFigure(bench.name, "no current of a column");
        digits[k] = data.at(point, variable);
      }
      double lsb, set = data.at(point, 0);
      auto [inl, dnl] = nonlinearity(digits, lsb);
      if (!(lsb > 0))
        return noFigure(bench.name, "no LSB current at " + volts(set) + " V");
      auto add = [&](const char *what, const char *unit, double value) {
        found.point({kind + '_' + what, "V", unit,
                     "constant current, column half way from V_reset to V_th"},
                    set, value);
      };
      add("dc_lsb", "A", lsb);
      add("inl", "LSB", inl);
      add("dnl", "LSB", dnl);
      for (int k = 0; k < 3; ++k) {
        add(("source_digit" + std::to_string(k)).c_str(), "A", digits[k]);
        add(("sink_digit" + std::to_string(k)).c_str(), "A", -digits[3 + k]);
      }
      worstInl = std::max(worstInl, inl);
      worstDnl = std::max(worstDnl, dnl);
    }
    found.add(Figure{kind + "_inl", worstInl, "LSB",
                     "largest over codes -7 to 7 and all volts, constant "
                     "current"});
    found.add(Figure{kind + "_dnl", worstDnl, "LSB",
                     "largest over codes -7 to 7 and all volts, constant "
                     "current"});
    return Done{};
  };
  return bench;
}

/// The charge and the energy of one event of each code at one volt.
Bench eventBench(const TransistorCells &cells, const DeviceModel &base,
                 double set_V) {
  Bench bench;
  bench.name = "events-" + volts(set_V) + "V";
  double slot = base.slot_s, pulse = base.synapse.pulseWidth_s;
  std::string text = benchHead(bench.name, cells, base) +
                     domainAt(number(set_V), "1") +
                     heldColumn("col", middle(base)) + quietRow("q");
  std::string save = ".save i(vcol) i(vdd) i(vsp)";
  for (int row = 0; row < kRows; ++row) {
    bool pulsed = row < int(kEventCodes.size());
    std::string name = pulsed ? std::to_string(row) : std::string("q");
    if (pulsed) {
      text += pulsedRow(name, 2 * (row + 1) * slot, pulse);
      save += " i(vrn" + name + ") i(vrp" + name + ")";
    }
    text += synapseLine("s" + std::to_string(row), "col", name,
                        pulsed ? kEventCodes[row] : (row & 1 ? 3 : -3));
  }
  bench.last = 2 * (kEventCodes.size() + 1) * slot;
  double vdd = cells.parameter("nt_vdd"), vsp = cells.parameter("nt_vsp"),
         vcn = cells.parameter("nt_vcn");
  std::string step = number(pulse / 10);
  bench.netlist = text + save + "\n.tran " + step + ' ' + number(bench.last) +
                  " 0 " + step + "\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    auto column = waveOf(data, "i(vcol)"), supply = waveOf(data, "i(vdd)"),
         sources = waveOf(data, "i(vsp)");
    if (!column || !supply || !sources)
      return noFigure(bench.name, "a waveform is missing");
    std::map<int, double> charge;
    double energy = 0;
    for (size_t row = 0; row < kEventCodes.size(); ++row) {
      double start = 2 * (row + 1) * slot, from = start - 0.2 * slot,
             to = start + pulse + 0.5 * slot;
      double rest = column->at(from);
      charge[kEventCodes[row]] =
          column->integral(from, to) - rest * (to - from);
      auto delivered = [&](const Wave &wave, double level_V) {
        return -level_V *
               (wave.integral(from, to) - wave.at(from) * (to - from));
      };
      std::string name = std::to_string(row);
      auto rn = waveOf(data, "i(vrn" + name + ")"),
           rp = waveOf(data, "i(vrp" + name + ")");
      if (!rn || !rp)
        return noFigure(bench.name, "a waveform is missing");
      // A driver gives the charge of a rising row line and takes that of a
      // falling one to ground: only what is given counts.
      energy += delivered(*supply, vdd) + delivered(*sources, vsp) +
                vcn * rn->positiveIntegral(from, to, -1) +
                vdd * rp->positiveIntegral(from, to, -1);
    }
    double unit = (charge[7] - charge[-7]) / 14;
    if (!(unit > 0))
      return noFigure(bench.name, "no charge of an event");
    double error = 0;
    for (auto [code, value] : charge)
      error = std::max(error, std::abs(value / unit - code));
    auto add = [&](const char *name, const char *unitName, const char *what,
                   double value) {
      found.point({name, "V", unitName, what}, set_V, value);
    };
    add("event_lsb", "A",
        "charge of lone events of codes 7 and -7, divided by 14 pulse widths",
        unit / pulse);
    add("event_inl", "LSB",
        "largest error of the charge of events of codes 1, 2, 4, 7 of both "
        "signs",
        error);
    add("event_asymmetry", "1",
        "charge of events of 7 and -7 together, of their mean",
        (charge[7] + charge[-7]) / (7 * unit));
    add("event_offset", "C",
        "charge of events of code 1 and -1 beyond the curve's",
        (charge[1] - charge[-1]) / 2 - unit);
    add("event_energy", "J",
        "supplies and row lines, mean of one event of codes 1, 2, 4, 7 of both "
        "signs",
        energy / kEventCodes.size());
    return Done{};
  };
  return bench;
}

/// Capacitance of a synapse's two bias lines.
Bench lineBench(const TransistorCells &cells, const DeviceModel &base) {
  Bench bench;
  bench.name = "bias-lines";
  std::string text = benchHead(bench.name, cells, base) +
                     heldColumn("col", middle(base)) + quietRow("q") +
                     "Vbn vbn 0 PWL(0 0.35 1e-6 0.35 2e-6 0.45)\n"
                     "Vbp vbp 0 PWL(0 1.35 1e-6 1.35 2e-6 1.25)\n";
  for (int row = 0; row < kRows; ++row)
    text +=
        synapseLine("s" + std::to_string(row), "col", "q", row & 1 ? 3 : -3);
  bench.last = 2e-6;
  bench.netlist = text + ".save i(vbn) i(vbp)\n.tran 2e-8 2e-6 0 2e-8\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    for (const char *line : {"vbn", "vbp"}) {
      auto wave = waveOf(data, std::string("i(") + line + ")");
      if (!wave)
        return wave.diagnostics();
      // 0.1 V in 1 us.
      found.add(Figure{std::string("line_capacitance_") + line,
                       std::abs(wave->integral(1e-6, 2e-6)) / 0.1 / kRows, "F",
                       "of one synapse, 0.1 V ramp"});
    }
    return Done{};
  };
  return bench;
}

/// Where the columns' current leaves 10 % of its middle value.
Bench complianceBench(const TransistorCells &cells, const DeviceModel &base,
                      double set_V) {
  Bench bench;
  bench.name = "compliance";
  std::string text =
      benchHead(bench.name, cells, base) + domainAt(number(set_V), "1") +
      "Vrn rnon 0 {nt_vcn}\nVrp rpon 0 {nt_vcp}\n"
      "Vcol col 0 0\nVa col a 0\nVb col b 0\n" +
      synapseLine("a", "a", "on", 7) + synapseLine("b", "b", "on", -7);
  double vdd = cells.parameter("nt_vdd");
  bench.last = vdd;
  bench.netlist = text + ".save i(va) i(vb)\n.dc Vcol 0 " + number(vdd) + ' ' +
                  number(vdd / 90) + "\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    auto source = waveOf(data, "i(va)"), sink = waveOf(data, "i(vb)");
    if (!source || !sink)
      return noFigure(bench.name, "a waveform is missing");
    auto range = [&](const Wave &wave) {
      double nominal = wave.at(middle(base));
      double low = vdd, high = 0;
      for (size_t i = 0; i < wave.size(); ++i)
        if (std::abs(wave.y(i) / nominal - 1) <= 0.1) {
          low = std::min(low, wave.x(i));
          high = std::max(high, wave.x(i));
        }
      return std::pair(low, high);
    };
    for (size_t i = 0; i < source->size(); ++i) {
      found.point({"compliance_source", "V", "A", "code 7"}, source->x(i),
                  -source->y(i));
      found.point({"compliance_sink", "V", "A", "code -7"}, sink->x(i),
                  sink->y(i));
    }
    found.add(Figure{"compliance_low", range(*sink).first, "V",
                     "lowest column voltage with a sinking current within "
                     "10 %"});
    found.add(Figure{"compliance_high", range(*source).second, "V",
                     "highest column voltage with a sourcing current within "
                     "10 %"});
    return Done{};
  };
  return bench;
}

/// Half the rows of a column at once: what events do to each other.
Bench crowdingBench(const TransistorCells &cells, const DeviceModel &base,
                    double set_V, double lone_A) {
  Bench bench;
  bench.name = "crowding";
  double slot = base.slot_s, pulse = base.synapse.pulseWidth_s;
  std::string text =
      benchHead(bench.name, cells, base) + domainAt(number(set_V), "1") +
      heldColumn("col", middle(base)) + quietRow("q") +
      pulsedRow("a", 2 * slot, pulse) + pulsedRow("b", 4 * slot, pulse);
  for (int row = 0; row < kRows; ++row)
    text += synapseLine("s" + std::to_string(row), "col", row & 1 ? "b" : "a",
                        row & 1 ? -3 : 3);
  bench.last = 6 * slot;
  std::string step = number(pulse / 10);
  bench.netlist = text + ".save i(vcol)\n.tran " + step + ' ' +
                  number(bench.last) + " 0 " + step + "\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    auto column = waveOf(data, "i(vcol)");
    if (!column)
      return column.diagnostics();
    double worst = 0;
    for (int event = 0; event < 2; ++event) {
      double from = (2 * event + 1.8) * slot, to = from + pulse + 0.7 * slot;
      double charge =
          column->integral(from, to) - column->at(from) * (to - from);
      double wanted = (event ? -3 : 3) * (kRows / 2) * lone_A * pulse;
      worst = std::max(worst, std::abs(charge / wanted - 1));
    }
    found.add(Figure{"crowding_error", worst, "1",
                     "charge of events of code 3 in half the rows at once, "
                     "beyond that of lone ones"});
    return Done{};
  };
  return bench;
}

/// A domain's buffers and lines with the load of the device's array: settling,
/// power.
Bench settlingBench(const TransistorCells &cells, const DeviceModel &base,
                    const Measurements &measured, bool modulation,
                    double set_V) {
  const DomainModel &domain =
      modulation ? base.modulationDomain : base.synapseDomain;
  Bench bench;
  bench.name = modulation ? "modulation-settling" : "synapse-settling";
  double cells_ = double(modulation ? 1 : base.coreAxons) * base.coreNeurons /
                  domain.countPerCore;
  unsigned drive = domainDrive(cells_);
  auto load = [&](const char *line) {
    return number(cells_ *
                  measured.value(std::string("line_capacitance_") + line));
  };
  constexpr double hold = 4e-3, edge = 1e-6;
  double vdd = cells.parameter("nt_vdd");
  const double steps[] = {domain.voltsMin, set_V, domain.voltsMax, set_V,
                          domain.voltsMin};
  std::string ramp;
  for (int i = 0; i < 5; ++i)
    ramp += ' ' + number(i * hold + (i ? edge : 0)) + ' ' + number(steps[i]) +
            ' ' + number((i + 1) * hold) + ' ' + number(steps[i]);
  std::string text =
      benchHead(bench.name, cells, base) + "Vset vset 0 PWL(" + ramp.substr(1) +
      ")\nVdom vdom 0 {nt_vdd}\n" +
      "Xdom vset vbn vbp casn bufn bufp vsn vsp vdom nt_domain ratio=" +
      (modulation ? "{nt_mod_ratio}" : "1") +
      " drive=" + std::to_string(drive) + "\nCn vbn 0 " + load("vbn") +
      "\nCp vbp 0 " + load("vbp") +
      "\nVrn rnon 0 {nt_vcn}\nVrp rpon 0 {nt_vcp}\n" +
      heldColumn("a", middle(base)) + heldColumn("b", middle(base)) +
      synapseLine("a", "a", "on", 7) + synapseLine("b", "b", "on", -7);
  bench.last = 5 * hold;
  bench.netlist = text + ".save i(va) i(vb) i(vdom) i(vset)\n.tran 1e-5 " +
                  number(bench.last) + " 0 2e-5\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    double slowest = 0;
    for (const char *name : {"i(va)", "i(vb)"}) {
      auto wave = waveOf(data, name);
      if (!wave)
        return wave.diagnostics();
      for (int i = 1; i < 5; ++i) {
        double start = i * hold, end = (i + 1) * hold, last = wave->at(end);
        double settled = start;
        for (size_t point = 0; point < wave->size(); ++point)
          if (wave->x(point) > start && wave->x(point) < end &&
              std::abs(wave->y(point) / last - 1) > 0.02)
            settled = wave->x(point);
        slowest = std::max(slowest, settled - start);
      }
    }
    if (slowest > 0.9 * hold)
      return noFigure(bench.name, "not settled within 4 ms");
    auto power = waveOf(data, "i(vdom)"), set = waveOf(data, "i(vset)");
    if (!power || !set)
      return noFigure(bench.name, "a waveform is missing");
    std::string kind = modulation ? "/domains/modulation" : "/domains/synapse";
    char load[96];
    std::snprintf(load, sizeof load, "%.0f %s a domain, %u buffers in parallel",
                  cells_, modulation ? "modulators" : "synapses", drive);
    found.add(Figure{kind + "/settling", slowest, "s",
                     std::string("to 2 % after steps over the whole range, ") +
                         load});
    double when = 1.99 * hold;
    found.add(Figure{kind + "/static_power",
                     -vdd * power->at(when) - set_V * set->at(when), "W",
                     "at " + volts(set_V) + " V, " + load});
    return Done{};
  };
  return bench;
}

/// The DAC's staircase, alone and with a synapse domain as load.
Bench dacBench(const TransistorCells &cells, const DeviceModel &base) {
  const DomainModel &domain = base.synapseDomain;
  Bench bench;
  bench.name = "dac";
  constexpr double step = 1e-5;
  std::string text = benchHead(bench.name, cells, base), bits;
  for (int k = 0; k < 7; ++k) {
    std::string bit = "b" + std::to_string(k);
    double half = step * (1 << k);
    bits += ' ' + bit;
    text += "V" + bit + ' ' + bit + " 0 PULSE(0 {nt_vdd} " + number(half) +
            " 1e-8 1e-8 " + number(half - 1e-8) + ' ' + number(2 * half) +
            ")\n";
  }
  text += "Vlo vlo 0 " + number(domain.voltsMin) + "\nVhi vhi 0 " +
          number(domain.voltsMin +
                 (domain.voltsMax - domain.voltsMin) * 128 / 127) +
          "\nXfree" + bits + " vlo vhi free bufn vdd nt_dac\nXload" + bits +
          " vlo vhi vset bufn vdd nt_dac\n"
          "Xdom vset vbn vbp casn bufn bufp vsn vsp vdd nt_domain\n";
  bench.last = 128 * step;
  bench.netlist = text + ".save v(free) v(vset)\n.tran 1e-6 " +
                  number(bench.last) + " 0 1e-6\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    auto loaded = waveOf(data, "v(vset)"), free = waveOf(data, "v(free)");
    if (!loaded || !free)
      return noFigure(bench.name, "a waveform is missing");
    double lsb = (domain.voltsMax - domain.voltsMin) / 127;
    double inl = 0, dnl = 0, droop = 0, before = 0;
    for (int code = 0; code < 128; ++code) {
      double when = (code + 0.95) * step, is = loaded->at(when);
      double wanted = domain.voltsMin + code * lsb;
      found.point({"dac_volts", "1", "V", "loaded with a domain"}, code, is);
      inl = std::max(inl, std::abs(is - wanted) / lsb);
      if (code)
        dnl = std::max(dnl, std::abs((is - before) / lsb - 1));
      droop = std::max(droop, std::abs(is - free->at(when)));
      before = is;
    }
    found.add(Figure{"dac_inl", inl, "LSB",
                     "against the straight line of "
                     "volts_min to volts_max"});
    found.add(Figure{"dac_dnl", dnl, "LSB", "of 128 codes"});
    found.add(Figure{"supply_droop", droop, "V",
                     "largest change of the DAC's volts by a domain's load"});
    return Done{};
  };
  return bench;
}

/// Unit sources with drawn V_th, side by side.
Bench mismatchBench(const TransistorCells &cells, const DeviceModel &base,
                    const CharacterizationOptions &options, double set_V) {
  Bench bench;
  bench.name = "mismatch-sources";
  std::string text = benchHead(bench.name, cells, base, true, options.seed) +
                     domainAt(number(set_V), "1") +
                     "Vrn rnon 0 {nt_vcn}\nVrp rpon 0 {nt_vcp}\n";
  std::string save = ".save";
  for (unsigned i = 0; i < options.mismatchSamples; ++i)
    for (bool sourcing : {true, false}) {
      std::string name = (sourcing ? "p" : "n") + std::to_string(i);
      text += heldColumn("c" + name, middle(base)) + "X" + name + " c" + name +
              " rnon rpon " + (sourcing ? "0 0" : "vdd vdd") +
              " vbn vbp vsn vsp vdd nt_source\n";
      save += " i(vc" + name + ")";
      if (i % 8 == 7)
        save += "\n+";
    }
  bench.last = set_V;
  bench.netlist = text + save + "\n.dc Vset " + number(set_V - 0.01) + ' ' +
                  number(set_V) + " 0.01\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    double worst = 0;
    for (const char *kind : {"p", "n"}) {
      double sum = 0, squares = 0;
      for (unsigned i = 0; i < options.mismatchSamples; ++i) {
        size_t variable = data.find("i(vc" + (kind + std::to_string(i)) + ")");
        if (variable == data.names.size())
          return noFigure(bench.name, "no current of a source");
        double current = data.at(data.points - 1, variable);
        sum += current;
        squares += current * current;
      }
      double count = options.mismatchSamples, mean = sum / count;
      double sigma = std::sqrt(std::max(0.0, squares / count - mean * mean) *
                               count / (count - 1)) /
                     std::abs(mean);
      found.add(Figure{*kind == 'p' ? "mismatch_sigma_sourcing"
                                    : "mismatch_sigma_sinking",
                       sigma, "1", "one unit source"});
      worst = std::max(worst, sigma);
    }
    found.add(Figure{"/synapse/mismatch_sigma", worst, "1",
                     "Monte Carlo of " +
                         std::to_string(options.mismatchSamples) +
                         " unit sources of each polarity at " + volts(set_V) +
                         " V, the larger sigma, A_vt 4.5 mV um assumed"});
    return Done{};
  };
  return bench;
}

} // namespace

unsigned nt::spice::domainDrive(double cells) {
  return std::max(1u, unsigned(std::ceil(cells / 2560)));
}

std::vector<Bench>
nt::spice::sourceBenches(const TransistorCells &cells, const DeviceModel &base,
                         const CharacterizationOptions &options) {
  std::vector<Bench> benches;
  for (double set : voltGrid(base.synapseDomain, options.curvePoints))
    benches.push_back(eventBench(cells, base, set));
  benches.push_back(digitBench(cells, base, options, false));
  benches.push_back(digitBench(cells, base, options, true));
  benches.push_back(lineBench(cells, base));
  benches.push_back(dacBench(cells, base));
  return benches;
}

std::vector<Bench> nt::spice::dependentSourceBenches(
    const TransistorCells &cells, const DeviceModel &base,
    const CharacterizationOptions &options, const Measurements &measured) {
  std::vector<Bench> benches;
  const Curve *lsb = measured.curve("event_lsb");
  if (!lsb || lsb->x.empty())
    return benches;
  // The measured volts whose LSB is nearest to kEventLsb_A.
  size_t nearest = 0;
  for (size_t i = 0; i < lsb->y.size(); ++i)
    if (std::abs(std::log(lsb->y[i] / kEventLsb_A)) <
        std::abs(std::log(lsb->y[nearest] / kEventLsb_A)))
      nearest = i;
  double set = lsb->x[nearest];
  benches.push_back(complianceBench(cells, base, set));
  benches.push_back(crowdingBench(cells, base, set, lsb->y[nearest]));
  if (measured.find("line_capacitance_vbn"))
    for (bool modulation : {false, true})
      benches.push_back(settlingBench(cells, base, measured, modulation, set));
  if (options.mismatchSamples > 1)
    benches.push_back(mismatchBench(cells, base, options, set));
  return benches;
}
