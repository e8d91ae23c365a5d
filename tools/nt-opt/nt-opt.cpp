//===- nt-opt.cpp - Runs NT's passes on a module or an ONNX model ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Pipelines/RegisterAll.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

#include <optional>

using namespace mlir;

/// Imports an ONNX model and runs the rest of nt-opt on the module as bytecode.
static LogicalResult runOnModel(StringRef inputPath, StringRef outputPath,
                                DialectRegistry &registry,
                                const MlirOptMainConfig &config) {
  std::string bytes;
  {
    MLIRContext context(registry);
    context.loadAllAvailableDialects();
    context.getDiagEngine().registerHandler([](Diagnostic &diagnostic) {
      llvm::errs() << diagnostic.getLocation() << ": "
                   << (diagnostic.getSeverity() == DiagnosticSeverity::Error
                           ? "error: "
                           : "note: ")
                   << diagnostic.str() << "\n";
      for (Diagnostic &note : diagnostic.getNotes())
        llvm::errs() << "  note: " << note.str() << "\n";
      return success();
    });
    OwningOpRef<ModuleOp> module = nt::importONNXFile(inputPath, &context);
    if (!module)
      return failure();
    llvm::raw_string_ostream stream(bytes);
    if (failed(writeBytecodeToFile(*module, stream)))
      return failure();
  }
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> output =
      openOutputFile(outputPath, &error);
  if (!output) {
    llvm::errs() << error << "\n";
    return failure();
  }
  std::unique_ptr<llvm::MemoryBuffer> buffer =
      llvm::MemoryBuffer::getMemBufferCopy(bytes, inputPath);
  if (failed(MlirOptMain(output->os(), std::move(buffer), registry, config)))
    return failure();
  output->keep();
  return success();
}

int main(int argc, char **argv) {
  DialectRegistry registry;
  nt::registerAllDialects(registry);
  nt::registerAllPasses();
  llvm::InitLLVM init(argc, argv);
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv,
      "NT optimizer driver: takes a module (.mlir, .mlirbc) or an ONNX model "
      "(.onnx)\n",
      registry);
  if (StringRef(input).ends_with(".onnx"))
    return asMainReturnCode(runOnModel(
        input, output, registry, MlirOptMainConfig::createFromCLOptions()));
  return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));
}
