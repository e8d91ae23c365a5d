//===- Shape.cpp - Flatten, Reshape, Concat ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"

#include "FrozenValues.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

static void buildReshape(NodeBinder &node, TypedValue<RankedTensorType> input,
                         ArrayRef<int64_t> shape) {
  OpBuilder &builder = node.getBuilder();
  if (input.getType().getShape() == shape)
    node.replace(input);
  else if (auto frozen = input.getDefiningOp<FrozenOp>())
    node.replace(derive(builder, frozen, shape, valuesOf(frozen), "reshaped"));
  else
    node.replace(builder.create<ReshapeOp>(
        node.getLoc(),
        RankedTensorType::get(shape, input.getType().getElementType()), input));
}

static LogicalResult buildFlatten(NodeBinder &node, bool takesNegative) {
  int64_t axis = node.integer("axis", 1);
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  int64_t rank = input.getType().getRank();
  int64_t from = axis < 0 && takesNegative ? axis + rank : axis;
  if (from < 0 || from > rank) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'axis' is " << axis << ", the input has rank " << rank;
    return failure();
  }
  ArrayRef<int64_t> shape = input.getType().getShape();
  buildReshape(node, input,
               {ShapedType::getNumElements(shape.take_front(from)),
                ShapedType::getNumElements(shape.drop_front(from))});
  return success();
}

static LogicalResult convertFlatten1(NodeBinder &node) {
  return buildFlatten(node, /*takesNegative=*/false);
}
static LogicalResult convertFlatten11(NodeBinder &node) {
  return buildFlatten(node, /*takesNegative=*/true);
}

static LogicalResult buildReshape(NodeBinder &node, bool allowZero) {
  auto wanted = node.constantIntegers(1, "shape");
  auto input = node.activation(0);
  if (!node.usable())
    return failure();

  ArrayRef<int64_t> from = input.getType().getShape();
  SmallVector<int64_t> shape = *wanted;
  int64_t known = 1, openAxis = -1;
  for (auto [axis, size] : llvm::enumerate(shape)) {
    if (size == 0 && !allowZero && axis < from.size())
      size = from[axis];
    if (size == -1 && openAxis < 0) {
      openAxis = axis;
      continue;
    }
    if (size < 1 || __builtin_mul_overflow(known, size, &known)) {
      node.fail(ntrt::Diag::OnnxShape)
          << "shape [" << ArrayRef(*wanted) << "] has no size for axis " << axis
          << " of input [" << from << "]";
      return failure();
    }
  }
  int64_t total = input.getType().getNumElements();
  if (openAxis >= 0)
    shape[openAxis] = total / known;
  if (total != ShapedType::getNumElements(shape)) {
    node.fail(ntrt::Diag::OnnxShape)
        << "shape [" << ArrayRef(*wanted) << "] does not hold the " << total
        << " elements of input [" << from << "]";
    return failure();
  }
  buildReshape(node, input, shape);
  return success();
}

static LogicalResult convertReshape5(NodeBinder &node) {
  return buildReshape(node, /*allowZero=*/false);
}
static LogicalResult convertReshape14(NodeBinder &node) {
  bool allowZero = node.integer("allowzero", 0) != 0;
  return buildReshape(node, allowZero);
}

static LogicalResult buildConcat(NodeBinder &node, bool takesNegative) {
  int64_t axis = node.integer("axis", 0);
  if (!node.attribute("axis"))
    node.fail(ntrt::Diag::OnnxAttribute) << "it has no axis";
  SmallVector<Value> inputs;
  for (unsigned index = 0; index != node.numOperands(); ++index)
    inputs.push_back(node.activation(index));
  if (inputs.empty())
    node.fail(ntrt::Diag::OnnxShape) << "it has no inputs";
  if (!node.usable())
    return failure();

  auto first = cast<RankedTensorType>(inputs.front().getType());
  int64_t from = axis < 0 && takesNegative ? axis + first.getRank() : axis;
  if (from < 0 || from >= first.getRank()) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'axis' is " << axis << ", the inputs have rank "
        << first.getRank();
    return failure();
  }
  SmallVector<int64_t> joined(first.getShape());
  joined[from] = 0;
  for (auto [index, input] : llvm::enumerate(inputs)) {
    SmallVector<int64_t> shape(
        cast<RankedTensorType>(input.getType()).getShape());
    SmallVector<int64_t> others = shape, wanted = joined;
    if (shape.size() == joined.size())
      others[from] = wanted[from];
    if (others != wanted) {
      node.fail(ntrt::Diag::OnnxShape)
          << "operand " << index << " has shape [" << ArrayRef(shape)
          << "], operand 0 has [" << first.getShape()
          << "]; they may differ along axis " << from << " only";
      return failure();
    }
    joined[from] += shape[from];
  }
  OpBuilder &builder = node.getBuilder();
  node.replace(builder.create<ConcatOp>(
      node.getLoc(), RankedTensorType::get(joined, first.getElementType()),
      inputs, builder.getI64IntegerAttr(from)));
  return success();
}

static LogicalResult convertConcat4(NodeBinder &node) {
  return buildConcat(node, /*takesNegative=*/false);
}
static LogicalResult convertConcat11(NodeBinder &node) {
  return buildConcat(node, /*takesNegative=*/true);
}

void onnx_to_nt::addShapeHandlers(HandlerTable &table) {
  table.onOp("Flatten", 1, convertFlatten1, "`axis` not negative");
  table.onOp("Flatten", 11, convertFlatten11, "everything");
  table.onOp("Reshape", 5, convertReshape5,
             "constant shape, with 0 (keep) and one -1 (the rest)");
  table.onOp("Reshape", 14, convertReshape14,
             "the same; `allowzero` only where no size is 0");
  table.onOp("Concat", 4, convertConcat4, "`axis` not negative");
  table.onOp("Concat", 11, convertConcat11, "everything");
}
