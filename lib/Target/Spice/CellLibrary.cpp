//===- CellLibrary.cpp - The cells a core netlist is built from -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/CellLibrary.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <unistd.h>

using namespace nt::spice;
using ntrt::Diag;
using ntrt::Diagnostic;
using ntrt::DiagnosticList;

/// What the emitter instantiates.
static const std::map<std::string, CellInterface> &requiredCells() {
  static const std::map<std::string, CellInterface> cells = {
      {"nt_source", {{"col", "row"}, {"units", "lsb"}}},
      {"nt_synapse", {{"col", "row"}, {"code", "lsb"}}},
      {"nt_modulator", {{"col"}, {"code", "lsb"}}},
      {"nt_neuron_subtract",
       {{"mem", "spk", "clk", "th", "lo", "hi", "one"},
        {"c", "g", "vrest", "vinit", "charge", "gain", "hold", "dump", "rclamp",
         "rpkt", "roff"}}},
      {"nt_neuron_hard",
       {{"mem", "spk", "clk", "th", "lo", "hi", "one", "rst"},
        {"c", "g", "vrest", "vinit", "tref", "ramp", "gain", "hold", "dump",
         "rclamp", "rpkt", "roff"}}},
  };
  return cells;
}

/// What the emitter of chips instantiates beside them.
static const std::map<std::string, CellInterface> &requiredChipCells() {
  static const std::map<std::string, CellInterface> cells = {
      {"nt_hold", {{"mem", "ini", "en"}, {"ron", "roff"}}},
      {"nt_register", {{"in", "reg", "smp"}, {"chold", "rtrack", "roff"}}},
      {"nt_row", {{"row", "reg", "gate"}, {"ron", "roff", "rrow"}}},
      {"nt_modulator_driven", {{"col", "lsb"}, {"code", "unit"}}},
      {"nt_modulator_digit",
       {{"col", "lsb", "neg", "src", "snk"},
        {"units", "unit", "ron", "roff", "rsel"}}},
      {"nt_meter", {{"row", "q"}, {"amperes"}}},
  };
  return cells;
}

/// Lines with '+' continuations joined, in lower case as SPICE reads them.
static std::vector<std::string> logicalLines(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    for (char &c : line)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!line.empty() && line[0] == '+' && !lines.empty())
      lines.back() += ' ' + line.substr(1);
    else
      lines.push_back(line);
  }
  return lines;
}

std::map<std::string, CellInterface>
nt::spice::findCells(const std::string &text) {
  std::map<std::string, CellInterface> cells;
  for (const std::string &line : logicalLines(text)) {
    std::istringstream words(line);
    std::string word, name;
    if (!(words >> word) || word != ".subckt" || !(words >> name))
      continue;
    CellInterface &cell = cells[name];
    while (words >> word) {
      size_t equals = word.find('=');
      if (word == "params:")
        continue;
      if (equals != std::string::npos)
        cell.parameters.push_back(word.substr(0, equals));
      else
        cell.ports.push_back(word);
    }
  }
  return cells;
}

static std::string join(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : " ") + name;
  return text;
}

DiagnosticList
nt::spice::missingCells(const std::map<std::string, CellInterface> &found,
                        const std::map<std::string, CellInterface> &needed,
                        const std::string &place) {
  DiagnosticList misfits;
  auto misfit = [&](const std::string &detail) {
    misfits.push_back({Diag::SpiceCell, place, detail});
  };
  for (const auto &[name, required] : needed) {
    auto cell = found.find(name);
    if (cell == found.end()) {
      misfit("no subcircuit " + name);
      continue;
    }
    if (cell->second.ports != required.ports)
      misfit("subcircuit " + name + " has the ports '" +
             join(cell->second.ports) + "', not '" + join(required.ports) +
             "'");
    for (const std::string &parameter : required.parameters) {
      const auto &has = cell->second.parameters;
      if (std::find(has.begin(), has.end(), parameter) == has.end())
        misfit("subcircuit " + name + " has no parameter " + parameter);
    }
  }
  return misfits;
}

ntrt::Result<CellLibrary> CellLibrary::parse(std::string text,
                                             const std::string &place) {
  CellLibrary library;
  library.place = place;
  library.found = findCells(text);
  library.contents = std::move(text);
  if (library.contents.empty() || library.contents.back() != '\n')
    library.contents += '\n';

  DiagnosticList misfits = missingCells(library.found, requiredCells(), place);
  if (!misfits.empty())
    return misfits;
  return library;
}

ntrt::Status CellLibrary::checkChipCells() const {
  DiagnosticList misfits = missingCells(found, requiredChipCells(), place);
  if (!misfits.empty())
    return misfits;
  return ntrt::Done{};
}

static std::vector<std::string> searchFolders() {
  std::vector<std::string> folders;
  if (const char *path = std::getenv("NT_SPICE_PATH")) {
    std::istringstream stream(path);
    for (std::string folder; std::getline(stream, folder, ':');)
      if (!folder.empty())
        folders.push_back(folder);
  }
  folders.push_back(NT_INSTALL_SPICE_DIR);
  folders.push_back(NT_SOURCE_SPICE_DIR);
  return folders;
}

ntrt::Result<std::string>
nt::spice::findCellFile(const std::string &nameOrPath) {
  std::string path = nameOrPath;
  bool isPath = path.find('/') != std::string::npos ||
                path.find('.') != std::string::npos;
  if (!isPath) {
    std::vector<std::string> folders = searchFolders();
    auto folder = std::find_if(
        folders.begin(), folders.end(), [&](const std::string &candidate) {
          return access((candidate + '/' + nameOrPath + ".lib").c_str(),
                        R_OK) == 0;
        });
    if (folder == folders.end())
      return Diagnostic{Diag::FileMissing, nameOrPath,
                        "no cell library " + nameOrPath + ".lib in " +
                            join(folders)};
    path = *folder + '/' + nameOrPath + ".lib";
  }
  return path;
}

ntrt::Result<CellLibrary> CellLibrary::load(const std::string &nameOrPath) {
  auto path = findCellFile(nameOrPath);
  if (!path)
    return path.diagnostics();
  auto bytes = ntrt::readFile(*path);
  if (!bytes)
    return bytes.diagnostics();
  return parse(std::string(bytes->begin(), bytes->end()), *path);
}
