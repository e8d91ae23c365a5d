//===- TransistorCells.cpp - Transistor-level cells -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/TransistorCells.h"
#include "nt/Target/Spice/CellLibrary.h"
#include "nt/Target/Spice/SpiceNetlist.h"
#include "ntrt/Bitstream.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>

using namespace nt::spice;
using ntrt::Diag;
using ntrt::Diagnostic;
using ntrt::DiagnosticList;

/// What the benches and the core emitter instantiate.
static const std::map<std::string, CellInterface> &neededCells() {
  using Names = std::vector<std::string>;
  static const Names neuronPorts{"mem", "spk", "vth", "vrest", "vrst", "clr",
                                 "blk", "pkt", "vbc", "vbl",   "vbr",  "vdd"};
  static const std::map<std::string, CellInterface> cells = {
      {"nt_source",
       {{"col", "rn", "rp", "n", "p", "vbn", "vbp", "vsn", "vsp", "vdd"},
        {"units"}}},
      {"nt_synapse",
       {{"col", "rn", "rp", "n0", "n1", "n2", "p0", "p1", "p2", "vbn", "vbp",
         "vsn", "vsp", "vdd"},
        {}}},
      {"nt_idle_sinks", {{"col", "rn", "vbn", "vsn"}, {"digits", "units"}}},
      {"nt_idle_sources",
       {{"col", "rp", "vbp", "vsp", "vdd"}, {"digits", "units"}}},
      {"nt_sink", {{"col", "rn", "vbn", "vsn", "vdd"}, {"units", "digits"}}},
      {"nt_sourcing",
       {{"col", "rp", "vbp", "vsp", "vdd"}, {"units", "digits"}}},
      {"nt_modulator",
       {{"col", "n0", "n1", "n2", "p0", "p1", "p2", "vbn", "vbp", "vsn", "vsp",
         "vdd"},
        {}}},
      {"nt_domain",
       {{"vset", "vbn", "vbp", "casn", "bufn", "bufp", "vsn", "vsp", "vdd"},
        {"ratio", "drive"}}},
      {"nt_bias",
       {{"vbc", "vbl", "vbr", "bufn", "bufp", "vdd"},
        {"ic", "il", "ir", "ib"}}},
      {"nt_comparator", {{"mem", "vth", "out", "vbc", "vdd"}, {}}},
      {"nt_neuron_subtract", {neuronPorts, {}}},
      {"nt_neuron_hard", {neuronPorts, {}}},
      {"nt_dac",
       {{"b0", "b1", "b2", "b3", "b4", "b5", "b6", "vlo", "vhi", "out", "bufn",
         "vdd"},
        {"drive"}}},
  };
  return cells;
}

static const std::map<std::string, CellInterface> &neededDevices() {
  static const std::map<std::string, CellInterface> devices = {
      {"nt_nfet", {{"d", "g", "s", "b"}, {"w", "l", "m"}}},
      {"nt_pfet", {{"d", "g", "s", "b"}, {"w", "l", "m"}}},
  };
  return devices;
}

static std::string replaced(std::string text, const std::string &word,
                            const std::string &by) {
  for (size_t at = 0; (at = text.find(word, at)) != std::string::npos;
       at += by.size())
    text.replace(at, word.size(), by);
  return text;
}

namespace {

/// Reads the parts and gathers every misfit.
class Loader {
public:
  explicit Loader(const TransistorCellsOptions &options) : options(options) {}

  /// The text of a library file; nothing after a misfit.
  std::string read(const std::string &nameOrPath, std::string &path) {
    auto found = findCellFile(nameOrPath);
    if (!found)
      return refuse(found.diagnostics());
    path = *found;
    auto bytes = ntrt::readFile(path);
    if (!bytes)
      return refuse(bytes.diagnostics());
    return std::string(bytes->begin(), bytes->end());
  }

  void misfit(Diag diag, const std::string &place, const std::string &detail) {
    misfits.push_back({diag, place, detail});
  }
  void check(const std::string &text, const std::string &path,
             const std::map<std::string, CellInterface> &needed) {
    if (path.empty())
      return;
    for (Diagnostic &diagnostic : missingCells(findCells(text), needed, path))
      misfits.push_back(std::move(diagnostic));
  }
  void checkPdk();

  const TransistorCellsOptions &options;
  DiagnosticList misfits;

private:
  std::string refuse(const DiagnosticList &list) {
    misfits.insert(misfits.end(), list.begin(), list.end());
    return {};
  }
};

} // namespace

