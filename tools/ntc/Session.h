//===- Session.h - Modules, stages and files of one ntc run -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_SESSION_H
#define NT_TOOLS_NTC_SESSION_H

#include "ntrt/Diagnostics.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <string>

namespace ntc {

/// The stages of a compilation in order; the names are those of --stop-after
/// and of the files in the output folder.
enum class Stage {
  Import,
  Normalize,
  Modulate,
  Tune,
  Quantize,
  AssignDomains,
  Retune,
  Spike,
  Chip
};
constexpr Stage kLastStage = Stage::Chip;
llvm::StringRef nameOf(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);
/// The last stage that a module has been through, told by what it holds;
/// nullopt for a mechanically imported model.
std::optional<Stage> stageOf(mlir::ModuleOp module);

/// A context with NT's dialects, whose diagnostics go to stderr with notes.
class Session {
public:
  Session();

  mlir::MLIRContext *context() { return &mlirContext; }

  /// Reads model.onnx (mechanical import) or a module (.mlir, .mlirbc). Null
  /// after a diagnostic.
  mlir::OwningOpRef<mlir::ModuleOp>
  load(llvm::StringRef path, llvm::ArrayRef<std::string> inputShapes = {});
  /// Runs a pipeline written as nt-opt takes it, e.g.
  /// "nt-quantize-pipeline{device=nt1}".
  mlir::LogicalResult run(mlir::ModuleOp module, llvm::StringRef pipeline);
  /// Brings what `load` gave to the stage modulate, if it is not there: import,
  /// normalise, modulate by `granularity`.
  mlir::LogicalResult runThroughModulate(mlir::ModuleOp module,
                                         llvm::StringRef granularity);
  /// Writes a module whole or not at all; bytecode for .mlirbc.
  mlir::LogicalResult write(mlir::ModuleOp module, llvm::StringRef path);

private:
  mlir::MLIRContext mlirContext;
};

/// Can a task have this name? Prints a diagnostic if not.
bool checkTaskName(llvm::StringRef name);

/// Prints runtime diagnostics to stderr and returns the exit code for them.
int report(const ntrt::DiagnosticList &diagnostics);
/// `value` quoted for an option of a textual pipeline.
std::string quoted(llvm::StringRef value);
/// Writes text whole or not at all; prints the diagnostic and returns false if
/// it cannot.
bool writeText(const std::string &path, llvm::StringRef text);
/// Makes a folder and its parents; prints the diagnostic and returns false if
/// it cannot.
bool makeFolder(const std::string &path);

} // namespace ntc

#endif // NT_TOOLS_NTC_SESSION_H
