//===- ChipSections.cpp - What the chip holds, does and costs -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Sections.h"

#include "nt/Target/Report/Charts.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

using namespace nt::report;
using llvm::formatv;

/// "fill-n" of a layer.
static const char *describe(ntrt::ReadoutKind kind) {
  switch (kind) {
  case ntrt::ReadoutKind::Count:
    break;
  case ntrt::ReadoutKind::Membrane:
    return "spikes and what is left on the membrane";
  case ntrt::ReadoutKind::First:
    return "slots since the first spike";
  }
  return "spikes";
}

static std::string fillOf(size_t layer) {
  return "fill-" + std::to_string(layer % kColours);
}

void nt::report::writeFloorplan(llvm::raw_ostream &out,
                                const ModelReport &model) {
  if (!model.program || !model.device)
    return;
  const ntrt::Program &program = *model.program;
  const ntrt::DeviceModel &device = *model.device;
  out << "<h3>Floorplan</h3>\n<div class=\"side\">"
      << floorplan(program, device)
      << "<div><table><thead><tr><th>layer</th><th>neurons</th><th>cores</th>"
         "<th>neurons used</th><th>axons used</th></tr></thead><tbody>";
  for (size_t layer = 0; layer < program.layers.size(); ++layer) {
    size_t cores = 0, columns = 0, axons = 0;
    for (const ntrt::CoreConfig &core : program.cores)
      if (core.layer == layer) {
        ++cores;
        columns += core.columns();
        axons += core.axons;
      }
    auto share = [&](size_t used, uint32_t perCore) {
      return cores ? 100.0 * double(used) / (double(cores) * perCore) : 0.0;
    };
    out << formatv("<tr><td><svg class=\"key\" viewBox=\"0 0 10 10\">"
                   "<rect width=\"10\" height=\"10\" class=\"{0}\"/></svg>{1}"
                   "</td><td>{2}</td><td>{3}</td><td>{4:f0} %</td>"
                   "<td>{5:f0} %</td></tr>",
                   fillOf(layer), escape(program.layers[layer].name),
                   grouped(program.layers[layer].neurons), cores,
                   share(columns, device.coreNeurons),
                   share(axons, device.coreAxons));
  }
  out << formatv(
      "</tbody></table><p class=\"note\">Each square is a core; its strong "
      "part "
      "is the share of neurons (across) and axons (down) in use. Point at a "
      "core for its figures. {0} inputs reach {1} axons; {2} routes between "
      "cores.</p></div></div>\n",
      grouped(program.inputs), grouped(program.inputRoutes.size()),
      grouped(program.routes.size()));
}

void nt::report::writeWeights(llvm::raw_ostream &out,
                              const ModelReport &model) {
  if (!model.program || !model.device)
    return;
  const ntrt::Program &program = *model.program;
  const int limit = model.device->synapse.maxCode();
  out << "<h3>Frozen weights</h3>\n<p class=\"note\">Synapse codes in the "
         "crossbars; the zeros of a convolution are mostly crossings that its "
         "window leaves free.</p><div class=\"multiples\">";
  for (size_t layer = 0; layer < program.layers.size(); ++layer) {
    std::vector<uint64_t> counts(size_t(2 * limit + 1));
    uint64_t all = 0;
    std::map<uint16_t, uint64_t> neuronsOfDac;
    for (const ntrt::CoreConfig &core : program.cores) {
      if (core.layer != layer)
        continue;
      for (int8_t code : core.codes)
        ++counts[size_t(code + limit)];
      all += core.codes.size();
      for (uint8_t domain : core.synapseDomain)
        ++neuronsOfDac[core.synapseDac[domain]];
    }
    const uint64_t zeros = counts[size_t(limit)];
    out << formatv("<figure><figcaption><b>{0}</b><br/>{1} synapses, {2:f1} % "
                   "zeros</figcaption>",
                   escape(program.layers[layer].name), grouped(all - zeros),
                   all ? 100.0 * double(zeros) / double(all) : 0.0)
        << histogram(counts, -limit, true, fillOf(layer),
                     "synapse codes of " + program.layers[layer].name)
        << "<ul>";
    for (const auto &[dac, neurons] : neuronsOfDac)
      out << formatv("<li>{0:f3} V, {1} an LSB: {2} neurons</li>",
                     model.device->synapseDomain.volts(dac),
                     siUnit(model.device->synapseDomain.lsbCurrent_A(dac), "A"),
                     grouped(neurons));
    out << "</ul></figure>";
  }
  out << formatv("</div><p class=\"note\">Volts to amperes of synapse domains: "
                 "{0}</p>\n",
                 escape(model.sources.of("domains.synapse.curve")));
}

