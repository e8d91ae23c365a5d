//===- ExploreCommand.cpp - ntc explore -----------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Explore.h"
#include "Options.h"
#include "Session.h"
#include "Table.h"

#include "nt/Dialect/Chip/IR/ChipOps.h"
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/InputNormalisation.h"
#include "nt/Support/Progress.h"
#include "nt/Target/Bitstream/Bitstream.h"
#include "nt/Verification/Verification.h"

#include "ntrt/Bitstream.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

using namespace mlir;
using namespace ntc;

namespace {

class Exploration {
public:
  explicit Exploration(const ExploreOptions &options) : options(options) {}
  int run();

private:
  /// The network with its modulation sites; null after diagnostics.
  OwningOpRef<ModuleOp> loadModulated(Session &session) const;
  bool prepare();
  bool readResults();
  /// Everything but the point that decides its figures.
  std::string identityOf() const;
  /// Null after diagnostics: the run cannot go on.
  std::optional<ExplorePoint> measure(ExplorePoint point);
  bool compileAndSimulate(Session &session, ModuleOp module,
                          const std::string &device, ExplorePoint &point);
  bool append(const ExplorePoint &point);
  bool finish();

  const ExploreOptions &options;
  std::vector<ExplorePoint> points;
  std::string identity, baseJson;
  ntrt::Dataset test;
  std::mutex fileLock;
};

} // namespace

OwningOpRef<ModuleOp> Exploration::loadModulated(Session &session) const {
  OwningOpRef<ModuleOp> module = session.load(options.input);
  if (module && failed(session.runThroughModulate(*module, "neuron")))
    return {};
  return module;
}

bool Exploration::prepare() {
  bool ok = true;
  std::vector<std::vector<unsigned>> axes;
  for (auto [name, text, most] :
       {std::tuple("--digits", &options.digits, 7u),
        std::tuple("--domains", &options.domains, 256u),
        std::tuple("--dac-bits", &options.dacBits, 16u)}) {
    std::optional<std::vector<unsigned>> values = parseRange(*text, most);
    if (!values) {
      report({{ntrt::Diag::OptionInvalid, std::string(name) + " " + *text,
               "expected a,b or a..b between 1 and " + std::to_string(most)}});
      ok = false;
      continue;
    }
    axes.push_back(std::move(*values));
  }
  ntrt::Result<ntrt::DeviceModel> device =
      ntrt::DeviceModel::load(options.device);
  if (!device) {
    report(device.diagnostics());
    ok = false;
  }
  ntrt::Normalisation recorded;
  Session session;
  if (OwningOpRef<ModuleOp> module = loadModulated(session)) {
    auto network = nt::findNetwork(*module);
    if (succeeded(network))
      recorded = nt::inputNormalisationOf(*network);
    ok &= succeeded(network);
  } else {
    ok = false;
  }
  ntrt::Result<ntrt::Dataset> data =
      ntrt::Dataset::load(options.test, recorded);
  if (!data) {
    report(data.diagnostics());
    ok = false;
  }
  if (!ok)
    return false;
  if (data->labels.size() != data->samples()) {
    report({{ntrt::Diag::DataLabel, options.test, "it has no labels"}});
    return false;
  }
  baseJson = device->canonicalJson;
  test = std::move(*data);
  for (unsigned digits : axes[0])
    for (unsigned domains : axes[1])
      for (unsigned bits : axes[2]) {
        ExplorePoint point;
        point.digits = digits;
        point.domains = domains;
        point.dacBits = bits;
        points.push_back(point);
      }
  identity = identityOf();
  return makeFolder(options.output) && readResults();
}

std::string Exploration::identityOf() const {
  std::string text = baseJson + "|" + options.data + "|" + options.test + "|" +
                     options.task + "|" + std::to_string(options.samples) +
                     "|" + std::to_string(options.images) + "|" +
                     std::to_string(options.retune) + "|" +
                     std::to_string(options.slots);
  if (ntrt::Result<ntrt::Bytes> bytes = ntrt::readFile(options.input))
    text.append(bytes->begin(), bytes->end());
  return llvm::utohexstr(ntrt::fnv1a64(
      reinterpret_cast<const uint8_t *>(text.data()), text.size()));
}

/// Takes over the points of whole lines; a last line that was cut is measured
/// again.
bool Exploration::readResults() {
  const std::string path = options.output + "/points.jsonl";
  std::ifstream file(path);
  std::string kept;
  for (std::string line; std::getline(file, line);) {
    std::optional<ExplorePoint> found = ExplorePoint::parse(line);
    if (!found)
      continue;
    if (found->identity != identity) {
      report({{ntrt::Diag::SimResume, path,
               "remove it, or give another output folder"}});
      return false;
    }
    for (ExplorePoint &point : points)
      if (point.isSame(*found))
        point = *found;
    kept += line + "\n";
  }
  return writeText(path, kept);
}

