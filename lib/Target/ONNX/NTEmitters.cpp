//===- NTEmitters.cpp - Ops of the nt dialect as ONNX nodes ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "GraphBuilder.h"

#include "nt/Target/ONNX/ExportONNX.h"

#include <limits>
#include <vector>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_export;

/// Reads `Op` for an emitter that cannot fail.
template <typename Op, void (*emit)(Op, GraphBuilder &)>
static bool emitter(Operation *op, GraphBuilder &graph, std::string &) {
  emit(cast<Op>(op), graph);
  return true;
}

/// Nothing: the name after the '#' of the origin is the initialiser's.
static void emitFrozen(FrozenOp op, GraphBuilder &graph) {
  const StringRef name = op.getOrigin().rsplit('#').second;
  graph.bind(op, graph.frozen(name.empty() ? "constant" : name, op.getValue()));
}

/// The layer's weights, or what its codes stand for.
static std::string weightsOf(FrozenLayer layer, GraphBuilder &graph) {
  const std::string &codes = graph.nameOf(layer.getFrozenWeights());
  auto scales = layer->getAttrOfType<DenseElementsAttr>(FrozenLayer::kScales);
  if (!scales)
    return codes;
  std::vector<float> steps;
  for (double scale : scales.getValues<double>())
    steps.push_back(static_cast<float>(scale));
  const std::string name = layer.getLayerName().str();
  const std::string scale = graph.floats(
      name + ".scale", {static_cast<int64_t>(steps.size())}, steps);
  // Named after the codes: the layer's name is for the layer.
  onnx::NodeProto &node =
      graph.node("DequantizeLinear", layer.getFrozenWeights().getDefiningOp(),
                 {codes, scale});
  GraphBuilder::attribute(node, "axis", int64_t(0));
  return graph.intermediate(node);
}

static std::vector<std::string> operandsOf(FrozenLayer layer,
                                           GraphBuilder &graph) {
  std::vector<std::string> operands = {graph.nameOf(layer->getOperand(0)),
                                       weightsOf(layer, graph)};
  if (Value bias = layer.getFrozenBias())
    operands.push_back(graph.nameOf(bias));
  return operands;
}

static void emitDense(DenseOp op, GraphBuilder &graph) {
  onnx::NodeProto &node = graph.node("Gemm", op, operandsOf(op, graph));
  GraphBuilder::attribute(node, "transB", int64_t(1));
  graph.finish(node, op);
}

static void emitConv(ConvOp op, GraphBuilder &graph) {
  auto weights = cast<RankedTensorType>(op.getWeights().getType());
  onnx::NodeProto &node = graph.node("Conv", op, operandsOf(op, graph));
  GraphBuilder::attribute(node, "kernel_shape",
                          weights.getShape().take_back(2));
  GraphBuilder::attribute(node, "strides", op.getStrides());
  GraphBuilder::attribute(node, "pads", op.getPads());
  GraphBuilder::attribute(node, "dilations", op.getDilations());
  GraphBuilder::attribute(node, "group", static_cast<int64_t>(op.getGroups()));
  graph.finish(node, op);
}

static void emitBatchNorm(BatchNormOp op, GraphBuilder &graph) {
  std::vector<std::string> operands;
  for (Value operand : op->getOperands())
    operands.push_back(graph.nameOf(operand));
  onnx::NodeProto &node = graph.node("BatchNormalization", op, operands);
  GraphBuilder::attribute(
      node, "epsilon", static_cast<float>(op.getEpsilon().convertToDouble()));
  graph.finish(node, op);
}

static void emitRelu(ReluOp op, GraphBuilder &graph) {
  graph.finish(graph.node("Relu", op, {graph.nameOf(op.getInput())}), op);
}

/// A Clip from one name to another.
static onnx::NodeProto &clip(Operation *op, GraphBuilder &graph,
                             const std::string &input, double lower,
                             double upper) {
  const std::string name = nameOfOp(op);
  const std::string low =
      graph.scalar(name + ".min", static_cast<float>(lower));
  const std::string high =
      graph.scalar(name + ".max", static_cast<float>(upper));
  return graph.node("Clip", op, {input, low, high});
}

static void emitClip(ClipOp op, GraphBuilder &graph) {
  graph.finish(clip(op, graph, graph.nameOf(op.getInput()),
                    op.getLower().convertToDouble(),
                    op.getUpper().convertToDouble()),
               op);
}

static void emitSoftmax(SoftmaxOp op, GraphBuilder &graph) {
  onnx::NodeProto &node =
      graph.node("Softmax", op, {graph.nameOf(op.getInput())});
  GraphBuilder::attribute(node, "axis", static_cast<int64_t>(op.getAxis()));
  graph.finish(node, op);
}

