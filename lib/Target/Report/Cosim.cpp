//===- Cosim.cpp - What ntc cosim found, as page and JSON -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/Cosim.h"

#include "Sections.h"

#include "nt/Target/Report/Charts.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>

using namespace nt::report;
using namespace nt::spice;
using llvm::formatv;
namespace json = llvm::json;

double CosimReport::measuredEnergy_J(const CosimImage &image) const {
  const double charge_C =
      image.found.measuredCharge_C + image.found.modulationCharge_C +
      static_cast<double>(image.found.found) * device.thresholdCharge_C();
  return charge_C * device.neuron.railHigh_V;
}

double CosimReport::estimatedEnergy_J(const CosimImage &image) const {
  return static_cast<double>(image.synapticEvents) *
             device.energy.perSynapticEvent_J +
         static_cast<double>(image.found.simulated) * device.energy.perSpike_J;
}

CoreComparison CosimReport::total() const {
  std::vector<CoreComparison> parts;
  for (const CosimImage &image : images)
    parts.push_back(image.all);
  return mergeComparisons(parts, device.slot_s);
}

static std::string percent(double fraction) {
  return formatv("{0:f4} %", 100 * fraction).str();
}

static std::string cell(const std::string &text) {
  return "<td>" + escape(text) + "</td>";
}

static std::string tableHead(llvm::ArrayRef<const char *> names) {
  std::string head =
      "<div class=\"scroll\"><table class=\"figures\"><thead><tr>";
  for (const char *name : names)
    head += formatv("<th>{0}</th>", escape(name)).str();
  return head + "</tr></thead><tbody>";
}

static void writeImages(llvm::raw_ostream &out, const CosimReport &report) {
  out << "<section><h2>Spikes</h2>"
      << tableHead({"", "image", "task", "neurons with equal counts",
                    "spikes: simulator", "circuit", "time error: median",
                    "95 %", "largest", "energy: measured", "estimated"});
  for (const CosimImage &image : report.images) {
    const bool ok = image.found.passed();
    out << formatv("<tr class=\"{0}\"><td>{1}</td>", ok ? "ok" : "bad",
                   ok ? "ok" : "FAILED")
        << cell(std::to_string(image.image)) << cell("@" + image.found.task)
        << cell(formatv("{0} of {1}", image.found.equalCounts,
                        image.found.neurons))
        << cell(grouped(image.found.simulated))
        << cell(grouped(image.found.found))
        << cell(percent(image.all.medianTimeError))
        << cell(percent(image.all.p95TimeError))
        << cell(percent(image.all.maxTimeError))
        << cell(siUnit(report.measuredEnergy_J(image), "J"))
        << cell(siUnit(report.estimatedEnergy_J(image), "J")) << "</tr>";
  }
  const CoreComparison total = report.total();
  out << "</tbody></table></div>"
      << formatv("<p class=\"note\">Times are judged spike by spike up to a "
                 "neuron's first difference, as fractions of the mean "
                 "interval, {0}; the median must be within {1}. A difference "
                 "is excused where the membrane was within {2} of its "
                 "threshold.</p>",
                 siUnit(total.meanInterval_s, "s"),
                 percent(report.timeTolerance),
                 siUnit(report.marginTolerance_V, "V"))
      << "<p class=\"note\">Measured energy: the charge that the synapses' "
         "sources took from the supply (metered in the circuit), that of the "
         "modulation sources and of one reset packet a spike, times the upper "
         "rail. Not counted: comparators, clocks, registers, row drivers, DACs "
         "and bias branches, which have no supply at this level. Estimated: "
         "the device file's figures for events and spikes, which are those of "
         "transistor cells.</p></section>\n";
}