/// A library that lacks its section would end in an ngspice error that names
/// neither.
void Loader::checkPdk() {
  auto needed = [&](const std::string &value, const char *option) {
    if (value.empty())
      misfit(Diag::SpicePdk, "--cells pdk", std::string("no ") + option);
    return !value.empty();
  };
  bool hasSection = needed(options.pdkSection, "--pdk-section");
  needed(options.nfet, "--pdk-nfet");
  needed(options.pfet, "--pdk-pfet");
  if (!needed(options.pdkLibrary, "--pdk"))
    return;
  auto bytes = ntrt::readFile(options.pdkLibrary);
  if (!bytes) {
    misfits.insert(misfits.end(), bytes.diagnostics().begin(),
                   bytes.diagnostics().end());
    return;
  }
  if (!hasSection)
    return;
  std::istringstream lines(std::string(bytes->begin(), bytes->end()));
  std::string sections;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string directive, section, more;
    if (!(words >> directive >> section) || words >> more ||
        (directive != ".lib" && directive != ".LIB"))
      continue;
    if (section == options.pdkSection)
      return;
    sections += (sections.empty() ? "" : ", ") + section;
  }
  misfit(Diag::SpicePdk, options.pdkLibrary,
         "no section '" + options.pdkSection + "'; it has " +
             (sections.empty() ? "none" : sections));
}

ntrt::Result<TransistorCells>
TransistorCells::load(const TransistorCellsOptions &options) {
  TransistorCells result;
  result.chosen = options;
  Loader loader(options);
  std::string devicePath, cellPath, deviceFile = "pdk";
  bool pdk = options.level == "pdk";
  if (pdk) {
    loader.checkPdk();
  } else if (options.level == "mos") {
    if (options.corner == "tt" || options.corner == "ss" ||
        options.corner == "ff")
      deviceFile = "mos-" + options.corner;
    else
      loader.misfit(Diag::SpiceLevel, "--corner",
                    "'" + options.corner + "' is not tt, ss or ff");
  } else {
    loader.misfit(Diag::SpiceLevel, "--cells",
                  "'" + options.level + "' is not mos or pdk");
  }
  if (loader.misfits.empty())
    result.devices = loader.read(deviceFile, devicePath);
  loader.check(result.devices, devicePath, neededDevices());
  result.cells =
      loader.read(options.cells.empty() ? "mos" : options.cells, cellPath);
  loader.check(result.cells, cellPath, neededCells());
  if (!loader.misfits.empty())
    return loader.misfits;
  for (const char *name :
       {"nt_vdd", "nt_vcn", "nt_vcp", "nt_vsn", "nt_vsp", "nt_vth", "nt_vrst",
        "nt_vrest", "nt_dio_r", "nt_t_clr", "nt_t_blk", "nt_cmem", "nt_row_c"})
    if (!std::isfinite(result.parameter(name)))
      loader.misfit(Diag::SpiceCell, devicePath + ", " + cellPath,
                    std::string("no number for .param ") + name);
  if (!loader.misfits.empty())
    return loader.misfits;

  if (pdk) {
    std::error_code error;
    for (const auto &[word, by] :
         {std::pair<std::string, std::string>{
              "%lib%",
              std::filesystem::absolute(options.pdkLibrary, error).string()},
          {"%section%", options.pdkSection},
          {"%nfet%", options.nfet},
          {"%pfet%", options.pfet}})
      result.devices = replaced(std::move(result.devices), word, by);
  }
  std::ostringstream what;
  if (pdk)
    what << "cells on "
         << std::filesystem::path(options.pdkLibrary).filename().string() << ' '
         << options.pdkSection;
  else
    what << "mos cells, " << options.corner;
  what << ", " << options.temperature_C << " C";
  result.what = what.str();
  return result;
}

double TransistorCells::parameter(const std::string &name) const {
  for (const std::string *text : {&devices, &cells}) {
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string word;
      if (!(words >> word) || word != ".param")
        continue;
      while (words >> word)
        if (word.compare(0, name.size() + 1, name + '=') == 0)
          return std::strtod(word.c_str() + name.size() + 1, nullptr);
    }
  }
  return std::nan("");
}

std::string TransistorCells::preamble(uint32_t rows, bool mismatch,
                                      unsigned seed) const {
  std::string text = ".param nt_mc=" + std::to_string(int(mismatch)) +
                     " nt_rows=" + std::to_string(rows) + '\n';
  if (mismatch)
    text += ".options seed=" + std::to_string(seed) + '\n';
  return text + ".temp " + formatNumber(chosen.temperature_C) + '\n' + devices +
         cells;
}

std::string nt::spice::transistorSolverOptions() {
  // gmin's default would add a picoampere to every junction; the charges that
  // matter are those of a femtofarad.
  return ".options gmin=1e-16 abstol=1e-15 reltol=1e-4 chgtol=1e-14 "
         "method=trap xmu=0.45\n";
}
