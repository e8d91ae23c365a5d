//===- ChipCharts.cpp - Floorplan and spike raster ------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/Charts.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace nt::report;
using llvm::formatv;

std::string nt::report::floorplan(const ntrt::Program &program,
                                  const ntrt::DeviceModel &device) {
  // Large grids get small cells, small grids large ones.
  const double cell = std::clamp(
      416.0 / std::max(device.gridRows, device.gridColumns), 12.0, 96.0);
  const double gap = cell > 24 ? 3 : 1;
  const double inside = cell - gap;
  std::string result;
  llvm::raw_string_ostream out(result);
  out << formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" "
                 "class=\"chart floorplan\" role=\"img\" "
                 "aria-label=\"floorplan: {0} of {1} cores used\" "
                 "viewBox=\"0 0 {2:f0} {3:f0}\" width=\"{2:f0}\" "
                 "height=\"{3:f0}\">",
                 program.cores.size(), device.cores(),
                 cell * device.gridColumns, cell * device.gridRows);
  for (uint32_t row = 0; row < device.gridRows; ++row)
    for (uint32_t column = 0; column < device.gridColumns; ++column)
      out << formatv("<rect x=\"{0:f1}\" y=\"{1:f1}\" width=\"{2:f1}\" "
                     "height=\"{2:f1}\" class=\"cell\"/>",
                     column * cell, row * cell, inside);
  for (size_t i = 0; i < program.cores.size(); ++i) {
    const ntrt::CoreConfig &core = program.cores[i];
    const double x = core.column * cell, y = core.row * cell;
    const uint64_t synapses =
        core.codes.size() -
        std::count(core.codes.begin(), core.codes.end(), int8_t(0));
    std::string volts;
    for (uint16_t dac : core.synapseDac)
      volts += formatv("{0}{1:f3} V", volts.empty() ? "" : ", ",
                       device.synapseDomain.volts(dac))
                   .str();
    out << formatv(
        "<g><title>core {0} (row {1}, column {2}): {3}\n{4} of {5} neurons, "
        "{6} of {7} axons, {8} synapses in use\nstart slot {9}, synapse "
        "domains {10}</title>",
        i, core.row, core.column, escape(program.layers[core.layer].name),
        core.columns(), device.coreNeurons, core.axons, device.coreAxons,
        grouped(synapses), core.startSlot, volts.empty() ? "none" : volts);
    out << formatv("<rect x=\"{0:f1}\" y=\"{1:f1}\" width=\"{2:f1}\" "
                   "height=\"{2:f1}\" class=\"core fill-{3}\"/>",
                   x, y, inside, core.layer % kColours)
        << formatv("<rect x=\"{0:f1}\" y=\"{1:f1}\" width=\"{2:f1}\" "
                   "height=\"{3:f1}\" class=\"used fill-{4}\"/>",
                   x, y, inside * core.columns() / device.coreNeurons,
                   inside * core.axons / device.coreAxons,
                   core.layer % kColours);
    if (cell >= 30)
      out << formatv("<text x=\"{0:f1}\" y=\"{1:f1}\" class=\"small end\">{2}"
                     "</text>",
                     x + inside - 3, y + inside - 4, i);
    out << "</g>";
  }
  out << "</svg>";
  return result;
}

namespace {

/// A neuron of a layer (or an input) and the row it is shown in.
struct Source {
  uint32_t flat = 0, core = 0, neuron = 0;
  auto operator<=>(const Source &) const = default;
};

/// The sources of a layer in the layer's order.
std::vector<Source> sourcesOf(const ntrt::Program &program, int layer) {
  std::vector<Source> sources;
  if (layer < 0) {
    for (uint32_t i = 0; i < program.inputLines(); ++i)
      sources.push_back({i, ntrt::SpikeEvent::kInputCore, i});
    return sources;
  }
  for (uint32_t c = 0; c < program.cores.size(); ++c)
    if (program.cores[c].layer == uint32_t(layer))
      for (uint32_t n = 0; n < program.cores[c].neurons; ++n)
        sources.push_back({program.cores[c].layerNeuron[n], c, n});
  std::sort(sources.begin(), sources.end());
  return sources;
}

} // namespace

std::string nt::report::raster(const ntrt::Program &program,
                               const ntrt::DeviceModel &device,
                               const ntrt::SimResult &result, int layer) {
  const std::vector<Source> sources = sourcesOf(program, layer);
  const size_t rows = std::min(sources.size(), kRasterRows);
  std::map<std::pair<uint32_t, uint32_t>, size_t> rowOf;
  for (size_t row = 0; row < rows; ++row) {
    const Source &source = sources[row * sources.size() / rows];
    rowOf[{source.core, source.neuron}] = row;
  }
  uint32_t lastStart = 0, start = 0;
  for (const ntrt::CoreConfig &core : program.cores) {
    lastStart = std::max(lastStart, core.startSlot);
    if (int(core.layer) == layer)
      start = core.startSlot;
  }
  const double slots = program.defaultSlots + lastStart;
  constexpr double width = 960, top = 18, axis = 14;
  const double step =
      std::clamp(180.0 / double(std::max<size_t>(rows, 1)), 3.0, 12.0);
  const double height = step * double(rows);

  std::string marks;
  llvm::raw_string_ostream path(marks);
  uint64_t spikes = 0;
  for (const ntrt::SpikeEvent &event : result.events) {
    const bool ofLayer = event.core == ntrt::SpikeEvent::kInputCore
                             ? layer < 0
                             : int(program.cores[event.core].layer) == layer;
    if (!ofLayer)
      continue;
    ++spikes;
    auto row = rowOf.find({event.core, event.neuron});
    if (row != rowOf.end())
      path << formatv("M{0:f1} {1:f1}v{2:f1}",
                      width * (event.slot + event.time_s / device.slot_s) /
                          slots,
                      top + step * double(row->second), step * 0.8);
  }

  const std::string name =
      layer < 0 ? "inputs" : program.layers[size_t(layer)].name;
  std::string svg;
  llvm::raw_string_ostream out(svg);
  out << formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" "
                 "class=\"chart raster\" role=\"img\" "
                 "aria-label=\"spikes of {0}\" viewBox=\"0 0 {1:f0} {2:f0}\" "
                 "width=\"{1:f0}\" height=\"{2:f0}\">",
                 escape(name), width, top + height + axis)
      << formatv("<text x=\"0\" y=\"12\" class=\"value\">{0}</text>"
                 "<text x=\"{1:f0}\" y=\"12\" class=\"small end\">{2} of {3} "
                 "shown, spikes of all: {4}</text>",
                 escape(name), width, rows, grouped(sources.size()),
                 grouped(spikes))
      << formatv("<rect x=\"{0:f1}\" y=\"{1:f0}\" width=\"{2:f1}\" "
                 "height=\"{3:f1}\" class=\"cell\"><title>slots {4} to {5}"
                 "</title></rect>",
                 width * start / slots, top,
                 width * program.defaultSlots / slots, height, start,
                 start + program.defaultSlots - 1);
  if (!marks.empty())
    out << formatv("<path class=\"{0}\" d=\"{1}\"/>",
                   layer < 0 ? std::string("stroke-base")
                             : "stroke-" + std::to_string(layer % kColours),
                   marks);
  const double tick = slots > 200 ? 64 : slots > 80 ? 32 : 8;
  for (double slot = 0; slot < slots; slot += tick)
    out << formatv("<text x=\"{0:f1}\" y=\"{1:f0}\" class=\"small\">{2:f0}"
                   "</text>",
                   width * slot / slots, top + height + 11, slot);
  out << "</svg>";
  return svg;
}
