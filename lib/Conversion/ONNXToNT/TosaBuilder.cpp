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

Value TosaBuilder::scalar(double value) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  return builder.create<tosa::ConstOp>(
      loc, type, DenseElementsAttr::get(type, static_cast<float>(value)));
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
