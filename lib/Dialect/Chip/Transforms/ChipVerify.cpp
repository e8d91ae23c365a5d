//===- ChipVerify.cpp - Check chip programs against the device ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/Chip/Transforms/Passes.h"

#include "nt/Mapping/Limits.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Target/Bitstream/Bitstream.h"

namespace nt {
#define GEN_PASS_DEF_CHIPVERIFY
#include "nt/Dialect/Chip/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {
struct ChipVerify : nt::impl::ChipVerifyBase<ChipVerify> {
  using ChipVerifyBase::ChipVerifyBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    ntrt::Result<ntrt::DeviceModel> model = ntrt::DeviceModel::load(device);
    if (!model) {
      (void)emitDiags(module.getLoc(), model.diagnostics());
      return signalPassFailure();
    }
    auto programs = module.getOps<chip::ProgramOp>();
    if (programs.empty()) {
      emitDiag(module.getLoc(), ntrt::Diag::ChipStructure)
          << "the module has no chip.program";
      return signalPassFailure();
    }
    bool failing = false;
    for (chip::ProgramOp program : programs)
      failing |= failed(verifyProgram(program, *model));
    if (failing)
      signalPassFailure();
  }

  LogicalResult verifyProgram(chip::ProgramOp op,
                              const ntrt::DeviceModel &model) {
    FailureOr<ntrt::Program> program = chip::toProgram(op, model);
    if (failed(program))
      return failure();
    bool failing = false;
    auto report = [&](Location loc, const ntrt::DiagnosticList &misfits) {
      if (!misfits.empty())
        failing |= failed(emitDiags(loc, misfits));
    };
    report(op.getLoc(), mapping::checkLinks(*program, model));
    report(op.getLoc(), mapping::checkSynapseCurrents(*program, model));
    for (chip::TaskOp taskOp : getOperation().getOps<chip::TaskOp>()) {
      if (taskOp.getProgramOp() != op)
        continue;
      FailureOr<ntrt::TaskOverlay> task = chip::toTask(taskOp, *program, model);
      if (failed(task)) {
        failing = true;
        continue;
      }
      report(taskOp.getLoc(),
             mapping::checkModulationCurrents(*task, *program, model));
    }
    return failure(failing);
  }
};
} // namespace
