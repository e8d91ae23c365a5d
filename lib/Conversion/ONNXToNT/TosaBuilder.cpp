//===- TosaBuilder.cpp - General tensor arithmetic as tosa ops ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TosaBuilder.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

Value TosaBuilder::constant(ArrayRef<int64_t> shape, ArrayRef<float> values) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return builder.create<tosa::ConstOp>(loc, type,
                                       DenseElementsAttr::get(type, values));
}

Value TosaBuilder::scalar(double value) {
  return constant({}, static_cast<float>(value));
}

Value TosaBuilder::integers(ArrayRef<int32_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getI32Type());
  return builder.create<tosa::ConstOp>(loc, type,
                                       DenseElementsAttr::get(type, values));
}

Value TosaBuilder::reshape(Value value, ArrayRef<int64_t> shape) {
  if (typeOf(value).getShape() == shape)
    return value;
  return builder.create<ReshapeOp>(
      loc, RankedTensorType::get(shape, typeOf(value).getElementType()), value);
}

TosaBuilder::Aligned TosaBuilder::align(Value a, Value b) {
  if (!a || !b)
    return {};
  const size_t rank = std::max(typeOf(a).getRank(), typeOf(b).getRank());
  auto widened = [&](Value value) {
    SmallVector<int64_t> shape(rank - typeOf(value).getRank(), 1);
    llvm::append_range(shape, typeOf(value).getShape());
    return reshape(value, shape);
  };
  a = widened(a);
  b = widened(b);
  SmallVector<int64_t> shape;
  for (auto [x, y] :
       llvm::zip_equal(typeOf(a).getShape(), typeOf(b).getShape())) {
    if (x != y && x != 1 && y != 1)
      return {};
    shape.push_back(x == 1 ? y : x);
  }
  return {a, b, RankedTensorType::get(shape, builder.getF32Type())};
}

Value TosaBuilder::add(Value a, Value b) { return binary<tosa::AddOp>(a, b); }
Value TosaBuilder::sub(Value a, Value b) { return binary<tosa::SubOp>(a, b); }
Value TosaBuilder::max(Value a, Value b) {
  return binary<tosa::MaximumOp>(a, b);
}
Value TosaBuilder::min(Value a, Value b) {
  return binary<tosa::MinimumOp>(a, b);
}

Value TosaBuilder::pow(Value a, Value b) { return binary<tosa::PowOp>(a, b); }

Value TosaBuilder::mul(Value a, Value b) {
  auto operands = align(a, b);
  if (!operands.type)
    return {};
  return builder.create<tosa::MulOp>(loc, operands.type, operands.a, operands.b,
                                     /*shift=*/0);
}

Value TosaBuilder::div(Value a, Value b) {
  return b ? mul(a, unary<tosa::ReciprocalOp>(b)) : Value();
}

Value TosaBuilder::clamp(Value x, double low, double high) {
  return builder.create<tosa::ClampOp>(
      loc, x.getType(), x, builder.getI64IntegerAttr(0),
      builder.getI64IntegerAttr(0),
      builder.getF32FloatAttr(static_cast<float>(low)),
      builder.getF32FloatAttr(static_cast<float>(high)));
}

Value TosaBuilder::sqrt(Value x) {
  return unary<tosa::ReciprocalOp>(unary<tosa::RsqrtOp>(x));
}

Value TosaBuilder::transpose(Value x, ArrayRef<int32_t> permutation) {
  SmallVector<int64_t> shape;
  for (int32_t axis : permutation)
    shape.push_back(typeOf(x).getShape()[axis]);
  return builder.create<tosa::TransposeOp>(
      loc, RankedTensorType::get(shape, builder.getF32Type()), x,
      integers(permutation));
}

Value TosaBuilder::slice(Value x, ArrayRef<int64_t> start,
                         ArrayRef<int64_t> size) {
  return builder.create<tosa::SliceOp>(
      loc, RankedTensorType::get(size, builder.getF32Type()), x,
      builder.getDenseI64ArrayAttr(start), builder.getDenseI64ArrayAttr(size));
}

