//===- Manifest.cpp - What a compiled folder holds ------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Manifest.h"
#include "Session.h"

#include "ntrt/Bitstream.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace ntc;
namespace json = llvm::json;

std::string Manifest::toJson() const {
  json::Array taskArray, stageArray;
  for (const TaskEntry &task : tasks) {
    json::Object entry{{"name", task.name}, {"data", task.data}};
    if (!task.curves.empty())
      entry["curves"] = task.curves;
    taskArray.push_back(std::move(entry));
  }
  for (const StageEntry &stage : stages)
    stageArray.push_back(json::Object{{"name", stage.name},
                                      {"file", stage.file},
                                      {"seconds", stage.seconds}});
  json::Array pairsArray;
  for (const PairsEntry &entry : pairs)
    pairsArray.push_back(json::Object{
        {"layer", entry.layer},
        {"second_columns", static_cast<int64_t>(entry.neurons)},
        {"cores", static_cast<int64_t>(entry.cores)},
        {"cores_unpaired", static_cast<int64_t>(entry.coresUnpaired)},
        {"second_synapses", static_cast<int64_t>(entry.synapses)},
        {"configuration_bits", static_cast<int64_t>(entry.configurationBits)},
        {"second_peak_A", entry.secondPeak_A},
        {"peak_A", entry.peak_A}});
  json::Object object{{"model", model},
                      {"device", device},
                      {"data", data},
                      {"slots", slots},
                      {"cores", static_cast<int64_t>(cores)},
                      {"tasks", std::move(taskArray)},
                      {"stages", std::move(stageArray)},
                      {"pipelines", json::Array(pipelines)},
                      {"overlays", json::Array(overlays)}};
  if (!pairs.empty())
    object["pairs"] = std::move(pairsArray);
  return llvm::formatv("{0:2}\n", json::Value(std::move(object))).str();
}

std::optional<Manifest> Manifest::read(const std::string &folder) {
  const std::string path = folder + "/manifest.json";
  ntrt::Result<ntrt::Bytes> bytes = ntrt::readFile(path);
  if (!bytes) {
    report(bytes.diagnostics());
    return std::nullopt;
  }
  llvm::Expected<json::Value> parsed = json::parse(llvm::StringRef(
      reinterpret_cast<const char *>(bytes->data()), bytes->size()));
  if (!parsed) {
    report({{ntrt::Diag::FileTruncated, path,
             llvm::toString(parsed.takeError())}});
    return std::nullopt;
  }
  Manifest manifest;
  const json::Object *object = parsed->getAsObject();
  auto text = [](const json::Object &from, llvm::StringRef key) {
    return from.getString(key).value_or("").str();
  };
  if (!object) {
    report({{ntrt::Diag::FileTruncated, path, "not a JSON object"}});
    return std::nullopt;
  }
  manifest.model = text(*object, "model");
  manifest.device = text(*object, "device");
  manifest.data = text(*object, "data");
  manifest.slots =
      static_cast<unsigned>(object->getInteger("slots").value_or(0));
  manifest.cores = static_cast<size_t>(object->getInteger("cores").value_or(0));
  if (const json::Array *pairs = object->getArray("pairs"))
    for (const json::Value &value : *pairs)
      if (const json::Object *entry = value.getAsObject()) {
        auto count = [&](llvm::StringRef key) {
          return static_cast<uint64_t>(entry->getInteger(key).value_or(0));
        };
        manifest.pairs.push_back(
            {text(*entry, "layer"), count("second_columns"), count("cores"),
             count("cores_unpaired"), count("second_synapses"),
             count("configuration_bits"),
             entry->getNumber("second_peak_A").value_or(0),
             entry->getNumber("peak_A").value_or(0)});
      }
  if (const json::Array *tasks = object->getArray("tasks"))
    for (const json::Value &task : *tasks)
      if (const json::Object *entry = task.getAsObject())
        manifest.tasks.push_back({text(*entry, "name"), text(*entry, "data"),
                                  text(*entry, "curves")});
  if (const json::Array *stages = object->getArray("stages"))
    for (const json::Value &stage : *stages)
      if (const json::Object *entry = stage.getAsObject())
        manifest.stages.push_back({text(*entry, "name"), text(*entry, "file"),
                                   entry->getNumber("seconds").value_or(0)});
  if (const json::Array *pipelines = object->getArray("pipelines"))
    for (const json::Value &pipeline : *pipelines)
      manifest.pipelines.push_back(pipeline.getAsString().value_or("").str());
  if (const json::Array *overlays = object->getArray("overlays"))
    for (const json::Value &overlay : *overlays)
      manifest.overlays.push_back(overlay.getAsString().value_or("").str());
  return manifest;
}
