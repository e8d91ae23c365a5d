//===- PrintEvaluation.cpp - Evaluate samples and print the scores --------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"
#include "ntrt/Dataset.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

namespace nt {
#define GEN_PASS_DEF_PRINTEVALUATION
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

struct PrintEvaluation : nt::impl::PrintEvaluationBase<PrintEvaluation> {
  using PrintEvaluationBase::PrintEvaluationBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  LogicalResult run(ModuleOp module);
  LogicalResult chooseTask(ModuleOp module);
  FailureOr<ntrt::Dataset> loadData(Location loc,
                                    const Interpreter &interpreter);
};

} // namespace

/// Without a name, the one task of the module, if it has any.
LogicalResult PrintEvaluation::chooseTask(ModuleOp module) {
  if (!task.empty())
    return success();
  SmallVector<StringRef> names;
  for (TaskOp op : module.getOps<TaskOp>())
    names.push_back(op.getSymName());
  if (names.size() > 1)
    return emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
           << "nt-print-evaluation needs task=<name>, one of "
           << llvm::join(names, ", ");
  if (!names.empty())
    task = names.front().str();
  return success();
}

/// The class of each output: the task's, those of a folded task, or in order.
static SmallVector<int32_t> classesOf(ModuleOp module, StringRef task,
                                      int64_t outputs) {
  if (auto op = module.lookupSymbol<TaskOp>(task))
    return llvm::to_vector(op.getClasses());
  if (auto folded = module->getAttrOfType<DenseI32ArrayAttr>("nt.classes"))
    return llvm::to_vector(folded.asArrayRef());
  return llvm::to_vector(llvm::seq<int32_t>(0, static_cast<int32_t>(outputs)));
}

FailureOr<ntrt::Dataset>
PrintEvaluation::loadData(Location loc, const Interpreter &interpreter) {
  if (data.empty())
    return emitDiag(loc, ntrt::Diag::OptionInvalid)
           << "data is empty: nt-print-evaluation needs samples";
  FailureOr<func::FuncOp> network = findNetwork(getOperation());
  if (failed(network))
    return failure();
  ntrt::Result<ntrt::Dataset> loaded =
      ntrt::Dataset::load(data, inputNormalisationOf(*network));
  if (!loaded)
    return emitDiags(loc, loaded.diagnostics());
  if (static_cast<int64_t>(loaded->sampleSize) != interpreter.inputSize())
    return emitDiag(loc, ntrt::Diag::DataShape)
           << "a sample of '" << data << "' has " << loaded->sampleSize
           << " values, the network takes " << interpreter.inputSize();
  return std::move(*loaded);
}

LogicalResult PrintEvaluation::run(ModuleOp module) {
  if (failed(chooseTask(module)))
    return failure();
  auto interpreter = Interpreter::create(module, task);
  if (failed(interpreter))
    return failure();
  auto samples = loadData(module.getLoc(), **interpreter);
  if (failed(samples))
    return failure();
  const SmallVector<int32_t> classes =
      classesOf(module, task, (*interpreter)->outputSize());
  if (static_cast<int64_t>(classes.size()) != (*interpreter)->outputSize())
    return emitDiag(module.getLoc(), ntrt::Diag::TaskShape)
           << "@" << task << " has " << classes.size()
           << " classes, the network " << (*interpreter)->outputSize()
           << " outputs";

  raw_ostream &os = llvm::outs();
  size_t right = 0;
  const bool labelled = !samples->labels.empty();
  for (size_t i = 0; i < samples->samples(); ++i) {
    FailureOr<HostTensor> scores =
        (*interpreter)
            ->run(ArrayRef<float>(samples->sample(i), samples->sampleSize));
    if (failed(scores))
      return failure();
    auto largest =
        std::max_element(scores->values.begin(), scores->values.end());
    const int32_t answer = classes[largest - scores->values.begin()];
    right += labelled && static_cast<uint32_t>(answer) == samples->labels[i];
    if (i >= count)
      continue;
    os << "sample " << i << ":";
    for (double score : scores->values)
      os << llvm::format(" %.4f", score);
    os << " -> class " << answer;
    if (labelled)
      os << " (label " << samples->labels[i] << ")";
    os << "\n";
  }
  if (labelled)
    os << llvm::format("accuracy %.2f %% (%zu of %zu)\n",
                       100.0 * static_cast<double>(right) /
                           static_cast<double>(samples->samples()),
                       right, samples->samples());
  os.flush();
  return success();
}
