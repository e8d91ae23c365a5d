//===- DeviceSources.cpp - Where a device's figures come from -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/ReportData.h"

#include "ntrt/Bitstream.h"
#include "ntrt/DeviceFile.h"

#include "llvm/Support/JSON.h"

#include <filesystem>

using namespace nt::report;
namespace json = llvm::json;

/// Collects the "source" of every object under `value`, by dotted name.
static void collect(const json::Object &object, const std::string &name,
                    std::map<std::string, std::string> &sources) {
  if (auto source = object.getString("source"); source && !name.empty())
    sources[name] = source->str();
  for (const auto &[key, value] : object)
    if (const json::Object *child = value.getAsObject())
      collect(*child, (name.empty() ? "" : name + ".") + key.str(), sources);
}

std::string DeviceSources::of(const std::string &field) const {
  if (auto found = source.find(field); found != source.end())
    return found->second;
  return "source not available: " +
         (problem.empty() ? file + " states none" : problem);
}

DeviceSources nt::report::findSources(const ntrt::DeviceModel &device) {
  DeviceSources result;
  ntrt::Result<std::string> path = ntrt::findDeviceFile(device.name);
  if (!path) {
    result.problem = "no file of a device named " + device.name + " was found";
    return result;
  }
  result.file = std::filesystem::path(*path).lexically_normal().string();
  ntrt::Result<ntrt::DeviceModel> found = ntrt::DeviceModel::load(*path);
  if (!found) {
    result.problem = result.file + " is not a usable device file";
    return result;
  }
  if (found->hash != device.hash) {
    result.problem =
        result.file + " describes another device than the folder's device.json";
    return result;
  }
  ntrt::Result<ntrt::Bytes> bytes = ntrt::readFile(*path);
  if (!bytes) {
    result.problem = result.file + " cannot be read";
    return result;
  }
  llvm::Expected<json::Value> parsed = json::parse(llvm::StringRef(
      reinterpret_cast<const char *>(bytes->data()), bytes->size()));
  if (!parsed) {
    result.problem = llvm::toString(parsed.takeError());
    return result;
  }
  if (const json::Object *root = parsed->getAsObject())
    collect(*root, "", result.source);
  return result;
}