static void writeDifferences(llvm::raw_ostream &out,
                             const CosimReport &report) {
  out << "<section><h2>Differences</h2>";
  bool any = false;
  for (const CosimImage &image : report.images)
    any |= !image.found.deviations.empty() || !image.all.differing.empty();
  if (!any) {
    out << "<p>None: every neuron spikes in the simulator's slots.</p>"
           "</section>\n";
    return;
  }
  out << tableHead(
      {"", "image", "neuron", "first slot of its layer", "what", "margin"});
  for (const CosimImage &image : report.images)
    for (const DifferingNeuron &neuron : image.all.differing) {
      std::string margin = siUnit(neuron.margin_V, "V");
      if (neuron.thresholdShift_V)
        margin += ", as with a threshold shifted by " +
                  siUnit(*neuron.thresholdShift_V, "V");
      out << formatv("<tr class=\"{0}\"><td>{1}</td>",
                     neuron.excused ? "ok" : "bad",
                     neuron.excused ? "excused" : "FAILED")
          << cell(std::to_string(image.image))
          << cell(formatv("{0}[{1}]", neuron.layer, neuron.layerNeuron))
          << cell(std::to_string(neuron.firstSlot))
          << cell(neuron.expectedSpike ? "the circuit misses a spike"
                                       : "the circuit has a spike too many")
          << cell(margin) << "</tr>";
    }
  out << "</tbody></table></div>";
  for (const CosimImage &image : report.images)
    for (const ChipDeviation &deviation : image.found.deviations)
      if (!deviation.own)
        out << formatv("<p class=\"note\">Image {0}: {1}[{2}] follows another "
                       "neuron's difference from slot {3} on ({4} spikes, "
                       "simulator {5}).</p>",
                       image.image, escape(deviation.layer),
                       deviation.layerNeuron, deviation.firstSlot,
                       deviation.found, deviation.simulated);
  out << "</section>\n";
}

/// The neurons worth a plot: those that differ, then the busiest.
static std::vector<const MembraneTrace *> chooseTraces(const CosimImage &image,
                                                       size_t most) {
  std::vector<const MembraneTrace *> traces;
  for (const MembraneTrace &trace : image.found.traces)
    traces.push_back(&trace);
  auto differs = [&](const MembraneTrace *trace) {
    for (const ChipDeviation &deviation : image.found.deviations)
      if (deviation.core == trace->core && deviation.column == trace->column)
        return true;
    return false;
  };
  std::sort(
      traces.begin(), traces.end(),
      [&](const MembraneTrace *a, const MembraneTrace *b) {
        if (differs(a) != differs(b))
          return differs(a);
        if (a->simulatedSpikes_s.size() != b->simulatedSpikes_s.size())
          return a->simulatedSpikes_s.size() > b->simulatedSpikes_s.size();
        return std::pair(a->core, a->column) < std::pair(b->core, b->column);
      });
  traces.resize(std::min(traces.size(), most));
  return traces;
}

static std::vector<double> inUnits(std::vector<double> values, double unit) {
  for (double &value : values)
    value /= unit;
  return values;
}

static void writeMembranes(llvm::raw_ostream &out, const CosimReport &report) {
  bool first = true;
  for (const CosimImage &image : report.images) {
    std::vector<const MembraneTrace *> traces = chooseTraces(image, 6);
    if (traces.empty())
      continue;
    if (first)
      out << "<section><h2>Membranes</h2><p class=\"note\">Line: ngspice. "
             "Crosses: the time model at the end of each slot, on the same "
             "events. Upper marks: spikes of the simulator, lower: of the "
             "circuit.</p>";
    first = false;
    for (const MembraneTrace *trace : traces) {
      const std::string name =
          formatv("image {0} @{1}: {2}[{3}]", image.image, image.found.task,
                  trace->layer, trace->layerNeuron);
      const double top = report.device.neuron.vThreshold_V,
                   swing = top - report.device.neuron.vReset_V;
      PlotSeries circuit{"ngspice", "stroke-0", inUnits(trace->time_s, 1e-6),
                         trace->circuit_V, false};
      PlotSeries model{"simulator", "stroke-1", inUnits(trace->slotEnd_s, 1e-6),
                       trace->simulated_V, true};
      PlotSeries simulated{"its spikes", "stroke-1",
                           inUnits(trace->simulatedSpikes_s, 1e-6),
                           std::vector<double>(trace->simulatedSpikes_s.size(),
                                               top + 0.16 * swing),
                           true};
      PlotSeries spikes{"circuit's spikes", "stroke-0",
                        inUnits(trace->circuitSpikes_s, 1e-6),
                        std::vector<double>(trace->circuitSpikes_s.size(),
                                            top + 0.08 * swing),
                        true};
      out << formatv("<h4>{0}</h4>", escape(name))
          << linePlot({circuit, model, simulated, spikes}, "µs", "V", name);
    }
  }
  if (!first)
    out << "</section>\n";
}