Value TosaBuilder::take(Value x, int64_t axis, ArrayRef<int32_t> indices) {
  ArrayRef<int64_t> shape = typeOf(x).getShape();
  const int64_t outer = ShapedType::getNumElements(shape.take_front(axis));
  const int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  const int64_t count = static_cast<int64_t>(indices.size());
  SmallVector<int32_t> table;
  table.reserve(outer * count);
  for (int64_t i = 0; i < outer; ++i)
    llvm::append_range(table, indices);
  auto tableType = RankedTensorType::get({outer, count}, builder.getI32Type());
  Value places = builder.create<tosa::ConstOp>(
      loc, tableType, DenseElementsAttr::get(tableType, ArrayRef(table)));
  Value taken = builder.create<tosa::GatherOp>(
      loc, RankedTensorType::get({outer, count, inner}, builder.getF32Type()),
      reshape(x, {outer, shape[axis], inner}), places);
  SmallVector<int64_t> result(shape);
  result[axis] = count;
  return reshape(taken, result);
}

Value TosaBuilder::tile(Value x, ArrayRef<int64_t> multiples) {
  SmallVector<int64_t> shape(typeOf(x).getShape());
  for (auto [size, times] : llvm::zip_equal(shape, multiples))
    size *= times;
  if (typeOf(x).getShape() == ArrayRef(shape))
    return x;
  return builder.create<tosa::TileOp>(
      loc, RankedTensorType::get(shape, builder.getF32Type()), x,
      builder.getDenseI64ArrayAttr(multiples));
}

Value TosaBuilder::expand(Value x, ArrayRef<int64_t> shape) {
  if (typeOf(x).getRank() > static_cast<int64_t>(shape.size()))
    return {};
  SmallVector<int64_t> from(shape.size() - typeOf(x).getRank(), 1), multiples;
  llvm::append_range(from, typeOf(x).getShape());
  for (auto [size, wanted] : llvm::zip_equal(from, shape)) {
    if (size != wanted && size != 1)
      return {};
    multiples.push_back(size == wanted ? 1 : wanted);
  }
  return tile(reshape(x, from), multiples);
}

Value TosaBuilder::matmul(Value a, Value b) {
  SmallVector<int64_t> aShape(typeOf(a).getShape()),
      bShape(typeOf(b).getShape());
  const bool isRow = aShape.size() == 1, isColumn = bShape.size() == 1;
  if (aShape.empty() || bShape.empty())
    return {};
  if (isRow)
    aShape.insert(aShape.begin(), 1);
  if (isColumn)
    bShape.push_back(1);
  const int64_t rows = aShape[aShape.size() - 2], depth = aShape.back(),
                columns = bShape.back();
  if (bShape[bShape.size() - 2] != depth)
    return {};
  // The axes in front broadcast.
  SmallVector<int64_t> batch;
  const size_t rank = std::max(aShape.size(), bShape.size()) - 2;
  for (size_t axis = 0; axis < rank; ++axis) {
    auto sizeIn = [&](ArrayRef<int64_t> shape) {
      const size_t own = shape.size() - 2;
      return axis + own < rank ? int64_t(1) : shape[axis + own - rank];
    };
    const int64_t x = sizeIn(aShape), y = sizeIn(bShape);
    if (x != y && x != 1 && y != 1)
      return {};
    batch.push_back(x == 1 ? y : x);
  }
  const int64_t count = ShapedType::getNumElements(batch);
  auto spread = [&](Value x, ArrayRef<int64_t> shape) {
    SmallVector<int64_t> wanted(batch);
    llvm::append_range(wanted, shape.take_back(2));
    return reshape(expand(reshape(x, shape), wanted),
                   {count, shape[shape.size() - 2], shape.back()});
  };
  Value product = builder.create<tosa::MatMulOp>(
      loc, RankedTensorType::get({count, rows, columns}, builder.getF32Type()),
      spread(a, aShape), spread(b, bShape));
  SmallVector<int64_t> shape(batch);
  if (!isRow)
    shape.push_back(rows);
  if (!isColumn)
    shape.push_back(columns);
  return reshape(product, shape);
}

Value TosaBuilder::pad(Value x, ArrayRef<int32_t> pads, double value) {
  SmallVector<int64_t> shape(typeOf(x).getShape());
  for (auto [axis, size] : llvm::enumerate(shape))
    size += pads[2 * axis] + pads[2 * axis + 1];
  auto table = RankedTensorType::get({static_cast<int64_t>(shape.size()), 2},
                                     builder.getI32Type());
  Value padding = builder.create<tosa::ConstOp>(
      loc, table, DenseElementsAttr::get(table, pads));
  return builder.create<tosa::PadOp>(
      loc, RankedTensorType::get(shape, builder.getF32Type()), x, padding,
      scalar(value));
}
