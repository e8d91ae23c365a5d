//===- Pooling.cpp - MaxPool, AveragePool, global pools ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"

#include "Window.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

/// Reads the window of a pool and its input; null if something is unusable.
static TypedValue<RankedTensorType> readPool(NodeBinder &node, Window &window) {
  window = Window::read(node);
  window.ceilMode = node.integer("ceil_mode", 0) != 0;
  node.refuseResultsFrom(1);
  if (!window.kernel && node.usable())
    node.fail(ntrt::Diag::OnnxAttribute) << "it has no kernel_shape";
  for (int64_t dilation : window.dilations)
    if (dilation != 1) {
      node.fail(ntrt::Diag::OnnxAttribute)
          << "attribute 'dilations' holds " << dilation << ", NT takes 1";
      break;
    }
  auto input = node.activation(0);
  if (!node.usable())
    return {};
  input = window.asImage(node, input);
  if (!input)
    return {};
  window.resolve(node, input.getType().getShape().drop_front(2));
  if (!node.usable())
    return {};
  for (int axis : {0, 1})
    for (int64_t pad : {window.pads[axis], window.pads[2 + axis]})
      if (pad >= (*window.kernel)[axis]) {
        node.fail(ntrt::Diag::OnnxAttribute)
            << "pad " << pad << " is not smaller than the kernel, "
            << (*window.kernel)[axis] << ", along spatial axis " << axis;
        return {};
      }
  return input;
}

static RankedTensorType resultType(TypedValue<RankedTensorType> input,
                                   ArrayRef<int64_t> positions) {
  SmallVector<int64_t> shape(input.getType().getShape().take_front(2));
  llvm::append_range(shape, positions);
  return RankedTensorType::get(shape, input.getType().getElementType());
}

static LogicalResult convertMaxPool(NodeBinder &node) {
  // Only tells how the second output numbers its indices.
  node.ignore({"storage_order"});
  Window window;
  auto input = readPool(node, window);
  if (!input)
    return failure();
  OpBuilder &builder = node.getBuilder();
  auto pool = builder.create<MaxPoolOp>(
      node.getLoc(), resultType(input, window.positions), input,
      builder.getDenseI64ArrayAttr(*window.kernel),
      builder.getDenseI64ArrayAttr(window.strides),
      builder.getDenseI64ArrayAttr(window.pads));
  node.replace(window.fromImage(node, pool));
  return success();
}

static LogicalResult convertAveragePool(NodeBinder &node) {
  bool countIncludePad = node.integer("count_include_pad", 0) != 0;
  Window window;
  auto input = readPool(node, window);
  if (!input)
    return failure();
  OpBuilder &builder = node.getBuilder();
  auto pool = builder.create<AvgPoolOp>(
      node.getLoc(), resultType(input, window.positions), input,
      builder.getDenseI64ArrayAttr(*window.kernel),
      builder.getDenseI64ArrayAttr(window.strides),
      builder.getDenseI64ArrayAttr(window.pads),
      countIncludePad ? builder.getUnitAttr() : UnitAttr());
  node.replace(window.fromImage(node, pool));
  return success();
}

/// A pool with one window, as large as the input.
template <typename PoolOp>
static LogicalResult convertGlobalPool(NodeBinder &node) {
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  Window window;
  input = window.asImage(node, input);
  if (!input)
    return failure();
  OpBuilder &builder = node.getBuilder();
  SmallVector<NamedAttribute> attributes = {
      builder.getNamedAttr("kernel",
                           builder.getDenseI64ArrayAttr(
                               input.getType().getShape().drop_front(2))),
      builder.getNamedAttr("strides", builder.getDenseI64ArrayAttr({1, 1})),
      builder.getNamedAttr("pads", builder.getDenseI64ArrayAttr({0, 0, 0, 0}))};
  auto pool = builder.create<PoolOp>(node.getLoc(),
                                     TypeRange{resultType(input, {1, 1})},
                                     ValueRange{input}, attributes);
  node.replace(window.fromImage(node, pool));
  return success();
}

void onnx_to_nt::addPoolingHandlers(HandlerTable &table) {
  table.onOp(
      "MaxPool", 1, convertMaxPool,
      "one or two spatial axes, `dilations` 1, `ceil_mode` where it adds no "
      "position, indices not used");
  table.onOp(
      "AveragePool", 1, convertAveragePool,
      "one or two spatial axes, `dilations` 1, `ceil_mode` where it adds no "
      "position");
  table.onOp("GlobalAveragePool", 1, convertGlobalPool<AvgPoolOp>,
             "one or two spatial axes");
  table.onOp("GlobalMaxPool", 1, convertGlobalPool<MaxPoolOp>,
             "one or two spatial axes");
}
