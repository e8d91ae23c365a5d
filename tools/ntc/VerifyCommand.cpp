//===- VerifyCommand.cpp - ntc verify -------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Manifest.h"
#include "Options.h"
#include "Session.h"
#include "Table.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Target/CPU/EmitCPU.h"
#include "nt/Verification/Verification.h"

#include "ntrt/Dataset.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace ntc;
namespace json = llvm::json;
using namespace nt::verification;

namespace {

/// Test data and results of one task.
struct TaskResults {
  std::string name, dataSpec;
  ntrt::Dataset data;
  std::vector<AccuracyRow> accuracy;
  std::optional<ChipFigures> chip;
};

/// An accuracy measured elsewhere, shown beside NT's.
struct Baseline {
  std::string name, title;
  double percent = 0;
  int64_t trainedValues = 0;
};

/// Checks one compiled folder and prints and writes the tables.
class Verifier {
public:
  explicit Verifier(const VerifyOptions &options) : options(options) {}
  int run();

private:
  bool readFolder();
  bool readData();
  bool checkNetwork();
  bool checkTask(TaskResults &task);
  bool measureAccuracy(TaskResults &task);
  bool add(FailureOr<AgreementRow> row);
  bool add(TaskResults &task, FailureOr<AccuracyRow> row);
  ModuleOp stage(llvm::StringRef name) { return *stages[name]; }
  bool hasStage(llvm::StringRef name) const { return stages.contains(name); }
  /// The last float module: tuned if a task was tuned.
  ModuleOp floatModule() {
    return stage(hasStage("tune") ? "tune" : "modulate");
  }
  /// With the words that go to the chip.
  ModuleOp quantisedModule() {
    return stage(hasStage("retune") ? "retune" : "assign-domains");
  }
  /// Modulation values of a task.
  size_t trainedValues(llvm::StringRef task) {
    size_t count = 0;
    for (NamedAttribute site :
         floatModule().lookupSymbol<nt::TaskOp>(task).getValues())
      count += cast<DenseElementsAttr>(site.getValue()).getNumElements();
    return count;
  }
  void printTables() const;
  std::string toJson(bool passed) const;

  const VerifyOptions &options;
  Session session;
  Manifest manifest;
  std::optional<Artefacts> artefacts;
  llvm::StringMap<OwningOpRef<ModuleOp>> stages;
  std::vector<TaskResults> tasks;
  std::vector<AgreementRow> rows;
  std::vector<Baseline> baselines;
};

} // namespace

bool Verifier::readFolder() {
  std::optional<Manifest> read = Manifest::read(options.directory);
  if (!read)
    return false;
  manifest = *read;
  const std::string folder = options.directory + "/";
  std::vector<std::string> overlays;
  for (const std::string &task : manifest.overlays)
    overlays.push_back(folder + task + ".ntm");
  artefacts =
      Artefacts::read(folder + "device.json", folder + "model.ntb", overlays);
  if (!artefacts)
    return false;
  bool named = true;
  for (auto [task, overlay] : llvm::zip(artefacts->tasks, manifest.overlays))
    if (task.name != overlay) {
      report({{ntrt::Diag::TaskUnknown, folder + overlay + ".ntm",
               "the file holds task '" + task.name + "'"}});
      named = false;
    }
  if (!named)
    return false;
  for (const char *name : {"import", "normalize", "modulate", "tune",
                           "assign-domains", "retune", "spike", "chip"}) {
    const std::string path = folder + name + ".mlirbc";
    const bool isOptional =
        llvm::StringRef(name) == "tune" || llvm::StringRef(name) == "retune";
    if (isOptional && !llvm::sys::fs::exists(path))
      continue;
    OwningOpRef<ModuleOp> module = session.load(path);
    if (!module)
      return false;
    stages[name] = std::move(module);
  }
  return true;
}