static void writeSweep(llvm::raw_ostream &out, const CosimReport &report) {
  if (report.sweep.empty())
    return;
  out << "<section><h2>Rate against the supply of a modulation domain</h2>"
      << tableHead({"DAC code", "supply", "LSB current", "mean rate: simulator",
                    "circuit"});
  PlotSeries simulated{"simulator", "stroke-1", {}, {}, false},
      circuit{"ngspice", "stroke-0", {}, {}, true};
  for (const SweepPoint &point : report.sweep) {
    out << "<tr>" << cell(std::to_string(point.dac))
        << cell(formatv("{0:f3} V", point.volts))
        << cell(siUnit(point.lsb_A, "A"))
        << cell(siUnit(point.simulatedRate_Hz, "Hz"))
        << cell(siUnit(point.circuitRate_Hz, "Hz")) << "</tr>";
    simulated.x.push_back(point.volts);
    simulated.y.push_back(point.simulatedRate_Hz / 1e3);
    circuit.x.push_back(point.volts);
    circuit.y.push_back(point.circuitRate_Hz / 1e3);
  }
  out << "</tbody></table></div>"
      << linePlot({simulated, circuit}, "V", "kHz",
                  "rate against the supply of a modulation domain")
      << "<p class=\"note\">All in one transient: only the domain's DAC code "
         "changes.</p></section>\n";
}

static void writeDomains(llvm::raw_ostream &out, const CosimReport &report) {
  if (report.domains.empty())
    return;
  out << "<section><h2>Supplies of modulation domains</h2>";
  std::vector<PlotSeries> series;
  for (size_t i = 0; i < report.domains.size() && i < kColours; ++i)
    series.push_back({report.domains[i].node,
                      "stroke-" + std::to_string(i % kColours),
                      inUnits(report.domains[i].time_s, 1e-3),
                      report.domains[i].volts, false});
  out << linePlot(series, "ms", "V", "volts of modulation domains",
                  inUnits(report.phaseStart_s, 1e-3))
      << "<p class=\"note\">Node v&lt;domain&gt;_&lt;core&gt;. Broken lines: "
         "an "
         "image starts; before each, DAC codes and modulation words have "
         "changed and the supplies have settled. The synapses are the same "
         "sources throughout.</p></section>\n";
}

std::string nt::report::renderCosim(const CosimReport &report) {
  std::string page;
  llvm::raw_string_ostream out(page);
  const CoreComparison total = report.total();
  out << "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" "
         "lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\"/>"
      << formatv("<title>NT circuit: {0}</title><style>{1}</style></head>\n",
                 escape(report.directory), pageStyle())
      << formatv("<body><main><h1>Circuit against simulator <span "
                 "class=\"badge {0}\">{1}</span></h1>",
                 report.passed ? "pass" : "fail",
                 report.passed ? "PASSED" : "FAILED")
      << formatv("<p class=\"note\">{0}: program {1} on {2}; {3}. Cells: "
                 "behavioural, run by ngspice.</p>",
                 escape(report.directory), escape(report.program),
                 escape(report.device.name), escape(report.what))
      << "<section><div class=\"tiles\">";
  auto tile = [&](const std::string &value, const std::string &what) {
    out << formatv("<div class=\"tile\"><b>{0}</b><span>{1}</span></div>",
                   escape(value), escape(what));
  };
  tile(grouped(total.spikesFound), "spikes in the circuit");
  tile(percent(total.medianTimeError), "median time error of an interval");
  tile(grouped(report.synapses), "synapse cells");
  tile(grouped(report.registers), "event registers");
  tile(siUnit(report.ngspice_s, "s"), "ngspice, wall clock");
  if (report.simulator_s > 0)
    tile(formatv("{0:f0} x", report.ngspice_s / report.simulator_s),
         "faster: ntc sim on the same images");
  out << "</div></section>\n";
  writeImages(out, report);
  writeDifferences(out, report);
  writeSweep(out, report);
  writeDomains(out, report);
  writeMembranes(out, report);
  out << "</main></body></html>\n";
  return page;
}

