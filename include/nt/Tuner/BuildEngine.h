//===- BuildEngine.h - From an nt network to an engine ----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_BUILDENGINE_H
#define NT_TUNER_BUILDENGINE_H

#include "nt/Tuner/Engine.h"

#include "mlir/IR/BuiltinOps.h"

namespace nt {
class TaskOp;

/// Builds the batched engine of a module's network, float or quantised (codes
/// are multiplied with their scales). Softmax directly before the result is
/// left out: the engine gives scores. Emits a diagnostic for every op it cannot
/// run.
mlir::FailureOr<std::unique_ptr<tuner::Engine>>
buildEngine(mlir::ModuleOp module, tuner::EngineOptions options = {});

/// The operand of an op that is no frozen value, if it has exactly one; else
/// null.
mlir::Value activationOf(mlir::Operation *op);

/// Builds an engine of one layer, pool or sum with a frozen value alone, from
/// its one activation to its result. Null, without a diagnostic, if the engine
/// has no such op or it has several activations.
std::unique_ptr<tuner::Engine> buildStage(mlir::Operation *op,
                                          tuner::EngineOptions options = {});

/// Copies a task's values into the engine's sites (zeros where it has none).
void loadTask(tuner::Engine &engine, TaskOp task);

} // namespace nt

#endif // NT_TUNER_BUILDENGINE_H