bool Exploration::compileAndSimulate(Session &session, ModuleOp module,
                                     const std::string &devicePath,
                                     ExplorePoint &point) {
  const std::string device = quoted(devicePath);
  // A point that does not fit is a finding, not a fault.
  bool fits = true;
  {
    ScopedDiagnosticHandler quiet(session.context(),
                                  [&](Diagnostic &) { return success(); });
    fits = succeeded(session.run(
               module, llvm::formatv("nt-spike-pipeline{{device={0} slots={1}}",
                                     device, options.slots)
                           .str())) &&
           succeeded(
               session.run(module, "nt-chip-pipeline{device=" + device + "}"));
  }
  if (!fits)
    return true;
  ntrt::Result<ntrt::DeviceModel> model = ntrt::DeviceModel::load(devicePath);
  auto program = nt::chip::toProgram(
      *module.getOps<nt::chip::ProgramOp>().begin(), *model);
  if (failed(program))
    return false;
  for (auto task : module.getOps<nt::chip::TaskOp>()) {
    if (task.getSymName() != options.task)
      continue;
    auto overlay = nt::chip::toTask(task, *program, *model);
    if (failed(overlay))
      return false;
    const ntrt::Bytes bytes = ntrt::encodeProgram(*program, *model);
    overlay->programHash = ntrt::frozenHash(bytes);
    ntrt::Dataset few = test;
    const size_t images = std::min<size_t>(options.images, few.samples());
    few.values.resize(images * few.sampleSize);
    few.labels.resize(images);
    auto figures = nt::verification::chipFigures(
        *program, *overlay, *model, few, options.slots, 1, /*progress=*/false);
    if (failed(figures))
      return false;
    point.fits = true;
    point.cores = program->cores.size();
    point.chipAccuracy_percent = figures->accuracy;
    point.energyPerImage_J = figures->energyPerImage_J;
    point.programBits = 8 * bytes.size();
    point.taskBits = 8 * ntrt::encodeTask(*overlay, *model).size();
  }
  return true;
}

std::optional<ExplorePoint> Exploration::measure(ExplorePoint point) {
  const std::string device = options.output + "/" + point.name() + ".json";
  if (!writeText(device, point.deviceJson(baseJson)))
    return std::nullopt;
  Session session;
  OwningOpRef<ModuleOp> module = loadModulated(session);
  if (!module)
    return std::nullopt;
  const std::string data =
      llvm::formatv("device={0} data={1} samples={2}", quoted(device),
                    quoted(options.data), options.samples);
  std::vector<std::string> pipelines = {"nt-quantize-pipeline{" + data + "}",
                                        "nt-assign-domains-pipeline{" + data +
                                            "}"};
  if (options.retune)
    pipelines.push_back(
        llvm::formatv("nt-retune-pipeline{{device={0} data={1} epochs={2}}",
                      quoted(device), quoted(options.data), options.retune)
            .str());
  for (const std::string &pipeline : pipelines)
    if (failed(session.run(*module, pipeline)))
      return std::nullopt;
  auto accuracy = nt::verification::networkAccuracy("quantised", *module,
                                                    options.task, test);
  if (failed(accuracy))
    return std::nullopt;
  point.identity = identity;
  point.accuracy_percent = accuracy->percent;
  if (!compileAndSimulate(session, *module, device, point))
    return std::nullopt;
  return point;
}

bool Exploration::append(const ExplorePoint &point) {
  const std::lock_guard<std::mutex> guard(fileLock);
  std::ofstream file(options.output + "/points.jsonl", std::ios::app);
  file << point.toJson() << "\n" << std::flush;
  return bool(file);
}

/// The points in their order, the table and the picture.
bool Exploration::finish() {
  markPareto(points);
  std::string lines;
  std::vector<std::vector<std::string>> rows = {
      {"", "digits", "domains", "DAC bits", "accuracy, %", "on chip, %",
       "energy, uJ", "cores", "program, kbit", "task, kbit"}};
  for (const ExplorePoint &point : points) {
    lines += point.toJson() + "\n";
    auto chip = [&](double value) {
      return point.fits ? llvm::formatv("{0:f3}", value).str() : "-";
    };
    rows.push_back(
        {point.isPareto ? "*" : "", std::to_string(point.digits),
         std::to_string(point.domains), std::to_string(point.dacBits),
         llvm::formatv("{0:f2}", point.accuracy_percent).str(),
         chip(point.chipAccuracy_percent), chip(1e6 * point.energyPerImage_J),
         point.fits ? std::to_string(point.cores) : "does not fit",
         chip(1e-3 * double(point.programBits)),
         chip(1e-3 * double(point.taskBits))});
  }
  if (options.json)
    llvm::outs() << lines;
  else {
    printTable(llvm::outs(), rows);
    llvm::outs() << "* no other point is as accurate, as frugal and as small\n";
  }
  return writeText(options.output + "/points.jsonl", lines) &&
         writeText(options.output + "/pareto.svg", paretoPicture(points));
}

int Exploration::run() {
  if (!prepare())
    return kInputFault;
  std::vector<size_t> open;
  for (size_t i = 0; i < points.size(); ++i)
    if (points[i].identity.empty())
      open.push_back(i);
  nt::ProgressBar bar("explore", points.size());
  std::atomic<size_t> next = 0, done = points.size() - open.size();
  std::atomic<bool> isBroken = false;
  auto work = [&] {
    for (size_t at = next++; at < open.size() && !isBroken; at = next++) {
      std::optional<ExplorePoint> measured = measure(points[open[at]]);
      if (!measured || !append(*measured)) {
        isBroken = true;
        return;
      }
      const std::lock_guard<std::mutex> guard(fileLock);
      points[open[at]] = *measured;
      bar.update(++done);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned w = 1; w < options.parallel; ++w)
    workers.emplace_back(work);
  work();
  for (std::thread &worker : workers)
    worker.join();
  if (isBroken)
    return kInputFault;
  bar.finish();
  return finish() ? kDone : kInputFault;
}

int ntc::runExplore(const ExploreOptions &options) {
  return Exploration(options).run();
}