/// Histogram and domains of one layer under one task.
static void writeLayerModulation(llvm::raw_ostream &out,
                                 const ModelReport &model,
                                 const ntrt::TaskOverlay &task, size_t layer) {
  const ntrt::Program &program = *model.program;
  const ntrt::DomainModel &domain = model.device->modulationDomain;
  const int limit = model.device->synapse.maxCode();
  std::vector<uint64_t> counts(size_t(2 * limit + 1));
  std::map<uint16_t, uint64_t> neuronsOfDac;
  uint64_t neurons = 0;
  for (size_t c = 0; c < program.cores.size(); ++c) {
    if (program.cores[c].layer != layer)
      continue;
    for (const ntrt::ModulationWord &word : task.cores[c].words) {
      ++counts[size_t(word.code + limit)];
      ++neurons;
      if (word.code != 0)
        ++neuronsOfDac[task.cores[c].dac[word.domain]];
    }
  }
  out << formatv("<figure><figcaption><b>{0}</b><br/>{1} neurons, {2} with "
                 "code 0</figcaption>",
                 escape(program.layers[layer].name), grouped(neurons),
                 grouped(counts[size_t(limit)]))
      << histogram(counts, -limit, false, fillOf(layer),
                   "modulation codes of " + program.layers[layer].name +
                       " for " + task.name)
      << "<ul>";
  for (const auto &[dac, count] : neuronsOfDac)
    out << formatv("<li>{0:f3} V, {1} an LSB: {2} neurons</li>",
                   domain.volts(dac), siUnit(domain.lsbCurrent_A(dac), "A"),
                   grouped(count));
  out << "</ul></figure>";
}

void nt::report::writeModulation(llvm::raw_ostream &out,
                                 const ModelReport &model) {
  if (!model.program || !model.device || model.tasks.empty())
    return;
  out << "<h3>Modulation: what a task sets</h3>\n<p class=\"note\">One word a "
         "neuron: bias current = code × LSB(domain volts). Below each "
         "histogram "
         "the volts of the layer's domains and how many neurons use "
         "them.</p>\n";
  for (const TaskReport &task : model.tasks) {
    out << "<h4>@" << escape(task.overlay.name)
        << "</h4>\n<div class=\"multiples\">";
    for (size_t layer = 0; layer < model.program->layers.size(); ++layer)
      writeLayerModulation(out, model, task.overlay, layer);
    out << "</div>\n";
  }
  out << formatv("<p class=\"note\">Volts to amperes of modulation domains: "
                 "{0}</p>\n",
                 escape(model.sources.of("domains.modulation.curve")));
}

