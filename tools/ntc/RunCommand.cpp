//===- RunCommand.cpp - ntc run -------------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"

#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Progress.h"

#include "ntrt/Dataset.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace ntc;

/// The array x of the file, if its samples are those of the network; nullopt
/// after a report.
static std::optional<ntrt::NpyArray> readInput(const std::string &path,
                                               int64_t inputSize) {
  auto arrays = ntrt::readNpz(path);
  if (!arrays) {
    report(arrays.diagnostics());
    return std::nullopt;
  }
  auto found = arrays->find("x");
  if (found == arrays->end()) {
    report({{ntrt::Diag::DataShape, path, "it has no array 'x'"}});
    return std::nullopt;
  }
  ntrt::NpyArray &x = found->second;
  const size_t samples = x.shape.empty() ? 0 : x.shape.front();
  if (samples == 0 || x.values.size() % samples ||
      static_cast<int64_t>(x.values.size() / samples) != inputSize) {
    report(
        {{ntrt::Diag::DataShape, path,
          "array 'x' has " + std::to_string(x.values.size()) + " values in " +
              std::to_string(samples) + " samples, the network takes " +
              std::to_string(inputSize) + " a sample"}});
    return std::nullopt;
  }
  return std::move(x);
}

int ntc::runRun(const RunOptions &options) {
  Session session;
  OwningOpRef<ModuleOp> module =
      session.load(options.model, options.inputShapes);
  if (!module)
    return kInputFault;
  if (!stageOf(*module) && failed(session.run(*module, "nt-import-pipeline")))
    return kInputFault;
  auto interpreter = nt::Interpreter::create(*module, options.task);
  if (failed(interpreter))
    return kInputFault;
  auto x = readInput(options.data, (*interpreter)->inputSize());
  if (!x)
    return kInputFault;

  const size_t samples = x->shape.front();
  const size_t size = x->values.size() / samples;
  ntrt::NpyArray y;
  nt::ProgressBar progress("run", samples);
  for (size_t i = 0; i != samples; ++i) {
    auto result =
        (*interpreter)->run(llvm::ArrayRef(x->values).slice(i * size, size));
    if (failed(result))
      return kInputFault;
    if (i == 0) {
      y.shape.assign(result->shape.begin(), result->shape.end());
      // Samples in place of the batch of 1.
      if (y.shape.empty() || y.shape.front() != 1)
        y.shape.insert(y.shape.begin(), 1);
      y.shape.front() = samples;
    }
    for (double value : result->values)
      y.values.push_back(static_cast<float>(value));
    progress.update(i + 1);
  }
  ntrt::Status written = ntrt::writeNpz(options.output, {{"y", y}});
  return written ? kDone : report(written.diagnostics());
}
