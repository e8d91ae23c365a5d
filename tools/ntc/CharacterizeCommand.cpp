//===- CharacterizeCommand.cpp - ntc characterize -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"

#include "nt/Support/Progress.h"
#include "nt/Target/Spice/Characterization.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <cstdio>
#include <mutex>
#include <unistd.h>

using namespace ntc;
using nt::spice::Characterization;
using nt::spice::CharacterizationOptions;

namespace {

std::atomic<bool> interrupted = false;

/// Ends after the runs under way; a second signal ends at once.
void interrupt(int signal) {
  interrupted = true;
  std::signal(signal, SIG_DFL);
}

} // namespace

/// The command as it stands in the sources of figures: what decides them.
static std::string commandLine(const CharacterizeOptions &o) {
  std::string text = "ntc characterize --cells " + o.cells;
  auto add = [&](const char *option, const std::string &value) {
    if (!value.empty())
      text += std::string(" ") + option + ' ' + value;
  };
  add("--corner", o.cells == "mos" ? o.corner : "");
  add("--pdk", o.pdk.empty() ? "" : llvm::sys::path::filename(o.pdk).str());
  add("--pdk-section", o.pdkSection);
  char degrees[32];
  std::snprintf(degrees, sizeof degrees, "%g", o.temperature);
  add("--temp", degrees);
  add("--cell-file",
      o.cellFile.empty() ? "" : llvm::sys::path::filename(o.cellFile).str());
  add("--base", llvm::sys::path::stem(o.base).str());
  add("--mismatch", std::to_string(o.mismatch));
  if (o.mismatch)
    add("--seed", std::to_string(o.seed));
  return text;
}

static CharacterizationOptions
characterizationOptions(const CharacterizeOptions &o) {
  CharacterizationOptions options;
  options.cells = {o.cells, o.corner,     o.temperature, o.cellFile,
                   o.pdk,   o.pdkSection, o.nfet,        o.pfet};
  options.base = o.base;
  options.mismatchSamples = o.mismatch;
  options.seed = o.seed;
  options.curvePoints = o.points;
  options.ngspice.program = o.ngspice;
  options.ngspice.parallel = o.parallel;
  options.keep = o.keep;
  options.interrupted = &interrupted;
  return options;
}

static void printTable(const Characterization &result) {
  for (const nt::spice::Figure &figure : result.measurements.figures())
    llvm::outs() << llvm::format("%-32s %11.5g %-4s ", figure.name.c_str(),
                                 figure.value, figure.unit.c_str())
                 << figure.what << '\n';
}

int ntc::runCharacterize(const CharacterizeOptions &o) {
  CharacterizationOptions options = characterizationOptions(o);
  std::string command = commandLine(o);
  // Known before minutes of simulation, not after.
  llvm::StringRef parent = llvm::sys::path::parent_path(o.output);
  if (access(parent.empty() ? "." : parent.str().c_str(), W_OK) != 0)
    return report({{ntrt::Diag::FileNotWritten, o.output,
                    "its folder cannot be written to"}});

  std::unique_ptr<nt::ProgressBar> bar;
  options.progress = [&](size_t done, size_t total, const std::string &name) {
    if (!bar)
      bar = std::make_unique<nt::ProgressBar>("characterize", total, !o.json);
    bar->update(done, name);
  };
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  auto result = nt::spice::characterize(options);
  bar.reset();
  if (!result)
    return report(result.diagnostics());

  std::string measured = nt::spice::measurementsJson(*result, command);
  if (!o.measurements.empty() && !writeText(o.measurements, measured))
    return kInputFault;
  if (o.json)
    llvm::outs() << measured;
  else
    printTable(*result);
  if (!result->complete()) {
    report(result->failures);
    std::string partial = o.output + ".partial";
    llvm::errs() << "ntc: " << result->missing.size()
                 << " benches have no figures (";
    for (size_t i = 0; i < result->missing.size() && i < 8; ++i)
      llvm::errs() << (i ? ", " : "") << result->missing[i];
    llvm::errs() << (result->missing.size() > 8 ? ", ..." : "")
                 << "): no device file is written";
    if (writeText(partial, measured))
      llvm::errs() << "; what was measured is in " << partial;
    llvm::errs() << '\n';
    return kInputFault;
  }
  auto device = nt::spice::deviceJson(
      *result, options, llvm::sys::path::stem(o.output).str(), command);
  if (!device)
    return report(device.diagnostics());
  return writeText(o.output, *device) ? kDone : kInputFault;
}
