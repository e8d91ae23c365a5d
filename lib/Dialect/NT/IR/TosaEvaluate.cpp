//===- TosaEvaluate.cpp - What tosa ops compute in the interpreter --------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The Evaluable interface for the ops of the upstream tosa dialect that the
// ONNX import makes of general tensor arithmetic. Plain loops of doubles, as
// NTEvaluate.cpp; shapes are those of the op's types, which tosa has verified.
//
//===----------------------------------------------------------------------===//
#include "TosaEvaluate.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace nt;

using Operands = ArrayRef<const HostTensor *>;
using Results = SmallVectorImpl<HostTensor>;

/// A tensor of zeros of the op's result shape.
static HostTensor resultOf(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  HostTensor tensor;
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  tensor.values.assign(type.getNumElements(), 0.0);
  return tensor;
}

/// Calls visit(flat index, index along each axis) in row-major order.
template <typename Visit>
static void forEachIndex(ArrayRef<int64_t> shape, Visit visit) {
  SmallVector<int64_t> index(shape.size(), 0);
  const int64_t count = ShapedType::getNumElements(shape);
  for (int64_t flat = 0; flat < count; ++flat) {
    visit(flat, ArrayRef<int64_t>(index));
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

/// Flat index into a tensor whose axes of size 1 are broadcast.
static int64_t flatIndex(ArrayRef<int64_t> shape, ArrayRef<int64_t> index) {
  int64_t flat = 0;
  for (auto [size, at] : llvm::zip_equal(shape, index))
    flat = flat * size + (size == 1 ? 0 : at);
  return flat;
}

namespace {

struct ConstModel : Evaluable::ExternalModel<ConstModel, tosa::ConstOp> {
  LogicalResult evaluate(Operation *op, Operands, const EvaluationContext &,
                         Results &results) const {
    results.push_back(toHostTensor(cast<tosa::ConstOp>(op).getValue()));
    return success();
  }
};

/// y = function(x), value by value.
template <typename Op, double (*function)(double)>
struct UnaryModel : Evaluable::ExternalModel<UnaryModel<Op, function>, Op> {
  LogicalResult evaluate(Operation *, Operands operands,
                         const EvaluationContext &, Results &results) const {
    HostTensor y = *operands[0];
    for (double &value : y.values)
      value = function(value);
    results.push_back(std::move(y));
    return success();
  }
};

/// y = function(a, b), axes of size 1 broadcast.
template <typename Op, double (*function)(double, double)>
struct BinaryModel : Evaluable::ExternalModel<BinaryModel<Op, function>, Op> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    HostTensor y = resultOf(op);
    forEachIndex(y.shape, [&](int64_t flat, ArrayRef<int64_t> index) {
      y.values[flat] =
          function(operands[0]->values[flatIndex(operands[0]->shape, index)],
                   operands[1]->values[flatIndex(operands[1]->shape, index)]);
    });
    results.push_back(std::move(y));
    return success();
  }
};

/// Rounds to the 16-bit type, halves to even; back to 32 bits nothing changes.
struct CastModel : Evaluable::ExternalModel<CastModel, tosa::CastOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    auto to = cast<RankedTensorType>(op->getResult(0).getType());
    auto type = dyn_cast<FloatType>(to.getElementType());
    if (!type)
      return op->emitError("casts to ") << to.getElementType();
    HostTensor y = *operands[0];
    if (type.getWidth() == 16)
      for (double &value : y.values) {
        llvm::APFloat rounded(value);
        bool isInexact = false;
        rounded.convert(type.getFloatSemantics(),
                        llvm::APFloat::rmNearestTiesToEven, &isInexact);
        rounded.convert(llvm::APFloat::IEEEdouble(),
                        llvm::APFloat::rmNearestTiesToEven, &isInexact);
        value = rounded.convertToDouble();
      }
    results.push_back(std::move(y));
    return success();
  }
};

struct ClampModel : Evaluable::ExternalModel<ClampModel, tosa::ClampOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    auto clamp = cast<tosa::ClampOp>(op);
    const double low = clamp.getMinFp().convertToFloat(),
                 high = clamp.getMaxFp().convertToFloat();
    HostTensor y = *operands[0];
    for (double &value : y.values)
      value = std::clamp(value, low, high);
    results.push_back(std::move(y));
    return success();
  }
};

