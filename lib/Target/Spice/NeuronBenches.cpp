//===- NeuronBenches.cpp - Benches of the neuron --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BenchText.h"
#include "nt/Target/Spice/SpiceNetlist.h"

#include <algorithm>
#include <cmath>

using namespace nt::spice;
using ntrt::DeviceModel;
using ntrt::Done;
using ntrt::Status;

namespace {

std::string number(double value) { return formatNumber(value); }

/// What stands around the neurons of a bench.
class NeuronBench {
public:
  NeuronBench(const std::string &name, const TransistorCells &cells,
              const DeviceModel &base)
      : base(base), kind(resetName(base)), vdd(cells.parameter("nt_vdd")),
        capacitance_F(cells.parameter("nt_cmem") +
                      base.coreAxons * cells.parameter("nt_row_c")) {
    text =
        benchHead(name, cells, base) +
        domainAt(
            number((base.synapseDomain.voltsMin + base.synapseDomain.voltsMax) /
                   2),
            "1") +
        "Vdn vdn 0 {nt_vdd}\nVth vth 0 " + number(base.neuron.vThreshold_V) +
        "\nVrst vrst 0 " + number(base.neuron.vReset_V) + "\nVrest vrest 0 " +
        number(base.neuron.vRest_V) + '\n' + quietRow("q");
  }

  /// A neuron, with its column of quiet, configured synapses unless `bare`;
  /// with `driven` a source holds its membrane.
  void neuron(const std::string &name, double start_V, bool bare = false,
              bool driven = false) {
    text += "X" + name + " mem" + name + " spk" + name +
            " vth vrest vrst clr blk pkt vbc vbl vbr vdn nt_neuron_" + kind +
            '\n';
    if (!bare)
      text += quietColumn(name, "mem" + name, "q", base.coreAxons);
    if (!driven)
      text += ".ic v(mem" + name + ")=" + number(start_V) + " v(spk" + name +
              ")=0\n";
  }

  std::string text;
  const DeviceModel &base;
  std::string kind;
  double vdd;
  /// What the sizes say of a membrane and its column; sets currents.
  double capacitance_F;
};

Bench transient(const std::string &name, NeuronBench &bench,
                const std::string &save, double stop_s) {
  Bench result;
  result.name = name;
  result.last = stop_s;
  std::string step = number(bench.base.slot_s / 100);
  result.netlist = bench.text + slotClocks(bench.kind, bench.base.slot_s) +
                   ".save " + save + "\n.tran " + step + ' ' + number(stop_s) +
                   " 0 " + step + "\n.end\n";
  return result;
}

/// Capacitance of a membrane with and without its column: a known charge in the
/// middle of a slot.
Bench capacitanceBench(const TransistorCells &cells, const DeviceModel &base) {
  NeuronBench around("membrane", cells, base);
  double start = base.neuron.vReset_V +
                 0.1 * (base.neuron.vThreshold_V - base.neuron.vReset_V);
  double slot = base.slot_s, current = 2e-8, width = 0.5 * slot;
  for (const char *name : {"a", "b"}) {
    around.neuron(name, start, /*bare=*/*name == 'b');
    around.text += std::string("I") + name + " 0 mem" + name + " PULSE(0 " +
                   number(current) + ' ' + number(0.2 * slot) + " 1e-9 1e-9 " +
                   number(width - 1e-9) + " 1)\n";
  }
  Bench bench = transient("membrane", around, "v(mema) v(memb)", slot);
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    double capacitance[2];
    for (int i : {0, 1}) {
      auto wave = waveOf(data, i ? "v(memb)" : "v(mema)");
      if (!wave)
        return wave.diagnostics();
      double from = 0.2 * slot, to = 0.71 * slot;
      // The drift before the pulse is what leaks.
      double drift = (wave->at(from) - wave->at(0.05 * slot)) / (0.15 * slot);
      double moved = wave->at(to) - wave->at(from) - drift * (to - from);
      if (!(moved > 0))
        return noFigure(bench.name, "the membrane does not move");
      capacitance[i] = current * width / moved;
    }
    found.add(Figure{"membrane_per_row",
                     (capacitance[0] - capacitance[1]) / base.coreAxons, "F",
                     "what one synapse adds to the membrane"});
    found.add(Figure{"/neuron/c_mem", capacitance[0], "F",
                     "5 us of 20 nA on the membrane, with its column of " +
                         std::to_string(base.coreAxons) + " synapses"});
    return Done{};
  };
  return bench;
}

