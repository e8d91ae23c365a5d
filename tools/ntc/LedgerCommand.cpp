//===- LedgerCommand.cpp - ntc ledger -------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Manifest.h"
#include "Options.h"
#include "Session.h"
#include "Table.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"
#include "nt/Verification/Ledger.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace ntc;
namespace json = llvm::json;
using namespace nt::verification;

namespace {

/// Costs of a layer's domains (`nt.domain_cost`).
struct DomainGap {
  std::string layer;
  double cost = 0, lowerBound = 0, freeBound = 0;

  /// How far at most the cost is above the least that as many domains allow.
  double aboveBound() const { return ratio(cost, lowerBound); }
  /// How far that least is above the cost of free scales.
  double aboveFree() const { return ratio(lowerBound, freeBound); }

private:
  static double ratio(double value, double of) {
    return value > of ? (of > 0 ? value / of - 1 : INFINITY) : 0;
  }
};

class LedgerRun {
public:
  explicit LedgerRun(const LedgerOptions &options) : options(options) {}
  int run();

private:
  std::string path(llvm::StringRef file) const {
    llvm::SmallString<128> result(options.directory);
    llvm::sys::path::append(result, file);
    return result.str().str();
  }
  bool readFolder();
  /// The float module quantised again as the folder was, but for `grid`, and
  /// each layer by itself: not for the errors of those before it.
  OwningOpRef<ModuleOp> requantised(const llvm::Twine &grid);
  bool measure(llvm::StringRef task, const std::string &spec);
  void print() const;
  /// How near the domains of each layer are to the best, from the module that
  /// the folder holds; none where it does not say.
  std::vector<DomainGap> domainGaps() const;
  json::Value toJson() const;
  bool writeAnnotated();

  const LedgerOptions &options;
  Session session;
  Manifest manifest;
  std::optional<ntrt::DeviceModel> device;
  OwningOpRef<ModuleOp> floatNetwork, freeScales, sharedScales, deviceScales;
  OwningOpRef<ModuleOp> quantised;
  OwningOpRef<ModuleOp> imported, normalised; ///< Null: not in the folder.
  std::vector<Ledger> ledgers;
};

/// The options of the folder's nt-quantize-pipeline; empty if it has none.
std::string quantizeOptions(const Manifest &manifest) {
  constexpr llvm::StringLiteral head = "nt-quantize-pipeline{";
  for (const std::string &pipeline : manifest.pipelines)
    if (llvm::StringRef text(pipeline); text.consume_front(head))
      return text.drop_back().str();
  return "";
}

/// The "key=value" of a pipeline's options, the value in quotes or not.
std::string entryOf(llvm::StringRef text, llvm::StringRef key) {
  const size_t at = (" " + text).str().find((" " + key + "=").str());
  if (at == std::string::npos)
    return "";
  const llvm::StringRef entry = text.drop_front(at);
  const size_t value = key.size() + 1;
  if (value < entry.size() && (entry[value] == '\'' || entry[value] == '"'))
    return entry.take_front(entry.find(entry[value], value + 1) + 1).str();
  return entry.take_front(entry.find(' ')).str();
}

/// "key=value" entries of a pipeline's options without those for `key`.
std::string without(llvm::StringRef text, llvm::StringRef key) {
  const size_t at = (" " + text).str().find((" " + key + "=").str());
  if (at == std::string::npos)
    return text.str();
  const llvm::StringRef rest = text.drop_front(at);
  return (text.take_front(at) + rest.drop_front(rest.find(' '))).str();
}

} // namespace

bool LedgerRun::readFolder() {
  std::optional<Manifest> read = Manifest::read(options.directory);
  if (!read)
    return false;
  manifest = std::move(*read);
  ntrt::Result<ntrt::DeviceModel> loaded =
      ntrt::DeviceModel::load(manifest.device);
  if (!loaded) {
    report(loaded.diagnostics());
    return false;
  }
  device = std::move(*loaded);
  const bool isTuned = llvm::sys::fs::exists(path("tune.mlirbc"));
  floatNetwork =
      session.load(path(isTuned ? "tune.mlirbc" : "modulate.mlirbc"));
  quantised = session.load(path("quantize.mlirbc"));
  // The layers that quantisation sees.
  if (!floatNetwork || !quantised ||
      failed(session.run(*floatNetwork, "nt-lower-add")))
    return false;
  if (quantizeOptions(manifest).empty()) {
    report({{ntrt::Diag::QuantMissing, path("manifest.json"),
             "the run went on from a quantised module: the ledger needs the "
             "folder of the run that quantised"}});
    return false;
  }
  if (llvm::sys::fs::exists(path("import.mlirbc")) &&
      llvm::sys::fs::exists(path("normalize.mlirbc"))) {
    imported = session.load(path("import.mlirbc"));
    normalised = session.load(path("normalize.mlirbc"));
    // Scores before a softmax, as the normalised network gives them.
    if (!imported || !normalised ||
        failed(session.run(*imported, "nt-drop-softmax")))
      return false;
  }
  const std::string told = quantizeOptions(manifest);
  const std::string samples = entryOf(told, "data") + " " +
                              entryOf(told, "samples") + " " +
                              entryOf(told, "threads");
  // The float network whose layers have the ranges that were quantised.
  if (entryOf(told, "equalize") == "equalize=true" &&
      failed(session.run(*floatNetwork,
                         "nt-calibrate{" + entryOf(told, "percentile") + " " +
                             samples + "},nt-equalize{" +
                             entryOf(told, "device") + " " + samples + "}")))
    return false;
  // Free scales are those of one column a neuron.
  freeScales = requantised("grid=free domains=0");
  sharedScales = requantised("grid=free domains=" +
                             llvm::Twine(device->synapseDomain.countPerCore));
  deviceScales =
      requantised(entryOf(told, "domains") + " " + entryOf(told, "paired"));
  return freeScales && sharedScales && deviceScales;
}