static json::Object imageJson(const CosimReport &report,
                              const CosimImage &image) {
  json::Array differing, following;
  for (const DifferingNeuron &neuron : image.all.differing) {
    json::Object object{{"layer", neuron.layer},
                        {"neuron", int64_t(neuron.layerNeuron)},
                        {"first_slot", int64_t(neuron.firstSlot)},
                        {"expected_spike", neuron.expectedSpike},
                        {"margin_V", neuron.margin_V},
                        {"excused", neuron.excused}};
    if (neuron.thresholdShift_V)
      object["threshold_shift_V"] = *neuron.thresholdShift_V;
    differing.push_back(std::move(object));
  }
  for (const ChipDeviation &deviation : image.found.deviations)
    if (!deviation.own)
      following.push_back(
          json::Object{{"layer", deviation.layer},
                       {"neuron", int64_t(deviation.layerNeuron)},
                       {"first_slot", int64_t(deviation.firstSlot)},
                       {"spikes_simulated", int64_t(deviation.simulated)},
                       {"spikes_found", int64_t(deviation.found)}});
  return json::Object{
      {"image", int64_t(image.image)},
      {"task", image.found.task},
      {"passed", image.found.passed()},
      {"neurons", int64_t(image.found.neurons)},
      {"neurons_equal_counts", int64_t(image.found.equalCounts)},
      {"spikes_simulated", int64_t(image.found.simulated)},
      {"spikes_found", int64_t(image.found.found)},
      {"spikes_compared", int64_t(image.all.spikesCompared)},
      {"stray_spikes", int64_t(image.found.stray)},
      {"mean_interval_s", image.all.meanInterval_s},
      {"median_time_error", image.all.medianTimeError},
      {"p95_time_error", image.all.p95TimeError},
      {"max_time_error", image.all.maxTimeError},
      {"synaptic_events", int64_t(image.synapticEvents)},
      {"synaptic_charge_measured_C", image.found.measuredCharge_C},
      {"synaptic_charge_expected_C", image.found.expectedCharge_C},
      {"modulation_charge_C", image.found.modulationCharge_C},
      {"energy_measured_J", report.measuredEnergy_J(image)},
      {"energy_estimated_J", report.estimatedEnergy_J(image)},
      {"differing", std::move(differing)},
      {"following", std::move(following)}};
}

json::Object nt::report::cosimJson(const CosimReport &report) {
  const CoreComparison total = report.total();
  json::Array images, sweep;
  for (const CosimImage &image : report.images)
    images.push_back(imageJson(report, image));
  for (const SweepPoint &point : report.sweep)
    sweep.push_back(json::Object{{"dac", int64_t(point.dac)},
                                 {"volts", point.volts},
                                 {"lsb_A", point.lsb_A},
                                 {"rate_simulated_Hz", point.simulatedRate_Hz},
                                 {"rate_circuit_Hz", point.circuitRate_Hz}});
  json::Object object{{"directory", report.directory},
                      {"program", report.program},
                      {"device", report.device.name},
                      {"mode", report.mode},
                      {"what", report.what},
                      {"passed", report.passed},
                      {"time_tolerance", report.timeTolerance},
                      {"margin_tolerance_V", report.marginTolerance_V},
                      {"synapses", int64_t(report.synapses)},
                      {"registers", int64_t(report.registers)},
                      {"spikes_found", int64_t(total.spikesFound)},
                      {"spikes_compared", int64_t(total.spikesCompared)},
                      {"mean_interval_s", total.meanInterval_s},
                      {"median_time_error", total.medianTimeError},
                      {"p95_time_error", total.p95TimeError},
                      {"max_time_error", total.maxTimeError},
                      {"ngspice_s", report.ngspice_s},
                      {"simulator_s", report.simulator_s},
                      {"images", std::move(images)}};
  if (!report.sweep.empty())
    object["sweep"] = std::move(sweep);
  return object;
}
