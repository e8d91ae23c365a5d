//===- DemoCommand.cpp - ntc demo -----------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs compile and verify on the demo models, as a user would from the shell,
// and writes the report.
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace ntc;

namespace {

/// A model, its data and how it is compiled; `quick` shortens all of it.
struct DemoModel {
  std::string name, device, sourceTrain, sourceTest, targetTrain, targetTest;
  unsigned epochs = 0, slots = 0, spiceImages = 0;
  double learningRate = 0;
  std::vector<unsigned> spiceCores;
};

std::vector<DemoModel> demoModels(const DemoOptions &options) {
  const std::string digits = options.models + "/digits4x4.npz:";
  const std::string fashion = "fashion-mnist:";
  const std::string source = ";classes=0,2,4,5,8",
                    target = ";classes=1,3,6,7,9";
  const std::string sourceDigits = ";classes=0,1,2,3,4",
                    targetDigits = ";classes=5,6,7,8,9";
  std::vector<DemoModel> models;
  models.push_back({"tiny",
                    "nt1-tiny",
                    digits + "train" + sourceDigits,
                    digits + "test" + sourceDigits,
                    digits + "train" + targetDigits,
                    digits + "test" + targetDigits,
                    40,
                    64,
                    10,
                    0.05,
                    {0, 1}});
  const std::string train = fashion + "train", test = fashion + "test";
  models.push_back({"mlp",
                    "nt1",
                    train + source,
                    test + source,
                    train + target,
                    test + target,
                    8,
                    64,
                    2,
                    0.05,
                    {}});
  // Of the 44 cores: part of the first convolution, the hidden dense layer with
  // its 1024 axons, and the read-out.
  models.push_back({"cnn",
                    "nt1",
                    train + source,
                    test + source,
                    train + target,
                    test + target,
                    8,
                    64,
                    1,
                    0.02,
                    {0, 42, 43}});
  if (options.quick)
    for (DemoModel &model : models) {
      model.epochs = 1;
      model.targetTrain += ";first=2000";
      model.sourceTest += ";first=100";
      model.targetTest += ";first=100";
      model.spiceImages = 1;
      if (model.device != "nt1-tiny")
        model.spiceCores.clear();
    }
  return models;
}

int runModel(const DemoModel &model, const DemoOptions &options) {
  llvm::outs() << llvm::formatv(
      "\n==== {0}: compile for {1}, retarget to a new "
      "task\n",
      model.name, model.device);
  llvm::outs().flush();
  CompileOptions compile;
  compile.input = options.models + "/" + model.name + ".onnx";
  compile.outputDir = options.outputDir + "/" + model.name;
  compile.device = model.device;
  compile.data = model.sourceTrain;
  compile.tasks = {"target=" + model.targetTrain};
  compile.epochs = model.epochs;
  compile.learningRate = model.learningRate;
  compile.slots = model.slots;
  compile.emitCpu = true;
  if (int code = runCompile(compile))
    return code;

  VerifyOptions verify;
  verify.directory = compile.outputDir;
  verify.reference = options.models + "/" + model.name + "-reference.npz";
  verify.baselines = options.models + "/baselines.json";
  verify.data = {"target=" + model.targetTest, "source=" + model.sourceTest};
  verify.spiceImages = model.spiceImages;
  verify.spiceCores = model.spiceCores;
  verify.json = compile.outputDir + "/verify.json";
  return runVerify(verify);
}

} // namespace

int ntc::runDemo(const DemoOptions &options) {
  const auto start = std::chrono::steady_clock::now();
  int worst = kDone;
  for (const DemoModel &model : demoModels(options))
    worst = std::max(worst, runModel(model, options));
  ReportOptions report;
  report.directory = options.outputDir;
  report.output = options.outputDir + "/report.html";
  worst = std::max(worst, runReport(report));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  llvm::outs() << llvm::formatv("\n{0} in {1:f0} s; report: {2}\n",
                                worst == kDone ? "all rows hold"
                                               : "SOME ROWS FAILED",
                                seconds, report.output);
  return worst;
}
