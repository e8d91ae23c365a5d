//===- NTFolders.cpp - Folders and canonicalisers of the nt dialect -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
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

/// The zeros that `op` puts around rows and columns of its input, as the pads
/// of a window; nothing if it pads with other values or along other axes.
static std::optional<SmallVector<int64_t, 4>> zerosAround(tosa::PadOp op) {
  DenseIntElementsAttr amounts;
  DenseFPElementsAttr value;
  if (!matchPattern(op.getPadding(), m_Constant(&amounts)) ||
      amounts.getNumElements() != 8)
    return std::nullopt;
  // Without a value a pad is zeros.
  if (op.getPadConst() &&
      (!matchPattern(op.getPadConst(), m_Constant(&value)) ||
       !value.isSplat() || !value.getSplatValue<APFloat>().isZero()))
    return std::nullopt;
  SmallVector<int64_t, 8> around;
  for (const APInt &amount : amounts)
    around.push_back(amount.getSExtValue());
  if (llvm::any_of(around, [](int64_t amount) { return amount < 0; }) ||
      llvm::any_of(ArrayRef(around).take_front(4),
                   [](int64_t amount) { return amount != 0; }))
    return std::nullopt;
  return SmallVector<int64_t, 4>{around[4], around[6], around[5], around[7]};
}

namespace {
/// conv(pad(x)) is a convolution of x whose window has those pads too.
struct FoldPad : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<tosa::PadOp>();
    if (!pad)
      return rewriter.notifyMatchFailure(op, "its input is not padded");
    std::optional<SmallVector<int64_t, 4>> pads = zerosAround(pad);
    if (!pads)
      return rewriter.notifyMatchFailure(op, "not zeros around an image");
    for (auto [sum, own] : llvm::zip_equal(*pads, op.getPads()))
      sum += own;
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(pad.getInput1());
      op.setPads(*pads);
    });
    return success();
  }
};
} // namespace

void ConvOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<FoldPad>(context);
}
