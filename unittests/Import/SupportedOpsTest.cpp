//===- SupportedOpsTest.cpp - docs/supported-ops.md is current ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Conversion/ONNXToNT/SupportedOps.h"

#include "gtest/gtest.h"

#include <fstream>
#include <sstream>

TEST(SupportedOps, DocumentIsCurrent) {
  std::ifstream file(NT_SOURCE_DIR "/docs/supported-ops.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), nt::supportedOpsMarkdown())
      << "write it again: nt-translate --gen-supported-ops > "
         "docs/supported-ops.md";
}

TEST(SupportedOps, NamesWhatTheIssueAsksFor) {
  std::string text = nt::supportedOpsMarkdown();
  for (const char *op :
       {"Conv", "Gemm", "MatMul", "BatchNormalization", "Relu", "Clip",
        "MaxPool", "AveragePool", "GlobalAveragePool", "Flatten", "Reshape",
        "Add", "Concat", "Dropout", "Identity", "Softmax", "Constant"})
    EXPECT_NE(text.find(std::string("| ") + op + " | "), std::string::npos)
        << op;
}