/// Leak: what flows into a driven membrane, fitted by a straight line.
Bench leakBench(const TransistorCells &cells, const DeviceModel &base) {
  NeuronBench around("leak", cells, base);
  around.neuron("a", 0, /*bare=*/false, /*driven=*/true);
  double low = base.neuron.vReset_V - 0.2,
         high = base.neuron.vThreshold_V + 0.1;
  around.text += "Vm mem 0 " + number(low) +
                 "\nVa mem mema 0\n"
                 "Vclr clr 0 {nt_vdd}\nVblk blk 0 {nt_vdd}\nVpkt pkt 0 0\n";
  Bench bench;
  bench.name = "leak";
  bench.last = high;
  bench.netlist = around.text + ".save i(va)\n.dc Vm " + number(low) + ' ' +
                  number(high) + ' ' + number((high - low) / 60) + "\n.end\n";
  bench.evaluate = [=](const RawData &data, Measurements &found) -> Status {
    auto wave = waveOf(data, "i(va)");
    if (!wave)
      return wave.diagnostics();
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < wave->size(); ++i) {
      double x = wave->x(i), y = wave->y(i);
      found.point({"leak_current", "V", "A", "into a membrane with its column"},
                  x, y);
      if (x < base.neuron.vReset_V || x > base.neuron.vThreshold_V)
        continue;
      n += 1;
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    double zero = (sx - sy / slope) / n;
    if (!(slope > 0) || !std::isfinite(zero))
      return noFigure(bench.name, "the leak does not rise with the membrane");
    // The worst deviation of the straight line from the circuit.
    double worst = 0;
    for (size_t i = 0; i < wave->size(); ++i) {
      double x = wave->x(i);
      if (x < base.neuron.vReset_V || x > base.neuron.vThreshold_V)
        continue;
      worst = std::max(worst, std::abs(wave->y(i) - slope * (x - zero)));
    }
    found.add(Figure{"leak_error", worst, "A",
                     "largest deviation of the leak from its straight line"});
    found.add(Figure{"/neuron/g_leak", slope, "S",
                     "straight line through the membrane's current from "
                     "V_reset to V_th, column included"});
    found.add(Figure{"/neuron/v_rest", zero, "V", "where that line is 0"});
    return Done{};
  };
  return bench;
}

/// The threshold, approached slowly.
Bench thresholdBench(const TransistorCells &cells, const DeviceModel &base) {
  NeuronBench around("threshold", cells, base);
  double swing = base.neuron.vThreshold_V - base.neuron.vReset_V;
  around.neuron("a", base.neuron.vThreshold_V - 0.1 * swing);
  // Past the threshold within five slots.
  double current = 0.2 * swing * around.capacitance_F / (5 * base.slot_s);
  around.text += "Ia 0 mema " + number(current) + '\n';
  Bench bench =
      transient("threshold", around, "v(mema) v(spka)", 8 * base.slot_s);
  bench.evaluate = [=, vdd = around.vdd](const RawData &data,
                                         Measurements &found) -> Status {
    auto membrane = waveOf(data, "v(mema)"), spike = waveOf(data, "v(spka)");
    if (!membrane || !spike)
      return noFigure(bench.name, "a waveform is missing");
    auto fired = spike->crossings(vdd / 2, true);
    if (fired.empty())
      return noFigure(bench.name, "no spike");
    found.add(Figure{"/neuron/v_th", membrane->at(fired.front()), "V",
                     "membrane at the spike, rising slowly"});
    return Done{};
  };
  return bench;
}

