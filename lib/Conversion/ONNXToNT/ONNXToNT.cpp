//===- ONNXToNT.cpp - Give imported ONNX nodes their meaning ----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FoldIntegers.h"
#include "HandlerTable.h"

#include "nt/Conversion/Passes.h"
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

namespace nt {
#define GEN_PASS_DEF_CONVERTONNXTONT
#include "nt/Conversion/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

/// What the importer notes of the graph's output until its shape is known.
static constexpr StringLiteral kDeclaredShape = "nt.declared_shape";

/// Finds the node's handler; reports an unknown operator or opset.
static Handler findHandler(NodeBinder &binder) {
  OnnxNodeOp node = binder.getNode();
  const HandlerTable &table = HandlerTable::get();
  StringRef opType = node.getOpType();
  int64_t opset = node.getOpset();
  if (!node.getDomain().empty() || table.versionsOf(opType).empty()) {
    binder.fail(ntrt::Diag::OnnxUnsupportedOp) << "no handler for it";
    return nullptr;
  }
  const VersionedHandler *version = table.find(opType, opset);
  if (opset < kOldestOpset || opset > kNewestOpset || !version) {
    int64_t oldest = std::max(kOldestOpset, table.versionsOf(opType)[0].since);
    binder.fail(ntrt::Diag::OnnxUnsupportedOpset)
        << "NT takes opsets " << oldest << " to " << kNewestOpset;
    return nullptr;
  }
  return version->handler;
}

namespace {
/// What the constants that handlers make may take: shape operators on
/// constants could multiply them without end.
class ConstantBudget {
public:
  explicit ConstantBudget(func::FuncOp func) {
    for (FrozenOp frozen : func.getBody().getOps<FrozenOp>())
      most += 4 * bytesOf(frozen.getValue());
  }
  /// Counts the constants from `first` up to `last`; false if all together are
  /// too many.
  bool take(Operation *first, Operation *last) {
    for (Operation *op = first; op != last; op = op->getNextNode()) {
      if (auto constant = dyn_cast<tosa::ConstOp>(op))
        used += bytesOf(constant.getValue());
      else if (auto frozen = dyn_cast<FrozenOp>(op))
        used += bytesOf(frozen.getValue());
    }
    return used <= most;
  }
  int64_t limit() const { return most; }

private:
  static int64_t bytesOf(ElementsAttr value) {
    auto dense = dyn_cast<DenseElementsAttr>(value);
    if (dense && dense.isSplat())
      return 0;
    return value.getNumElements() * sizeof(float);
  }
  int64_t most = int64_t(1) << 30;
  int64_t used = 0;
};
} // namespace

/// Converts all nodes of a function in order, each before its readers.
static LogicalResult convertNodes(func::FuncOp func) {
  bool hasFailed = false;
  llvm::StringSet<> layerNames;
  ConstantBudget budget(func);
  for (auto node :
       llvm::make_early_inc_range(func.getBody().getOps<OnnxNodeOp>())) {
    NodeBinder binder(node, layerNames);
    Operation *before = node->getPrevNode();
    if (foldIntegers(binder))
      continue;
    if (Handler handler = findHandler(binder)) {
      bool isConverted = succeeded(handler(binder));
      assert((isConverted || !binder.usable()) &&
             "a handler that fails says why");
      (void)isConverted;
      // A handler that reports may have stopped before it read them all.
      if (!binder.hasFailed())
        binder.refuseUnreadAttributes();
    }
    hasFailed |= binder.hasFailed();
    Operation *first =
        before ? before->getNextNode() : &node->getBlock()->front();
    if (!budget.take(first, node)) {
      binder.fail(ntrt::Diag::OnnxTooLarge)
          << "the constants made up to here take more than " << budget.limit()
          << " bytes, four times the model's and 1 GiB";
      return failure();
    }
  }
  return failure(hasFailed);
}

/// Erases nodes and frozen values that nothing reads: converted nodes,
/// constants that handlers read, a dropout's ratio.
static void eraseDead(func::FuncOp func) {
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(func.getBody().front())))
    if (isa<OnnxNodeOp, OnnxAbsentOp, FrozenOp>(op) && op.use_empty())
      op.erase();
}

/// The chip runs one sample at a time.
static LogicalResult checkBatch(func::FuncOp func) {
  for (BlockArgument argument : func.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || type.getRank() == 0 || type.getShape()[0] != 1)
      return emitDiag(argument.getLoc(), ntrt::Diag::OnnxBatch)
             << "the network's input is " << argument.getType();
  }
  return success();
}

/// Gives the function the type of its result; checks that against what the
/// model declares. The batch dimension may have been replaced on import.
static LogicalResult setResultType(func::FuncOp func) {
  Operation *terminator = func.getBody().front().getTerminator();
  func.setFunctionType(FunctionType::get(func.getContext(),
                                         func.getArgumentTypes(),
                                         terminator->getOperandTypes()));
  if (func.getNumResults() != 1)
    return success();
  auto type = dyn_cast<RankedTensorType>(func.getResultTypes()[0]);
  if (!type || !type.getElementType().isF32())
    return emitDiag(terminator->getLoc(), ntrt::Diag::OnnxType)
           << "the output is no tensor of float32";
  auto declared =
      func.getResultAttrOfType<DenseI64ArrayAttr>(0, kDeclaredShape);
  if (!declared)
    return success();
  func.removeResultAttr(0, StringAttr::get(func.getContext(), kDeclaredShape));
  bool fits = type.getRank() == declared.size();
  for (int64_t axis = 1; fits && axis < declared.size(); ++axis)
    fits = declared[axis] < 0 || declared[axis] == type.getShape()[axis];
  if (fits)
    return success();
  InFlightDiagnostic error =
      emitDiag(terminator->getLoc(), ntrt::Diag::OnnxShape);
  error << "the model declares an output of shape [" << declared.asArrayRef()
        << "], its nodes compute " << func.getResultTypes()[0];
  return error;
}

namespace {
struct ConvertONNXToNT : nt::impl::ConvertONNXToNTBase<ConvertONNXToNT> {
  using ConvertONNXToNTBase::ConvertONNXToNTBase;

  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func->hasAttr("nt.network") || func.isExternal())
        continue;
      bool isBatchFit = allowBatch || succeeded(checkBatch(func));
      if (failed(convertNodes(func)) || !isBatchFit)
        return signalPassFailure();
      eraseDead(func);
      if (failed(setResultType(func)))
        return signalPassFailure();
    }
  }
};
} // namespace
