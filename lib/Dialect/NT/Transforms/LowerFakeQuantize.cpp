//===- LowerFakeQuantize.cpp - Clips of quantised activations -------------===//
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
#define GEN_PASS_DEF_LOWERFAKEQUANTIZE
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

/// Whether the range cuts at 0 what a layer or a sum may make negative.
static bool isRelu(FakeQuantizeOp op) {
  return op.getZeroPointAttr().getInt() == op.getRange()[0] &&
         isa_and_nonnull<FrozenLayer, AddOp>(op.getInput().getDefiningOp());
}

namespace {
struct LowerFakeQuantize : nt::impl::LowerFakeQuantizeBase<LowerFakeQuantize> {
  using LowerFakeQuantizeBase::LowerFakeQuantizeBase;

  void runOnOperation() override {
    FailureOr<func::FuncOp> network = findNetwork(getOperation());
    if (failed(network))
      return signalPassFailure();
    for (auto op :
         llvm::make_early_inc_range(network->getOps<FakeQuantizeOp>())) {
      Value replacement = op.getInput();
      if (isRelu(op)) {
        OpBuilder builder(op);
        const double highest =
            op.getScale().convertToDouble() *
            static_cast<double>(op.getRange()[1] - op.getRange()[0]);
        replacement = builder.create<ClipOp>(
            op.getLoc(), op.getType(), replacement, builder.getF64FloatAttr(0),
            builder.getF64FloatAttr(highest));
      }
      op.getResult().replaceAllUsesWith(replacement);
      op.erase();
    }
  }
};
} // namespace
