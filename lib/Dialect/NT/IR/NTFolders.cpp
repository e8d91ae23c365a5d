//===- NTFolders.cpp - Folders and canonicalisers of the nt dialect -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace nt;

/// Whether no element of `value` can be below zero.
static bool isNonNegative(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (isa<ReluOp, SoftmaxOp>(op))
    return true;
  if (auto clip = dyn_cast<ClipOp>(op))
    return clip.getLower().convertToDouble() >= 0;
  return false;
}

OpFoldResult ReluOp::fold(FoldAdaptor) {
  // A rectifier has nothing to do on what is not negative.
  return isNonNegative(getInput()) ? getInput() : Value();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  // A reshape there and back.
  if (auto before = getInput().getDefiningOp<ReshapeOp>())
    if (before.getInput().getType() == getType())
      return before.getInput();
  return {};
}

namespace {
/// reshape(reshape(x)) is one reshape of x: element order never changes.
struct MergeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto before = op.getInput().getDefiningOp<ReshapeOp>();
    if (!before)
      return rewriter.notifyMatchFailure(op, "its input is not a reshape");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), before.getInput());
    return success();
  }
};
} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<MergeReshapes>(context);
}
