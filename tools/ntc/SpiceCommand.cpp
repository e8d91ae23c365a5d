//===- SpiceCommand.cpp - ntc spice ---------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Options.h"
#include "Selection.h"
#include "Session.h"

#include "nt/Target/Spice/ChipNetlist.h"
#include "nt/Target/Spice/StreamedFile.h"

#include "ntrt/Dataset.h"
#include "ntrt/Simulator.h"

#include "llvm/Support/raw_ostream.h"

using namespace ntc;
using namespace nt::spice;

/// The columns to emit of each core: all, those of --neurons by their place in
/// the layer, or by their column if a single core was named.
static std::vector<CoreSelection>
selectColumns(const ntrt::Program &program, const std::vector<uint32_t> &cores,
              const SpiceOptions &options, ntrt::DiagnosticList &misfits) {
  std::vector<CoreSelection> selections;
  const bool byLayer = options.layers.size() == 1 && options.cores.empty();
  if (!options.neurons.empty() && !byLayer && cores.size() != 1)
    misfits.push_back({ntrt::Diag::OptionInvalid, "--neurons",
                       "needs one --layer or one --core"});
  for (uint32_t core : cores) {
    CoreSelection selection{core, {}};
    const ntrt::CoreConfig &config = program.cores[core];
    for (unsigned neuron : options.neurons) {
      if (!byLayer) {
        selection.neurons.push_back(neuron);
        continue;
      }
      for (uint32_t column = 0; column < config.neurons; ++column)
        if (config.layerNeuron[column] == neuron)
          selection.neurons.push_back(column);
    }
    if (options.neurons.empty() || !selection.neurons.empty())
      selections.push_back(std::move(selection));
  }
  if (byLayer)
    for (unsigned neuron : options.neurons)
      if (neuron >= program.layers[program.cores[cores.front()].layer].neurons)
        misfits.push_back(
            {ntrt::Diag::SpiceCore, "--neurons",
             llvm::formatv(
                 "{0}, layer {1} has {2}", neuron, options.layers.front(),
                 program.layers[program.cores[cores.front()].layer].neurons)
                 .str()});
  return selections;
}

int ntc::runSpice(const SpiceOptions &options) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(options.device, options.program, {options.task});
  if (!artefacts)
    return kInputFault;
  const ntrt::Program &program = artefacts->program;
  ntrt::DiagnosticList misfits;
  std::vector<uint32_t> cores =
      selectCores(program, options.cores, options.layers, misfits);
  if (cores.empty() && misfits.empty()) {
    if (options.chip)
      for (uint32_t core = 0; core < program.cores.size(); ++core)
        cores.push_back(core);
    else
      cores.push_back(program.readout.front().core);
  }
  std::vector<CoreSelection> selections;
  if (misfits.empty())
    selections = selectColumns(program, cores, options, misfits);
  ntrt::Result<ntrt::Dataset> data =
      ntrt::Dataset::load(options.data, program.normalisation);
  if (!data)
    misfits.insert(misfits.end(), data.diagnostics().begin(),
                   data.diagnostics().end());
  else if (options.image >= data->samples())
    misfits.push_back(
        {ntrt::Diag::OptionInvalid, "--image",
         llvm::formatv("{0} of {1} samples", options.image, data->samples())
             .str()});
  ntrt::Result<CellLibrary> cells = CellLibrary::load(options.cells);
  if (!cells)
    misfits.insert(misfits.end(), cells.diagnostics().begin(),
                   cells.diagnostics().end());
  if (!misfits.empty())
    return report(misfits);

  const ntrt::TaskOverlay &task = artefacts->tasks.front();
  ntrt::Result<ntrt::Simulator> simulator =
      ntrt::Simulator::create(program, task, artefacts->device);
  if (!simulator)
    return report(simulator.diagnostics());
  ntrt::SimOptions sim;
  sim.slots = options.slots;
  sim.recordSpikes = true;
  ntrt::Result<ntrt::SimResult> run =
      simulator->run(data->sample(options.image), data->sampleSize, sim);
  if (!run)
    return report(run.diagnostics());
  const uint32_t slots = options.slots ? options.slots : program.defaultSlots;
  SaveOptions save;
  save.measures = options.measure;
  save.membranes =
      options.save.empty() || llvm::is_contained(options.save, "membranes");
  save.rows = llvm::is_contained(options.save, "rows");

  ntrt::Result<StreamedFile> file = StreamedFile::open(options.output);
  if (!file)
    return report(file.diagnostics());
  std::string summary;
  if (options.chip || selections.size() > 1) {
    ChipNetlistOptions netlist;
    netlist.cores = selections;
    netlist.slots = slots;
    netlist.perDigit = options.perDigit;
    netlist.inputs =
        options.inputs == "spikes" ? InputSource::Spikes : InputSource::Rows;
    netlist.save = save;
    ntrt::Result<ChipNetlistInfo> info =
        emitChipNetlist(program, artefacts->device, {{&task, run->events}},
                        *cells, netlist, file->stream());
    if (!info)
      return report(info.diagnostics());
    summary = llvm::formatv("{0} cores: {1} neurons, {2} synapses, {3} driven "
                            "axons, {4} event registers, {5} slots\n",
                            selections.size(), info->neurons.size(),
                            info->synapses, info->rows, info->registers, slots);
  } else {
    CoreNetlistOptions netlist;
    netlist.core = selections.front().core;
    netlist.neurons = selections.front().neurons;
    netlist.slots = slots;
    netlist.perDigit = options.perDigit;
    netlist.save = save;
    netlist.events = axonEventsOfCore(program, artefacts->device, run->events,
                                      netlist.core, slots);
    ntrt::Result<CoreNetlistInfo> info = emitCoreNetlist(
        program, task, artefacts->device, *cells, netlist, file->stream());
    if (!info)
      return report(info.diagnostics());
    summary = llvm::formatv(
        "core {0}: {1} neurons, {2} synapses, {3} driven axons, {4} slots\n",
        netlist.core, info->neurons.size(), info->synapses, info->rows, slots);
  }
  ntrt::Status written = file->commit();
  if (!written)
    return report(written.diagnostics());
  llvm::outs() << summary
               << (options.measure ? "run it with: ngspice -b "
                                   : "run it with: ngspice -b -r core.raw ")
               << options.output << "\n";
  return kDone;
}
