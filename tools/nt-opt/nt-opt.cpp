//===- nt-opt.cpp - Runs NT's passes on a module or an ONNX model ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Pipelines/RegisterAll.h"
#include "ntrt/Bitstream.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

/// Prints what the import of an ONNX model says, at the model's path.
static LogicalResult printDiagnostic(Diagnostic &diagnostic) {
  auto file = dyn_cast<FileLineColLoc>(diagnostic.getLocation());
  if (file)
    llvm::errs() << file.getFilename().getValue();
  else
    llvm::errs() << diagnostic.getLocation();
  StringRef severity = "note";
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
    severity = "error";
  else if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
    severity = "warning";
  llvm::errs() << ": " << severity << ": " << diagnostic.str() << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    llvm::errs() << "  note: " << note.str() << "\n";
  return success();
}

/// The input as a module: an ONNX model becomes bytecode; null on an error.
static std::unique_ptr<llvm::MemoryBuffer> read(StringRef path,
                                                DialectRegistry &registry) {
  if (!path.ends_with(".onnx")) {
    std::string error;
    std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(path, &error);
    if (!buffer)
      llvm::errs() << error << "\n";
    return buffer;
  }
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  context.getDiagEngine().registerHandler(printDiagnostic);
  OwningOpRef<ModuleOp> module = nt::importONNXFile(path, &context);
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (!module || failed(writeBytecodeToFile(*module, stream)))
    return nullptr;
  return llvm::MemoryBuffer::getMemBufferCopy(bytes, path);
}

/// Runs the passes; the output is written whole or not at all.
static LogicalResult run(StringRef inputPath, StringRef outputPath,
                         DialectRegistry &registry) {
  std::unique_ptr<llvm::MemoryBuffer> input = read(inputPath, registry);
  if (!input)
    return failure();
  const MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (outputPath == "-")
    return MlirOptMain(llvm::outs(), std::move(input), registry, config);
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (failed(MlirOptMain(stream, std::move(input), registry, config)))
    return failure();
  ntrt::Status written =
      ntrt::writeFileWhole(outputPath.str(), text.data(), text.size());
  if (!written)
    llvm::errs() << ntrt::toString(written.diagnostics());
  return success(bool(written));
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
  return asMainReturnCode(run(input, output, registry));
}
