//===- StagedEvaluation.cpp - A network before and after a pass -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/StagedEvaluation.h"

#include "nt/Support/Diagnostics.h"
#include "nt/Tuner/BuildEngine.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>

using namespace mlir;
using namespace nt;
using tuner::ActivationStore;

/// Bytes of an op's operand and result that are worked on at a time.
static constexpr size_t kBatchBytes = size_t(64) << 20;

/// Of one sample: activations have a batch of one, constants none.
static size_t unitsOf(Value value) {
  return static_cast<size_t>(
      cast<RankedTensorType>(value.getType()).getNumElements());
}

StagedEvaluation::StagedEvaluation(func::FuncOp network,
                                   std::vector<StagedTask> tasks,
                                   const StagedOptions &options)
    : allTasks(std::move(tasks)), options(options) {
  memory.limit = options.memory;
  Block &body = network.getBody().front();
  for (Operation &op : body) {
    for (Value operand : op.getOperands())
      lastUser[operand] = &op;
    if (!isa<FrozenOp>(op) && !op.hasTrait<OpTrait::IsTerminator>())
      order.push_back(&op);
  }

  first.push_back(0);
  for (const StagedTask &task : allTasks)
    first.push_back(first.back() + task.samples.size());
  Value argument = body.getArgument(0);
  Store inputs = newStore(argument);
  std::vector<float> scratch;
  size_t index = 0;
  for (const StagedTask &task : allTasks)
    for (const std::vector<float> &sample : task.samples)
      inputs->write(index++, 1, scratch, /*keeps=*/false, [&](float *to) {
        std::copy(sample.begin(), sample.end(), to);
      });
  referenceStream[argument] = inputs;
  currentStream[argument] = std::move(inputs);
}

LogicalResult StagedEvaluation::evaluateReference(Operation *op) {
  return evaluate(op, /*isReference=*/true);
}

LogicalResult StagedEvaluation::evaluateCurrent(Operation *op) {
  return evaluate(op, /*isReference=*/false);
}

void StagedEvaluation::release(Operation *op) {
  for (Value operand : op->getOperands())
    if (lastUser.lookup(operand) == op) {
      referenceStream.erase(operand);
      currentStream.erase(operand);
    }
}

StagedEvaluation::Store StagedEvaluation::newStore(Value value) {
  return std::make_shared<ActivationStore>(numSamples(), unitsOf(value),
                                           memory);
}

//===----------------------------------------------------------------------===//
// Means
//===----------------------------------------------------------------------===//

std::vector<double> StagedEvaluation::meanDifference(Value value,
                                                     size_t task) const {
  const ActivationStore &before = reference(value), &after = current(value);
  const size_t units = before.units();
  std::vector<double> mean(units, 0.0);
  std::vector<float> scratchBefore, scratchAfter;
  for (size_t s = first[task]; s < first[task + 1]; ++s) {
    const float *was = before.read(s, 1, scratchBefore);
    const float *is = after.read(s, 1, scratchAfter);
    for (size_t n = 0; n < units; ++n)
      mean[n] += static_cast<double>(was[n]) - is[n];
  }
  // Of a task without samples nothing is known.
  const size_t count = std::max<size_t>(1, first[task + 1] - first[task]);
  for (double &unit : mean)
    unit /= static_cast<double>(count);
  return mean;
}

