//===- Arithmetic.cpp - Handlers of general tensor arithmetic -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the interpreter evaluates in float and no chip stage carries: tosa ops.
//
//===----------------------------------------------------------------------===//
#include "Broadcast.h"
#include "HandlerTable.h"

#include <cmath>
#include <numbers>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

/// y = build(x): one operand, no attribute left unread.
template <typename Build>
static LogicalResult convertUnary(NodeBinder &node, Build build) {
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  TosaBuilder tosa(node.getBuilder(), node.getLoc());
  node.replace(build(tosa, Value(input)));
  return success();
}

template <typename Op> static LogicalResult convertSimple(NodeBinder &node) {
  return convertUnary(node,
                      [](TosaBuilder &t, Value x) { return t.unary<Op>(x); });
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// x for x > 0, `slope` x below.
static Value rectify(TosaBuilder &t, Value x, Value slope) {
  return t.add(t.max(x, t.scalar(0)), t.mul(slope, t.min(x, t.scalar(0))));
}

/// x for x > 0, alpha (exp(x / scale) - 1) below.
static Value exponentialUnit(TosaBuilder &t, Value x, double alpha,
                             double scale = 1) {
  Value below = t.mul(t.min(x, t.scalar(0)), t.scalar(1 / scale));
  Value bent = t.sub(t.unary<tosa::ExpOp>(below), t.scalar(1));
  return t.add(t.max(x, t.scalar(0)), t.mul(t.scalar(alpha), bent));
}

static Value softplus(TosaBuilder &t, Value x) {
  // max(x, 0) + log(1 + exp(-|x|)): no overflow.
  Value size = t.unary<tosa::NegateOp>(t.unary<tosa::AbsOp>(x));
  Value rest = t.add(t.scalar(1), t.unary<tosa::ExpOp>(size));
  return t.add(t.max(x, t.scalar(0)), t.unary<tosa::LogOp>(rest));
}

static LogicalResult convertLeakyRelu(NodeBinder &node) {
  double alpha = node.real("alpha", 0.01);
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    return rectify(t, x, t.scalar(alpha));
  });
}

static LogicalResult buildPRelu(NodeBinder &node, bool isByChannel) {
  auto input = node.activation(0), slope = node.activation(1);
  if (!node.usable())
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value aligned = slope;
  const int64_t rank = input.getType().getRank();
  if (isByChannel && slope.getType().getRank() == 1 && rank > 1) {
    SmallVector<int64_t> shape(rank, 1);
    shape[1] = slope.getType().getDimSize(0);
    aligned = t.reshape(slope, shape);
  }
  Value result = rectify(t, input, aligned);
  if (!result || result.getType() != input.getType()) {
    node.fail(ntrt::Diag::OnnxShape)
        << "slope [" << slope.getType().getShape()
        << "] does not broadcast to [" << input.getType().getShape() << "]";
    return failure();
  }
  node.replace(result);
  return success();
}

/// Before opset 7 the slope was one value, or one a channel.
static LogicalResult convertPRelu6(NodeBinder &node) {
  return buildPRelu(node, /*isByChannel=*/true);
}
static LogicalResult convertPRelu7(NodeBinder &node) {
  return buildPRelu(node, /*isByChannel=*/false);
}

static LogicalResult convertElu(NodeBinder &node) {
  double alpha = node.real("alpha", 1);
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    return exponentialUnit(t, x, alpha);
  });
}

static LogicalResult convertCelu(NodeBinder &node) {
  double alpha = node.real("alpha", 1);
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    return exponentialUnit(t, x, alpha, alpha);
  });
}

static LogicalResult convertSelu(NodeBinder &node) {
  double alpha = node.real("alpha", 1.67326319217681884765625);
  double gamma = node.real("gamma", 1.05070102214813232421875);
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    return t.mul(t.scalar(gamma), exponentialUnit(t, x, alpha));
  });
}

static LogicalResult convertHardSigmoid(NodeBinder &node) {
  double alpha = node.real("alpha", 0.2), beta = node.real("beta", 0.5);
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    return t.clamp(t.add(t.mul(t.scalar(alpha), x), t.scalar(beta)), 0, 1);
  });
}