bool Verifier::readData() {
  for (const std::string &entry : options.data) {
    auto [name, spec] = llvm::StringRef(entry).split('=');
    if (name.empty() || spec.empty()) {
      report({{ntrt::Diag::OptionInvalid, "--data " + entry,
               "expected task=<test data>"}});
      return false;
    }
    if (!artefacts->find(name.str())) {
      report({{ntrt::Diag::TaskUnknown, "--data " + entry,
               options.directory + " has no " + name.str() + ".ntm"}});
      return false;
    }
    std::string limited = spec.str();
    if (options.accuracyImages)
      limited += ";first=" + std::to_string(options.accuracyImages);
    ntrt::Result<ntrt::Dataset> data =
        ntrt::Dataset::load(limited, artefacts->program.normalisation);
    if (!data) {
      report(data.diagnostics());
      return false;
    }
    if (data->labels.size() != data->samples()) {
      report({{ntrt::Diag::DataLabel, limited, "labels are needed"}});
      return false;
    }
    tasks.push_back({name.str(), limited, std::move(*data), {}, {}});
  }
  if (options.baselines.empty())
    return true;
  ntrt::Result<ntrt::Bytes> bytes = ntrt::readFile(options.baselines);
  if (!bytes) {
    report(bytes.diagnostics());
    return false;
  }
  llvm::Expected<json::Value> parsed = json::parse(llvm::StringRef(
      reinterpret_cast<const char *>(bytes->data()), bytes->size()));
  if (!parsed) {
    report({{ntrt::Diag::FileTruncated, options.baselines,
             llvm::toString(parsed.takeError())}});
    return false;
  }
  if (!parsed->getAsObject()) {
    report(
        {{ntrt::Diag::FileTruncated, options.baselines, "not a JSON object"}});
    return false;
  }
  // The model's own entry: "<model>": {"<baseline>": {"accuracy": percent}}.
  if (const json::Object *entry =
          parsed->getAsObject()->getObject(artefacts->program.name))
    for (auto [name, title] :
         {std::pair("untouched", "torch: untouched"),
          std::pair("untouched_matched", "torch: untouched, outputs matched"),
          std::pair("head_only", "torch: new head only"),
          std::pair("full_finetune", "torch: full fine-tuning")})
      if (const json::Object *baseline = entry->getObject(name))
        if (auto percent = baseline->getNumber("accuracy"))
          baselines.push_back(
              {name, title, *percent,
               baseline->getInteger("trained_values").value_or(0)});
  return true;
}

bool Verifier::add(FailureOr<AgreementRow> row) {
  if (failed(row))
    return false;
  rows.push_back(*row);
  return true;
}

bool Verifier::add(TaskResults &task, FailureOr<AccuracyRow> row) {
  if (failed(row))
    return false;
  task.accuracy.push_back(*row);
  return true;
}

bool Verifier::checkNetwork() {
  const ntrt::Dataset &data = tasks.front().data;
  if (!options.reference.empty() &&
      !add(checkImport(stage("import"), options.reference)))
    return false;
  if (!add(checkStage("normalise, modulate @source", stage("import"),
                      stage("modulate"), "source", data,
                      options.interpreterImages, 1e-5)))
    return false;
  if (hasStage("tune"))
    rows.push_back(checkFrozen(stage("modulate"), stage("tune")));
  return add(checkFrozenSections(stage("chip"), artefacts->device,
                                 artefacts->programBytes));
}

bool Verifier::checkTask(TaskResults &task) {
  const size_t few = options.interpreterImages;
  const std::string at = " @" + task.name;
  if (!add(checkEngine("float engine" + at, floatModule(), task.name, task.data,
                       few)) ||
      !add(checkEngine("quantised engine" + at, quantisedModule(), task.name,
                       task.data, few)) ||
      !add(checkChipAgainstSpike(stage("spike"), artefacts->program,
                                 *artefacts->find(task.name), artefacts->device,
                                 task.data, options.images, options.threads)))
    return false;
  // Of a network that was compiled for the CPU, too.
  const std::string library =
      options.directory + "/" +
      nt::cpu::identifier(artefacts->program.name + "_" + task.name) + ".so";
  if (llvm::sys::fs::exists(library) &&
      !add(checkCompiled(stage("spike").getLoc(), library, artefacts->program,
                         *artefacts->find(task.name), artefacts->device,
                         task.data, options.images)))
    return false;
  if (options.spiceImages == 0)
    return true;
  std::vector<unsigned> cores = options.spiceCores;
  if (cores.empty())
    cores.push_back(artefacts->program.readout.front().core);
  for (unsigned core : cores) {
    nt::spice::CompareOptions compare;
    compare.core = core;
    compare.slots = artefacts->program.defaultSlots;
    if (!add(checkSpice(artefacts->program, *artefacts->find(task.name),
                        artefacts->device, task.data, options.spiceImages,
                        compare)))
      return false;
  }
  return true;
}

