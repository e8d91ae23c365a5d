//===- ReportJson.cpp - A report for machines -----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/Report.h"

#include "Sections.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <set>

using namespace nt::report;
namespace json = llvm::json;

static json::Value orNull(const std::optional<double> &value) {
  return value ? json::Value(*value) : json::Value(nullptr);
}

static json::Object learningJson(const LearningCurve &curve) {
  json::Array epochs;
  for (const EpochPoint &point : curve.epochs)
    epochs.push_back(
        json::Object{{"loss", point.loss},
                     {"accuracy", point.accuracy},
                     {"validation_loss", orNull(point.validationLoss)},
                     {"validation_accuracy", orNull(point.validationAccuracy)},
                     {"learning_rate", point.learningRate}});
  return json::Object{{"data", curve.data},
                      {"options", curve.options},
                      {"trained_values", curve.trainedValues},
                      {"seconds", curve.seconds},
                      {"best_epoch", curve.bestEpoch},
                      {"test_accuracy", orNull(curve.testAccuracy)},
                      {"epochs", std::move(epochs)}};
}

/// All that is known of the task of this name.
static json::Object taskJson(const ModelReport &model,
                             const std::string &name) {
  json::Object object{{"name", name}};
  for (const TaskReport &task : model.tasks)
    if (task.overlay.name == name)
      object["ntm_bytes"] = static_cast<int64_t>(task.bytes);
  if (auto data = model.manifest.data.find(name);
      data != model.manifest.data.end())
    object["data"] = data->second;
  for (const LearningCurve &curve : model.curves)
    if (curve.task == name)
      object["learning"] = learningJson(curve);
  const VerifiedTask *verified = model.verified(name);
  if (!verified)
    return object;
  object["test_data"] = verified->data;
  json::Array accuracy;
  for (const StageAccuracy &row : verified->accuracy)
    accuracy.push_back(json::Object{{"stage", row.stage},
                                    {"percent", row.percent},
                                    {"images", row.images},
                                    {"seconds", row.seconds}});
  object["accuracy"] = std::move(accuracy);
  if (verified->chip)
    object["chip"] = json::Object{
        {"energy_J_per_image", verified->chip->energy_J},
        {"time_s_per_image", verified->chip->time_s},
        {"spikes_per_image", verified->chip->spikes},
        {"synaptic_events_per_image", verified->chip->synapticEvents}};
  return object;
}

static json::Object modelJson(const ModelReport &model) {
  json::Array stages, agreement, tasks;
  for (const StageTime &stage : model.manifest.stages)
    stages.push_back(json::Object{{"name", stage.name},
                                  {"file", stage.file},
                                  {"seconds", stage.seconds}});
  std::set<std::string> names(model.manifest.overlays.begin(),
                              model.manifest.overlays.end());
  for (const LearningCurve &curve : model.curves)
    names.insert(curve.task);
  for (const std::string &name : names)
    tasks.push_back(taskJson(model, name));
  json::Object object{{"name", nameOf(model)},
                      {"folder", model.folder},
                      {"model", model.manifest.model},
                      {"device", model.manifest.device},
                      {"passed", nullptr},
                      {"stages", std::move(stages)},
                      {"tasks", std::move(tasks)},
                      {"missing", json::Array(model.missing)}};
  if (model.program) {
    object["cores"] = static_cast<int64_t>(model.program->cores.size());
    object["ntb_bytes"] = static_cast<int64_t>(model.programBytes);
    object["input_normalisation"] = model.program->normalisation.str();
  }
  if (!model.verification)
    return object;
  object["passed"] = model.verification->passed;
  for (const Agreement &row : model.verification->agreement)
    agreement.push_back(json::Object{{"level", row.level},
                                     {"judge", row.judge},
                                     {"figure", row.figure},
                                     {"tolerance", row.tolerance},
                                     {"passed", row.passed},
                                     {"notes", json::Array(row.notes)}});
  object["agreement"] = std::move(agreement);
  json::Object baselines;
  for (const auto &[name, percent] : model.verification->baselines)
    baselines[name] = percent;
  object["baselines"] = std::move(baselines);
  return object;
}

std::string nt::report::renderJson(const Report &report) {
  json::Array models;
  for (const ModelReport &model : report.models)
    models.push_back(modelJson(model));
  json::Object object{{"directory", report.directory},
                      {"skipped", json::Array(report.skipped)},
                      {"models", std::move(models)}};
  return llvm::formatv("{0:2}\n", json::Value(std::move(object))).str();
}
