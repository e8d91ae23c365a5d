//===- StagedEvaluation.h - A network before and after a pass ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_STAGEDEVALUATION_H
#define NT_TUNER_STAGEDEVALUATION_H

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Tuner/ActivationStore.h"

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

struct StagedOptions {
  /// Of the engine; results are the same for the same number.
  unsigned threads = 1;
  /// Bytes of activations in memory; what is above goes to temporary files.
  size_t memory = size_t(1) << 30;
  /// Evaluates by the reference interpreter alone: what the engine is judged
  /// by.
  bool reference = false;
};

/// Evaluates a network op by op on all samples of all tasks at once, in two
/// streams: `reference`, through the ops as they are when evaluateReference()
/// is called, and `current`, through the ops as the pass has left them. So a
/// pass sees each layer's inputs with the errors of the layers before it, and
/// one evaluation of each op is enough.
///
/// Layers and pools run on the tuning engine, elementwise ops in loops, in
/// single precision; an op that the engine has not, by the reference
/// interpreter. Of a value nothing is kept once the last op that reads it is
/// released.
///
/// The pass must not erase `nt.frozen` ops before it is done.
class StagedEvaluation {
public:
  StagedEvaluation(mlir::func::FuncOp network, std::vector<StagedTask> tasks,
                   const StagedOptions &options = {});

  /// Ops to evaluate in order: all but frozen values and the return.
  llvm::ArrayRef<mlir::Operation *> operations() const { return order; }
  std::vector<StagedTask> &tasks() { return allTasks; }
  /// Samples of all tasks; those of task t are [firstSample(t),
  /// firstSample(t + 1)).
  size_t numSamples() const { return first.back(); }
  size_t firstSample(size_t task) const { return first[task]; }

  /// Emits on `op` and fails if it cannot be evaluated, or if there is no room
  /// for its result (NT-FILE-003).
  mlir::LogicalResult evaluateReference(mlir::Operation *op);
  mlir::LogicalResult evaluateCurrent(mlir::Operation *op);
  /// Forgets values that no op after `op` reads.
  void release(mlir::Operation *op);

  /// Values of `value` for all samples.
  const tuner::ActivationStore &reference(mlir::Value value) const {
    return *referenceStream.find(value)->second;
  }
  const tuner::ActivationStore &current(mlir::Value value) const {
    return *currentStream.find(value)->second;
  }

  /// Mean over a task's samples of reference less current: one number a unit,
  /// zeros if the task has no samples.
  std::vector<double> meanDifference(mlir::Value value, size_t task) const;
  /// Adds to each unit of `value`, in the current stream, one number for all
  /// samples: what a bias does that the pass has moved.
  void addToCurrent(mlir::Value value, llvm::ArrayRef<double> added);

private:
  using Store = std::shared_ptr<tuner::ActivationStore>;
  using Stream = llvm::DenseMap<mlir::Value, Store>;

  mlir::LogicalResult evaluate(mlir::Operation *op, bool isReference);
  /// The store that an elementwise op works on: that of its operand if nothing
  /// else reads it, else a copy.
  Store takeOrCopy(Stream &stream, mlir::Operation *op, mlir::Value operand);
  Store newStore(mlir::Value value);
  void evaluateElementwise(tuner::ActivationStore &store, mlir::Operation *op,
                           bool isReference);
  mlir::LogicalResult evaluateByInterpreter(mlir::Operation *op, Stream &stream,
                                            bool isReference);
  mlir::FailureOr<const HostTensor *> constant(mlir::Value value);

  std::vector<StagedTask> allTasks;
  StagedOptions options;
  tuner::ActivationMemory memory;
  std::vector<size_t> first;
  std::vector<mlir::Operation *> order;
  llvm::DenseMap<mlir::Value, mlir::Operation *> lastUser;
  /// Of ops that the interpreter evaluates. Behind pointers: evaluation holds
  /// on to entries while others are added.
  llvm::DenseMap<mlir::Value, std::unique_ptr<HostTensor>> constants;
  Stream referenceStream, currentStream;
};

} // namespace nt

#endif // NT_TUNER_STAGEDEVALUATION_H
