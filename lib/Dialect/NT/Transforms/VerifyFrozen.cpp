//===- VerifyFrozen.cpp - Check frozen tensors against their hashes -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Support/Diagnostics.h"

namespace nt {
#define GEN_PASS_DEF_VERIFYFROZEN
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

struct VerifyFrozen : nt::impl::VerifyFrozenBase<VerifyFrozen> {
  using VerifyFrozenBase::VerifyFrozenBase;

  void runOnOperation() override {
    getOperation().walk([&](FrozenOp op) {
      const std::string found = hashOfElements(op.getValue());
      if (found == op.getHash())
        return;
      emitDiag(op, ntrt::Diag::FrozenHash)
          << "'" << op.getOrigin() << "' has hash " << found << ", recorded is "
          << op.getHash();
      signalPassFailure();
    });
    markAllAnalysesPreserved();
  }
};

} // namespace
