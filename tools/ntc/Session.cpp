//===- Session.cpp - Modules, stages and files of one ntc run -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Session.h"
#include "Options.h"

#include "nt/Dialect/Chip/IR/ChipOps.h"
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Pipelines/RegisterAll.h"
#include "nt/Support/Diagnostics.h"

#include "ntrt/Bitstream.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace ntc;

static constexpr llvm::StringLiteral kStageNames[] = {
    "import",         "normalize", "modulate", "tune", "quantize",
    "assign-domains", "retune",    "spike",    "chip"};

llvm::StringRef ntc::nameOf(Stage stage) {
  return kStageNames[static_cast<size_t>(stage)];
}

std::optional<Stage> ntc::parseStage(llvm::StringRef name) {
  for (size_t i = 0; i < std::size(kStageNames); ++i)
    if (kStageNames[i] == name)
      return static_cast<Stage>(i);
  return std::nullopt;
}

std::optional<Stage> ntc::stageOf(ModuleOp module) {
  std::optional<Stage> stage = Stage::Import;
  module.walk([&](Operation *op) {
    if (isa<nt::OnnxNodeOp>(op)) {
      stage = std::nullopt;
      return WalkResult::interrupt();
    }
    Stage found = Stage::Import;
    if (isa<nt::chip::ProgramOp>(op))
      found = Stage::Chip;
    else if (isa<nt::spike::NetworkOp>(op))
      found = Stage::Spike;
    else if (auto task = dyn_cast<nt::TaskOp>(op))
      found = task->hasAttr(nt::kTaskRetuned) ? Stage::Retune
              : task.getWords()               ? Stage::AssignDomains
              : task.getName() == "source"    ? Stage::Modulate
                                              : Stage::Tune;
    else if (isa<nt::ModulateOp>(op))
      found = Stage::Modulate;
    else if (isa<nt::FrozenLayer>(op) && op->hasAttr(nt::FrozenLayer::kScales))
      found = Stage::Quantize;
    stage = std::max(*stage, found);
    return WalkResult::advance();
  });
  return stage;
}

/// "file", "file:line:column", or nothing: NT's texts name the node themselves.
static std::string placeOf(Location loc) {
  if (auto file = dyn_cast<FileLineColLoc>(loc)) {
    std::string place = file.getFilename().str();
    if (file.getLine())
      place += llvm::formatv(":{0}:{1}", file.getLine(), file.getColumn());
    return place;
  }
  if (auto name = dyn_cast<NameLoc>(loc))
    return placeOf(name.getChildLoc());
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (std::string place = placeOf(part); !place.empty())
        return place;
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return placeOf(call.getCallee());
  return "";
}

/// Prints a diagnostic with its notes. A note stands at its diagnostic's place
/// unless it names another.
static void printDiagnostic(Diagnostic &diagnostic) {
  auto severity = [](DiagnosticSeverity severity) {
    switch (severity) {
    case DiagnosticSeverity::Error:
      return "error";
    case DiagnosticSeverity::Warning:
      return "warning";
    case DiagnosticSeverity::Note:
    case DiagnosticSeverity::Remark:
      break;
    }
    return "note";
  };
  const std::string place = placeOf(diagnostic.getLocation());
  auto print = [&](Diagnostic &d, llvm::StringRef indent, llvm::StringRef at) {
    llvm::errs() << indent << at << (at.empty() ? "" : ": ")
                 << severity(d.getSeverity()) << ": " << d.str() << "\n";
  };
  print(diagnostic, "", place);
  for (Diagnostic &note : diagnostic.getNotes()) {
    const std::string other = placeOf(note.getLocation());
    print(note, "  ", other == place ? "" : other);
  }
}

Session::Session() {
  static bool registered = [] {
    nt::registerAllPasses();
    return true;
  }();
  (void)registered;
  DialectRegistry registry;
  nt::registerAllDialects(registry);
  mlirContext.appendDialectRegistry(registry);
  mlirContext.loadAllAvailableDialects();
  // A message names the user's node; the op behind it would only add noise.
  mlirContext.printOpOnDiagnostic(false);
  mlirContext.getDiagEngine().registerHandler([](Diagnostic &diagnostic) {
    printDiagnostic(diagnostic);
    return success();
  });
}

