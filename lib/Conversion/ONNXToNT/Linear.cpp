//===- Linear.cpp - Conv, Gemm, MatMul --------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"
#include "TosaBuilder.h"

#include "FrozenValues.h"
#include "Window.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

/// Whether weights, bias, groups and kernel_shape fit an input of so many
/// channels; reports if not.
static bool checkConv(NodeBinder &node, RankedTensorType input,
                      RankedTensorType weights, FrozenOp bias, int64_t groups,
                      const Window &window) {
  ArrayRef<int64_t> kernel = weights.getShape().drop_front(2);
  int64_t channels = input.getShape()[1], outputs = weights.getShape()[0];
  if (window.kernel && ArrayRef(*window.kernel) != kernel) {
    node.fail(ntrt::Diag::OnnxShape)
        << "attribute 'kernel_shape' is [" << ArrayRef(*window.kernel)
        << "], the weights have [" << kernel << "]";
    return false;
  }
  if (channels % groups || outputs % groups ||
      weights.getShape()[1] != channels / groups) {
    node.fail(ntrt::Diag::OnnxShape)
        << "weights [" << weights.getShape() << "] in " << groups
        << " groups do not fit an input of " << channels << " channels";
    return false;
  }
  if (bias && bias.getType().getShape() != ArrayRef<int64_t>{outputs}) {
    node.fail(ntrt::Diag::OnnxShape)
        << "bias has shape [" << bias.getType().getShape() << "], must be ["
        << outputs << "]";
    return false;
  }
  return true;
}

static LogicalResult convertConv(NodeBinder &node) {
  Window window = Window::read(node);
  int64_t groups = node.integer("group", 1);
  if (groups < 1)
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'group' is " << groups << ", must be at least 1";
  FrozenOp weights = node.frozen(1, "weights");
  FrozenOp bias = node.hasOperand(2) ? node.frozen(2, "bias") : FrozenOp();
  auto input = node.activation(0);
  if (!node.usable())
    return failure();

  input = window.asImage(node, input);
  if (!input)
    return failure();
  ArrayRef<int64_t> given = weights.getType().getShape();
  if (given.size() != window.spatialAxes + 2) {
    node.fail(ntrt::Diag::OnnxShape)
        << "weights [" << given << "] must have rank "
        << window.spatialAxes + 2;
    return failure();
  }
  if (window.spatialAxes == 1)
    weights =
        derive(node.getBuilder(), weights, {given[0], given[1], 1, given[2]},
               valuesOf(weights), "reshaped");
  RankedTensorType inputType = input.getType();
  auto weightsType = cast<RankedTensorType>(weights.getType());
  if (!checkConv(node, inputType, weightsType, bias, groups, window))
    return failure();
  window.kernel.emplace(weightsType.getShape().drop_front(2));
  window.resolve(node, inputType.getShape().drop_front(2));
  if (!node.usable())
    return failure();

  OpBuilder &builder = node.getBuilder();
  auto type =
      RankedTensorType::get({inputType.getShape()[0], weightsType.getShape()[0],
                             window.positions[0], window.positions[1]},
                            inputType.getElementType());
  auto conv = builder.create<ConvOp>(
      node.getLoc(), type, input, weights, bias ? bias.getResult() : Value(),
      builder.getStringAttr(node.makeLayerName()),
      builder.getDenseI64ArrayAttr(window.strides),
      builder.getDenseI64ArrayAttr(window.pads),
      builder.getDenseI64ArrayAttr(window.dilations),
      builder.getI64IntegerAttr(groups), ElementsAttr(), FloatAttr(),
      FloatAttr(), DenseI32ArrayAttr(), DenseI32ArrayAttr(), UnitAttr());
  node.replace(window.fromImage(node, conv));
  return success();
}

//===----------------------------------------------------------------------===//
// Gemm and MatMul
//===----------------------------------------------------------------------===//

/// [rows, columns] to [columns, rows].
static std::vector<float> transpose(ArrayRef<float> values, int64_t rows,
                                    int64_t columns) {
  std::vector<float> result(values.size());
  for (int64_t row = 0; row != rows; ++row)
    for (int64_t column = 0; column != columns; ++column)
      result[column * rows + row] = values[row * columns + column];
  return result;
}

