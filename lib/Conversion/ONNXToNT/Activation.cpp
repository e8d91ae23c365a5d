//===- Activation.cpp - Relu, Clip, Softmax ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"

#include "FrozenValues.h"

#include <limits>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

static LogicalResult convertRelu(NodeBinder &node) {
  node.ignore({"consumed_inputs"});
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  node.replace(
      node.getBuilder().create<ReluOp>(node.getLoc(), input.getType(), input));
  return success();
}

/// Bounds beyond float32 are none: exporters write its largest value for
/// "open".
static LogicalResult buildClip(NodeBinder &node, double lower, double upper) {
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  constexpr double largest = std::numeric_limits<float>::max();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (lower <= -largest)
    lower = -infinity;
  if (upper >= largest)
    upper = infinity;
  if (!(lower <= upper)) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "lower bound " << lower << " is not below upper bound " << upper;
    return failure();
  }
  OpBuilder &builder = node.getBuilder();
  if (lower == -infinity && upper == infinity)
    node.replace(input);
  else if (lower == 0 && upper == infinity)
    node.replace(builder.create<ReluOp>(node.getLoc(), input.getType(), input));
  else
    node.replace(builder.create<ClipOp>(node.getLoc(), input.getType(), input,
                                        builder.getF64FloatAttr(lower),
                                        builder.getF64FloatAttr(upper)));
  return success();
}

static LogicalResult convertClip6(NodeBinder &node) {
  double lower = node.real("min", std::numeric_limits<float>::lowest());
  double upper = node.real("max", std::numeric_limits<float>::max());
  return buildClip(node, lower, upper);
}

static double readBound(NodeBinder &node, unsigned index, StringRef what,
                        double byDefault) {
  if (!node.hasOperand(index))
    return byDefault;
  FrozenOp bound = node.frozen(index, what);
  if (!bound)
    return byDefault;
  if (bound.getType().getNumElements() != 1) {
    node.fail(ntrt::Diag::OnnxShape)
        << what << " has " << bound.getType().getNumElements()
        << " values, must have 1";
    return byDefault;
  }
  return valuesOf(bound).front();
}

static LogicalResult convertClip11(NodeBinder &node) {
  double lower =
      readBound(node, 1, "min", std::numeric_limits<float>::lowest());
  double upper = readBound(node, 2, "max", std::numeric_limits<float>::max());
  return buildClip(node, lower, upper);
}

/// Softmax over the elements of axes `axis` and later, taken together, as
/// before opset 13.
static LogicalResult convertSoftmaxFlattened(NodeBinder &node) {
  int64_t axis = node.integer("axis", 1);
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  RankedTensorType type = input.getType();
  if (axis < 0)
    axis += type.getRank();
  if (axis < 0 || axis >= type.getRank()) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'axis' is outside the input's rank, " << type.getRank();
    return failure();
  }
  OpBuilder &builder = node.getBuilder();
  ArrayRef<int64_t> shape = type.getShape();
  if (ShapedType::getNumElements(shape.drop_front(axis + 1)) == 1) {
    node.replace(builder.create<SoftmaxOp>(node.getLoc(), type, input,
                                           builder.getI64IntegerAttr(axis)));
    return success();
  }
  auto matrix = RankedTensorType::get(
      {ShapedType::getNumElements(shape.take_front(axis)),
       ShapedType::getNumElements(shape.drop_front(axis))},
      type.getElementType());
  Value flat = builder.create<ReshapeOp>(node.getLoc(), matrix, input);
  Value soft = builder.create<SoftmaxOp>(node.getLoc(), matrix, flat,
                                         builder.getI64IntegerAttr(1));
  node.replace(builder.create<ReshapeOp>(node.getLoc(), type, soft));
  return success();
}

static LogicalResult convertSoftmax13(NodeBinder &node) {
  int64_t axis = node.integer("axis", -1);
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  RankedTensorType type = input.getType();
  if (axis < 0)
    axis += type.getRank();
  if (axis < 0 || axis >= type.getRank()) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'axis' is outside the input's rank, " << type.getRank();
    return failure();
  }
  OpBuilder &builder = node.getBuilder();
  node.replace(builder.create<SoftmaxOp>(node.getLoc(), type, input,
                                         builder.getI64IntegerAttr(axis)));
  return success();
}

void onnx_to_nt::addActivationHandlers(HandlerTable &table) {
  table.onOp("Relu", 1, convertRelu, "everything");
  table.onOp("Clip", 6, convertClip6, "bounds as attributes");
  table.onOp("Clip", 11, convertClip11, "constant bounds, each may be absent");
  table.onOp("Softmax", 1, convertSoftmaxFlattened,
             "over all axes from `axis` (default 1) on, taken together");
  table.onOp("Softmax", 13, convertSoftmax13, "along `axis` (default -1)");
}