static LogicalResult convertHardSwish(NodeBinder &node) {
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    Value gate = t.add(t.mul(t.scalar(1.0 / 6), x), t.scalar(0.5));
    return t.mul(x, t.clamp(gate, 0, 1));
  });
}

static LogicalResult convertThresholdedRelu(NodeBinder &node) {
  double alpha = node.real("alpha", 1);
  // x where x > alpha, else 0: the larger of x - alpha and 0 is positive just
  // there, and any multiple of it that matters is cut to 1.
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    Value above = t.max(t.sub(x, t.scalar(alpha)), t.scalar(0));
    Value gate = t.clamp(t.mul(above, t.scalar(1e30)), 0, 1);
    return t.mul(x, gate);
  });
}

static LogicalResult convertSoftplus(NodeBinder &node) {
  return convertUnary(node, softplus);
}

static LogicalResult convertSoftsign(NodeBinder &node) {
  return convertUnary(node, [](TosaBuilder &t, Value x) {
    return t.div(x, t.add(t.scalar(1), t.unary<tosa::AbsOp>(x)));
  });
}

static LogicalResult convertMish(NodeBinder &node) {
  return convertUnary(node, [](TosaBuilder &t, Value x) {
    return t.mul(x, t.unary<tosa::TanhOp>(softplus(t, x)));
  });
}

