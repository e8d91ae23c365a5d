//===- CodeBuilder.cpp - Functions, memory and loops of emitted code ------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeBuilder.h"

using namespace mlir;
using namespace nt::cpu;

CodeBuilder::CodeBuilder(MLIRContext *context)
    : b(UnknownLoc::get(context), context) {
  pointer = LLVM::LLVMPointerType::get(context);
  i1 = b.getI1Type();
  i8 = b.getI8Type();
  i16 = b.getI16Type();
  i32 = b.getI32Type();
  i64 = b.getI64Type();
  f32 = b.getF32Type();
  f64 = b.getF64Type();
  module = ModuleOp::create(b.getLoc());
}

LLVM::GlobalOp CodeBuilder::global(StringRef name, Type type, Attribute value) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(module->getBody());
  return b.create<LLVM::GlobalOp>(type, /*isConstant=*/true,
                                  LLVM::Linkage::Internal, name, value,
                                  /*alignment=*/64);
}

LLVM::GlobalOp CodeBuilder::bytes(StringRef name, StringRef content) {
  return global(name, LLVM::LLVMArrayType::get(i8, content.size()),
                b.getStringAttr(content));
}

Expr CodeBuilder::address(LLVM::GlobalOp global) {
  return {b, b.create<LLVM::AddressOfOp>(global)};
}

LLVM::LLVMFuncOp
CodeBuilder::function(StringRef name, Type result, ArrayRef<Type> arguments,
                      bool isPublic,
                      const std::function<Value(ArrayRef<Expr>)> &body) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(module->getBody());
  auto function = b.create<LLVM::LLVMFuncOp>(
      name, LLVM::LLVMFunctionType::get(result, arguments),
      isPublic ? LLVM::Linkage::External : LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  SmallVector<Expr> values;
  for (BlockArgument argument : entry->getArguments())
    values.emplace_back(b, argument);
  const Value value = body(values);
  b.create<LLVM::ReturnOp>(value ? ValueRange(value) : ValueRange());
  return function;
}

LLVM::LLVMFuncOp CodeBuilder::external(StringRef name, Type result,
                                       ArrayRef<Type> arguments,
                                       bool isVariadic) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(module->getBody());
  return b.create<LLVM::LLVMFuncOp>(
      name, LLVM::LLVMFunctionType::get(result, arguments, isVariadic));
}

Expr CodeBuilder::call(LLVM::LLVMFuncOp function, ValueRange arguments) {
  auto call = b.create<LLVM::CallOp>(function, arguments);
  return {b, call.getNumResults() ? call.getResult() : Value()};
}

Expr CodeBuilder::at(Expr base, Type element, Expr index) {
  return {b, b.create<LLVM::GEPOp>(pointer, element, base,
                                   ArrayRef<LLVM::GEPArg>{Value(index)})};
}

unsigned CodeBuilder::alignment(Type type) {
  if (isa<LLVM::LLVMPointerType>(type))
    return 8;
  return std::max(1u, getElementTypeOrSelf(type).getIntOrFloatBitWidth() / 8);
}

void CodeBuilder::clear(Expr from, Expr bytes) {
  b.create<LLVM::MemsetOp>(from, number(i8, 0), bytes, /*isVolatile=*/false);
}

void CodeBuilder::loop(Expr from, Expr to,
                       const std::function<void(Expr)> &body) {
  auto loop = b.create<scf::ForOp>(from, to, number(from.type(), 1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body({b, loop.getInductionVar()});
}

static SmallVector<Value> valuesOf(ArrayRef<Expr> from) {
  return SmallVector<Value>(from.begin(), from.end());
}
static SmallVector<Expr> exprsOf(LocBuilder &b, ValueRange from) {
  SmallVector<Expr> result;
  for (Value value : from)
    result.emplace_back(b, value);
  return result;
}

SmallVector<Expr> CodeBuilder::fold(
    Expr from, Expr to, ArrayRef<Expr> start,
    const std::function<SmallVector<Expr>(Expr, ArrayRef<Expr>)> &body) {
  auto loop =
      b.create<scf::ForOp>(from, to, number(from.type(), 1), valuesOf(start));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  b.create<scf::YieldOp>(valuesOf(
      body({b, loop.getInductionVar()}, exprsOf(b, loop.getRegionIterArgs()))));
  return exprsOf(b, loop.getResults());
}

void CodeBuilder::when(Expr condition, const std::function<void()> &body) {
  auto branch = b.create<scf::IfOp>(Value(condition), /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  body();
}

SmallVector<Expr>
CodeBuilder::choose(Expr condition,
                    const std::function<SmallVector<Expr>()> &then,
                    const std::function<SmallVector<Expr>()> &otherwise) {
  auto build = [&](const std::function<SmallVector<Expr>()> &body) {
    return [&](OpBuilder &nested, Location) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(nested.getInsertionBlock(),
                          nested.getInsertionPoint());
      b.create<scf::YieldOp>(valuesOf(body()));
    };
  };
  auto branch =
      b.create<scf::IfOp>(Value(condition), build(then), build(otherwise));
  return exprsOf(b, branch.getResults());
}

void CodeBuilder::forEachBit(Expr bits, const std::function<void(Expr)> &body) {
  auto nested = [&](OpBuilder &builder, const std::function<void()> &build) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(builder.getInsertionBlock(),
                        builder.getInsertionPoint());
    build();
  };
  b.create<scf::WhileOp>(
      TypeRange{bits.type()}, ValueRange{Value(bits)},
      [&](OpBuilder &builder, Location, ValueRange left) {
        nested(builder, [&] {
          b.create<scf::ConditionOp>(Value(Expr(b, left[0]) != 0), left);
        });
      },
      [&](OpBuilder &builder, Location, ValueRange left) {
        nested(builder, [&] {
          const Expr mine(b, left[0]);
          body({b, b.create<LLVM::CountTrailingZerosOp>(
                       mine.type(), mine, /*is_zero_poison=*/true)});
          b.create<scf::YieldOp>(Value(mine & (mine - 1)));
        });
      });
}

Expr CodeBuilder::maskOf(Expr truths) {
  const int64_t lanes = cast<VectorType>(truths.type()).getNumElements();
  const Expr bits(b,
                  b.create<LLVM::BitcastOp>(b.getIntegerType(lanes), truths));
  return widen(bits, i64);
}

Expr CodeBuilder::broadcast(Expr value, int64_t lanes) {
  const Type type = vector(lanes, value.type());
  const Value one = b.create<LLVM::InsertElementOp>(
      b.create<LLVM::UndefOp>(type), value, number(i64, 0));
  return {b, b.create<LLVM::ShuffleVectorOp>(
                 one, b.create<LLVM::UndefOp>(type),
                 SmallVector<int32_t>(static_cast<size_t>(lanes), 0))};
}
