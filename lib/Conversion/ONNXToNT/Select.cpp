//===- Select.cpp - Gather, Expand, Tile, Cast, ConstantOfShape -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"
#include "TosaBuilder.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

static LogicalResult convertGather(NodeBinder &node) {
  int64_t axis = node.integer("axis", 0);
  auto input = node.activation(0);
  auto indices = node.constantIntegers(1, "indices");
  if (!node.usable() || !node.resolveAxis(axis, input.getType().getRank()))
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  SmallVector<int32_t> places;
  for (int64_t index : *indices) {
    if (index < -shape[axis] || index >= shape[axis]) {
      node.fail(ntrt::Diag::OnnxShape) << "index " << index << " is outside ["
                                       << shape << "] along axis " << axis;
      return failure();
    }
    places.push_back(
        static_cast<int32_t>(index < 0 ? index + shape[axis] : index));
  }
  SmallVector<int64_t> result(shape.take_front(axis));
  llvm::append_range(
      result,
      integerConstant(node.getNode().getInputs()[1]).getType().getShape());
  llvm::append_range(result, shape.drop_front(axis + 1));
  if (!node.checkSize(result))
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  node.replace(t.reshape(t.take(input, axis, places), result));
  return success();
}

static LogicalResult convertExpand(NodeBinder &node) {
  auto input = node.activation(0);
  auto wanted = node.constantIntegers(1, "shape");
  if (!node.usable() || !node.checkSize(*wanted))
    return failure();
  // Both sides broadcast: a 1 in the wanted shape keeps the input's size.
  ArrayRef<int64_t> shape = input.getType().getShape();
  while (wanted->size() < shape.size())
    wanted->insert(wanted->begin(), 1);
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    int64_t &size = (*wanted)[wanted->size() - shape.size() + axis];
    size = size == 1 ? shape[axis] : size;
  }
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value result = node.checkSize(*wanted) ? t.expand(input, *wanted) : Value();
  if (!result) {
    if (!node.hasFailed())
      node.fail(ntrt::Diag::OnnxShape)
          << "[" << shape << "] does not broadcast to [" << ArrayRef(*wanted)
          << "]";
    return failure();
  }
  node.replace(result);
  return success();
}

static LogicalResult convertTile(NodeBinder &node) {
  auto input = node.activation(0);
  auto repeats = node.constantIntegers(1, "repeats");
  if (!node.usable())
    return failure();
  SmallVector<int64_t> shape(input.getType().getShape());
  if (repeats->size() != shape.size() ||
      llvm::any_of(*repeats, [](int64_t times) { return times < 1; })) {
    node.fail(ntrt::Diag::OnnxShape)
        << "repeats [" << ArrayRef(*repeats) << "] are not one or more for "
        << "each axis of [" << input.getType().getShape() << "]";
    return failure();
  }
  for (auto [size, times] : llvm::zip_equal(shape, *repeats))
    if (__builtin_mul_overflow(size, times, &size))
      size = INT64_MAX; // More than checkSize takes.
  if (!node.checkSize(shape))
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  node.replace(t.tile(input, *repeats));
  return success();
}

/// Activations are float32 here and double in the interpreter; to 16 bits they
/// are rounded, and go on as float32. (How BFLOAT16 is rounded ONNX has said
/// differently over time.)
static LogicalResult convertCast(NodeBinder &node) {
  // onnx.TensorProto.DataType
  constexpr int64_t float32 = 1, float16 = 10, float64 = 11;
  const int64_t to = node.integer("to", 0);
  node.ignore({"saturate"});
  if (to != float32 && to != float64 && to != float16)
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'to' is " << to
        << ", NT casts to FLOAT, DOUBLE and FLOAT16";
  auto input = node.number(0);
  if (!node.usable())
    return failure();
  OpBuilder &builder = node.getBuilder();
  Value result = input;
  if (to == float16) {
    result = builder.create<tosa::CastOp>(
        node.getLoc(), input.getType().clone(builder.getF16Type()), result);
    result =
        builder.create<tosa::CastOp>(node.getLoc(), input.getType(), result);
  }
  node.replace(result);
  return success();
}

static LogicalResult convertConstantOfShape(NodeBinder &node) {
  Attribute value = node.attribute("value");
  auto shape = node.constantIntegers(0, "shape");
  if (!node.usable() || !node.checkSize(*shape))
    return failure();
  OpBuilder &builder = node.getBuilder();
  Type elementType = builder.getF32Type();
  Attribute element = builder.getF32FloatAttr(0);
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(value);
      dense && dense.getNumElements() == 1) {
    elementType = dense.getElementType();
    element = *dense.value_begin<Attribute>();
  }
  auto splat = DenseElementsAttr::get(
      RankedTensorType::get(*shape, elementType), element);
  if (!elementType.isF32()) {
    node.replaceByConstant(splat);
    return success();
  }
  node.replace(
      FrozenOp::createHashed(builder, node.getLoc(), splat,
                             ("#" + node.getNode().getNodeName()).str()));
  return success();
}

void onnx_to_nt::addSelectHandlers(HandlerTable &table) {
  table.onOp("Gather", 1, convertGather, "constant indices; in float");
  table.onOp("Expand", 8, convertExpand, "constant shape; in float");
  table.onOp("Tile", 6, convertTile, "constant repeats; in float");
  table.onOp("Cast", 6, convertCast,
             "to FLOAT and DOUBLE; to FLOAT16 by rounding; integers "
             "where they are constant");
  table.onOp("ConstantOfShape", 9, convertConstantOfShape, "constant shape");
}