static LogicalResult convertGelu(NodeBinder &node) {
  std::string approximate = node.string("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'approximate' is '" << approximate
        << "', must be none or tanh";
  return convertUnary(node, [&](TosaBuilder &t, Value x) {
    Value inner;
    if (approximate == "tanh") {
      Value cube = t.mul(x, t.mul(x, x));
      inner = t.unary<tosa::TanhOp>(
          t.mul(t.scalar(std::sqrt(2 / std::numbers::pi)),
                t.add(x, t.mul(t.scalar(0.044715), cube))));
    } else {
      inner = t.unary<tosa::ErfOp>(t.mul(x, t.scalar(1 / std::sqrt(2.0))));
    }
    return t.mul(t.mul(t.scalar(0.5), x), t.add(t.scalar(1), inner));
  });
}

//===----------------------------------------------------------------------===//
// Arithmetic with broadcasting
//===----------------------------------------------------------------------===//

/// Folds all operands with `combine`.
static FailureOr<Value> combineAll(NodeBinder &node, Combine combine) {
  SmallVector<TypedValue<RankedTensorType>> operands;
  for (unsigned index = 0; index != node.numOperands(); ++index)
    operands.push_back(node.activation(index));
  if (operands.empty())
    node.fail(ntrt::Diag::OnnxShape) << "it has no inputs";
  if (!node.usable())
    return failure();
  Value result = operands.front();
  for (auto operand : llvm::drop_begin(operands)) {
    result = combineBroadcast(node, result, operand, combine);
    if (!result)
      return failure();
  }
  return result;
}

template <Combine combine> static LogicalResult convertFold(NodeBinder &node) {
  FailureOr<Value> result = combineAll(node, combine);
  if (failed(result))
    return failure();
  node.replace(*result);
  return success();
}

/// Before opset 7 the right-hand side was broadcast on request, from `axis` on.
template <Combine combine>
static LogicalResult convertLegacy(NodeBinder &node) {
  const bool isBroadcast = node.integer("broadcast", 0) != 0;
  const bool hasAxis = node.attribute("axis") != nullptr;
  const int64_t axis = node.integer("axis", 0);
  node.ignore({"consumed_inputs"});
  auto lhs = node.activation(0), rhs = node.activation(1);
  if (!node.usable())
    return failure();
  ArrayRef<int64_t> shape = rhs.getType().getShape();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value right = rhs;
  if (isBroadcast && hasAxis) {
    auto aligned = alignAtAxis(node, shape, axis, lhs.getType().getRank());
    if (!aligned)
      return failure();
    right = t.reshape(rhs, *aligned);
  }
  Value result = (t.*combine)(lhs, right);
  if (!result || result.getType() != lhs.getType() ||
      (!isBroadcast && lhs.getType() != rhs.getType())) {
    node.fail(ntrt::Diag::OnnxShape) << "shapes [" << lhs.getType().getShape()
                                     << "] and [" << shape << "] do not fit";
    return failure();
  }
  node.replace(result);
  return success();
}

/// The exponent may be integers.
static LogicalResult convertPow(NodeBinder &node) {
  auto base = node.activation(0), exponent = node.number(1);
  if (!node.usable())
    return failure();
  Value result = combineBroadcast(node, base, exponent, &TosaBuilder::pow);
  if (!result)
    return failure();
  node.replace(result);
  return success();
}
static LogicalResult convertMean(NodeBinder &node) {
  FailureOr<Value> sum = combineAll(node, &TosaBuilder::add);
  if (failed(sum))
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  node.replace(t.mul(*sum, t.scalar(1.0 / node.numOperands())));
  return success();
}
static LogicalResult convertSqrt(NodeBinder &node) {
  return convertUnary(node, [](TosaBuilder &t, Value x) { return t.sqrt(x); });
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// The axes to reduce: attribute or, from some opset on, operand 1; counted
/// from the end if negative; all if none is given.
static std::optional<SmallVector<int64_t>> readAxes(NodeBinder &node,
                                                    int64_t rank) {
  std::optional<SmallVector<int64_t>> axes = node.integers("axes");
  const bool noop = node.integer("noop_with_empty_axes", 0) != 0;
  if (!axes && node.numOperands() > 1 && node.hasOperand(1))
    axes = node.constantIntegers(1, "axes");
  if (!node.usable())
    return std::nullopt;
  if (!axes || axes->empty()) {
    if (noop)
      return SmallVector<int64_t>{};
    return llvm::to_vector(llvm::seq<int64_t>(0, rank));
  }
  for (int64_t &axis : *axes) {
    if (axis < -rank || axis >= rank) {
      node.fail(ntrt::Diag::OnnxAttribute)
          << "axis " << axis << " is outside the input's rank, " << rank;
      return std::nullopt;
    }
    axis += axis < 0 ? rank : 0;
  }
  return axes;
}

/// What a reduction does before, along and after its axes.
enum class Reduction {
  Sum,
  Mean,
  Max,
  Min,
  Prod,
  L1,
  L2,
  SumSquare,
  LogSum,
  LogSumExp
};

static Value reduceAlong(TosaBuilder &t, Reduction kind, Value x,
                         ArrayRef<int64_t> axes) {
  auto sum = [&](Value value) {
    return t.reduce<tosa::ReduceSumOp>(value, axes);
  };
  auto type = cast<RankedTensorType>(x.getType());
  double count = 1;
  for (int64_t axis : axes)
    count *= static_cast<double>(type.getDimSize(axis));
  switch (kind) {
  case Reduction::Sum:
    return sum(x);
  case Reduction::Mean:
    return t.mul(sum(x), t.scalar(1 / count));
  case Reduction::Max:
    return t.reduce<tosa::ReduceMaxOp>(x, axes);
  case Reduction::Min:
    return t.reduce<tosa::ReduceMinOp>(x, axes);
  case Reduction::Prod:
    return t.reduce<tosa::ReduceProdOp>(x, axes);
  case Reduction::L1:
    return sum(t.unary<tosa::AbsOp>(x));
  case Reduction::L2:
    return t.sqrt(sum(t.mul(x, x)));
  case Reduction::SumSquare:
    return sum(t.mul(x, x));
  case Reduction::LogSum:
    return t.unary<tosa::LogOp>(sum(x));
  case Reduction::LogSumExp: {
    Value largest = t.reduce<tosa::ReduceMaxOp>(x, axes);
    Value scaled = t.unary<tosa::ExpOp>(t.sub(x, largest));
    return t.add(largest, t.unary<tosa::LogOp>(sum(scaled)));
  }
  }
  return {};
}

template <Reduction kind> static LogicalResult convertReduce(NodeBinder &node) {
  const bool keep = node.integer("keepdims", 1) != 0;
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  auto axes = readAxes(node, static_cast<int64_t>(shape.size()));
  if (!axes || !node.usable())
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value result = reduceAlong(t, kind, input, *axes);
  if (!keep) {
    SmallVector<int64_t> kept;
    for (auto [axis, size] : llvm::enumerate(shape))
      if (!llvm::is_contained(*axes, static_cast<int64_t>(axis)))
        kept.push_back(size);
    result = t.reshape(result, kept);
  }
  node.replace(result);
  return success();
}

void onnx_to_nt::addArithmeticHandlers(HandlerTable &table) {
  constexpr StringLiteral floats = "in float; no chip stage takes it";
  table.onOp("Abs", 6, convertSimple<tosa::AbsOp>, floats);
  table.onOp("Ceil", 6, convertSimple<tosa::CeilOp>, floats);
  table.onOp("Erf", 9, convertSimple<tosa::ErfOp>, floats);
  table.onOp("Exp", 6, convertSimple<tosa::ExpOp>, floats);
  table.onOp("Floor", 6, convertSimple<tosa::FloorOp>, floats);
  table.onOp("Log", 6, convertSimple<tosa::LogOp>, floats);
  table.onOp("Neg", 6, convertSimple<tosa::NegateOp>, floats);
  table.onOp("Reciprocal", 6, convertSimple<tosa::ReciprocalOp>, floats);
  table.onOp("Sigmoid", 6, convertSimple<tosa::SigmoidOp>, floats);
  table.onOp("Sqrt", 6, convertSqrt, floats);
  table.onOp("Tanh", 6, convertSimple<tosa::TanhOp>, floats);
  table.onOp("Celu", 12, convertCelu, floats);
  table.onOp("Elu", 6, convertElu, floats);
  table.onOp("Gelu", 20, convertGelu, floats);
  table.onOp("HardSigmoid", 6, convertHardSigmoid, floats);
  table.onOp("HardSwish", 14, convertHardSwish, floats);
  table.onOp("LeakyRelu", 6, convertLeakyRelu, floats);
  table.onOp("Mish", 18, convertMish, floats);
  table.onOp("PRelu", 6, convertPRelu6, floats);
  table.onOp("PRelu", 7, convertPRelu7, floats);
  table.onOp("Selu", 6, convertSelu, floats);
  table.onOp("Softplus", 1, convertSoftplus, floats);
  table.onOp("Softsign", 1, convertSoftsign, floats);
  table.onOp("ThresholdedRelu", 10, convertThresholdedRelu, floats);

  table.onOp("Sub", 6, convertLegacy<&TosaBuilder::sub>, floats);
  table.onOp("Sub", 7, convertFold<&TosaBuilder::sub>, floats);
  table.onOp("Mul", 6, convertLegacy<&TosaBuilder::mul>, floats);
  table.onOp("Mul", 7, convertFold<&TosaBuilder::mul>, floats);
  table.onOp("Div", 6, convertLegacy<&TosaBuilder::div>, floats);
  table.onOp("Div", 7, convertFold<&TosaBuilder::div>, floats);
  table.onOp("Pow", 6, convertLegacy<&TosaBuilder::pow>, floats);
  table.onOp("Pow", 7, convertPow, floats);
  table.onOp("Sum", 6, convertFold<&TosaBuilder::add>, floats);
  table.onOp("Max", 6, convertFold<&TosaBuilder::max>, floats);
  table.onOp("Min", 6, convertFold<&TosaBuilder::min>, floats);
  table.onOp("Mean", 6, convertMean, floats);

  table.onOp("ReduceL1", 1, convertReduce<Reduction::L1>, floats);
  table.onOp("ReduceL2", 1, convertReduce<Reduction::L2>, floats);
  table.onOp("ReduceLogSum", 1, convertReduce<Reduction::LogSum>, floats);
  table.onOp("ReduceLogSumExp", 1, convertReduce<Reduction::LogSumExp>, floats);
  table.onOp("ReduceMax", 1, convertReduce<Reduction::Max>, floats);
  table.onOp("ReduceMean", 1, convertReduce<Reduction::Mean>, floats);
  table.onOp("ReduceMin", 1, convertReduce<Reduction::Min>, floats);
  table.onOp("ReduceProd", 1, convertReduce<Reduction::Prod>, floats);
  table.onOp("ReduceSum", 1, convertReduce<Reduction::Sum>, floats);
  table.onOp("ReduceSumSquare", 1, convertReduce<Reduction::SumSquare>, floats);
}
