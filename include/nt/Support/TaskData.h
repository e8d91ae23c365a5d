//===- TaskData.h - Samples for the tasks of a module -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_SUPPORT_TASKDATA_H
#define NT_SUPPORT_TASKDATA_H

#include "mlir/IR/BuiltinOps.h"
#include "ntrt/Dataset.h"

#include <string>
#include <vector>

namespace nt {

/// Samples of one task, at least one of them, each of the network's input size.
struct TaskSamples {
  std::string task; ///< Of the nt.task or spike.task; empty if there is none.
  ntrt::Dataset data;
};

/// Loads what a `data` option names: one data spec (ntrt::Dataset::load) for
/// all tasks of the module, or `task@spec|task@spec`, where tasks that are not
/// named are left out. The spec `uniform` gives seeded noise over [0, 1], with
/// a warning. Keeps the first `samples` of each (0: all). In a module without
/// tasks a plain spec gives one entry with an empty name. Samples are
/// normalised as the network records, else as the first spec that says so
/// (NT-DATA-008 if another spec says otherwise).
///
/// Emits every misfit at `loc` and fails: an empty spec (NT-QUANT-002), a name
/// that is no task (NT-TASK-001) or is given twice (NT-OPT-001), data that
/// cannot be read, samples that have not `inputSize` values (NT-DATA-002).
mlir::FailureOr<std::vector<TaskSamples>>
loadTaskData(mlir::Location loc, mlir::ModuleOp module, llvm::StringRef spec,
             int64_t inputSize, unsigned samples);

} // namespace nt

#endif // NT_SUPPORT_TASKDATA_H
