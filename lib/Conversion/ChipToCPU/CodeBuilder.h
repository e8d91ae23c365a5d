//===- CodeBuilder.h - Functions, memory and loops of emitted code -*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_CHIPTOCPU_CODEBUILDER_H
#define NT_LIB_CONVERSION_CHIPTOCPU_CODEBUILDER_H

#include "Expr.h"

#include "mlir/IR/BuiltinOps.h"

#include <functional>

namespace nt::cpu {

/// Builds a module: its constants, its functions, and in them memory accesses
/// and loops. Memory is that of the llvm dialect, control is scf.
class CodeBuilder {
public:
  explicit CodeBuilder(mlir::MLIRContext *context);

  mlir::OwningOpRef<mlir::ModuleOp> take() { return std::move(module); }

  // Types.
  Type pointer, i1, i8, i16, i32, i64, f32, f64;
  Type vector(int64_t lanes, Type of) const {
    return mlir::VectorType::get({lanes}, of);
  }

  // Constants and functions of the module.
  /// The address, in a function, of an array of these bytes or numbers.
  mlir::LLVM::GlobalOp bytes(llvm::StringRef name, llvm::StringRef content);
  template <typename T>
  mlir::LLVM::GlobalOp array(llvm::StringRef name, Type element,
                             llvm::ArrayRef<T> values) {
    const auto count = static_cast<int64_t>(values.size());
    // An array of nothing has no type of its own.
    if (count == 0)
      return bytes(name, llvm::StringRef("\0", 1));
    return global(name, mlir::LLVM::LLVMArrayType::get(element, count),
                  mlir::DenseElementsAttr::get(
                      mlir::RankedTensorType::get({count}, element), values));
  }
  Expr address(mlir::LLVM::GlobalOp global);
  /// A function; `isPublic` gives it C linkage.
  mlir::LLVM::LLVMFuncOp
  function(llvm::StringRef name, Type result, llvm::ArrayRef<Type> arguments,
           bool isPublic,
           const std::function<Value(llvm::ArrayRef<Expr>)> &body);
  mlir::LLVM::LLVMFuncOp external(llvm::StringRef name, Type result,
                                  llvm::ArrayRef<Type> arguments,
                                  bool isVariadic = false);
  Type none() const { return mlir::LLVM::LLVMVoidType::get(b.getContext()); }

  // In a function.
  Expr number(Type type, double value) {
    return Expr::constant(b, type, value);
  }
  Expr null() { return {b, b.create<mlir::LLVM::ZeroOp>(pointer)}; }
  Expr call(mlir::LLVM::LLVMFuncOp function, mlir::ValueRange arguments);
  /// The address of entry `index` (i64) of an array of `element`.
  Expr at(Expr base, Type element, Expr index);
  Expr at(Expr base, Type element, int64_t index) {
    return at(base, element, number(i64, static_cast<double>(index)));
  }
  Expr load(Type type, Expr from) {
    return {b, b.create<mlir::LLVM::LoadOp>(type, from, alignment(type))};
  }
  void store(Expr value, Expr to) {
    b.create<mlir::LLVM::StoreOp>(value, to, alignment(value.type()));
  }
  void clear(Expr from, Expr bytes);
  void loop(Expr from, Expr to, const std::function<void(Expr)> &body);
  void loop(int64_t from, int64_t to, const std::function<void(Expr)> &body) {
    loop(number(i64, static_cast<double>(from)),
         number(i64, static_cast<double>(to)), body);
  }
  /// A loop that hands values on.
  llvm::SmallVector<Expr>
  fold(Expr from, Expr to, llvm::ArrayRef<Expr> start,
       const std::function<llvm::SmallVector<Expr>(Expr, llvm::ArrayRef<Expr>)>
           &body);
  void when(Expr condition, const std::function<void()> &body);
  llvm::SmallVector<Expr>
  choose(Expr condition, const std::function<llvm::SmallVector<Expr>()> &then,
         const std::function<llvm::SmallVector<Expr>()> &otherwise);
  /// Calls `body` with the place (i64) of each bit that is set in an i64.
  void forEachBit(Expr bits, const std::function<void(Expr)> &body);
  /// A vector of `lanes` times one value.
  Expr broadcast(Expr value, int64_t lanes);
  /// A vector of truths as the low bits of an i64.
  Expr maskOf(Expr truths);

  LocBuilder b;

private:
  mlir::LLVM::GlobalOp global(llvm::StringRef name, Type type,
                              mlir::Attribute value);
  /// Arrays begin where a double may; vectors may not.
  static unsigned alignment(Type type);

  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace nt::cpu

#endif // NT_LIB_CONVERSION_CHIPTOCPU_CODEBUILDER_H