bool Verifier::measureAccuracy(TaskResults &task) {
  const bool isNew = task.name != "source";
  if (isNew && !add(task, networkAccuracy("untouched", stage("modulate"),
                                          "source", task.data)))
    return false;
  if (!add(task, networkAccuracy(isNew ? "tuned float" : "float", floatModule(),
                                 task.name, task.data)) ||
      !add(task, networkAccuracy("quantised", quantisedModule(), task.name,
                                 task.data)) ||
      !add(task, spikeAccuracy(stage("spike"), task.name, task.data,
                               options.threads)))
    return false;
  if (isNew)
    task.accuracy[1].trainedValues = trainedValues(task.name);
  FailureOr<ChipFigures> chip =
      chipFigures(artefacts->program, *artefacts->find(task.name),
                  artefacts->device, task.data, 0, options.threads, true);
  if (failed(chip))
    return false;
  task.accuracy.push_back({"chip from bitstream", chip->accuracy,
                           task.data.samples(), chip->seconds});
  task.chip = *chip;

  const size_t last = task.accuracy.size() - 1;
  auto loss = [&](llvm::StringRef level, size_t from, double tolerance) {
    const double points =
        task.accuracy[from].percent - task.accuracy[from + 1].percent;
    // On a small test set half a point is less than one image.
    if (tolerance > 0)
      tolerance = std::max(
          tolerance, 100.0 * 2 / static_cast<double>(task.data.samples()));
    AgreementRow row;
    row.level =
        llvm::formatv("accuracy lost, {0} @{1}", level, task.name).str();
    row.judge = llvm::formatv("{0} test images", task.data.samples()).str();
    row.figure = llvm::formatv("{0:f2} points", points).str();
    row.tolerance = llvm::formatv("{0:f1} points", tolerance).str();
    row.passed = points <= tolerance + 1e-9;
    rows.push_back(row);
  };
  loss("quantised", last - 3, 0.5);
  loss("spiking", last - 2, 1.0);
  loss("chip", last - 1, 0.0);
  return true;
}

void Verifier::printTables() const {
  llvm::raw_ostream &out = llvm::outs();
  out << llvm::formatv("\n{0} on {1}: {2} cores, {3} slots\n\n",
                       artefacts->program.name, artefacts->device.name,
                       artefacts->program.cores.size(),
                       artefacts->program.defaultSlots);
  std::vector<std::vector<std::string>> table = {
      {"", "level", "judged by", "found", "tolerance"}};
  for (const AgreementRow &row : rows)
    table.push_back({row.passed ? "ok" : "FAILED", row.level, row.judge,
                     row.figure, row.tolerance});
  printTable(out, table);
  for (const AgreementRow &row : rows)
    for (const std::string &note : row.notes)
      out << "    " << row.level << ": " << note << "\n";
  for (const TaskResults &task : tasks) {
    out << llvm::formatv("\naccuracy of @{0} on {1} test images\n\n", task.name,
                         task.data.samples());
    std::vector<std::vector<std::string>> accuracy = {
        {"stage", "accuracy", "values trained", "time"}};
    auto count = [](uint64_t values) {
      return values ? llvm::formatv("{0:N}", values).str() : std::string();
    };
    for (const AccuracyRow &row : task.accuracy)
      accuracy.push_back({row.stage,
                          llvm::formatv("{0:f2} %", row.percent).str(),
                          count(row.trainedValues),
                          llvm::formatv("{0:f1} s", row.seconds).str()});
    if (task.name != "source")
      for (const Baseline &baseline : baselines)
        accuracy.push_back({baseline.title,
                            llvm::formatv("{0:f2} %", baseline.percent).str(),
                            count(baseline.trainedValues), ""});
    printTable(out, accuracy);
    if (task.chip)
      out << llvm::formatv(
          "\n  an image: {0:f3} ms, {1:f3} uJ, {2:f0} spikes, {3:f0} synaptic "
          "events (device figures)\n",
          1e3 * task.chip->timePerImage_s, 1e6 * task.chip->energyPerImage_J,
          task.chip->spikesPerImage, task.chip->synapticEventsPerImage);
  }
  out << llvm::formatv("\nfrozen section (.ntb) {0} bytes",
                       artefacts->programBytes.size());
  for (size_t i = 0; i < artefacts->tasks.size(); ++i)
    out << llvm::formatv(", task @{0} (.ntm) {1} bytes",
                         artefacts->tasks[i].name, artefacts->taskBytes[i]);
  out << "\n";
}