/// Reset, hold, width and energy of spikes: constant currents, and none.
Bench spikeBench(const TransistorCells &cells, const DeviceModel &base) {
  NeuronBench around("spikes", cells, base);
  double swing = base.neuron.vThreshold_V - base.neuron.vReset_V;
  double slot = base.slot_s;
  bool hard = around.kind == "hard";
  // About one spike in 2.5 slots.
  double current = swing * around.capacitance_F / (2.5 * slot);
  constexpr int slots = 20;
  around.neuron("a", base.neuron.vInit_V);
  around.text += "Ia 0 mema " + number(current) + '\n';
  Bench bench =
      transient("spikes", around,
                "v(mema) v(spka) i(vdn) i(vclr) i(vblk) i(vpkt)", slots * slot);
  double clr = cells.parameter("nt_t_clr"), blk = cells.parameter("nt_t_blk");
  bench.evaluate = [=, vdd = around.vdd](const RawData &data,
                                         Measurements &found) -> Status {
    auto membrane = waveOf(data, "v(mema)"), spike = waveOf(data, "v(spka)"),
         supply = waveOf(data, "i(vdn)");
    if (!membrane || !spike || !supply)
      return noFigure(bench.name, "a waveform is missing");
    std::vector<double> rise = spike->crossings(vdd / 2, true),
                        fall = spike->crossings(vdd / 2, false);
    if (rise.size() < 3)
      return noFigure(bench.name, "fewer than three spikes");
    std::vector<double> levels, holds;
    for (size_t i = 0; i + 1 < rise.size(); ++i) {
      if (hard) {
        double from = rise[i], until = rise[i + 1];
        double level = membrane->least(from, until);
        // Back along the straight rise to where the hold ended.
        double t1 = from + 0.6 * (until - from),
               t2 = from + 0.8 * (until - from);
        double slope = (membrane->at(t2) - membrane->at(t1)) / (t2 - t1);
        double released = t1 - (membrane->at(t1) - level) / slope;
        levels.push_back(level);
        holds.push_back(released - from);
        continue;
      }
      // Across the packet, along the slope before it.
      double end = (std::floor(rise[i] / slot) + 1) * slot;
      double t1 = end - 0.12 * slot, t2 = end - clr / 2;
      if (rise[i] > end - blk - 0.1 * slot)
        continue;
      double before = std::max(rise[i], t1 - 0.2 * slot);
      double slope = (membrane->at(t1) - membrane->at(before)) / (t1 - before);
      levels.push_back(membrane->at(t1) + slope * (t2 - t1) - membrane->at(t2));
    }
    if (levels.empty())
      return noFigure(bench.name, "no spike whose reset can be seen");
    double level = 0, hold = 0;
    for (double value : levels)
      level += value / levels.size();
    for (double value : holds)
      hold += value / holds.size();
    found.add(Figure{hard ? "reset_level" : "packet_step", level, "V",
                     hard ? "membrane while held"
                          : "membrane step of a packet, mean"});
    if (hard)
      found.add(
          Figure{"/neuron/t_ref", hold, "s",
                 "from a spike to the membrane's rise, constant current"});
    if (!fall.empty()) {
      double width = 0;
      size_t count = std::min(rise.size(), fall.size());
      for (size_t i = 0; i < count; ++i)
        width += (fall[i] - rise[i]) / count;
      found.add(
          Figure{"spike_width", width, "s", "mean; it ends with its slot"});
    }
    double spent = -vdd * supply->integral(0, slots * slot);
    found.add(Figure{"spiking_energy", spent, "J",
                     "20 slots of the neuron with spikes"});
    found.add(Figure{"spikes", double(rise.size()), "1", "in 20 slots"});
    for (size_t i = 0; i < membrane->size(); ++i) {
      found.point({"neuron_membrane", "s", "V", "constant current"},
                  membrane->x(i), membrane->y(i));
      found.point({"neuron_spike", "s", "V", "constant current"}, spike->x(i),
                  spike->y(i));
    }
    return Done{};
  };
  return bench;
}

