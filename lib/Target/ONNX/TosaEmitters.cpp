//===- TosaEmitters.cpp - General tensor arithmetic as ONNX nodes ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The ops that TosaEvaluate.cpp gives a meaning to.
//
//===----------------------------------------------------------------------===//
#include "GraphBuilder.h"

#include "nt/Interpreter/Interpreter.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <vector>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_export;

/// The integers of a constant operand (a permutation, pads, indices); nullopt
/// and a reason if it is none.
static std::optional<std::vector<int64_t>> constantOf(Value value,
                                                      std::string &reason) {
  auto constant = value.getDefiningOp<tosa::ConstOp>();
  if (!constant) {
    reason = "an operand that ONNX wants constant is computed";
    return std::nullopt;
  }
  std::vector<int64_t> values;
  for (double entry : toHostTensor(constant.getValue()).values)
    values.push_back(static_cast<int64_t>(entry));
  return values;
}

/// Float constants are initialisers; integers go where they are used.
static bool emitConst(Operation *op, GraphBuilder &graph, std::string &) {
  auto constant = cast<tosa::ConstOp>(op);
  if (constant.getValue().getElementType().isF32())
    graph.bind(constant,
               graph.frozen(nameOfOp(op) + ".constant", constant.getValue()));
  return true;
}

/// An op whose ONNX node has the same operands and no attributes.
struct Same {
  StringRef tosaName, onnxName;
};
static constexpr Same kSame[] = {
    {"tosa.abs", "Abs"},         {"tosa.ceil", "Ceil"},
    {"tosa.floor", "Floor"},     {"tosa.exp", "Exp"},
    {"tosa.log", "Log"},         {"tosa.tanh", "Tanh"},
    {"tosa.sigmoid", "Sigmoid"}, {"tosa.erf", "Erf"},
    {"tosa.negate", "Neg"},      {"tosa.reciprocal", "Reciprocal"},
    {"tosa.add", "Add"},         {"tosa.sub", "Sub"},
    {"tosa.mul", "Mul"},         {"tosa.pow", "Pow"},
    {"tosa.maximum", "Max"},     {"tosa.minimum", "Min"},
    {"tosa.matmul", "MatMul"},
};

static bool emitSame(Operation *op, GraphBuilder &graph, std::string &) {
  const Same *found = llvm::find_if(kSame, [&](const Same &same) {
    return same.tosaName == op->getName().getStringRef();
  });
  std::vector<std::string> operands;
  for (Value operand : op->getOperands())
    operands.push_back(graph.nameOf(operand));
  graph.finish(graph.node(found->onnxName, op, operands), op);
  return true;
}

static bool emitCast(Operation *op, GraphBuilder &graph, std::string &reason) {
  const Type to =
      cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
  const int64_t type = to.isF32()    ? onnx::TensorProto::FLOAT
                       : to.isF16()  ? onnx::TensorProto::FLOAT16
                       : to.isBF16() ? onnx::TensorProto::BFLOAT16
                                     : onnx::TensorProto::UNDEFINED;
  if (type == onnx::TensorProto::UNDEFINED) {
    reason = "NT writes casts between floats";
    return false;
  }
  onnx::NodeProto &node =
      graph.node("Cast", op, {graph.nameOf(op->getOperand(0))});
  GraphBuilder::attribute(node, "to", type);
  graph.finish(node, op);
  return true;
}

static bool emitRsqrt(Operation *op, GraphBuilder &graph, std::string &) {
  const std::string root = graph.intermediate(
      graph.node("Sqrt", op, {graph.nameOf(op->getOperand(0))}));
  graph.finish(graph.node("Reciprocal", op, {root}), op);
  return true;
}

static bool emitClamp(Operation *op, GraphBuilder &graph, std::string &) {
  auto clamp = cast<tosa::ClampOp>(op);
  const std::string name = nameOfOp(op);
  const std::string low =
      graph.scalar(name + ".min", clamp.getMinFp().convertToFloat());
  const std::string high =
      graph.scalar(name + ".max", clamp.getMaxFp().convertToFloat());
  graph.finish(
      graph.node("Clip", op, {graph.nameOf(clamp.getInput()), low, high}), op);
  return true;
}

/// The axis is an attribute, but for ReduceSum, where it is an operand.
template <typename Op>
static bool emitReduce(Operation *op, GraphBuilder &graph, std::string &) {
  const int64_t axis = cast<Op>(op).getAxis();
  std::vector<std::string> operands = {graph.nameOf(op->getOperand(0))};
  const bool isSum = std::is_same_v<Op, tosa::ReduceSumOp>;
  if (isSum)
    operands.push_back(graph.integers(nameOfOp(op) + ".axes", axis));
  const StringRef type = isSum                                    ? "ReduceSum"
                         : std::is_same_v<Op, tosa::ReduceProdOp> ? "ReduceProd"
                         : std::is_same_v<Op, tosa::ReduceMaxOp>  ? "ReduceMax"
                                                                  : "ReduceMin";
  onnx::NodeProto &node = graph.node(type, op, operands);
  if (!isSum)
    GraphBuilder::attribute(node, "axes", ArrayRef<int64_t>(axis));
  GraphBuilder::attribute(node, "keepdims", int64_t(1));
  graph.finish(node, op);
  return true;
}

