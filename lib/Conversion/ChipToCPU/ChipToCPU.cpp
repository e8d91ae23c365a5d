//===- ChipToCPU.cpp - A configured chip as code for a CPU ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Conversion/ChipToCPU/ChipToCPU.h"
#include "nt/Conversion/Passes.h"

#include "nt/Dialect/Chip/IR/ChipOps.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Target/Bitstream/Bitstream.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/PassManager.h"

namespace nt {
#define GEN_PASS_DEF_CONVERTCHIPTOCPU
#include "nt/Conversion/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using ntrt::Diag;

namespace {
struct ConvertChipToCPU : nt::impl::ConvertChipToCPUBase<ConvertChipToCPU> {
  using ConvertChipToCPUBase::ConvertChipToCPUBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(convert(module)))
      signalPassFailure();
  }

  LogicalResult convert(ModuleOp module) {
    ntrt::Result<ntrt::DeviceModel> model = ntrt::DeviceModel::load(device);
    if (!model)
      return emitDiags(module.getLoc(), model.diagnostics());
    auto programs = llvm::to_vector(module.getOps<chip::ProgramOp>());
    if (programs.size() != 1)
      return emitDiag(module.getLoc(), Diag::ChipStructure)
             << programs.size() << " chip.program, one becomes code";
    chip::TaskOp chosen;
    for (auto op : module.getOps<chip::TaskOp>())
      if (op.getSymName() == StringRef(task))
        chosen = op;
    if (!chosen)
      return emitDiag(module.getLoc(), Diag::TaskUnknown)
             << "chip.task @" << task;
    FailureOr<ntrt::Program> program = chip::toProgram(programs[0], *model);
    if (failed(program))
      return failure();
    FailureOr<ntrt::TaskOverlay> overlay =
        chip::toTask(chosen, *program, *model);
    if (failed(overlay))
      return failure();
    OwningOpRef<ModuleOp> code =
        cpu::buildSimulator(&getContext(), prefix, *program, *overlay, *model);
    module.getBody()->clear();
    module.getBody()->getOperations().splice(module.getBody()->end(),
                                             code->getBody()->getOperations());
    return success();
  }
};
} // namespace

void nt::cpu::populateCPUPipeline(OpPassManager &pm) {
  pm.addPass(createConvertSCFToCFPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}