/// A neuron at rest, and the core's references.
Bench idleBench(const TransistorCells &cells, const DeviceModel &base) {
  NeuronBench around("idle", cells, base);
  around.neuron("a", base.neuron.vInit_V);
  // The domain has its own figure.
  around.text += "Vref vref 0 {nt_vdd}\nXb2 c2 l2 r2 n2 p2 vref nt_bias ir="
                 "{nt_ir_" +
                 around.kind + "}\n";
  double slot = base.slot_s;
  constexpr int slots = 4;
  Bench bench = transient(
      "idle", around, "i(vdn) i(vref) i(vclr) i(vblk) i(vpkt)", slots * slot);
  bench.evaluate = [=, vdd = around.vdd](const RawData &data,
                                         Measurements &found) -> Status {
    auto supply = waveOf(data, "i(vdn)"), references = waveOf(data, "i(vref)");
    if (!supply || !references)
      return noFigure(bench.name, "a waveform is missing");
    double energy = -vdd * supply->integral(slot, slots * slot);
    for (const char *clock : {"i(vclr)", "i(vblk)"}) {
      auto wave = waveOf(data, clock);
      if (wave)
        energy += vdd * wave->positiveIntegral(slot, slots * slot, -1);
    }
    double perSlot = energy / (slots - 1);
    double bias = -vdd * references->at(2.5 * slot);
    found.add(Figure{"slot_energy", perSlot, "J",
                     "one neuron at rest and its clocks, one slot"});
    found.add(Figure{"bias_power", bias, "W", "the core's references"});
    found.add(Figure{"/energy/static_per_core",
                     base.coreNeurons * perSlot / slot + bias, "W",
                     std::to_string(base.coreNeurons) +
                         " neurons at rest, their clocks and the core's "
                         "references"});
    return Done{};
  };
  return bench;
}

/// The largest sustained rate, and the rate against the current.
Bench rateBench(const TransistorCells &cells, const DeviceModel &base) {
  NeuronBench around("rates", cells, base);
  double swing = base.neuron.vThreshold_V - base.neuron.vReset_V;
  double slot = base.slot_s, unit = swing * around.capacitance_F / slot;
  constexpr int slots = 12;
  const double drive[] = {0.15, 0.4, 1.0, 2.0};
  std::string save;
  for (size_t i = 0; i < std::size(drive); ++i) {
    std::string name = std::to_string(i);
    around.neuron(name, base.neuron.vInit_V);
    around.text +=
        "I" + name + " 0 mem" + name + ' ' + number(drive[i] * unit) + '\n';
    save += " v(spk" + name + ")";
  }
  Bench bench = transient("rates", around, save.substr(1), slots * slot);
  bench.evaluate =
      [=, vdd = around.vdd,
       drive = std::vector<double>(std::begin(drive), std::end(drive))](
          const RawData &data, Measurements &found) -> Status {
    double largest = 0;
    for (size_t i = 0; i < drive.size(); ++i) {
      auto spike = waveOf(data, "v(spk" + std::to_string(i) + ")");
      if (!spike)
        return spike.diagnostics();
      double rate = spike->crossings(vdd / 2, true).size() / (slots * slot);
      found.point({"rate", "A", "Hz", "constant current, 12 slots"},
                  drive[i] * unit, rate);
      largest = std::max(largest, rate);
    }
    if (!(largest > 0))
      return noFigure(bench.name, "no spike");
    // Found as a count in a finite time: it cannot exceed one spike a slot.
    found.add(Figure{"/neuron/max_rate", std::min(largest, 1 / slot), "Hz",
                     "most spikes in 12 slots at up to twice a threshold "
                     "charge a slot"});
    return Done{};
  };
  return bench;
}