void StagedEvaluation::addToCurrent(Value value, ArrayRef<double> added) {
  ActivationStore &store = *currentStream.find(value)->second;
  std::vector<float> scratch;
  for (size_t s = 0; s < numSamples(); ++s)
    store.write(s, 1, scratch, /*keeps=*/true, [&](float *values) {
      for (size_t n = 0; n < added.size(); ++n)
        values[n] = static_cast<float>(values[n] + added[n]);
    });
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

StagedEvaluation::Store
StagedEvaluation::takeOrCopy(Stream &stream, Operation *op, Value operand) {
  Store &source = stream[operand];
  if (lastUser.lookup(operand) == op && source.use_count() == 1) {
    Store taken = std::move(source);
    stream.erase(operand);
    return taken;
  }
  Store copy = newStore(op->getResult(0));
  std::vector<float> scratch, scratchCopy;
  for (size_t s = 0; s < numSamples(); ++s) {
    const float *from = source->read(s, 1, scratch);
    copy->write(s, 1, scratchCopy, /*keeps=*/false,
                [&](float *to) { std::copy_n(from, source->units(), to); });
  }
  return copy;
}

/// Ops that change each unit of one activation by itself, or not at all.
static bool isElementwise(Operation *op) {
  return isa<ModulateOp, ReluOp, ClipOp, ReshapeOp>(op) &&
         !op->getOperand(0).getDefiningOp<FrozenOp>();
}

void StagedEvaluation::evaluateElementwise(ActivationStore &store,
                                           Operation *op, bool isReference) {
  if (isa<ReshapeOp>(op))
    return;
  std::vector<float> scratch, added;
  auto forEachSample = [&](size_t task,
                           function_ref<void(float *values)> change) {
    for (size_t s = first[task]; s < first[task + 1]; ++s)
      store.write(s, 1, scratch, /*keeps=*/true, change);
  };
  const size_t units = store.units();
  for (size_t t = 0; t < allTasks.size(); ++t) {
    if (auto site = dyn_cast<ModulateOp>(op)) {
      const auto &tasks =
          isReference ? allTasks[t].reference : allTasks[t].current;
      auto entry = tasks.find(site.getSite());
      if (entry == tasks.end())
        continue;
      const std::vector<double> &values = entry->second.values;
      if (llvm::all_of(values, [](double value) { return value == 0; }))
        continue;
      const bool perNeuron = values.size() == units;
      added.resize(units);
      for (size_t n = 0; n < units; ++n)
        added[n] = static_cast<float>(
            values[perNeuron ? n : site.getChannelOf(static_cast<int64_t>(n))]);
      forEachSample(t, [&](float *y) {
        for (size_t n = 0; n < units; ++n)
          y[n] += added[n];
      });
      continue;
    }
    constexpr float infinity = std::numeric_limits<float>::infinity();
    float lower = 0, upper = infinity;
    if (auto clip = dyn_cast<ClipOp>(op)) {
      lower = static_cast<float>(clip.getLower().convertToDouble());
      upper = static_cast<float>(clip.getUpper().convertToDouble());
    }
    forEachSample(t, [&](float *y) {
      for (size_t n = 0; n < units; ++n)
        y[n] = std::min(std::max(y[n], lower), upper);
    });
  }
}

/// Activations that an op sums or joins, or nothing if it is another op.
static bool joinsActivations(Operation *op) {
  auto isActivation = [&](Value operand) {
    return !operand.getDefiningOp<FrozenOp>();
  };
  if (!llvm::all_of(op->getOperands(), isActivation))
    return false;
  if (auto concat = dyn_cast<ConcatOp>(op))
    return concat.getAxis() == 1;
  return isa<AddOp, tosa::AddOp>(op) &&
         llvm::all_of(op->getOperandTypes(), [&](Type type) {
           return type == op->getResult(0).getType();
         });
}

/// One sample of a sum or concatenation.
static void join(Operation *op, ArrayRef<const float *> operands,
                 float *result) {
  if (isa<ConcatOp>(op)) {
    for (auto [operand, from] : llvm::zip_equal(op->getOperands(), operands))
      result = std::copy_n(from, unitsOf(operand), result);
    return;
  }
  for (size_t n = 0, units = unitsOf(op->getResult(0)); n < units; ++n)
    result[n] = operands[0][n] + operands[1][n];
}

FailureOr<const HostTensor *> StagedEvaluation::constant(Value value) {
  std::unique_ptr<HostTensor> &entry = constants[value];
  if (!entry) {
    SmallVector<HostTensor> results;
    if (failed(cast<Evaluable>(value.getDefiningOp())
                   .evaluate({}, EvaluationContext(), results)))
      return failure();
    entry = std::make_unique<HostTensor>(std::move(results.front()));
  }
  return entry.get();
}

LogicalResult StagedEvaluation::evaluateByInterpreter(Operation *op,
                                                      Stream &stream,
                                                      bool isReference) {
  auto evaluable = cast<Evaluable>(op);
  std::vector<float> scratch;
  SmallVector<Store> produced;
  for (Value result : op->getResults())
    produced.push_back(newStore(result));
  for (size_t t = 0; t < allTasks.size(); ++t) {
    EvaluationContext context;
    context.modulation =
        isReference ? &allTasks[t].reference : &allTasks[t].current;
    for (size_t s = first[t]; s < first[t + 1]; ++s) {
      SmallVector<HostTensor> held(op->getNumOperands());
      SmallVector<const HostTensor *> operands;
      for (auto [operand, tensor] : llvm::zip_equal(op->getOperands(), held)) {
        if (operand.getDefiningOp<FrozenOp>()) {
          FailureOr<const HostTensor *> value = constant(operand);
          if (failed(value))
            return failure();
          operands.push_back(*value);
          continue;
        }
        const ActivationStore &store = *stream[operand];
        const float *values = store.read(s, 1, scratch);
        tensor.shape =
            cast<RankedTensorType>(operand.getType()).getShape().vec();
        tensor.values.assign(values, values + store.units());
        operands.push_back(&tensor);
      }
      SmallVector<HostTensor> results;
      if (failed(evaluable.evaluate(operands, context, results)))
        return failure();
      for (auto [result, store] : llvm::zip_equal(results, produced))
        store->write(s, 1, scratch, /*keeps=*/false, [&](float *to) {
          std::copy(result.values.begin(), result.values.end(), to);
        });
    }
  }
  for (auto [result, store] : llvm::zip_equal(op->getResults(), produced))
    stream[result] = std::move(store);
  return success();
}

LogicalResult StagedEvaluation::evaluate(Operation *op, bool isReference) {
  Stream &stream = isReference ? referenceStream : currentStream;
  std::vector<float> scratch, scratchResult;
  std::unique_ptr<tuner::Engine> engine;
  if (options.reference || numSamples() == 0) {
    if (failed(evaluateByInterpreter(op, stream, isReference)))
      return failure();
  } else if (isElementwise(op)) {
    Store store = takeOrCopy(stream, op, op->getOperand(0));
    evaluateElementwise(*store, op, isReference);
    stream[op->getResult(0)] = std::move(store);
  } else if (joinsActivations(op)) {
    Store store = newStore(op->getResult(0));
    std::vector<std::vector<float>> scratches(op->getNumOperands());
    for (size_t s = 0; s < numSamples(); ++s) {
      SmallVector<const float *> operands;
      for (auto [index, operand] : llvm::enumerate(op->getOperands()))
        operands.push_back(stream[operand]->read(s, 1, scratches[index]));
      store->write(s, 1, scratchResult, /*keeps=*/false,
                   [&](float *to) { join(op, operands, to); });
    }
    stream[op->getResult(0)] = std::move(store);
  } else if (engine = buildStage(op, {options.threads}); engine) {
    const Store &from = stream[activationOf(op)];
    Store to = newStore(op->getResult(0));
    const size_t sampleBytes = (from->units() + to->units()) * sizeof(float);
    tuner::forEachBatch(
        0, numSamples(), sampleBytes, kBatchBytes,
        [&](size_t begin, size_t count) {
          const float *input = from->read(begin, count, scratch);
          const float *output = engine->forward(input, count);
          to->write(begin, count, scratchResult, /*keeps=*/false,
                    [&](float *values) {
                      std::copy_n(output, count * to->units(), values);
                    });
        });
    stream[op->getResult(0)] = std::move(to);
  } else if (failed(evaluateByInterpreter(op, stream, isReference))) {
    return failure();
  }
  for (Value result : op->getResults())
    if (ntrt::Status status = stream[result]->status(); !status)
      return emitDiags(op->getLoc(), status.diagnostics());
  return success();
}
