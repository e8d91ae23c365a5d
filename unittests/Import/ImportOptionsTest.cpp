//===- ImportOptionsTest.cpp - Shapes given for inputs --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Import/ONNX/ImportONNX.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace nt;

namespace {
/// What an import gives: the type of @main's argument, or the errors.
struct Outcome {
  std::string inputType;
  std::string errors;
};

Outcome import(const std::string &name, const ONNXImportOptions &options) {
  Outcome outcome;
  MLIRContext context;
  context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
    outcome.errors += diagnostic.str() + "\n";
    return success();
  });
  OwningOpRef<ModuleOp> module = importONNXFile(
      NT_SOURCE_DIR "/test/Inputs/onnx/" + name + ".onnx", &context, options);
  if (module) {
    auto func = *module->getOps<func::FuncOp>().begin();
    llvm::raw_string_ostream(outcome.inputType) << func.getArgumentTypes()[0];
  }
  return outcome;
}

ONNXImportOptions shapeOf(llvm::StringRef name, llvm::ArrayRef<int64_t> shape) {
  ONNXImportOptions options;
  options.inputShapes[name] = llvm::to_vector(shape);
  return options;
}
} // namespace

TEST(ImportOptions, FixesOpenDimensions) {
  Outcome outcome = import("open-size", shapeOf("x", {1, 3, 8, 6}));
  EXPECT_EQ(outcome.inputType, "tensor<1x3x8x6xf32>") << outcome.errors;
}

TEST(ImportOptions, ReplacesAFixedBatch) {
  Outcome outcome = import("batch-4", shapeOf("x", {1, 4}));
  EXPECT_EQ(outcome.inputType, "tensor<1x4xf32>") << outcome.errors;
}

TEST(ImportOptions, RefusesAnotherFixedDimension) {
  Outcome outcome = import("relu", shapeOf("x", {1, 5}));
  EXPECT_NE(outcome.errors.find("[NT-OPT-001]"), std::string::npos);
  EXPECT_NE(outcome.errors.find(
                "dimension 1 of input 'x' is given as 5, the model has 4"),
            std::string::npos)
      << outcome.errors;
}

TEST(ImportOptions, RefusesAnotherRank) {
  Outcome outcome = import("open-size", shapeOf("x", {1, 3, 8}));
  EXPECT_NE(outcome.errors.find(
                "input 'x' has 4 dimensions, the shape given for it has 3"),
            std::string::npos)
      << outcome.errors;
}

TEST(ImportOptions, RefusesASizeBelowOne) {
  Outcome outcome = import("open-size", shapeOf("x", {1, 3, 0, -2}));
  EXPECT_NE(outcome.errors.find("dimension 2 of input 'x' is given as 0"),
            std::string::npos);
  EXPECT_NE(outcome.errors.find("dimension 3 of input 'x' is given as -2"),
            std::string::npos)
      << outcome.errors;
}

TEST(ImportOptions, RefusesANameThatIsNoInput) {
  Outcome outcome = import("relu", shapeOf("z", {1, 4}));
  EXPECT_EQ(outcome.inputType, "");
  EXPECT_NE(outcome.errors.find(
                "a shape is given for 'z', which is no input of the model"),
            std::string::npos)
      << outcome.errors;
}

TEST(ImportOptions, AnInitialiserIsNoInput) {
  Outcome outcome = import("weights-as-inputs", shapeOf("w", {2, 4}));
  EXPECT_NE(outcome.errors.find("'w', which is no input of the model"),
            std::string::npos)
      << outcome.errors;
}