/// Folds an axis with `function`, its first value as it is.
template <typename Op, double (*function)(double, double)>
struct ReduceModel : Evaluable::ExternalModel<ReduceModel<Op, function>, Op> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    const HostTensor &x = *operands[0];
    HostTensor y = resultOf(op);
    std::vector<bool> begun(y.values.size());
    forEachIndex(x.shape, [&](int64_t flat, ArrayRef<int64_t> index) {
      const int64_t to = flatIndex(y.shape, index);
      y.values[to] =
          begun[to] ? function(y.values[to], x.values[flat]) : x.values[flat];
      begun[to] = true;
    });
    results.push_back(std::move(y));
    return success();
  }
};

struct SliceModel : Evaluable::ExternalModel<SliceModel, tosa::SliceOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    ArrayRef<int64_t> start = cast<tosa::SliceOp>(op).getStart();
    HostTensor y = resultOf(op);
    forEachIndex(y.shape, [&](int64_t flat, ArrayRef<int64_t> index) {
      int64_t from = 0;
      for (auto [size, first, at] :
           llvm::zip_equal(operands[0]->shape, start, index))
        from = from * size + first + at;
      y.values[flat] = operands[0]->values[from];
    });
    results.push_back(std::move(y));
    return success();
  }
};

struct TransposeModel
    : Evaluable::ExternalModel<TransposeModel, tosa::TransposeOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    const HostTensor &x = *operands[0], &permutation = *operands[1];
    HostTensor y = resultOf(op);
    forEachIndex(y.shape, [&](int64_t flat, ArrayRef<int64_t> index) {
      SmallVector<int64_t> from(index.size());
      for (auto [axis, source] : llvm::enumerate(permutation.values))
        from[static_cast<size_t>(source)] = index[axis];
      y.values[flat] = x.values[flatIndex(x.shape, from)];
    });
    results.push_back(std::move(y));
    return success();
  }
};

struct PadModel : Evaluable::ExternalModel<PadModel, tosa::PadOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    const HostTensor &x = *operands[0], &padding = *operands[1];
    HostTensor y = resultOf(op);
    if (operands.size() > 2)
      std::fill(y.values.begin(), y.values.end(), operands[2]->values.front());
    forEachIndex(x.shape, [&](int64_t flat, ArrayRef<int64_t> index) {
      int64_t to = 0;
      for (auto [axis, at] : llvm::enumerate(index))
        to = to * y.shape[axis] + at +
             static_cast<int64_t>(padding.values[2 * axis]);
      y.values[to] = x.values[flat];
    });
    results.push_back(std::move(y));
    return success();
  }
};

/// values [N, K, C] at indices [N, W]: [N, W, C].
struct GatherModel : Evaluable::ExternalModel<GatherModel, tosa::GatherOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    const HostTensor &x = *operands[0], &indices = *operands[1];
    HostTensor y = resultOf(op);
    const int64_t places = x.shape[1], inner = x.shape[2],
                  count = indices.shape[1];
    double *out = y.values.data();
    for (int64_t i = 0; i < indices.size(); ++i) {
      const int64_t at = static_cast<int64_t>(indices.values[i]);
      if (at < 0 || at >= places)
        return op->emitError("index ") << at << " is outside the " << places
                                       << " places of the gathered axis";
      out = std::copy_n(x.values.data() + (i / count * places + at) * inner,
                        inner, out);
    }
    results.push_back(std::move(y));
    return success();
  }
};

struct TileModel : Evaluable::ExternalModel<TileModel, tosa::TileOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    const HostTensor &x = *operands[0];
    HostTensor y = resultOf(op);
    forEachIndex(y.shape, [&](int64_t flat, ArrayRef<int64_t> index) {
      int64_t from = 0;
      for (auto [size, at] : llvm::zip_equal(x.shape, index))
        from = from * size + at % size;
      y.values[flat] = x.values[from];
    });
    results.push_back(std::move(y));
    return success();
  }
};

/// [N, H, C] times [N, C, W].
struct MatMulModel : Evaluable::ExternalModel<MatMulModel, tosa::MatMulOp> {
  LogicalResult evaluate(Operation *op, Operands operands,
                         const EvaluationContext &, Results &results) const {
    const HostTensor &a = *operands[0], &b = *operands[1];
    HostTensor y = resultOf(op);
    const int64_t rows = a.shape[1], depth = a.shape[2], columns = b.shape[2];
    for (int64_t row = 0; row < a.shape[0] * rows; ++row)
      for (int64_t k = 0; k < depth; ++k) {
        const double factor = a.values[row * depth + k];
        const double *from =
            b.values.data() + (row / rows * depth + k) * columns;
        double *to = y.values.data() + row * columns;
        for (int64_t column = 0; column < columns; ++column)
          to[column] += factor * from[column];
      }
    results.push_back(std::move(y));
    return success();
  }
};

} // namespace

