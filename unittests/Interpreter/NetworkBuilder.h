//===- NetworkBuilder.h - Small networks for tests --------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_INTERPRETER_NETWORKBUILDER_H
#define NT_UNITTESTS_INTERPRETER_NETWORKBUILDER_H

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"

#include <functional>
#include <random>

namespace nt::test {

/// A module with a network of one function, built op by op.
struct Network {
  mlir::MLIRContext context;
  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<std::string> errors; ///< Diagnostics, as they come.

  Network() : builder(&context) {
    context.loadDialect<mlir::func::FuncDialect, NTDialect>();
    context.getDiagEngine().registerHandler(
        [this](mlir::Diagnostic &diagnostic) {
          errors.push_back(diagnostic.str());
          return mlir::success();
        });
    module = mlir::ModuleOp::create(builder.getUnknownLoc());
  }

  mlir::Location loc() { return builder.getUnknownLoc(); }
  mlir::RankedTensorType type(llvm::ArrayRef<int64_t> shape) {
    return mlir::RankedTensorType::get(shape, builder.getF32Type());
  }

  /// Adds the function; `body` makes its ops and gives its result.
  void add(llvm::ArrayRef<int64_t> inputShape,
           const std::function<mlir::Value(mlir::Value)> &body) {
    builder.setInsertionPointToEnd(module->getBody());
    auto function = builder.create<mlir::func::FuncOp>(
        loc(), "net", builder.getFunctionType(type(inputShape), {}));
    function->setAttr("nt.network", builder.getUnitAttr());
    builder.setInsertionPointToStart(function.addEntryBlock());
    mlir::Value result = body(function.getArgument(0));
    builder.create<mlir::func::ReturnOp>(loc(), result);
    function.setType(
        builder.getFunctionType(type(inputShape), result.getType()));
    ASSERT_TRUE(mlir::succeeded(mlir::verify(*module))) << errors.front();
  }

  mlir::Value frozen(llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<float> values) {
    return FrozenOp::createHashed(
        builder, loc(), mlir::DenseElementsAttr::get(type(shape), values),
        "test");
  }
  mlir::Value codes(llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<int8_t> values) {
    auto codeType = mlir::RankedTensorType::get(shape, builder.getI8Type());
    return FrozenOp::createHashed(
        builder, loc(), mlir::DenseElementsAttr::get(codeType, values), "test");
  }

  /// One op of result type `shape`; attributes by name.
  template <typename OpTy>
  mlir::Value op(llvm::ArrayRef<int64_t> shape, mlir::ValueRange operands,
                 llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return builder
        .create<OpTy>(loc(), mlir::TypeRange(type(shape)), operands, attributes)
        ->getResult(0);
  }
  mlir::NamedAttribute i64s(llvm::StringRef name,
                            llvm::ArrayRef<int64_t> values) {
    return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(values));
  }
  mlir::NamedAttribute i64(llvm::StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  }
  mlir::NamedAttribute f64(llvm::StringRef name, double value) {
    return builder.getNamedAttr(name, builder.getF64FloatAttr(value));
  }
  mlir::NamedAttribute name(llvm::StringRef value) {
    return builder.getNamedAttr("layer_name", builder.getStringAttr(value));
  }
  mlir::NamedAttribute scales(llvm::ArrayRef<double> values) {
    auto scaleType = mlir::RankedTensorType::get(
        {static_cast<int64_t>(values.size())}, builder.getF64Type());
    return builder.getNamedAttr(
        "scales", mlir::DenseElementsAttr::get(scaleType, values));
  }
  mlir::Value modulate(mlir::Value input, llvm::StringRef site,
                       Granularity granularity) {
    return builder.create<ModulateOp>(loc(), input.getType(), input, site,
                                      granularity);
  }
  TaskOp task(llvm::StringRef name, llvm::StringRef site,
              llvm::ArrayRef<float> values) {
    builder.setInsertionPointToStart(module->getBody());
    auto attribute = mlir::DenseElementsAttr::get(
        type({static_cast<int64_t>(values.size())}), values);
    return builder.create<TaskOp>(
        loc(), builder.getStringAttr(name), builder.getDenseI32ArrayAttr({0}),
        builder.getDictionaryAttr(builder.getNamedAttr(site, attribute)),
        mlir::DictionaryAttr());
  }

  /// Result of one run; empty if it failed.
  std::vector<double> run(llvm::ArrayRef<float> input,
                          llvm::StringRef task = {}) {
    auto interpreter = Interpreter::create(*module, task);
    if (mlir::failed(interpreter))
      return {};
    auto result = (*interpreter)->run(input);
    return mlir::failed(result) ? std::vector<double>() : result->values;
  }
};

inline std::vector<float> randomValues(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(generator);
  return values;
}

/// A convolution: its shapes and window.
struct ConvCase {
  std::vector<int64_t> input;   ///< C, H, W.
  std::vector<int64_t> weights; ///< O, C / groups, kh, kw.
  std::vector<int64_t> strides = {1, 1}, pads = {0, 0, 0, 0},
                       dilations = {1, 1};
  int64_t groups = 1;

  int64_t outExtent(int axis) const {
    return (input[1 + axis] + pads[axis] + pads[2 + axis] -
            dilations[axis] * (weights[2 + axis] - 1) - 1) /
               strides[axis] +
           1;
  }
  std::vector<int64_t> output() const {
    return {weights[0], outExtent(0), outExtent(1)};
  }
};

/// Pads, strides, dilations and groups alone and together.
inline std::vector<ConvCase> convCases() {
  return {
      {{1, 3, 3}, {1, 1, 1, 1}},
      {{2, 5, 4}, {3, 2, 3, 2}},
      {{1, 5, 5}, {2, 1, 3, 3}, {2, 2}, {1, 1, 1, 1}},
      {{2, 6, 5}, {2, 2, 2, 3}, {3, 1}, {0, 2, 1, 0}},
      {{2, 7, 7}, {2, 2, 3, 3}, {1, 1}, {2, 2, 2, 2}, {2, 2}},
      {{4, 4, 4}, {6, 2, 2, 2}, {1, 2}, {1, 0, 0, 1}, {1, 1}, 2},
      {{3, 6, 6}, {3, 1, 3, 3}, {2, 1}, {1, 3, 2, 0}, {1, 2}, 3},
      {{1, 2, 2}, {1, 1, 3, 3}, {1, 1}, {4, 4, 4, 4}},
  };
}

inline mlir::Value addConv(Network &network, const ConvCase &c, mlir::Value x,
                           mlir::Value weights, mlir::Value bias,
                           llvm::ArrayRef<mlir::NamedAttribute> more = {}) {
  llvm::SmallVector<mlir::NamedAttribute> attributes = {
      network.name("conv"), network.i64s("strides", c.strides),
      network.i64s("pads", c.pads), network.i64s("dilations", c.dilations),
      network.i64("groups", c.groups)};
  attributes.append(more.begin(), more.end());
  llvm::SmallVector<mlir::Value> operands = {x, weights};
  if (bias)
    operands.push_back(bias);
  const std::vector<int64_t> out = c.output();
  return network.op<ConvOp>({1, out[0], out[1], out[2]}, operands, attributes);
}

} // namespace nt::test

#endif // NT_UNITTESTS_INTERPRETER_NETWORKBUILDER_H
