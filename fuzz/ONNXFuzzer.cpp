//===- ONNXFuzzer.cpp - libFuzzer target on the ONNX front end ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes through import, conversion, export, normalisation and modulation.
// Whatever they are, each stage gives a module that verifies, or diagnostics;
// what NT exports it imports again. Half of
// the mutations keep a model a model (MessageMutator), the others are
// libFuzzer's own.
//
//===----------------------------------------------------------------------===//
#include "MessageMutator.h"

#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Pipelines/Pipelines.h"
#include "nt/Pipelines/RegisterAll.h"
#include "nt/Target/ONNX/ExportONNX.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

using namespace mlir;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

static bool import(ModuleOp module) {
  PassManager passes(module.getContext());
  nt::populateImportPipeline(passes);
  return succeeded(passes.run(module));
}

/// An exported model is one that NT takes.
static void checkExport(ModuleOp module, unsigned &errors) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  const unsigned before = errors;
  if (failed(nt::exportONNX(module, {}, stream))) {
    if (errors == before)
      __builtin_trap();
    return;
  }
  OwningOpRef<ModuleOp> again =
      nt::importONNX(llvm::MemoryBuffer::getMemBufferCopy(bytes), "again.onnx",
                     module.getContext());
  if (!again || !import(*again))
    __builtin_trap();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  DialectRegistry registry;
  nt::registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  unsigned errors = 0;
  context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
    errors += diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return success();
  });

  auto buffer = llvm::MemoryBuffer::getMemBuffer(
      llvm::StringRef(reinterpret_cast<const char *>(data), size), "fuzz.onnx",
      /*RequiresNullTerminator=*/false);
  OwningOpRef<ModuleOp> module =
      nt::importONNX(std::move(buffer), "fuzz.onnx", &context);
  if (!module) {
    if (!errors)
      __builtin_trap(); // A refusal that says nothing.
    return 0;
  }
  if (failed(verify(*module)))
    __builtin_trap(); // Mechanical import makes a module or none.
  if (!import(*module)) {
    if (!errors)
      __builtin_trap();
    return 0;
  }
  checkExport(*module, errors);
  PassManager passes(&context);
  nt::populateNormalizePipeline(passes);
  nt::ModulatePipelineOptions options;
  nt::populateModulatePipeline(passes, options);
  if (failed(passes.run(*module)) && !errors)
    __builtin_trap();
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  std::mt19937 random(seed);
  google::protobuf::LogSilencer silencer;
  onnx::ModelProto model;
  if (random() % 2 == 0 || !model.ParseFromArray(data, static_cast<int>(size)))
    return LLVMFuzzerMutate(data, size, maxSize);
  for (unsigned changes = 1 + random() % 3; changes; --changes)
    nt::fuzz::mutate(model, random);
  const size_t changed = model.ByteSizeLong();
  if (changed > maxSize ||
      !model.SerializePartialToArray(data, static_cast<int>(changed)))
    return LLVMFuzzerMutate(data, size, maxSize);
  return changed;
}
