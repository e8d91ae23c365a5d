//===- TaskData.cpp - Samples for the tasks of a module -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Support/TaskData.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"

#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <random>

using namespace mlir;
using namespace nt;

namespace {
/// A task and the data spec it takes.
struct Request {
  std::string task, spec;
};
} // namespace

/// Names of the module's tasks, in order. Support knows no dialect, so tasks
/// are found by the name of their op.
static SmallVector<StringRef> taskNames(ModuleOp module) {
  SmallVector<StringRef> names;
  for (Operation &op : *module.getBody())
    if (StringRef name = op.getName().getStringRef();
        name == "nt.task" || name == "spike.task")
      names.push_back(SymbolTable::getSymbolName(&op).getValue());
  return names;
}

/// Splits `task@spec`. A '@' behind a path separator, a field or a ':' belongs
/// to the spec.
static std::optional<std::pair<StringRef, StringRef>>
splitTask(StringRef text) {
  const size_t at = text.find('@');
  if (at == StringRef::npos ||
      text.take_front(at).find_first_of("/:;,.") != StringRef::npos)
    return std::nullopt;
  return std::make_pair(text.take_front(at), text.drop_front(at + 1));
}

static FailureOr<std::vector<Request>> parse(Location loc, ModuleOp module,
                                             StringRef spec) {
  const SmallVector<StringRef> tasks = taskNames(module);
  std::vector<Request> requests;
  if (!splitTask(spec)) {
    for (StringRef task : tasks)
      requests.push_back({task.str(), spec.str()});
    if (tasks.empty())
      requests.push_back({"", spec.str()});
    return requests;
  }

  LogicalResult result = success();
  SmallVector<StringRef> parts;
  spec.split(parts, '|');
  for (StringRef part : parts) {
    auto named = splitTask(part);
    if (!named || named->second.empty()) {
      emitDiag(loc, ntrt::Diag::OptionInvalid)
          << "data: '" << part << "' is not task@spec";
      result = failure();
    } else if (!llvm::is_contained(tasks, named->first)) {
      emitDiag(loc, ntrt::Diag::TaskUnknown)
          << "data names task '" << named->first << "', the module has "
          << (tasks.empty() ? "none" : llvm::join(tasks, ", "));
      result = failure();
    } else if (llvm::any_of(requests, [&](const Request &request) {
                 return request.task == named->first;
               })) {
      emitDiag(loc, ntrt::Diag::OptionInvalid)
          << "data: task '" << named->first << "' is given twice";
      result = failure();
    } else {
      requests.push_back({named->first.str(), named->second.str()});
    }
  }
  if (failed(result))
    return failure();
  return requests;
}

static void keepFirst(ntrt::Dataset &data, unsigned samples) {
  if (samples == 0 || data.samples() <= samples)
    return;
  data.values.resize(samples * data.sampleSize);
  if (data.labels.size() > samples)
    data.labels.resize(samples);
}

static std::string printed(ArrayRef<size_t> shape) {
  return llvm::join(
      llvm::map_range(shape,
                      [](size_t extent) { return std::to_string(extent); }),
      "x");
}

/// Seeded samples over the encoder's whole range, for calibration without data.
static ntrt::Dataset uniformSamples(int64_t inputSize, unsigned samples) {
  ntrt::Dataset data;
  data.sampleSize = static_cast<size_t>(inputSize);
  data.sampleShape = {data.sampleSize};
  std::mt19937_64 generator(1);
  for (size_t i = 0; i < data.sampleSize * (samples ? samples : 128); ++i)
    data.values.push_back(static_cast<float>(generator() >> 40) /
                          static_cast<float>(1 << 24));
  return data;
}

/// What the network records, else what the first spec that says anything says:
/// one network has one normalisation.
static ntrt::Normalisation normalisationFor(ModuleOp module,
                                            ArrayRef<Request> requests) {
  for (Operation &op : *module.getBody())
    if (ntrt::Normalisation recorded = inputNormalisationOf(&op);
        !recorded.isIdentity())
      return recorded;
  for (const Request &request : requests)
    if (auto said = ntrt::Dataset::normalisationFor(request.spec);
        said && !said->isIdentity())
      return *said;
  return {};
}

static ntrt::Result<ntrt::Dataset> loadSpec(Location loc, StringRef spec,
                                            const ntrt::Normalisation &recorded,
                                            int64_t inputSize,
                                            unsigned samples) {
  if (spec != "uniform")
    return ntrt::Dataset::load(spec.str(), recorded);
  emitDiagWarning(loc, ntrt::Diag::QuantNoCalibration)
      << "calibrating on uniform noise, which no real input looks like";
  return uniformSamples(inputSize, samples);
}

FailureOr<std::vector<TaskSamples>>
nt::loadTaskData(Location loc, ModuleOp module, StringRef spec,
                 int64_t inputSize, unsigned samples) {
  if (spec.empty())
    return emitDiag(loc, ntrt::Diag::QuantNoCalibration)
           << "the data option is empty";
  FailureOr<std::vector<Request>> requests = parse(loc, module, spec);
  if (failed(requests))
    return failure();

  const ntrt::Normalisation recorded = normalisationFor(module, *requests);
  LogicalResult result = success();
  std::vector<TaskSamples> loaded;
  for (const Request &request : *requests) {
    // Tasks that share a spec share one read, and one diagnostic.
    auto before = llvm::find_if(*requests, [&](const Request &other) {
      return other.spec == request.spec;
    });
    if (&*before != &request) {
      auto source = llvm::find_if(loaded, [&](const TaskSamples &other) {
        return other.task == before->task;
      });
      if (source != loaded.end()) {
        TaskSamples copy{request.task, source->data};
        loaded.push_back(std::move(copy));
      }
      continue;
    }
    ntrt::Result<ntrt::Dataset> data =
        loadSpec(loc, request.spec, recorded, inputSize, samples);
    if (!data) {
      result = emitDiags(loc, data.diagnostics());
      continue;
    }
    if (static_cast<int64_t>(data->sampleSize) != inputSize) {
      emitDiag(loc, ntrt::Diag::DataShape)
          << "samples of '" << request.spec << "' have shape "
          << printed(data->sampleShape) << " (" << data->sampleSize
          << " values), the network takes " << inputSize << " values";
      result = failure();
      continue;
    }
    if (data->samples() == 0) {
      emitDiag(loc, ntrt::Diag::DataEmpty) << request.spec;
      result = failure();
      continue;
    }
    keepFirst(*data, samples);
    loaded.push_back({request.task, std::move(*data)});
  }
  if (failed(result))
    return failure();
  return loaded;
}