static FrozenOp scaled(NodeBinder &node, FrozenOp base, double factor,
                       StringRef name) {
  if (factor == 1)
    return base;
  std::vector<float> values = valuesOf(base);
  for (float &value : values)
    value *= static_cast<float>(factor);
  return derive(node.getBuilder(), base, base.getType().getShape(), values,
                llvm::formatv("times {0} {1:g}", name, factor).str());
}

/// Weights as nt.dense has them, [outputs, inputs].
static FrozenOp outputsFirst(NodeBinder &node, FrozenOp weights) {
  ArrayRef<int64_t> shape = weights.getType().getShape();
  return derive(node.getBuilder(), weights, {shape[1], shape[0]},
                transpose(valuesOf(weights), shape[0], shape[1]), "transposed");
}

/// Reports if input [N, inputs] and weights [outputs, inputs] do not fit.
static bool checkDense(NodeBinder &node, RankedTensorType input,
                       FrozenOp weights, bool isTransposed) {
  if (input.getRank() != 2 || weights.getType().getRank() != 2) {
    node.fail(ntrt::Diag::OnnxUnsupportedOp)
        << "its operands have ranks " << input.getRank() << " and "
        << weights.getType().getRank() << ", NT takes 2";
    return false;
  }
  int64_t inputs = weights.getType().getShape()[isTransposed ? 1 : 0];
  if (inputs != input.getShape()[1]) {
    node.fail(ntrt::Diag::OnnxShape)
        << "weights [" << weights.getType().getShape() << "] take " << inputs
        << " inputs, the input has " << input.getShape()[1];
    return false;
  }
  return true;
}

static void buildDense(NodeBinder &node, TypedValue<RankedTensorType> input,
                       FrozenOp weights, FrozenOp bias) {
  OpBuilder &builder = node.getBuilder();
  auto type = RankedTensorType::get(
      {input.getType().getShape()[0], weights.getType().getShape()[0]},
      input.getType().getElementType());
  node.replace(builder.create<DenseOp>(
      node.getLoc(), type, input, weights, bias ? bias.getResult() : Value(),
      builder.getStringAttr(node.makeLayerName()), ElementsAttr(), FloatAttr(),
      FloatAttr(), DenseI32ArrayAttr(), DenseI32ArrayAttr(), UnitAttr()));
}

/// The addend C of a Gemm as one value an output; null and a report if its rows
/// differ or its shape does not fit.
static FrozenOp readAddend(NodeBinder &node, FrozenOp addend, int64_t outputs) {
  ArrayRef<int64_t> shape = addend.getType().getShape();
  if (shape == ArrayRef<int64_t>{outputs})
    return addend;
  bool isRow = shape.size() <= 2 && (shape.size() < 2 || shape[0] == 1);
  int64_t count = addend.getType().getNumElements();
  if (!isRow || (count != 1 && count != outputs)) {
    node.fail(ntrt::Diag::OnnxShape)
        << "C has shape [" << shape << "], NT takes one value an output, ["
        << outputs << "]";
    return {};
  }
  std::vector<float> values = valuesOf(addend);
  values.resize(outputs, values.front());
  return derive(node.getBuilder(), addend, {outputs}, values,
                count == 1 ? "broadcast" : "reshaped");
}

/// alpha A' B' + beta C of whatever operands, in float.
static LogicalResult buildGeneralGemm(NodeBinder &node, double alpha,
                                      double beta, bool transA, bool transB) {
  auto a = node.activation(0), b = node.activation(1);
  TypedValue<RankedTensorType> c;
  if (node.hasOperand(2))
    c = node.activation(2);
  if (!node.usable())
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value product, result;
  if (a.getType().getRank() == 2 && b.getType().getRank() == 2) {
    product = t.matmul(transA ? t.transpose(a, {1, 0}) : Value(a),
                       transB ? t.transpose(b, {1, 0}) : Value(b));
    result = product ? t.mul(product, t.scalar(alpha)) : Value();
    if (result && c && beta != 0)
      result = t.add(result, t.mul(c, t.scalar(beta)));
  }
  if (!result || result.getType() != product.getType()) {
    node.fail(ntrt::Diag::OnnxShape)
        << "A [" << a.getType().getShape() << "], B [" << b.getType().getShape()
        << "] and C do not fit";
    return failure();
  }
  node.replace(result);
  return success();
}

