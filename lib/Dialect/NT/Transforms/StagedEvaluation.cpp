//===- StagedEvaluation.cpp - A network before and after a pass -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "StagedEvaluation.h"

using namespace mlir;
using namespace nt;

StagedEvaluation::StagedEvaluation(func::FuncOp network,
                                   std::vector<StagedTask> tasks)
    : allTasks(std::move(tasks)) {
  Block &body = network.getBody().front();
  for (Operation &op : body) {
    for (Value operand : op.getOperands())
      lastUser[operand] = &op;
    if (!isa<FrozenOp>(op) && !op.hasTrait<OpTrait::IsTerminator>())
      order.push_back(&op);
  }

  first.push_back(0);
  std::vector<HostTensor> inputs;
  Value argument = body.getArgument(0);
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(argument.getType()).getShape();
  for (const StagedTask &task : allTasks) {
    for (const std::vector<float> &sample : task.samples) {
      HostTensor input;
      input.shape.assign(shape.begin(), shape.end());
      input.values.assign(sample.begin(), sample.end());
      inputs.push_back(std::move(input));
    }
    first.push_back(inputs.size());
  }
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

std::vector<double> StagedEvaluation::meanDifference(Value value, size_t task) {
  const std::vector<HostTensor> &before = reference(value);
  const std::vector<HostTensor> &after = current(value);
  std::vector<double> mean(before.front().values.size(), 0.0);
  double count = static_cast<double>(first[task + 1] - first[task]);
  for (size_t s = first[task]; s < first[task + 1]; ++s)
    for (size_t n = 0; n < mean.size(); ++n)
      mean[n] += (before[s].values[n] - after[s].values[n]) / count;
  return mean;
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

LogicalResult StagedEvaluation::evaluate(Operation *op, bool isReference) {
  Stream &stream = isReference ? referenceStream : currentStream;
  auto evaluable = cast<Evaluable>(op);
  std::vector<std::vector<HostTensor>> produced(op->getNumResults());
  SmallVector<const HostTensor *> operands(op->getNumOperands());
  for (size_t t = 0; t < allTasks.size(); ++t) {
    EvaluationContext context;
    context.modulation =
        isReference ? &allTasks[t].reference : &allTasks[t].current;
    for (size_t s = first[t]; s < first[t + 1]; ++s) {
      for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
        if (operand.getDefiningOp<FrozenOp>()) {
          FailureOr<const HostTensor *> value = constant(operand);
          if (failed(value))
            return failure();
          operands[index] = *value;
        } else {
          operands[index] = &stream[operand][s];
        }
      }
      SmallVector<HostTensor> results;
      if (failed(evaluable.evaluate(operands, context, results)))
        return failure();
      for (auto [index, result] : llvm::enumerate(results))
        produced[index].push_back(std::move(result));
    }
  }
  for (auto [result, values] : llvm::zip_equal(op->getResults(), produced))
    stream[result] = std::move(values);
  return success();
}
