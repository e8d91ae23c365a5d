//===- Elementwise.cpp - Add ------------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"

#include "Broadcast.h"
#include "FrozenValues.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

/// The shape with ones in front, up to `rank`; longer shapes stay.
static SmallVector<int64_t> padded(ArrayRef<int64_t> shape, size_t rank) {
  SmallVector<int64_t> result(rank > shape.size() ? rank - shape.size() : 0, 1);
  llvm::append_range(result, shape);
  return result;
}

/// Gives a layer `values`, one a channel, as its bias or on top of the one it
/// has.
static void addToBias(NodeBinder &node, FrozenLayer layer, FrozenOp addend,
                      std::vector<float> values) {
  OpBuilder builder(layer);
  int64_t channels = values.size();
  Value before = layer.getFrozenBias();
  if (!before && addend.getType().getShape() == ArrayRef<int64_t>{channels}) {
    // A constant may stand behind the layer; it has no operands to wait for.
    addend->moveBefore(addend->getBlock(), addend->getBlock()->begin());
    layer.setFrozenBias(addend);
    return;
  }
  std::string step = "reshaped to a bias";
  FrozenOp base = addend;
  if (before) {
    base = before.getDefiningOp<FrozenOp>();
    for (auto [value, old] : llvm::zip_equal(values, valuesOf(base)))
      value += old;
    step = ("plus " + addend.getOrigin()).str();
  }
  layer.setFrozenBias(derive(builder, base, {channels}, values, step));
}

/// The layer to whose bias a frozen addend of `shape` can go: nothing but this
/// Add reads it, and the addend has one value a channel.
static FrozenLayer findBiasLayer(TypedValue<RankedTensorType> value,
                                 ArrayRef<int64_t> shape) {
  auto layer = value.getDefiningOp<FrozenLayer>();
  if (!layer || !value.hasOneUse() ||
      shape.size() != value.getType().getShape().size())
    return {};
  Value bias = layer.getFrozenBias();
  if (bias && !bias.getDefiningOp<FrozenOp>())
    return {};
  for (auto [axis, size] : llvm::enumerate(shape))
    if (axis != 1 && size != 1)
      return {};
  int64_t channels = value.getType().getShape()[1];
  return shape[1] == 1 || shape[1] == channels ? layer : FrozenLayer();
}

/// Both operands broadcast: in float only.
static LogicalResult addBroadcast(NodeBinder &node, Value lhs,
                                  TypedValue<RankedTensorType> rhs,
                                  ArrayRef<int64_t> rhsShape) {
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value sum =
      combineBroadcast(node, lhs, t.reshape(rhs, rhsShape), &TosaBuilder::add);
  if (!sum)
    return failure();
  node.replace(sum);
  return success();
}

static LogicalResult addFrozen(NodeBinder &node,
                               TypedValue<RankedTensorType> value,
                               FrozenOp addend, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> full = value.getType().getShape();
  std::vector<float> values = valuesOf(addend);
  if (FrozenLayer layer = findBiasLayer(value, shape)) {
    values.resize(full[1], values.front());
    addToBias(node, layer, addend, values);
    node.replace(value);
    return success();
  }
  std::optional<std::vector<float>> spread;
  if (shape.size() == full.size())
    spread = broadcast(values, shape, full);
  if (!spread)
    return addBroadcast(node, value, addend.getResult(), shape);
  OpBuilder &builder = node.getBuilder();
  if (addend.getType().getShape() != full)
    addend = derive(builder, addend, full, *spread, "broadcast");
  node.replace(
      builder.create<AddOp>(node.getLoc(), value.getType(), value, addend));
  return success();
}

static LogicalResult buildAdd(NodeBinder &node,
                              TypedValue<RankedTensorType> lhs,
                              TypedValue<RankedTensorType> rhs,
                              ArrayRef<int64_t> rhsShape) {
  if (auto frozen = rhs.getDefiningOp<FrozenOp>())
    return addFrozen(node, lhs, frozen, rhsShape);
  if (auto frozen = lhs.getDefiningOp<FrozenOp>())
    return addFrozen(
        node, rhs, frozen,
        padded(frozen.getType().getShape(), rhs.getType().getRank()));
  if (lhs.getType() != rhs.getType())
    return addBroadcast(node, lhs, rhs, rhsShape);
  node.replace(
      node.getBuilder().create<AddOp>(node.getLoc(), lhs.getType(), lhs, rhs));
  return success();
}

static LogicalResult convertAdd7(NodeBinder &node) {
  auto lhs = node.activation(0), rhs = node.activation(1);
  if (!node.usable())
    return failure();
  return buildAdd(node, lhs, rhs,
                  padded(rhs.getType().getShape(), lhs.getType().getRank()));
}

/// Before opset 7 the right-hand side was broadcast on request, from `axis` on.
static LogicalResult convertAdd6(NodeBinder &node) {
  bool isBroadcast = node.integer("broadcast", 0) != 0;
  bool hasAxis = node.attribute("axis") != nullptr;
  int64_t axis = node.integer("axis", 0);
  node.ignore({"consumed_inputs"});
  auto lhs = node.activation(0), rhs = node.activation(1);
  if (!node.usable())
    return failure();
  ArrayRef<int64_t> shape = rhs.getType().getShape();
  int64_t rank = lhs.getType().getRank();
  if (!isBroadcast || !hasAxis)
    return buildAdd(node, lhs, rhs, padded(shape, rank));
  auto aligned = alignAtAxis(node, shape, axis, rank);
  if (!aligned)
    return failure();
  return buildAdd(node, lhs, rhs, *aligned);
}

void onnx_to_nt::addElementwiseHandlers(HandlerTable &table) {
  table.onOp("Add", 6, convertAdd6,
             "everything; two activations of different shapes in float");
  table.onOp("Add", 7, convertAdd7,
             "everything; one value a channel behind a layer is its bias; two "
             "activations of different shapes in float");
}