OwningOpRef<ModuleOp> LedgerRun::requantised(const llvm::Twine &grid) {
  OwningOpRef<ModuleOp> copy = floatNetwork->clone();
  // Calibration data is read again, so warnings on it have been given.
  const std::string text =
      ("nt-quantize-pipeline{refit=false " + grid + " " +
       without(
           without(without(quantizeOptions(manifest), "domains"), "equalize"),
           "paired") +
       "}")
          .str();
  if (failed(session.run(*copy, text)))
    return {};
  return copy;
}

bool LedgerRun::measure(llvm::StringRef task, const std::string &spec) {
  // The folder's last module has what any stage recorded.
  auto network = nt::findNetwork(*quantised);
  if (failed(network))
    return false;
  ntrt::Result<ntrt::Dataset> data =
      ntrt::Dataset::load(spec, nt::inputNormalisationOf(*network));
  if (!data) {
    report(data.diagnostics());
    return false;
  }
  FailureOr<Ledger> ledger =
      measureLedger({*floatNetwork, *freeScales, *sharedScales, *deviceScales},
                    task, *data, *device, options.seed, options.threads);
  if (failed(ledger))
    return false;
  if (imported) {
    FailureOr<Loss> fold = measureFold(*imported, *normalised, *data);
    if (failed(fold))
      return false;
    ledger->fold = *fold;
    ledger->foldImages = std::min(kFoldImages, data->samples());
  }
  ledgers.push_back(std::move(*ledger));
  return true;
}

std::vector<DomainGap> LedgerRun::domainGaps() const {
  std::vector<DomainGap> gaps;
  ModuleOp module = *quantised;
  module.walk([&](nt::FrozenLayer layer) {
    if (auto cost = layer->getAttrOfType<DenseF64ArrayAttr>(nt::kDomainCost);
        cost && cost.size() == 3)
      gaps.push_back({layer.getLayerName().str(), cost[0], cost[1], cost[2]});
  });
  return gaps;
}

static std::string headline(const Ledger &ledger) {
  auto [row, effect] = ledger.worst();
  if (!row)
    return "Fix this first: the network has no layer";
  const Loss loss = row->added(effect);
  return llvm::formatv("Fix this first: {0} in '{1}' adds {2:f2} % error to "
                       "the scores of @{3} ({4:f2} points): {5}",
                       nameOf(effect), row->layer, 100 * loss.error,
                       ledger.task, loss.accuracyLost_pt, remedyOf(effect))
      .str();
}

