//===- nt-engine.cpp - Times and checks the tuning engine -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads a model once and then obeys lines of standard input, so that a script
// can take turns with other programs:
//   train N      N tuning steps at the batch size: milliseconds of each
//   infer N      N forward passes
//   memory       bytes of activations, and the process's peak in KiB
//   describe     which kernel runs each layer
//   gradients F  gradients of all sites for F's arrays x and y, into F.out.npz
//
//===----------------------------------------------------------------------===//
#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Pipelines/RegisterAll.h"
#include "nt/Tuner/BuildEngine.h"
#include "nt/Tuner/Training.h"

#include "ntrt/Dataset.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/CommandLine.h"

#include <chrono>
#include <iostream>
#include <random>
#include <sstream>
#include <sys/resource.h>

using namespace mlir;
using namespace nt;
namespace cl = llvm::cl;

static cl::opt<std::string> model(cl::Positional, cl::Required,
                                  cl::desc("<model.onnx>"));
static cl::opt<unsigned> batch("batch", cl::init(64));
static cl::opt<unsigned> threads("engine-threads", cl::init(1));
static cl::opt<std::string> granularity("granularity", cl::init("channel"));
static cl::opt<bool> winograd("winograd", cl::init(true));

namespace {

/// Calls `work` as often as the line says and prints the milliseconds of each.
template <typename Work> void measure(std::istream &line, Work work) {
  unsigned count = 1;
  line >> count;
  for (unsigned i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    std::cout << (i ? " " : "")
              << std::chrono::duration<double, std::milli>(
                     std::chrono::steady_clock::now() - start)
                     .count();
  }
  std::cout << std::endl;
}

bool writeGradients(tuner::Engine &engine, const std::string &path) {
  ntrt::Result<ntrt::Dataset> data = ntrt::Dataset::load(path);
  if (!data) {
    std::cerr << ntrt::toString(data.diagnostics());
    return false;
  }
  std::map<std::string, ntrt::NpyArray> arrays;
  const float *scores =
      engine.forwardTraining(data->values.data(), data->samples());
  arrays["scores"] = {{data->samples(), engine.outputSize()},
                      {scores, scores + data->samples() * engine.outputSize()},
                      "<f4"};
  tuner::lossAndGradients(engine, data->values.data(), data->labels.data(),
                          data->samples());
  for (const tuner::Site &site : engine.sites())
    arrays[site.name] = {{site.gradients.size()}, site.gradients, "<f4"};
  ntrt::Status written = ntrt::writeNpz(path + ".out.npz", arrays);
  std::cout << "done" << std::endl;
  return bool(written);
}

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "Times NT's tuning engine\n");
  registerAllPasses();
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  OwningOpRef<ModuleOp> module = importONNXFile(model, &context, {});
  if (!module)
    return 1;
  PassManager pm(&context);
  const std::string pipeline =
      "nt-import-pipeline,nt-normalize-pipeline,nt-modulate-pipeline{"
      "granularity=" +
      granularity + "}";
  if (failed(parsePassPipeline(pipeline, pm, llvm::errs())) ||
      failed(pm.run(*module)))
    return 1;
  tuner::EngineOptions options;
  options.threads = threads;
  options.winograd = winograd;
  auto built = buildEngine(*module, options);
  if (failed(built))
    return 1;
  tuner::Engine &engine = **built;

  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  std::vector<float> samples(batch * engine.inputSize());
  for (float &value : samples)
    value = normal(generator);
  std::vector<uint32_t> labels(batch);
  for (unsigned i = 0; i < batch; ++i)
    labels[i] = static_cast<uint32_t>(i % engine.outputSize());

  std::cout << "ready" << std::endl;
  for (std::string text; std::getline(std::cin, text);) {
    std::istringstream line(text);
    std::string command, argument;
    line >> command;
    if (command == "train") {
      measure(line, [&] {
        tuner::lossAndGradients(engine, samples.data(), labels.data(), batch);
      });
    } else if (command == "infer") {
      measure(line, [&] { engine.forward(samples.data(), batch); });
    } else if (command == "memory") {
      rusage usage{};
      getrusage(RUSAGE_SELF, &usage);
      std::cout << engine.activationBytes() << " " << usage.ru_maxrss
                << std::endl;
    } else if (command == "describe") {
      for (const std::string &entry : engine.describe())
        std::cout << entry << "\n";
      std::cout << "done" << std::endl;
    } else if (command == "gradients" && line >> argument) {
      if (!writeGradients(engine, argument))
        return 1;
    } else {
      std::cerr << "nt-engine: unknown command '" << text << "'\n";
      return 2;
    }
  }
  return 0;
}
