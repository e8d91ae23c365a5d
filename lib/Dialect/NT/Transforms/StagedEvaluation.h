//===- StagedEvaluation.h - A network before and after a pass ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_DIALECT_NT_TRANSFORMS_STAGEDEVALUATION_H
#define NT_LIB_DIALECT_NT_TRANSFORMS_STAGEDEVALUATION_H

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <vector>

namespace nt {

/// One task with its calibration samples and its modulation values, as they
/// were (reference) and as the pass leaves them (current).
struct StagedTask {
  TaskOp op; ///< Null: the network without modulation.
  std::vector<std::vector<float>> samples;
  llvm::StringMap<HostTensor> reference, current;
};

/// Evaluates a network op by op on all samples of all tasks at once, in two
/// streams: `reference`, through the ops as they are when evaluateReference()
/// is called, and `current`, through the ops as the pass has left them. So a
/// pass sees each layer's inputs with the errors of the layers before it, and
/// one evaluation of each op is enough.
///
/// The pass must not erase `nt.frozen` ops before it is done.
class StagedEvaluation {
public:
  StagedEvaluation(mlir::func::FuncOp network, std::vector<StagedTask> tasks);

  /// Ops to evaluate in order: all but frozen values and the return.
  llvm::ArrayRef<mlir::Operation *> operations() const { return order; }
  std::vector<StagedTask> &tasks() { return allTasks; }
  /// Samples of all tasks; those of task t are [firstSample(t),
  /// firstSample(t + 1)).
  size_t numSamples() const { return first.back(); }
  size_t firstSample(size_t task) const { return first[task]; }

  /// Emits on `op` and fails if it cannot be evaluated.
  mlir::LogicalResult evaluateReference(mlir::Operation *op);
  mlir::LogicalResult evaluateCurrent(mlir::Operation *op);
  /// Forgets values that no op after `op` reads.
  void release(mlir::Operation *op);

  /// Values of `value`, one a sample.
  const std::vector<HostTensor> &reference(mlir::Value value) {
    return referenceStream[value];
  }
  const std::vector<HostTensor> &current(mlir::Value value) {
    return currentStream[value];
  }

  /// Mean over a task's samples of reference less current: one number a unit.
  std::vector<double> meanDifference(mlir::Value value, size_t task);

private:
  using Stream = llvm::DenseMap<mlir::Value, std::vector<HostTensor>>;
  mlir::LogicalResult evaluate(mlir::Operation *op, bool isReference);
  mlir::FailureOr<const HostTensor *> constant(mlir::Value value);

  std::vector<StagedTask> allTasks;
  std::vector<size_t> first;
  std::vector<mlir::Operation *> order;
  llvm::DenseMap<mlir::Value, mlir::Operation *> lastUser;
  /// Behind pointers: evaluation holds on to entries while others are added.
  llvm::DenseMap<mlir::Value, std::unique_ptr<HostTensor>> constants;
  Stream referenceStream, currentStream;
};

} // namespace nt

#endif // NT_LIB_DIALECT_NT_TRANSFORMS_STAGEDEVALUATION_H