void LedgerRun::print() const {
  for (const Ledger &ledger : ledgers) {
    llvm::outs() << headline(ledger) << "\n\n@" << ledger.task
                 << llvm::formatv(": {0:f2} % of {1} images in float. Each "
                                  "effect alone: error of scores, %, and "
                                  "points lost\n",
                                  ledger.accuracyFloat_percent, ledger.images);
    std::vector<std::vector<std::string>> rows = {{"layer"}};
    for (size_t e = 0; e < kEffects; ++e)
      rows.front().push_back(nameOf(static_cast<Effect>(e)).str());
    for (const LedgerRow &row : ledger.rows) {
      rows.push_back({row.layer.empty() ? "all layers" : row.layer});
      for (size_t e = 0; e < kEffects; ++e) {
        const Loss loss = row.added(static_cast<Effect>(e));
        rows.back().push_back(llvm::formatv("{0:f2} ({1:f2})", 100 * loss.error,
                                            loss.accuracyLost_pt)
                                  .str());
      }
    }
    printTable(llvm::outs(), rows);
    if (const std::vector<std::string> wanting = ledger.wantingDigits();
        !wanting.empty())
      llvm::outs() << "want more digits (--paired), the most first: "
                   << llvm::join(wanting, ", ") << "\n";
    if (ledger.foldImages)
      llvm::outs() << llvm::formatv(
          "folding of batch norms: {0:e2} % ({1:f2}), without modulation, of "
          "the first {2} images\n",
          100 * ledger.fold.error, ledger.fold.accuracyLost_pt,
          ledger.foldImages);
    llvm::outs() << "\n";
  }
  const std::vector<DomainGap> gaps = domainGaps();
  if (gaps.empty())
    return;
  llvm::outs() << "Synapse domains, by the cost that chose them, %\n";
  std::vector<std::vector<std::string>> rows = {
      {"layer", "above the bound at most", "the bound above free scales"}};
  for (const DomainGap &gap : gaps)
    rows.push_back({gap.layer,
                    llvm::formatv("{0:f2}", 100 * gap.aboveBound()).str(),
                    llvm::formatv("{0:f2}", 100 * gap.aboveFree()).str()});
  printTable(llvm::outs(), rows);
}

json::Value LedgerRun::toJson() const {
  json::Array tasks;
  for (const Ledger &ledger : ledgers) {
    json::Array rows;
    for (const LedgerRow &row : ledger.rows)
      for (size_t e = 0; e < kEffects; ++e) {
        const auto effect = static_cast<Effect>(e);
        const Loss added = row.added(effect);
        json::Object line{{"effect", nameOf(effect)},
                          {"error_added", added.error},
                          {"points_lost", added.accuracyLost_pt},
                          {"error_with", row.with[e].error},
                          {"points_lost_with", row.with[e].accuracyLost_pt}};
        // The effect in all layers names none.
        if (!row.layer.empty())
          line["layer"] = row.layer;
        rows.push_back(std::move(line));
      }
    json::Object object{
        {"task", ledger.task},
        {"fix_first", headline(ledger)},
        {"images", static_cast<int64_t>(ledger.images)},
        {"accuracy_float_percent", ledger.accuracyFloat_percent},
        {"want_digits", json::Array(ledger.wantingDigits())},
        {"rows", std::move(rows)}};
    if (ledger.foldImages)
      object["fold"] =
          json::Object{{"error_added", ledger.fold.error},
                       {"points_lost", ledger.fold.accuracyLost_pt},
                       {"images", static_cast<int64_t>(ledger.foldImages)}};
    tasks.push_back(std::move(object));
  }
  json::Array domains;
  for (const DomainGap &gap : domainGaps())
    domains.push_back(json::Object{{"layer", gap.layer},
                                   {"cost", gap.cost},
                                   {"lower_bound", gap.lowerBound},
                                   {"free_bound", gap.freeBound}});
  return json::Object{{"domains", std::move(domains)},
                      {"mismatch_seed", static_cast<int64_t>(options.seed)},
                      {"tasks", std::move(tasks)}};
}

/// Writes the quantised module with what each effect adds on its layers, the
/// largest over the tasks.
bool LedgerRun::writeAnnotated() {
  Builder builder(session.context());
  quantised->walk([&](nt::FrozenLayer layer) {
    NamedAttrList losses;
    for (size_t e = 0; e < kEffects; ++e) {
      const auto effect = static_cast<Effect>(e);
      double most = 0;
      for (const Ledger &ledger : ledgers)
        for (const LedgerRow &row : ledger.rows)
          if (row.layer == layer.getLayerName())
            most = std::max(most, row.added(effect).error);
      std::string key = nameOf(effect).lower();
      std::replace(key.begin(), key.end(), ' ', '_');
      losses.set(key, builder.getF64FloatAttr(most));
    }
    layer->setAttr(kLayerLoss, losses.getDictionary(session.context()));
  });
  return succeeded(session.write(*quantised, options.output));
}

int LedgerRun::run() {
  if (!readFolder())
    return kInputFault;
  for (const std::string &entry : options.data) {
    auto [task, spec] = llvm::StringRef(entry).split('=');
    if (task.empty() || spec.empty())
      return report({{ntrt::Diag::OptionInvalid, "--data " + entry,
                      "expected task=<data>"}}),
             kUsage;
    if (!measure(task, spec.str()))
      return kInputFault;
  }
  const std::string text = llvm::formatv("{0:2}\n", toJson()).str();
  if (options.json)
    llvm::outs() << text;
  else
    print();
  if (!writeText(path("ledger.json"), text))
    return kInputFault;
  if (!options.output.empty() && !writeAnnotated())
    return kInputFault;
  return kDone;
}

int ntc::runLedger(const LedgerOptions &options) {
  return LedgerRun(options).run();
}
