//===- CircuitRun.cpp - Netlists through ngspice, checked -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CircuitRun.h"
#include "nt/Target/Spice/CoreNetlist.h"
#include "nt/Target/Spice/StreamedFile.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <unistd.h>

using namespace nt::spice;
using ntrt::Diag;
using ntrt::Diagnostic;
using ntrt::DiagnosticList;

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (temporary)
    std::filesystem::remove_all(path, ignored);
}

ntrt::Status WorkFolder::make(const std::string &wanted) {
  std::error_code error;
  if (!wanted.empty()) {
    path = wanted;
    std::filesystem::create_directories(path, error);
    if (error)
      return Diagnostic{Diag::FileNotWritten, path, error.message()};
    return ntrt::Done{};
  }
  std::string name =
      (std::filesystem::temp_directory_path(error) / "nt-spice-XXXXXX")
          .string();
  if (error || !mkdtemp(name.data()))
    return Diagnostic{Diag::FileNotWritten, name, std::strerror(errno)};
  path = name;
  temporary = true;
  return ntrt::Done{};
}

/// Emits one circuit into its folder.
static ntrt::Result<CircuitInfo> emitInto(
    const std::string &folder, size_t index, double factor,
    const std::function<ntrt::Result<CircuitInfo>(size_t, double,
                                                  std::ostream &)> &write) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return Diagnostic{Diag::FileNotWritten, folder, error.message()};
  auto file = StreamedFile::open(folder + '/' + netlistFileName);
  if (!file)
    return file.diagnostics();
  auto info = write(index, factor, file->stream());
  if (!info)
    return info;
  auto written = file->commit();
  if (!written)
    return written.diagnostics();
  return info;
}

/// What fails all runs alike, a missing ngspice, is told once.
static void addOnce(DiagnosticList &list, const Diagnostic &diagnostic) {
  for (const Diagnostic &known : list)
    if (known.str() == diagnostic.str())
      return;
  list.push_back(diagnostic);
}

ntrt::Status nt::spice::runCircuits(
    size_t count, WorkFolder &work, const NgspiceOptions &options,
    const std::function<ntrt::Result<CircuitInfo>(size_t, double,
                                                  std::ostream &)> &write,
    const std::function<ntrt::Status(size_t, RawData, const std::string &)>
        &take,
    double &seconds) {
  std::vector<size_t> pending(count);
  std::iota(pending.begin(), pending.end(), 0);
  DiagnosticList failures;
  double factor = 1;
  for (int attempt = 0; !pending.empty(); ++attempt, factor *= 0.9) {
    std::vector<NgspiceJob> jobs;
    std::vector<CircuitInfo> infos;
    for (size_t index : pending) {
      std::string folder = work.path + "/run" + std::to_string(index);
      auto info = emitInto(folder, index, factor, write);
      if (!info)
        return info.diagnostics();
      jobs.push_back({folder, info->stop_s});
      infos.push_back(std::move(*info));
    }
    auto start = std::chrono::steady_clock::now();
    auto results = runNgspice(jobs, options);
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - start;
    seconds += elapsed.count();

    std::vector<size_t> again;
    for (size_t i = 0; i < results.size(); ++i) {
      if (!results[i]) {
        for (const Diagnostic &diagnostic : results[i].diagnostics())
          addOnce(failures, diagnostic);
        continue;
      }
      size_t missed =
          missedCorners(infos[i].corners_s, infos[i].slot_s, *results[i]);
      if (missed && attempt < 3) {
        again.push_back(pending[i]);
        continue;
      }
      if (missed) {
        failures.push_back({Diag::SpiceFailed, jobs[i].folder,
                            "ngspice stepped over " + std::to_string(missed) +
                                " corners of the sources"});
        continue;
      }
      auto taken = take(pending[i], std::move(*results[i]), jobs[i].folder);
      if (!taken)
        failures.push_back(taken.diagnostics().front());
    }
    pending = std::move(again);
  }
  if (failures.empty())
    return ntrt::Done{};
  work.keep();
  return failures;
}