static bool emitSlice(Operation *op, GraphBuilder &graph, std::string &) {
  auto slice = cast<tosa::SliceOp>(op);
  SmallVector<int64_t> ends;
  for (auto [start, size] : llvm::zip_equal(slice.getStart(), slice.getSize()))
    ends.push_back(start + size);
  const std::string name = nameOfOp(op);
  const std::string from = graph.integers(name + ".starts", slice.getStart());
  const std::string to = graph.integers(name + ".ends", ends);
  graph.finish(
      graph.node("Slice", op, {graph.nameOf(slice.getInput()), from, to}), op);
  return true;
}

static bool emitTranspose(Operation *op, GraphBuilder &graph,
                          std::string &reason) {
  auto permutation = constantOf(op->getOperand(1), reason);
  if (!permutation)
    return false;
  onnx::NodeProto &node =
      graph.node("Transpose", op, {graph.nameOf(op->getOperand(0))});
  GraphBuilder::attribute(node, "perm", ArrayRef<int64_t>(*permutation));
  graph.finish(node, op);
  return true;
}

/// tosa pairs before and after of each axis, ONNX has all before first.
static bool emitPad(Operation *op, GraphBuilder &graph, std::string &reason) {
  auto pairs = constantOf(op->getOperand(1), reason);
  if (!pairs)
    return false;
  SmallVector<int64_t> pads;
  for (size_t side : {0, 1})
    for (size_t axis = 0; axis < pairs->size() / 2; ++axis)
      pads.push_back((*pairs)[2 * axis + side]);
  std::vector<std::string> operands = {
      graph.nameOf(op->getOperand(0)),
      graph.integers(nameOfOp(op) + ".pads", pads)};
  if (op->getNumOperands() > 2)
    operands.push_back(graph.nameOf(op->getOperand(2)));
  graph.finish(graph.node("Pad", op, operands), op);
  return true;
}

/// tosa has a row of indices for each batch; ONNX's Gather has one for all.
static bool emitGather(Operation *op, GraphBuilder &graph,
                       std::string &reason) {
  auto indices = constantOf(op->getOperand(1), reason);
  if (!indices)
    return false;
  const int64_t rows =
      cast<RankedTensorType>(op->getOperand(1).getType()).getDimSize(0);
  const size_t count = rows ? indices->size() / rows : 0;
  for (size_t i = count; i < indices->size(); ++i)
    if ((*indices)[i] != (*indices)[i - count]) {
      reason = "it gathers other places for each row";
      return false;
    }
  const std::string places = graph.integers(
      nameOfOp(op) + ".indices", ArrayRef<int64_t>(*indices).take_front(count));
  onnx::NodeProto &node =
      graph.node("Gather", op, {graph.nameOf(op->getOperand(0)), places});
  GraphBuilder::attribute(node, "axis", int64_t(1));
  graph.finish(node, op);
  return true;
}

static bool emitTile(Operation *op, GraphBuilder &graph, std::string &) {
  auto tile = cast<tosa::TileOp>(op);
  const std::string repeats =
      graph.integers(nameOfOp(op) + ".repeats", tile.getMultiples());
  graph.finish(
      graph.node("Tile", op, {graph.nameOf(tile.getInput1()), repeats}), op);
  return true;
}

template <typename... Ops> static void addReductions(EmitterTable &table) {
  ((table[Ops::getOperationName()] = emitReduce<Ops>), ...);
}

void onnx_export::addTosaEmitters(EmitterTable &table) {
  for (const Same &same : kSame)
    table[same.tosaName] = emitSame;
  addReductions<tosa::ReduceSumOp, tosa::ReduceProdOp, tosa::ReduceMaxOp,
                tosa::ReduceMinOp>(table);
  table[tosa::ConstOp::getOperationName()] = emitConst;
  table[tosa::CastOp::getOperationName()] = emitCast;
  table[tosa::RsqrtOp::getOperationName()] = emitRsqrt;
  table[tosa::ClampOp::getOperationName()] = emitClamp;
  table[tosa::SliceOp::getOperationName()] = emitSlice;
  table[tosa::TransposeOp::getOperationName()] = emitTranspose;
  table[tosa::PadOp::getOperationName()] = emitPad;
  table[tosa::GatherOp::getOperationName()] = emitGather;
  table[tosa::TileOp::getOperationName()] = emitTile;
}