/// QuantizeLinear and DequantizeLinear, and a clip where the range is a part of
/// eight bits.
static bool emitFakeQuantize(Operation *operation, GraphBuilder &graph,
                             std::string &reason) {
  auto op = cast<FakeQuantizeOp>(operation);
  const int64_t low = op.getRange()[0], high = op.getRange()[1];
  const bool isSigned = low < 0;
  const int64_t least = isSigned ? std::numeric_limits<int8_t>::min() : 0,
                most = isSigned ? std::numeric_limits<int8_t>::max()
                                : std::numeric_limits<uint8_t>::max();
  const int64_t zero = op.getZeroPoint();
  if (low < least || high > most || zero < least || zero > most) {
    reason = "its range is beyond 8 bits, which opset " +
             std::to_string(kExportOpset) + " quantises to";
    return false;
  }
  const double step = op.getScale().convertToDouble();
  const std::string name = nameOfOp(op);
  const std::string scale =
      graph.scalar(name + ".scale", static_cast<float>(step));
  const std::string zeroPoint =
      graph.byte(name + ".zero_point", zero, isSigned);
  onnx::NodeProto &quantize = graph.node(
      "QuantizeLinear", op, {graph.nameOf(op.getInput()), scale, zeroPoint});
  const std::string codes = graph.intermediate(quantize);
  onnx::NodeProto &back =
      graph.node("DequantizeLinear", op, {codes, scale, zeroPoint});
  if (low == least && high == most) {
    graph.finish(back, op);
    return true;
  }
  const std::string values = graph.intermediate(back);
  graph.finish(clip(op, graph, values, double(low - zero) * step,
                    double(high - zero) * step),
               op);
  return true;
}

template <typename Op>
static onnx::NodeProto &poolNode(Op op, StringRef type, GraphBuilder &graph) {
  onnx::NodeProto &node = graph.node(type, op, {graph.nameOf(op.getInput())});
  GraphBuilder::attribute(node, "kernel_shape", op.getKernel());
  GraphBuilder::attribute(node, "strides", op.getStrides());
  GraphBuilder::attribute(node, "pads", op.getPads());
  return node;
}

static void emitMaxPool(MaxPoolOp op, GraphBuilder &graph) {
  graph.finish(poolNode(op, "MaxPool", graph), op);
}

static void emitAvgPool(AvgPoolOp op, GraphBuilder &graph) {
  onnx::NodeProto &node = poolNode(op, "AveragePool", graph);
  GraphBuilder::attribute(node, "count_include_pad",
                          int64_t(op.getCountIncludePad()));
  graph.finish(node, op);
}

static void emitAdd(AddOp op, GraphBuilder &graph) {
  graph.finish(
      graph.node("Add", op,
                 {graph.nameOf(op.getLhs()), graph.nameOf(op.getRhs())}),
      op);
}

static void emitConcat(ConcatOp op, GraphBuilder &graph) {
  std::vector<std::string> inputs;
  for (Value input : op.getInputs())
    inputs.push_back(graph.nameOf(input));
  onnx::NodeProto &node = graph.node("Concat", op, inputs);
  GraphBuilder::attribute(node, "axis", static_cast<int64_t>(op.getAxis()));
  graph.finish(node, op);
}

static void emitReshape(ReshapeOp op, GraphBuilder &graph) {
  auto from = cast<RankedTensorType>(op.getInput().getType());
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(op.getResult().getType()).getShape());
  // 0 keeps the batch dimension, whatever it is at run time.
  if (!shape.empty() && from.getRank() > 0 && shape[0] == 1 &&
      from.getDimSize(0) == 1)
    shape[0] = 0;
  const std::string wanted = graph.integers(nameOfOp(op) + ".shape", shape);
  graph.finish(graph.node("Reshape", op, {graph.nameOf(op.getInput()), wanted}),
               op);
}

void onnx_export::addNTEmitters(EmitterTable &table) {
  table[FrozenOp::getOperationName()] = emitter<FrozenOp, emitFrozen>;
  table[DenseOp::getOperationName()] = emitter<DenseOp, emitDense>;
  table[ConvOp::getOperationName()] = emitter<ConvOp, emitConv>;
  table[BatchNormOp::getOperationName()] = emitter<BatchNormOp, emitBatchNorm>;
  table[ReluOp::getOperationName()] = emitter<ReluOp, emitRelu>;
  table[ClipOp::getOperationName()] = emitter<ClipOp, emitClip>;
  table[SoftmaxOp::getOperationName()] = emitter<SoftmaxOp, emitSoftmax>;
  table[FakeQuantizeOp::getOperationName()] = emitFakeQuantize;
  table[MaxPoolOp::getOperationName()] = emitter<MaxPoolOp, emitMaxPool>;
  table[AvgPoolOp::getOperationName()] = emitter<AvgPoolOp, emitAvgPool>;
  table[AddOp::getOperationName()] = emitter<AddOp, emitAdd>;
  table[ConcatOp::getOperationName()] = emitter<ConcatOp, emitConcat>;
  table[ReshapeOp::getOperationName()] = emitter<ReshapeOp, emitReshape>;
}