void nt::report::writeSpikes(llvm::raw_ostream &out, const ModelReport &model) {
  for (const TaskReport &task : model.tasks) {
    if (!task.run)
      continue;
    const ImageRun &run = *task.run;
    const std::string pixels = picture(run.shape, run.values);
    out << formatv("<h3>One image of @{0}, spike by spike</h3>\n"
                   "<div class=\"side\"><figure>{1}<figcaption>first image of "
                   "{2}</figcaption></figure>",
                   escape(task.overlay.name),
                   pixels.empty() ? "<p>(not a picture)</p>" : pixels,
                   escape(run.data));
    std::vector<Bar> bars;
    for (size_t i = 0; i < run.result.scores.size(); ++i) {
      const uint32_t stands = task.overlay.classOfOutput[i];
      std::string text = formatv("{0:f2}", run.result.scores[i]).str();
      if (i == run.result.output)
        text += " ◀ chip";
      if (run.label && stands == *run.label)
        text += " ✓ label";
      bars.push_back({formatv("class {0}", stands).str(), text,
                      run.result.scores[i],
                      i == run.result.output ? "fill-1" : "fill-base"});
    }
    out << "<div><h4>Read-out scores (" << describe(model.program->readoutKind)
        << ")</h4>" << barChart(bars, 0, "read-out scores");
    if (run.label)
      out << formatv("<p class=\"note\">The chip says class {0}, the data set "
                     "says class {1}: {2}.</p>",
                     run.result.label, *run.label,
                     run.result.label == *run.label ? "right" : "wrong");
    out << "</div></div>\n";
    for (int layer = -1; layer < int(model.program->layers.size()); ++layer)
      out << raster(*model.program, *model.device, run.result, layer) << "\n";
    out << "<p class=\"note\">Slots run to the right; grey is where a layer "
           "integrates. A tick is a spike at its time in the slot.</p>\n";
  }
}

namespace {

/// A term of the energy of one image.
struct EnergyTerm {
  std::string label, count, figure, field, style;
  double energy_J = 0;
};

/// Counts of one image: a mean, or one run.
struct Counts {
  double synapticEvents = 0, spikes = 0, time_s = 0;
  /// Unknown for means, which state the total instead.
  std::optional<double> routedEvents;
  double total_J = 0;
};

} // namespace

static std::vector<EnergyTerm> energyTerms(const ModelReport &model,
                                           const ntrt::TaskOverlay &task,
                                           const Counts &counts) {
  const ntrt::DeviceModel &device = *model.device;
  const ntrt::EnergyModel &energy = device.energy;
  size_t synapseDomains = 0, modulationDomains = 0;
  for (const ntrt::CoreConfig &core : model.program->cores)
    synapseDomains += core.synapseDac.size();
  for (const ntrt::CoreModulation &core : task.cores)
    modulationDomains += core.dac.size();
  auto events = [](double count) {
    return std::fabs(count) < 1000
               ? formatv("{0:f1}", count).str()
               : grouped(static_cast<uint64_t>(std::llround(count)));
  };
  auto standing = [&](const char *label, size_t count, double power_W,
                      const char *field, const char *style) {
    return EnergyTerm{
        label,
        formatv("{0} for {1}", count, siUnit(counts.time_s, "s")).str(),
        siUnit(power_W, "W"),
        field,
        style,
        double(count) * power_W * counts.time_s};
  };
  std::vector<EnergyTerm> terms = {
      {"synaptic events", events(counts.synapticEvents),
       siUnit(energy.perSynapticEvent_J, "J"), "energy.per_synaptic_event",
       "fill-0", counts.synapticEvents * energy.perSynapticEvent_J},
      {"spikes", events(counts.spikes), siUnit(energy.perSpike_J, "J"),
       "energy.per_spike", "fill-1", counts.spikes * energy.perSpike_J},
      standing("cores, standing", model.program->cores.size(),
               energy.staticPerCore_W, "energy.static_per_core", "fill-7"),
      standing("synapse domains, standing", synapseDomains,
               device.synapseDomain.staticPower_W,
               "domains.synapse.static_power", "fill-3"),
      standing("modulation domains, standing", modulationDomains,
               device.modulationDomain.staticPower_W,
               "domains.modulation.static_power", "fill-4")};
  double rest_J = counts.total_J;
  for (const EnergyTerm &term : terms)
    rest_J -= term.energy_J;
  EnergyTerm routed{
      "routed events",           "",       siUnit(energy.perRoutedEvent_J, "J"),
      "energy.per_routed_event", "fill-2", rest_J};
  if (counts.routedEvents) {
    routed.energy_J = *counts.routedEvents * energy.perRoutedEvent_J;
    routed.count = events(*counts.routedEvents);
  } else {
    routed.count =
        energy.perRoutedEvent_J > 0
            ? events(std::max(rest_J, 0.0) / energy.perRoutedEvent_J) +
                  " (the remainder)"
            : "the remainder";
  }
  terms.insert(terms.begin() + 2, routed);
  return terms;
}