/// "name=1x3x224x224" into the import options; false if it does not parse.
static bool parseShape(llvm::StringRef text, nt::ONNXImportOptions &options) {
  auto [name, shape] = text.rsplit('=');
  llvm::SmallVector<llvm::StringRef> extents;
  shape.split(extents, 'x');
  llvm::SmallVector<int64_t> parsed;
  for (llvm::StringRef extent : extents) {
    int64_t value = 0;
    if (extent.getAsInteger(10, value) || value <= 0)
      return false;
    parsed.push_back(value);
  }
  if (name.empty() || parsed.empty())
    return false;
  options.inputShapes[name] = parsed;
  return true;
}

OwningOpRef<ModuleOp> Session::load(llvm::StringRef path,
                                    llvm::ArrayRef<std::string> inputShapes) {
  if (path.ends_with(".onnx")) {
    nt::ONNXImportOptions options;
    for (const std::string &shape : inputShapes)
      if (!parseShape(shape, options)) {
        report({{ntrt::Diag::OptionInvalid, "--input " + shape,
                 "expected name=1x3x224x224"}});
        return nullptr;
      }
    return nt::importONNXFile(path, &mlirContext, options);
  }
  if (!llvm::sys::fs::exists(path)) {
    report({{ntrt::Diag::FileMissing, path.str(), "no such file"}});
    return nullptr;
  }
  if (!path.ends_with(".mlir") && !path.ends_with(".mlirbc")) {
    report({{ntrt::Diag::OptionInvalid, path.str(),
             "expected a .onnx, .mlir or .mlirbc file"}});
    return nullptr;
  }
  return parseSourceFile<ModuleOp>(path, ParserConfig(&mlirContext));
}

LogicalResult Session::run(ModuleOp module, llvm::StringRef pipeline) {
  PassManager pm(&mlirContext);
  if (failed(parsePassPipeline(pipeline, pm, llvm::errs())))
    return failure();
  return pm.run(module);
}

LogicalResult Session::runThroughModulate(ModuleOp module,
                                          llvm::StringRef granularity) {
  const std::optional<Stage> done = stageOf(module);
  if (!done && failed(run(module, "nt-import-pipeline")))
    return failure();
  if (done && *done >= Stage::Modulate)
    return success();
  if (failed(run(module, "nt-normalize-pipeline")))
    return failure();
  return run(module,
             ("nt-modulate-pipeline{granularity=" + granularity + "}").str());
}

LogicalResult Session::write(ModuleOp module, llvm::StringRef path) {
  // Streamed to a file beside it, which then takes its name: a module may be
  // as large as memory.
  llvm::Error error =
      llvm::writeToOutput(path, [&](llvm::raw_ostream &stream) -> llvm::Error {
        if (!path.ends_with(".mlirbc"))
          module.print(stream, OpPrintingFlags().enableDebugInfo());
        else if (failed(writeBytecodeToFile(module, stream)))
          return llvm::createStringError("bytecode cannot be written");
        return llvm::Error::success();
      });
  if (!error)
    return success();
  report({{ntrt::Diag::FileNotWritten, path.str(),
           llvm::toString(std::move(error))}});
  return failure();
}

int ntc::report(const ntrt::DiagnosticList &diagnostics) {
  llvm::errs() << ntrt::toString(diagnostics);
  return kInputFault;
}

std::string ntc::quoted(llvm::StringRef value) {
  return ("'" + value + "'").str();
}

bool ntc::checkTaskName(llvm::StringRef name) {
  // It names files, and stands in the options of a pipeline.
  auto allowed = [](char c) {
    return llvm::isAlnum(c) || c == '_' || c == '-';
  };
  if (!name.empty() && name.front() != '-' && llvm::all_of(name, allowed))
    return true;
  report({{ntrt::Diag::OptionInvalid, "--task " + name.str(),
           "a task's name has letters, digits, '_' and '-' only"}});
  return false;
}

bool ntc::writeText(const std::string &path, llvm::StringRef text) {
  ntrt::Status written = ntrt::writeFileWhole(path, text.data(), text.size());
  if (!written)
    report(written.diagnostics());
  return bool(written);
}

bool ntc::makeFolder(const std::string &path) {
  if (std::error_code error = llvm::sys::fs::create_directories(path)) {
    report({{ntrt::Diag::FileNotWritten, path, error.message()}});
    return false;
  }
  return true;
}
