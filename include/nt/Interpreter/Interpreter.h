//===- Interpreter.h - The reference interpreter of nt ----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_INTERPRETER_INTERPRETER_H
#define NT_INTERPRETER_INTERPRETER_H

#include "nt/Interfaces/NTInterfaces.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <memory>
#include <vector>

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace nt {

class TaskOp;

/// What evaluation of one op may ask beyond its operands.
struct EvaluationContext {
  /// Values of each modulation site under the chosen task; no entry: zeros.
  const llvm::StringMap<HostTensor> *modulation = nullptr;
  /// Gains of each layer's synapse domains, by layer name; no entry: ones.
  const llvm::StringMap<HostTensor> *gains = nullptr;
};

/// Evaluates the network of a module (its one function with the unit attribute
/// `nt.network`) op by op through the Evaluable interface: slow and obvious, it
/// judges every lowering of nt. Frozen values are read once at creation.
class Interpreter {
public:
  /// `task` names the nt.task whose modulation applies; empty: none. Emits a
  /// diagnostic and fails if there is no network, an op is not Evaluable (all
  /// are named), or the task is unknown.
  static mlir::FailureOr<std::unique_ptr<Interpreter>>
  create(mlir::ModuleOp module, llvm::StringRef task = {});

  /// Called with every SSA value of the network after it is computed.
  using Observer = std::function<void(mlir::Value, const HostTensor &)>;

  /// Runs one sample; `input` has as many values as the network's argument.
  mlir::FailureOr<HostTensor> run(llvm::ArrayRef<float> input,
                                  const Observer &observer = {});

  /// Number of values the network takes and gives.
  int64_t inputSize() const;
  int64_t outputSize() const;

private:
  Interpreter() = default;
  struct State;
  std::shared_ptr<State> state;
};

/// The one function of a module that carries `nt.network`; emits and fails if
/// there is none or more than one.
mlir::FailureOr<mlir::func::FuncOp> findNetwork(mlir::ModuleOp module);

/// As findNetwork; also emits and fails if the network has not one argument
/// and one result of static shape, or if an op is not Evaluable (all are
/// named).
mlir::FailureOr<mlir::func::FuncOp> findEvaluableNetwork(mlir::ModuleOp module);

/// The value of an elements attribute (f32 or integer), exactly.
HostTensor toHostTensor(mlir::ElementsAttr value);

/// The elements of an f32 (float) or i8 (int8_t) attribute, row-major: those in
/// the attribute's own memory, or a copy where that does not hold one each.
template <typename T> class ElementView {
public:
  explicit ElementView(mlir::ElementsAttr value);
  ElementView(const ElementView &) = delete;
  ElementView &operator=(const ElementView &) = delete;
  llvm::ArrayRef<T> values() const { return view; }

private:
  std::vector<T> copy;
  llvm::ArrayRef<T> view;
};

} // namespace nt

#endif // NT_INTERPRETER_INTERPRETER_H