/// Rate against the volts of a modulation domain, word 7.
Bench modulationRateBench(const TransistorCells &cells,
                          const DeviceModel &base) {
  NeuronBench around("modulation-rates", cells, base);
  const ntrt::DomainModel &domain = base.modulationDomain;
  constexpr int slots = 20;
  std::vector<double> grid;
  std::string save;
  for (double part : {0.4, 0.55, 0.7, 0.85, 1.0}) {
    std::string name = std::to_string(grid.size());
    grid.push_back(domain.voltsMin +
                   part * (domain.voltsMax - domain.voltsMin));
    around.neuron(name, base.neuron.vReset_V);
    around.text +=
        "Vset" + name + " set" + name + " 0 " + number(grid.back()) + "\nXdom" +
        name + " set" + name + " bn" + name + " bp" + name +
        " casn bufn bufp vsn vsp vdd nt_domain ratio={nt_mod_ratio}\n"
        "Xmod" +
        name + " mem" + name + codeBits(7, "casn", "casp") + " bn" + name +
        " bp" + name + " vsn vsp vdd nt_modulator\n";
    save += " v(spk" + name + ")";
  }
  Bench bench = transient("modulation-rates", around, save.substr(1),
                          slots * base.slot_s);
  bench.evaluate = [=, vdd = around.vdd](const RawData &data,
                                         Measurements &found) -> Status {
    for (size_t i = 0; i < grid.size(); ++i) {
      auto spike = waveOf(data, "v(spk" + std::to_string(i) + ")");
      if (!spike)
        return spike.diagnostics();
      // Between the first and the last spike; whole counts would be coarse.
      auto times = spike->crossings(vdd / 2, true);
      double rate = times.size() > 1
                        ? (times.size() - 1) / (times.back() - times.front())
                    : times.empty() ? 0
                                    : 1 / times.front();
      found.point({"modulation_rate", "V", "Hz",
                   "modulation word 7, no synaptic events, 20 slots"},
                  grid[i], rate);
    }
    return Done{};
  };
  return bench;
}

/// Comparators with drawn V_th.
Bench offsetBench(const TransistorCells &cells, const DeviceModel &base,
                  const CharacterizationOptions &options) {
  Bench bench;
  bench.name = "mismatch-thresholds";
  double threshold = base.neuron.vThreshold_V, span = 0.06;
  std::string text = benchHead(bench.name, cells, base, true, options.seed) +
                     "Vm mem 0 0\nVth vth 0 " + number(threshold) + '\n';
  std::string save = ".save";
  unsigned count = options.mismatchSamples;
  for (unsigned i = 0; i < count; ++i) {
    std::string name = std::to_string(i);
    text += "X" + name + " mem vth o" + name + " vbc vdd nt_comparator\n";
    save += " v(o" + name + ")";
    if (i % 8 == 7)
      save += "\n+";
  }
  bench.last = threshold + span;
  bench.netlist = text + save + "\n.dc Vm " + number(threshold - span) + ' ' +
                  number(threshold + span) + ' ' + number(span / 60) +
                  "\n.end\n";
  bench.evaluate = [=, vdd = cells.parameter("nt_vdd")](
                       const RawData &data, Measurements &found) -> Status {
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < count; ++i) {
      auto out = waveOf(data, "v(o" + std::to_string(i) + ")");
      if (!out)
        return out.diagnostics();
      // Where the gate behind the comparator trips.
      auto trips = out->crossings(0.75 * vdd, false);
      if (trips.size() != 1)
        return noFigure(bench.name, "comparator " + std::to_string(i) +
                                        " does not trip once within 60 mV");
      sum += trips.front();
      squares += trips.front() * trips.front();
    }
    double mean = sum / count;
    found.add(Figure{"/neuron/threshold_sigma",
                     std::sqrt(std::max(0.0, squares / count - mean * mean) *
                               count / (count - 1)),
                     "V",
                     "Monte Carlo of " + std::to_string(count) +
                         " comparators, A_vt 4.5 mV um assumed"});
    return Done{};
  };
  return bench;
}

} // namespace

std::vector<Bench>
nt::spice::neuronBenches(const TransistorCells &cells, const DeviceModel &base,
                         const CharacterizationOptions &options) {
  std::vector<Bench> benches{
      capacitanceBench(cells, base),   leakBench(cells, base),
      thresholdBench(cells, base),     spikeBench(cells, base),
      idleBench(cells, base),          rateBench(cells, base),
      modulationRateBench(cells, base)};
  if (options.mismatchSamples > 1)
    benches.push_back(offsetBench(cells, base, options));
  return benches;
}
