//===- TaskCommand.cpp - ntc task
//---------------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"
#include "Table.h"

#include "nt/Dialect/NT/IR/NTOps.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>

using namespace mlir;
using namespace ntc;

namespace {

/// Values of one site of a task.
std::vector<double> valuesOf(nt::TaskOp task, StringRef site) {
  std::vector<double> values;
  if (auto elements = task.getValues().getAs<ElementsAttr>(site))
    for (float value : elements.getValues<float>())
      values.push_back(value);
  return values;
}

double norm(const std::vector<double> &values) {
  double sum = 0;
  for (double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

/// The tasks with these names; a diagnostic for each that there is none of.
FailureOr<std::vector<nt::TaskOp>> find(ModuleOp module,
                                        const std::vector<std::string> &names) {
  std::vector<nt::TaskOp> tasks;
  ntrt::DiagnosticList misfits;
  for (const std::string &name : names) {
    if (auto task = module.lookupSymbol<nt::TaskOp>(name))
      tasks.push_back(task);
    else
      misfits.push_back({ntrt::Diag::TaskUnknown, "@" + name, "not there"});
  }
  if (misfits.empty())
    return tasks;
  report(misfits);
  return failure();
}

std::string printed(double value) {
  return llvm::formatv("{0:f4}", value).str();
}

int list(ModuleOp module, const TaskOptions &options) {
  llvm::json::Array json;
  std::vector<std::vector<std::string>> rows = {
      {"task", "classes", "values", "not 0", "largest", "norm"}};
  for (auto task : module.getOps<nt::TaskOp>()) {
    size_t count = 0, nonZero = 0;
    double largest = 0, square = 0;
    llvm::json::Object sites;
    for (NamedAttribute entry : task.getValues()) {
      const std::vector<double> values = valuesOf(task, entry.getName());
      const double length = norm(values);
      count += values.size();
      square += length * length;
      for (double value : values) {
        nonZero += value != 0;
        largest = std::max(largest, std::abs(value));
      }
      sites[entry.getName().str()] = llvm::json::Object{
          {"values", static_cast<int64_t>(values.size())}, {"norm", length}};
    }
    std::string classes;
    llvm::json::Array classList;
    for (int32_t label : task.getClasses()) {
      classes += (classes.empty() ? "" : " ") + std::to_string(label);
      classList.push_back(label);
    }
    rows.push_back({"@" + task.getName().str(), classes, std::to_string(count),
                    std::to_string(nonZero), printed(largest),
                    printed(std::sqrt(square))});
    json.push_back(
        llvm::json::Object{{"task", task.getName()},
                           {"classes", std::move(classList)},
                           {"values", static_cast<int64_t>(count)},
                           {"values_not_zero", static_cast<int64_t>(nonZero)},
                           {"largest", largest},
                           {"norm", std::sqrt(square)},
                           {"sites", std::move(sites)}});
  }
  if (options.json)
    llvm::outs() << llvm::formatv("{0:2}\n",
                                  llvm::json::Value(std::move(json)));
  else
    printTable(llvm::outs(), rows);
  return kDone;
}

/// Distance of two tasks, layer by layer, the most moved first.
int compare(ModuleOp module, const TaskOptions &options) {
  if (options.tasks.size() != 2)
    return report({{ntrt::Diag::OptionInvalid, "ntc task compare",
                    "two tasks are needed, " +
                        std::to_string(options.tasks.size()) + " given"}});
  auto tasks = find(module, options.tasks);
  if (failed(tasks))
    return kInputFault;
  struct Move {
    std::string site;
    double first, second, distance, cosine;
  };
  std::vector<Move> moves;
  double square = 0;
  for (NamedAttribute entry : (*tasks)[0].getValues()) {
    const std::vector<double> a = valuesOf((*tasks)[0], entry.getName()),
                              b = valuesOf((*tasks)[1], entry.getName());
    if (a.size() != b.size())
      continue; // The verifier has named it.
    double dot = 0, sum = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      dot += a[i] * b[i];
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    const double lengths = norm(a) * norm(b);
    square += sum;
    moves.push_back({entry.getName().str(), norm(a), norm(b), std::sqrt(sum),
                     lengths > 0 ? dot / lengths : 0});
  }
  llvm::sort(moves, [](const Move &a, const Move &b) {
    return a.distance != b.distance ? a.distance > b.distance : a.site < b.site;
  });
  if (options.json) {
    llvm::json::Array sites;
    for (const Move &move : moves)
      sites.push_back(llvm::json::Object{{"site", move.site},
                                         {"norm_first", move.first},
                                         {"norm_second", move.second},
                                         {"distance", move.distance},
                                         {"cosine", move.cosine}});
    llvm::outs() << llvm::formatv(
        "{0:2}\n",
        llvm::json::Value(llvm::json::Object{{"distance", std::sqrt(square)},
                                             {"sites", std::move(sites)}}));
    return kDone;
  }
  std::vector<std::vector<std::string>> rows = {
      {"layer", "norm @" + options.tasks[0], "norm @" + options.tasks[1],
       "distance", "cosine"}};
  for (const Move &move : moves)
    rows.push_back({move.site, printed(move.first), printed(move.second),
                    printed(move.distance), printed(move.cosine)});
  printTable(llvm::outs(), rows);
  llvm::outs() << "  distance " << printed(std::sqrt(square)) << "\n";
  return kDone;
}

/// Adds a task whose values are the mean of the others'.
int merge(Session &session, ModuleOp module, const TaskOptions &options) {
  if (!checkTaskName(options.name))
    return kUsage;
  if (module.lookupSymbol(options.name))
    return report({{ntrt::Diag::TaskExists, "@" + options.name, "in the way"}});
  auto tasks = find(module, options.tasks);
  if (failed(tasks))
    return kInputFault;
  nt::TaskOp first = tasks->front();
  for (nt::TaskOp task : *tasks)
    if (task.getClasses() != first.getClasses() || task.getWords() ||
        task->hasAttr(nt::kTaskGains))
      return report(
          {{ntrt::Diag::TaskShape, "@" + task.getName().str(),
            "tasks to merge must give outputs the same classes and have plain "
            "values; tune them with --no-match"}});
  OpBuilder builder(module.getContext());
  builder.setInsertionPointAfter(tasks->back());
  NamedAttrList values;
  for (NamedAttribute entry : first.getValues()) {
    std::vector<float> mean(valuesOf(first, entry.getName()).size());
    for (nt::TaskOp task : *tasks) {
      const std::vector<double> own = valuesOf(task, entry.getName());
      for (size_t i = 0; i < mean.size(); ++i)
        mean[i] += static_cast<float>(own[i] / tasks->size());
    }
    values.set(
        entry.getName(),
        DenseElementsAttr::get(
            cast<ShapedType>(cast<ElementsAttr>(entry.getValue()).getType()),
            ArrayRef(mean)));
  }
  builder.create<nt::TaskOp>(
      first.getLoc(), builder.getStringAttr(options.name),
      first.getClassesAttr(), values.getDictionary(module.getContext()),
      DictionaryAttr());
  return failed(session.write(module, options.output)) ? kInputFault : kDone;
}

int erase(Session &session, ModuleOp module, const TaskOptions &options) {
  auto tasks = find(module, options.tasks);
  if (failed(tasks))
    return kInputFault;
  for (nt::TaskOp task : *tasks)
    task.erase();
  return failed(session.write(module, options.output)) ? kInputFault : kDone;
}

} // namespace

int ntc::runTask(const TaskOptions &options) {
  if (options.action == TaskAction::Export && options.tasks.size() != 1)
    return report({{ntrt::Diag::OptionInvalid, "ntc task export",
                    "one task is needed, " +
                        std::to_string(options.tasks.size()) + " given"}});
  if (options.action == TaskAction::Export)
    return runExport({.input = options.module,
                      .output = options.output,
                      .task = options.tasks.front()});
  Session session;
  OwningOpRef<ModuleOp> module = session.load(options.module);
  if (!module)
    return kInputFault;
  switch (options.action) {
  case TaskAction::List:
    return list(*module, options);
  case TaskAction::Compare:
    return compare(*module, options);
  case TaskAction::Merge:
    return merge(session, *module, options);
  case TaskAction::Delete:
    return erase(session, *module, options);
  case TaskAction::Export:
    break;
  }
  return kInternal;
}