/// The source of a figure, with "assumed" made visible.
static std::string sourceCell(const std::string &source) {
  const bool known = !llvm::StringRef(source).contains("not available");
  const bool assumed = llvm::StringRef(source).contains_insensitive("assum");
  if (known && !assumed)
    return escape(source);
  return formatv("<span class=\"badge assumed\">{0}</span> {1}",
                 known ? "assumed" : "no source",
                 source == "assumed" ? "" : escape(source))
      .str();
}

static void writeTaskEnergy(llvm::raw_ostream &out, const ModelReport &model,
                            const TaskReport &task) {
  Counts counts;
  const VerifiedTask *verified = model.verified(task.overlay.name);
  if (verified && verified->chip) {
    const ChipMeans &means = *verified->chip;
    counts = {means.synapticEvents, means.spikes, means.time_s, std::nullopt,
              means.energy_J};
  } else if (task.run) {
    uint32_t lastStart = 0;
    for (const ntrt::CoreConfig &core : model.program->cores)
      lastStart = std::max(lastStart, core.startSlot);
    const ntrt::SimResult &result = task.run->result;
    counts = {double(result.synapticEvents), double(result.spikes),
              (model.program->defaultSlots + lastStart) * model.device->slot_s,
              double(result.routedEvents), result.energy_J};
  } else {
    return;
  }
  const std::vector<EnergyTerm> terms =
      energyTerms(model, task.overlay, counts);
  out << formatv("<h4>@{0}: {1} an image <small>({2})</small></h4>\n",
                 escape(task.overlay.name), siUnit(counts.total_J, "J"),
                 counts.routedEvents ? "the one image below"
                                     : "mean over the verified images");
  std::vector<Part> parts;
  double sum_J = 0;
  for (const EnergyTerm &term : terms) {
    parts.push_back({term.label, term.energy_J, term.style});
    sum_J += std::max(term.energy_J, 0.0);
  }
  out << stackedBar(parts, "energy of @" + task.overlay.name)
      << "<table "
         "class=\"energy\"><thead><tr><th>part</th><th>count</th><th>each</th>"
         "<th>energy</th><th>share</th><th>source of the figure</th></tr>"
         "</thead><tbody>";
  for (const EnergyTerm &term : terms)
    out << formatv("<tr><td><svg class=\"key\" viewBox=\"0 0 10 10\">"
                   "<rect width=\"10\" height=\"10\" class=\"{0}\"/></svg>{1}"
                   "</td><td>{2}</td><td>{3}</td><td>{4}</td><td>{5:f1} %</td>"
                   "<td>{6}</td></tr>",
                   term.style, term.label, term.count, term.figure,
                   siUnit(term.energy_J, "J"),
                   sum_J > 0 ? 100 * term.energy_J / sum_J : 0.0,
                   sourceCell(model.sources.of(term.field)));
  out << "</tbody></table>\n";
  // A remainder below zero means that the two files speak of different chips.
  if (terms[2].energy_J < -1e-6 * counts.total_J)
    out << "<p class=\"bad\">The energy in verify.json is less than its parts "
           "by device.json: it was verified with another device. Run ntc "
           "verify again.</p>\n";
}

void nt::report::writeEnergy(llvm::raw_ostream &out, const ModelReport &model) {
  if (!model.program || !model.device || model.tasks.empty())
    return;
  out << "<h3>Energy</h3>\n<p class=\"note\">An estimate: counted events times "
         "the figures of the device file, each only as good as its "
         "source.</p>\n";
  for (const TaskReport &task : model.tasks)
    writeTaskEnergy(out, model, task);
  if (!model.sources.file.empty())
    out << formatv("<p class=\"note\">Device file: {0}</p>\n",
                   escape(model.sources.file));
}