std::string Verifier::toJson(bool passed) const {
  json::Array agreement, taskArray;
  json::Object baselineObject;
  for (const Baseline &baseline : baselines)
    baselineObject[baseline.name] = baseline.percent;
  for (const AgreementRow &row : rows)
    agreement.push_back(json::Object{{"level", row.level},
                                     {"judge", row.judge},
                                     {"figure", row.figure},
                                     {"tolerance", row.tolerance},
                                     {"passed", row.passed},
                                     {"notes", json::Array(row.notes)}});
  for (const TaskResults &task : tasks) {
    json::Array accuracy;
    for (const AccuracyRow &row : task.accuracy) {
      json::Object object{{"stage", row.stage},
                          {"percent", row.percent},
                          {"images", static_cast<int64_t>(row.images)},
                          {"seconds", row.seconds}};
      if (row.trainedValues)
        object["trained_values"] = static_cast<int64_t>(row.trainedValues);
      accuracy.push_back(std::move(object));
    }
    json::Object entry{{"name", task.name},
                       {"data", task.dataSpec},
                       {"accuracy", std::move(accuracy)}};
    if (task.chip)
      entry["chip"] = json::Object{
          {"energy_J_per_image", task.chip->energyPerImage_J},
          {"time_s_per_image", task.chip->timePerImage_s},
          {"spikes_per_image", task.chip->spikesPerImage},
          {"synaptic_events_per_image", task.chip->synapticEventsPerImage}};
    taskArray.push_back(std::move(entry));
  }
  json::Object taskBytes;
  for (size_t i = 0; i < artefacts->tasks.size(); ++i)
    taskBytes[artefacts->tasks[i].name] =
        static_cast<int64_t>(artefacts->taskBytes[i]);
  json::Object object{
      {"model", artefacts->program.name},
      {"device", artefacts->device.name},
      {"cores", static_cast<int64_t>(artefacts->program.cores.size())},
      {"slots", static_cast<int64_t>(artefacts->program.defaultSlots)},
      {"passed", passed},
      {"bytes", json::Object{{"program", static_cast<int64_t>(
                                             artefacts->programBytes.size())},
                             {"tasks", std::move(taskBytes)}}},
      {"agreement", std::move(agreement)},
      {"tasks", std::move(taskArray)},
      {"baselines", std::move(baselineObject)}};
  return llvm::formatv("{0:2}\n", json::Value(std::move(object))).str();
}

int Verifier::run() {
  if (!readFolder() || !readData() || !checkNetwork())
    return kInputFault;
  for (TaskResults &task : tasks)
    if (!checkTask(task) || !measureAccuracy(task))
      return kInputFault;
  const bool passed =
      llvm::all_of(rows, [](const AgreementRow &row) { return row.passed; });
  printTables();
  if (!options.json.empty() && !writeText(options.json, toJson(passed)))
    return kInputFault;
  if (passed)
    return kDone;
  return report({{ntrt::Diag::VerifyMismatch, options.directory,
                  llvm::formatv("{0} of {1} rows failed",
                                llvm::count_if(rows,
                                               [](const AgreementRow &row) {
                                                 return !row.passed;
                                               }),
                                rows.size())
                      .str()}});
}

int ntc::runVerify(const VerifyOptions &options) {
  return Verifier(options).run();
}
