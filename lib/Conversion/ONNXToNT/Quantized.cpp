//===- Quantized.cpp - QuantizeLinear, DequantizeLinear -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Models quantised to 8 bits in the QDQ form: a DequantizeLinear of a constant
// is a weight, frozen at the values that the integers stand for; a
// QuantizeLinear with the DequantizeLinear behind it rounds an activation.
//
//===----------------------------------------------------------------------===//
#include "FrozenValues.h"
#include "HandlerTable.h"

#include <limits>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

namespace {

/// What an integer tensor stands for: (code - zeroPoints[c]) * scales[c].
struct Quantization {
  SmallVector<float> scales;
  SmallVector<int64_t> zeroPoints;
  bool isSigned = false;
};

} // namespace

/// Operands 1 and 2: a scale, or one a place of an axis, and their zero points
/// (absent: 0 of uint8).
static std::optional<Quantization> readQuantization(NodeBinder &node) {
  Quantization result;
  FrozenOp scale = node.frozen(1, "scale");
  if (!scale)
    return std::nullopt;
  llvm::append_range(result.scales, valuesOf(scale));
  result.zeroPoints.assign(result.scales.size(), 0);
  if (node.hasOperand(2)) {
    auto points = node.constantIntegers(2, "zero point");
    if (!points)
      return std::nullopt;
    if (points->size() != result.scales.size()) {
      node.fail(ntrt::Diag::OnnxShape) << result.scales.size() << " scales and "
                                       << points->size() << " zero points";
      return std::nullopt;
    }
    result.zeroPoints = *points;
    auto constant = node.getNode().getInputs()[2].getDefiningOp<OnnxNodeOp>();
    auto type =
        constant.getNodeAttributes().getAs<StringAttr>(kElementTypeAttribute);
    result.isSigned = type && type.getValue() == "INT8";
    if (type && type.getValue() != "INT8" && type.getValue() != "UINT8" &&
        type.getValue() != "INT32") {
      node.fail(ntrt::Diag::OnnxType)
          << "the zero point is of type " << type.getValue()
          << ", NT takes INT8 and UINT8";
      return std::nullopt;
    }
  }
  for (float value : result.scales)
    if (!(value > 0) || value == std::numeric_limits<float>::infinity()) {
      node.fail(ntrt::Diag::OnnxAttribute)
          << "scale " << value << " is not positive and finite";
      return std::nullopt;
    }
  return result;
}

static LogicalResult convertQuantize(NodeBinder &node) {
  node.ignore({"axis", "saturate"});
  node.expect("block_size", 0, 0);
  auto quantization = readQuantization(node);
  auto input = node.activation(0);
  if (!node.usable() || !quantization)
    return failure();
  if (quantization->scales.size() != 1) {
    node.fail(ntrt::Diag::OnnxShape) << "an activation has one scale, here are "
                                     << quantization->scales.size();
    return failure();
  }
  for (Operation *user : node.getNode().getResult(0).getUsers()) {
    auto reader = dyn_cast<OnnxNodeOp>(user);
    if (reader && reader.getOpType() == "DequantizeLinear")
      continue;
    InFlightDiagnostic error = node.fail(ntrt::Diag::OnnxUnsupportedOp);
    error << "its integers are read by ";
    if (reader)
      error << "node '" << reader.getNodeName() << "' (" << reader.getOpType()
            << ")";
    else
      error << "the network's result";
    error << ", NT takes a DequantizeLinear behind it";
    return failure();
  }
  const int64_t lowest = quantization->isSigned ? -128 : 0,
                highest = quantization->isSigned ? 127 : 255;
  const int64_t zeroPoint = quantization->zeroPoints.front();
  if (zeroPoint < lowest || zeroPoint > highest) {
    node.fail(ntrt::Diag::OnnxShape)
        << "zero point " << zeroPoint << " is outside [" << lowest << ", "
        << highest << "]";
    return failure();
  }
  OpBuilder &builder = node.getBuilder();
  node.replace(builder.create<FakeQuantizeOp>(
      node.getLoc(), input.getType(), input,
      builder.getF64FloatAttr(quantization->scales.front()),
      builder.getI64IntegerAttr(zeroPoint),
      builder.getDenseI64ArrayAttr({lowest, highest})));
  return success();
}

/// The values that constant integers stand for, along `axis` where there are
/// several scales.
static LogicalResult dequantizeConstant(NodeBinder &node,
                                        DenseIntElementsAttr codes,
                                        const Quantization &quantization,
                                        int64_t axis) {
  ArrayRef<int64_t> shape = codes.getType().getShape();
  const auto count = static_cast<int64_t>(quantization.scales.size());
  const auto rank = static_cast<int64_t>(shape.size());
  int64_t inner = codes.getNumElements();
  if (count != 1) {
    axis += axis < 0 ? rank : 0;
    if (axis < 0 || axis >= rank || shape[axis] != count) {
      node.fail(ntrt::Diag::OnnxShape)
          << count << " scales do not go with axis " << axis << " of [" << shape
          << "]";
      return failure();
    }
    inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  }
  std::vector<float> values;
  values.reserve(codes.getNumElements());
  for (const APInt &code : codes.getValues<APInt>()) {
    const auto at = static_cast<int64_t>(values.size());
    const size_t channel = count == 1 ? 0 : at / inner % count;
    // Codes and zero points are small: the difference is exact.
    values.push_back(static_cast<float>(code.getSExtValue() -
                                        quantization.zeroPoints[channel]) *
                     quantization.scales[channel]);
  }
  OpBuilder &builder = node.getBuilder();
  auto constant = node.getNode().getInputs()[0].getDefiningOp<OnnxNodeOp>();
  node.replace(FrozenOp::createHashed(
      builder, node.getLoc(),
      DenseElementsAttr::get(RankedTensorType::get(shape, builder.getF32Type()),
                             ArrayRef(values)),
      ("#" + constant.getNodeName()).str(),
      builder.getStrArrayAttr({"dequantised with the model's scales"})));
  return success();
}

static LogicalResult convertDequantize(NodeBinder &node) {
  const int64_t axis = node.integer("axis", 1);
  node.expect("block_size", 0, 0);
  auto quantization = readQuantization(node);
  if (!node.hasOperand(0))
    node.fail(ntrt::Diag::OnnxShape) << "operand 0 is missing";
  if (!node.usable() || !quantization)
    return failure();
  Value input = node.getNode().getInputs()[0];
  if (DenseIntElementsAttr codes = integerConstant(input))
    return dequantizeConstant(node, codes, *quantization, axis);
  auto value = node.activation(0);
  if (!node.usable())
    return failure();
  // The op before has taken the scale already.
  auto before = value.getDefiningOp<FakeQuantizeOp>();
  if (!before || quantization->scales.size() != 1 ||
      static_cast<double>(quantization->scales.front()) !=
          before.getScale().convertToDouble() ||
      quantization->zeroPoints.front() != before.getZeroPointAttr().getInt()) {
    node.fail(ntrt::Diag::OnnxUnsupportedOp)
        << "its input is no QuantizeLinear of the same scale and zero point, "
           "nor a constant";
    return failure();
  }
  node.replace(value);
  return success();
}

void onnx_to_nt::addQuantizedHandlers(HandlerTable &table) {
  table.onOp("QuantizeLinear", 10, convertQuantize,
             "to INT8 or UINT8, constant scale and zero point, one an "
             "activation; with the DequantizeLinear behind it");
  table.onOp("DequantizeLinear", 10, convertDequantize,
             "of constants, with one scale or one a place of `axis`; of a "
             "QuantizeLinear of the same scale");
}
