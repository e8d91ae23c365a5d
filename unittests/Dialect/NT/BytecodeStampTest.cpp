//===- BytecodeStampTest.cpp - Bytecode of another build ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Support/BytecodeStamp.h"

#include "nt/Dialect/NT/IR/NTOps.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace mlir;

namespace {
class BytecodeStamp : public ::testing::Test {
protected:
  BytecodeStamp() { context.loadDialect<func::FuncDialect, nt::NTDialect>(); }

  std::string written() {
    auto module = parseSourceString<ModuleOp>(
        "func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {\n"
        "  %0 = nt.relu %x : tensor<1x4xf32>\n"
        "  return %0 : tensor<1x4xf32>\n}\n",
        &context);
    std::string bytes;
    llvm::raw_string_ostream stream(bytes);
    EXPECT_TRUE(succeeded(writeBytecodeToFile(*module, stream)));
    return bytes;
  }

  MLIRContext context;
};
} // namespace

TEST_F(BytecodeStamp, IsReadByTheBuildThatWroteIt) {
  EXPECT_TRUE(parseSourceString<ModuleOp>(written(), &context));
}

TEST_F(BytecodeStamp, RefusesAnotherBuildsOps) {
  std::string bytes = written();
  const uint64_t stamp =
      nt::bytecodeStampOf(context.getLoadedDialect<nt::NTDialect>());
  char little[sizeof stamp];
  std::memcpy(little, &stamp, sizeof stamp);
  const size_t at = bytes.find(std::string(little, sizeof little));
  ASSERT_NE(at, std::string::npos);
  bytes[at] ^= 1;
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message += diagnostic.str() + "\n";
    return success();
  });
  EXPECT_FALSE(parseSourceString<ModuleOp>(bytes, &context));
  EXPECT_NE(message.find("[NT-FILE-004]"), std::string::npos) << message;
  EXPECT_NE(message.find("dialect 'nt'"), std::string::npos) << message;
}