static LogicalResult convertGemm(NodeBinder &node) {
  double alpha = node.real("alpha", 1), beta = node.real("beta", 1);
  const bool transA = node.integer("transA", 0) != 0,
             isTransposed = node.integer("transB", 0) != 0;
  // A dense layer has frozen weights, and an addend that goes by output.
  auto isFrozen = [&](unsigned index) {
    return node.hasOperand(index) &&
           node.getNode().getInputs()[index].getDefiningOp<FrozenOp>();
  };
  bool isLayer = !transA && isFrozen(1) && !isFrozen(0);
  if (isLayer && node.hasOperand(2) && beta != 0) {
    auto type =
        dyn_cast<RankedTensorType>(node.getNode().getInputs()[2].getType());
    isLayer =
        isFrozen(2) && type && (type.getRank() < 2 || type.getDimSize(0) == 1);
  }
  if (!isLayer)
    return buildGeneralGemm(node, alpha, beta, transA, isTransposed);
  FrozenOp weights = node.frozen(1, "B");
  FrozenOp addend = node.hasOperand(2) ? node.frozen(2, "C") : FrozenOp();
  auto input = node.activation(0);
  if (!node.usable() ||
      !checkDense(node, input.getType(), weights, isTransposed))
    return failure();

  if (!isTransposed)
    weights = outputsFirst(node, weights);
  weights = scaled(node, weights, alpha, "alpha");
  if (beta == 0)
    addend = {};
  if (addend) {
    addend = readAddend(node, addend, weights.getType().getShape()[0]);
    if (!addend)
      return failure();
    addend = scaled(node, addend, beta, "beta");
  }
  buildDense(node, input, weights, addend);
  return success();
}

static LogicalResult convertGemm6(NodeBinder &node) {
  // Whether C may be broadcast; its shape says whether it is.
  node.ignore({"broadcast"});
  return convertGemm(node);
}

/// A matrix times a frozen matrix is a dense layer; all else runs in float.
static LogicalResult convertMatMul(NodeBinder &node) {
  auto input = node.activation(0), right = node.activation(1);
  if (!node.usable())
    return failure();
  auto weights = right.getDefiningOp<FrozenOp>();
  if (weights && !input.getDefiningOp<FrozenOp>() &&
      input.getType().getRank() == 2 && right.getType().getRank() == 2) {
    if (!checkDense(node, input.getType(), weights, /*isTransposed=*/false))
      return failure();
    buildDense(node, input, outputsFirst(node, weights), {});
    return success();
  }
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value product = t.matmul(input, right);
  if (!product) {
    node.fail(ntrt::Diag::OnnxShape)
        << "shapes [" << input.getType().getShape() << "] and ["
        << right.getType().getShape() << "] do not multiply";
    return failure();
  }
  node.replace(product);
  return success();
}

/// So that the refusal says what to do.
static LogicalResult refuseConvTranspose(NodeBinder &node) {
  node.fail(ntrt::Diag::OnnxUnsupportedOp)
      << "a transposed convolution spreads a neuron's output over its "
         "neighbours, which classifiers do not do; cut the network before it, "
         "or use Resize and Conv";
  return failure();
}

void onnx_to_nt::addLinearHandlers(HandlerTable &table) {
  table.onOp("Conv", 1, convertConv,
             "one or two spatial axes, frozen weights and bias, any `group`, "
             "`dilations`, `pads`, `auto_pad`");
  table.onOp("ConvTranspose", 1, refuseConvTranspose, "nothing: refused");
  table.onOp("Gemm", 6, convertGemm6,
             "everything; a layer where B is frozen, C frozen with one value "
             "an output and `transA` 0, else in float");
  table.onOp("Gemm", 7, convertGemm, "the same");
  table.onOp("MatMul", 1, convertMatMul,
             "everything; a layer where a matrix is multiplied by a frozen "
             "one on the right, else in float");
}
