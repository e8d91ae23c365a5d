//===- TosaBuilder.h - General tensor arithmetic as tosa ops ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_TOSABUILDER_H
#define NT_LIB_CONVERSION_ONNXTONT_TOSABUILDER_H

#include "nt/Dialect/NT/IR/NTOps.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

namespace nt::onnx_to_nt {

/// Builds tosa ops on float tensors at one place, with ONNX's (NumPy's)
/// broadcasting. A misfit of shapes gives a null value.
class TosaBuilder {
public:
  TosaBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  /// A constant of one value that broadcasts to any tensor.
  mlir::Value scalar(double value);
  mlir::Value constant(llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<float> values);
  mlir::Value integers(llvm::ArrayRef<int32_t> values);
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);

  template <typename Op> mlir::Value unary(mlir::Value x) {
    return builder.create<Op>(loc, x.getType(), x);
  }
  template <typename Op> mlir::Value binary(mlir::Value a, mlir::Value b) {
    auto operands = align(a, b);
    if (!operands.type)
      return {};
    return builder.create<Op>(loc, operands.type, operands.a, operands.b);
  }
  /// Axis by axis, each kept with size 1.
  template <typename Op>
  mlir::Value reduce(mlir::Value x, llvm::ArrayRef<int64_t> axes) {
    for (int64_t axis : axes) {
      auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
      llvm::SmallVector<int64_t> shape(type.getShape());
      shape[axis] = 1;
      x = builder.create<Op>(
          loc, mlir::RankedTensorType::get(shape, type.getElementType()), x,
          builder.getI32IntegerAttr(static_cast<int32_t>(axis)));
    }
    return x;
  }

  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b);
  mlir::Value max(mlir::Value a, mlir::Value b);
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value pow(mlir::Value a, mlir::Value b);
  mlir::Value clamp(mlir::Value x, double low, double high);
  mlir::Value sqrt(mlir::Value x);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int32_t> permutation);
  mlir::Value slice(mlir::Value x, llvm::ArrayRef<int64_t> start,
                    llvm::ArrayRef<int64_t> size);
  /// The places `indices` (each inside the axis) along an axis, in that order.
  mlir::Value take(mlir::Value x, int64_t axis,
                   llvm::ArrayRef<int32_t> indices);
  /// `x` repeated to `shape`, to which it broadcasts; null if it does not.
  mlir::Value expand(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  mlir::Value tile(mlir::Value x, llvm::ArrayRef<int64_t> multiples);
  /// NumPy's matmul; null if the shapes do not fit.
  mlir::Value matmul(mlir::Value a, mlir::Value b);
  /// pads: before and after, axis by axis.
  mlir::Value pad(mlir::Value x, llvm::ArrayRef<int32_t> pads, double value);

private:
  struct Aligned {
    mlir::Value a, b;
    mlir::RankedTensorType type;
  };
  /// Both with the same rank (ones in front), and the type of the result.
  Aligned align(mlir::Value a, mlir::Value b);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_TOSABUILDER_H
