//===- RecordNormalisation.cpp - What a network's inputs are made of ------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace nt {
#define GEN_PASS_DEF_RECORDNORMALISATION
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

struct RecordNormalisation
    : nt::impl::RecordNormalisationBase<RecordNormalisation> {
  using RecordNormalisationBase::RecordNormalisationBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult run(ModuleOp module) {
    FailureOr<func::FuncOp> network = findNetwork(module);
    if (failed(network))
      return failure();
    auto parsed =
        ntrt::Normalisation::parse(values, "nt-record-normalisation values");
    if (!parsed)
      return emitDiags(module.getLoc(), parsed.diagnostics());
    const ntrt::Normalisation recorded = inputNormalisationOf(*network);
    if (!recorded.isIdentity() && recorded != *parsed)
      return emitDiag(network->getLoc(), ntrt::Diag::DataNormalisation)
             << "'" << values << "', the network's inputs have "
             << recorded.str();
    recordInputNormalisation(*network, *parsed);
    return success();
  }
};

} // namespace