static double absolute(double x) { return std::fabs(x); }
static double roundUp(double x) { return std::ceil(x); }
static double roundDown(double x) { return std::floor(x); }
static double exponential(double x) { return std::exp(x); }
static double logarithm(double x) { return std::log(x); }
static double hyperbolicTangent(double x) { return std::tanh(x); }
static double logistic(double x) { return 1 / (1 + std::exp(-x)); }
static double errorFunction(double x) { return std::erf(x); }
static double negative(double x) { return -x; }
static double inverse(double x) { return 1 / x; }
static double inverseRoot(double x) { return 1 / std::sqrt(x); }

static double sum(double a, double b) { return a + b; }
static double difference(double a, double b) { return a - b; }
static double product(double a, double b) { return a * b; }
static double power(double a, double b) { return std::pow(a, b); }
static double larger(double a, double b) { return std::max(a, b); }
static double smaller(double a, double b) { return std::min(a, b); }

void nt::attachTosaEvaluation(MLIRContext &context) {
  context.getOrLoadDialect<tosa::TosaDialect>();
  tosa::ConstOp::attachInterface<ConstModel>(context);
  tosa::AbsOp::attachInterface<UnaryModel<tosa::AbsOp, absolute>>(context);
  tosa::CeilOp::attachInterface<UnaryModel<tosa::CeilOp, roundUp>>(context);
  tosa::FloorOp::attachInterface<UnaryModel<tosa::FloorOp, roundDown>>(context);
  tosa::ExpOp::attachInterface<UnaryModel<tosa::ExpOp, exponential>>(context);
  tosa::LogOp::attachInterface<UnaryModel<tosa::LogOp, logarithm>>(context);
  tosa::TanhOp::attachInterface<UnaryModel<tosa::TanhOp, hyperbolicTangent>>(
      context);
  tosa::SigmoidOp::attachInterface<UnaryModel<tosa::SigmoidOp, logistic>>(
      context);
  tosa::ErfOp::attachInterface<UnaryModel<tosa::ErfOp, errorFunction>>(context);
  tosa::NegateOp::attachInterface<UnaryModel<tosa::NegateOp, negative>>(
      context);
  tosa::ReciprocalOp::attachInterface<UnaryModel<tosa::ReciprocalOp, inverse>>(
      context);
  tosa::RsqrtOp::attachInterface<UnaryModel<tosa::RsqrtOp, inverseRoot>>(
      context);
  tosa::CastOp::attachInterface<CastModel>(context);
  tosa::ClampOp::attachInterface<ClampModel>(context);
  tosa::AddOp::attachInterface<BinaryModel<tosa::AddOp, sum>>(context);
  tosa::SubOp::attachInterface<BinaryModel<tosa::SubOp, difference>>(context);
  tosa::MulOp::attachInterface<BinaryModel<tosa::MulOp, product>>(context);
  tosa::PowOp::attachInterface<BinaryModel<tosa::PowOp, power>>(context);
  tosa::MaximumOp::attachInterface<BinaryModel<tosa::MaximumOp, larger>>(
      context);
  tosa::MinimumOp::attachInterface<BinaryModel<tosa::MinimumOp, smaller>>(
      context);
  tosa::ReduceSumOp::attachInterface<ReduceModel<tosa::ReduceSumOp, sum>>(
      context);
  tosa::ReduceProdOp::attachInterface<ReduceModel<tosa::ReduceProdOp, product>>(
      context);
  tosa::ReduceMaxOp::attachInterface<ReduceModel<tosa::ReduceMaxOp, larger>>(
      context);
  tosa::ReduceMinOp::attachInterface<ReduceModel<tosa::ReduceMinOp, smaller>>(
      context);
  tosa::SliceOp::attachInterface<SliceModel>(context);
  tosa::TransposeOp::attachInterface<TransposeModel>(context);
  tosa::PadOp::attachInterface<PadModel>(context);
  tosa::GatherOp::attachInterface<GatherModel>(context);
  tosa::TileOp::attachInterface<TileModel>(context);
  tosa::MatMulOp::attachInterface<MatMulModel>(context);
}
