//===- Expr.h - Arithmetic that is written as such --------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_CHIPTOCPU_EXPR_H
#define NT_LIB_CONVERSION_CHIPTOCPU_EXPR_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace nt::cpu {

using mlir::Type;
using mlir::Value;
using LocBuilder = mlir::ImplicitLocOpBuilder;

/// A value that operators build on: a double, an integer, a truth, or a vector
/// of one. Numbers take the type of what they meet.
class Expr {
public:
  Expr(LocBuilder &b, Value value) : b(&b), value(value) {}
  operator Value() const { return value; }
  Type type() const { return value.getType(); }
  LocBuilder &builder() const { return *b; }
  bool isFloat() const {
    return llvm::isa<mlir::FloatType>(mlir::getElementTypeOrSelf(value));
  }
  /// A constant of this type.
  Expr number(double of) const { return constant(*b, type(), of); }

  static Expr constant(LocBuilder &b, Type type, double of) {
    const Type element = mlir::getElementTypeOrSelf(type);
    mlir::TypedAttr attr = llvm::isa<mlir::FloatType>(element)
                               ? mlir::TypedAttr(b.getFloatAttr(element, of))
                               : mlir::TypedAttr(b.getIntegerAttr(
                                     element, static_cast<int64_t>(of)));
    if (auto shaped = llvm::dyn_cast<mlir::ShapedType>(type))
      attr = mlir::DenseElementsAttr::get(shaped, mlir::Attribute(attr));
    return {b, b.create<mlir::arith::ConstantOp>(attr)};
  }

  template <typename FloatOp, typename IntOp> Expr with(Expr other) const {
    return {*b, isFloat() ? b->createOrFold<FloatOp>(value, other.value)
                          : b->createOrFold<IntOp>(value, other.value)};
  }
  Expr compare(mlir::arith::CmpFPredicate ofFloats,
               mlir::arith::CmpIPredicate ofInts, Expr other) const {
    return {*b,
            isFloat()
                ? b->create<mlir::arith::CmpFOp>(ofFloats, value, other.value)
                      .getResult()
                : b->create<mlir::arith::CmpIOp>(ofInts, value, other.value)
                      .getResult()};
  }

private:
  LocBuilder *b;
  Value value;
};

#define NT_BINARY(symbol, FloatOp, IntOp)                                      \
  inline Expr operator symbol(Expr a, Expr b) {                                \
    return a.with<mlir::arith::FloatOp, mlir::arith::IntOp>(b);                \
  }                                                                            \
  inline Expr operator symbol(Expr a, double b) {                              \
    return a symbol a.number(b);                                               \
  }                                                                            \
  inline Expr operator symbol(double a, Expr b) { return b.number(a) symbol b; }
NT_BINARY(+, AddFOp, AddIOp)
NT_BINARY(-, SubFOp, SubIOp)
NT_BINARY(*, MulFOp, MulIOp)
NT_BINARY(/, DivFOp, DivSIOp)
#undef NT_BINARY

#define NT_COMPARE(symbol, ofFloats, ofInts)                                   \
  inline Expr operator symbol(Expr a, Expr b) {                                \
    return a.compare(mlir::arith::CmpFPredicate::ofFloats,                     \
                     mlir::arith::CmpIPredicate::ofInts, b);                   \
  }                                                                            \
  inline Expr operator symbol(Expr a, double b) { return a symbol a.number(b); }
NT_COMPARE(<, OLT, slt)
NT_COMPARE(<=, OLE, sle)
NT_COMPARE(>, OGT, sgt)
NT_COMPARE(>=, OGE, sge)
NT_COMPARE(==, OEQ, eq)
NT_COMPARE(!=, UNE, ne)
#undef NT_COMPARE

// Of integers and truths.
#define NT_BITWISE(symbol, Op)                                                 \
  inline Expr operator symbol(Expr a, Expr b) {                                \
    return {a.builder(),                                                       \
            a.builder().create<mlir::arith::Op>(Value(a), Value(b))};          \
  }                                                                            \
  inline Expr operator symbol(Expr a, double b) { return a symbol a.number(b); }
NT_BITWISE(&, AndIOp)
NT_BITWISE(|, OrIOp)
NT_BITWISE(^, XOrIOp)
NT_BITWISE(<<, ShLIOp)
NT_BITWISE(>>, ShRUIOp)
NT_BITWISE(%, RemUIOp)
#undef NT_BITWISE

inline Expr operator~(Expr truth) { return truth ^ truth.number(-1); }

inline Expr select(Expr condition, Expr a, Expr b) {
  return {a.builder(), a.builder().create<mlir::arith::SelectOp>(
                           Value(condition), Value(a), Value(b))};
}
inline Expr convert(Expr from, Type to) {
  LocBuilder &b = from.builder();
  const Type element = mlir::getElementTypeOrSelf(to);
  if (from.type() == to)
    return from;
  if (from.isFloat())
    return llvm::isa<mlir::FloatType>(element)
               ? Expr(b, b.create<mlir::arith::ExtFOp>(to, Value(from)))
               : Expr(b, b.create<mlir::arith::FPToSIOp>(to, Value(from)));
  if (llvm::isa<mlir::FloatType>(element))
    return {b, b.create<mlir::arith::SIToFPOp>(to, Value(from))};
  const unsigned wide = element.getIntOrFloatBitWidth(),
                 has = mlir::getElementTypeOrSelf(from.type())
                           .getIntOrFloatBitWidth();
  return wide > has ? Expr(b, b.create<mlir::arith::ExtSIOp>(to, Value(from)))
                    : Expr(b, b.create<mlir::arith::TruncIOp>(to, Value(from)));
}
/// Widens without a sign.
inline Expr widen(Expr from, Type to) {
  return {from.builder(),
          from.builder().create<mlir::arith::ExtUIOp>(to, Value(from))};
}

} // namespace nt::cpu

#endif // NT_LIB_CONVERSION_CHIPTOCPU_EXPR_H
