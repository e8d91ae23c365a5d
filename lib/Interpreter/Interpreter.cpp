//===- Interpreter.cpp - The reference interpreter of nt ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Interpreter/Interpreter.h"
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <deque>

using namespace mlir;
using namespace nt;

//===----------------------------------------------------------------------===//
// The network of a module
//===----------------------------------------------------------------------===//

FailureOr<func::FuncOp> nt::findNetwork(ModuleOp module) {
  SmallVector<func::FuncOp> networks;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttrOfType<UnitAttr>("nt.network"))
      networks.push_back(function);
  if (networks.size() == 1)
    return networks.front();
  InFlightDiagnostic diagnostic =
      module.emitError() << "a module holds one function with the attribute "
                            "'nt.network', found "
                         << networks.size();
  for (func::FuncOp network : networks)
    diagnostic.attachNote(network.getLoc())
        << "network '" << network.getSymName() << "'";
  return failure();
}

/// The one argument and the one result of the network, static activations.
static LogicalResult checkSignature(func::FuncOp network) {
  if (network.isExternal())
    return network.emitError("the network has no body");
  if (!network.getBody().hasOneBlock())
    return network.emitError("the network must be one block");
  FunctionType type = network.getFunctionType();
  if (type.getNumInputs() != 1 || type.getNumResults() != 1)
    return network.emitError(
               "the network must have one argument and one result, found ")
           << type.getNumInputs() << " and " << type.getNumResults();
  for (Type end : {type.getInput(0), type.getResult(0)}) {
    auto tensor = dyn_cast<RankedTensorType>(end);
    if (!tensor || !tensor.hasStaticShape())
      return network.emitError("the network must take and give tensors of "
                               "static shape, found ")
             << end;
  }
  return success();
}

static Evaluable toEvaluable(Operation &op) {
  auto evaluable = dyn_cast<Evaluable>(op);
  if (!evaluable)
    op.emitError("the interpreter cannot evaluate this op: it does not "
                 "implement Evaluable");
  return evaluable;
}

FailureOr<func::FuncOp> nt::findEvaluableNetwork(ModuleOp module) {
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network) || failed(checkSignature(*network)))
    return failure();
  bool ok = true;
  for (Operation &op : network->getBody().front().without_terminator())
    ok &= static_cast<bool>(toEvaluable(op));
  if (!ok)
    return failure();
  return network;
}

//===----------------------------------------------------------------------===//
// Interpreter
//===----------------------------------------------------------------------===//

namespace {
/// One op to run: where its operands and results are kept.
struct Step {
  Evaluable op;
  SmallVector<const HostTensor *> operands;
  SmallVector<HostTensor *> results;
};
} // namespace

struct Interpreter::State {
  /// One tensor for each SSA value; a deque, so that steps can point at them.
  std::deque<HostTensor> tensors;
  llvm::DenseMap<Value, HostTensor *> tensorOf;
  std::vector<std::pair<Value, const HostTensor *>> frozen;
  std::vector<Step> steps;
  llvm::StringMap<HostTensor> modulation, gains;
  EvaluationContext context;
  func::FuncOp network;
  HostTensor *input = nullptr;
  const HostTensor *output = nullptr;
  int64_t outputSize = 0;

  HostTensor *add(Value value) {
    return tensorOf[value] = &tensors.emplace_back();
  }
  LogicalResult loadTask(ModuleOp module, StringRef name);
  LogicalResult addOperation(Operation &op);
};

LogicalResult Interpreter::State::loadTask(ModuleOp module, StringRef name) {
  auto task = module.lookupSymbol<TaskOp>(name);
  if (!task)
    return emitDiag(module.getLoc(), ntrt::Diag::TaskUnknown) << "@" << name;
  for (NamedAttribute entry : task.getValues())
    modulation[entry.getName()] =
        toHostTensor(cast<ElementsAttr>(entry.getValue()));
  if (auto domains = task->getAttrOfType<DictionaryAttr>(kTaskGains))
    for (NamedAttribute entry : domains) {
      StringRef layer = entry.getName();
      layer.consume_back(kGainSuffix);
      gains[layer] = toHostTensor(cast<ElementsAttr>(entry.getValue()));
    }
  return success();
}

LogicalResult Interpreter::State::addOperation(Operation &op) {
  Evaluable evaluable = toEvaluable(op);
  if (!evaluable)
    return failure();
  Step step{evaluable, {}, {}};
  for (Value operand : op.getOperands())
    step.operands.push_back(tensorOf.lookup(operand));
  for (Value result : op.getResults())
    step.results.push_back(add(result));
  if (!isa<FrozenOp>(op)) {
    steps.push_back(std::move(step));
    return success();
  }
  SmallVector<HostTensor, 1> results;
  if (failed(evaluable.evaluate(step.operands, context, results)))
    return failure();
  *step.results.front() = std::move(results.front());
  frozen.emplace_back(op.getResult(0), step.results.front());
  return success();
}

FailureOr<std::unique_ptr<Interpreter>> Interpreter::create(ModuleOp module,
                                                            StringRef task) {
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network) || failed(checkSignature(*network)))
    return failure();

  auto state = std::make_shared<State>();
  state->network = *network;
  LogicalResult result = success();
  if (!task.empty())
    result = state->loadTask(module, task);
  state->context.modulation = &state->modulation;
  state->context.gains = &state->gains;

  Block &body = network->getBody().front();
  state->input = state->add(body.getArgument(0));
  // Misfits do not stop the walk: all of them are named in one run.
  for (Operation &op : body.without_terminator())
    if (failed(state->addOperation(op)))
      result = failure();
  if (failed(result))
    return failure();
  Value returned = body.getTerminator()->getOperand(0);
  state->output = state->tensorOf.lookup(returned);
  state->outputSize = cast<ShapedType>(returned.getType()).getNumElements();

  std::unique_ptr<Interpreter> interpreter(new Interpreter());
  interpreter->state = std::move(state);
  return interpreter;
}

FailureOr<HostTensor> Interpreter::run(ArrayRef<float> input,
                                       const Observer &observer) {
  if (static_cast<int64_t>(input.size()) != inputSize())
    return emitDiag(state->network.getLoc(), ntrt::Diag::DataShape)
           << "the sample has " << input.size() << " values, the network takes "
           << inputSize();
  Value argument = state->network.getArgument(0);
  ArrayRef<int64_t> shape = cast<ShapedType>(argument.getType()).getShape();
  state->input->shape.assign(shape.begin(), shape.end());
  state->input->values.assign(input.begin(), input.end());
  if (observer) {
    observer(argument, *state->input);
    for (auto [value, tensor] : state->frozen)
      observer(value, *tensor);
  }

  SmallVector<HostTensor, 1> results;
  for (Step &step : state->steps) {
    results.clear();
    if (failed(step.op.evaluate(step.operands, state->context, results)))
      return failure();
    for (auto [result, kept] : llvm::zip_equal(results, step.results))
      *kept = std::move(result);
    if (observer)
      for (auto [value, kept] :
           llvm::zip_equal(step.op->getResults(), step.results))
        observer(value, *kept);
  }
  return *state->output;
}

int64_t Interpreter::inputSize() const {
  return cast<ShapedType>(state->network.getArgumentTypes().front())
      .getNumElements();
}

int64_t Interpreter::outputSize() const { return state->outputSize; }
