//===- DropSoftmax.cpp - Drop a softmax before the network's result -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace nt {
#define GEN_PASS_DEF_DROPSOFTMAX
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

struct DropSoftmax : nt::impl::DropSoftmaxBase<DropSoftmax> {
  using DropSoftmaxBase::DropSoftmaxBase;

  void runOnOperation() override {
    FailureOr<func::FuncOp> network = findNetwork(getOperation());
    if (failed(network))
      return signalPassFailure();
    bool dropped = false;
    for (auto op : llvm::make_early_inc_range(network->getOps<SoftmaxOp>())) {
      if (!keepsLargest(op) || !onlyFeedsResult(op.getResult()))
        continue;
      op.getResult().replaceAllUsesWith(op.getInput());
      op.erase();
      dropped = true;
    }
    if (dropped)
      getOperation()->setAttr("nt.dropped_softmax",
                              UnitAttr::get(&getContext()));
  }

private:
  /// All scores are along the axis, so that one largest of them is compared.
  static bool keepsLargest(SoftmaxOp op) {
    return op.getType().getDimSize(op.getAxis()) ==
           op.getType().getNumElements();
  }

  static bool onlyFeedsResult(Value value) {
    if (!value.hasOneUse())
      return false;
    Operation *user = *value.user_begin();
    if (auto reshape = dyn_cast<ReshapeOp>(user))
      return onlyFeedsResult(reshape.getResult());
    return isa<func::ReturnOp>(user);
  }
};

} // namespace
