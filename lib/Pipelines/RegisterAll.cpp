//===- RegisterAll.cpp - Everything a tool of NT registers ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Pipelines/RegisterAll.h"

#include "nt/Conversion/Passes.h"
#include "nt/Dialect/Chip/IR/ChipOps.h"
#include "nt/Dialect/Chip/Transforms/Passes.h"
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Dialect/Spike/Transforms/Passes.h"
#include "nt/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Transforms/Passes.h"

void nt::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::func::FuncDialect, mlir::tosa::TosaDialect, NTDialect,
                  spike::SpikeDialect, chip::ChipDialect>();
  // Of code for a CPU.
  registry.insert<mlir::LLVM::LLVMDialect, mlir::arith::ArithDialect,
                  mlir::cf::ControlFlowDialect, mlir::scf::SCFDialect>();
}

void nt::registerAllPasses() {
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  registerNTPasses();
  registerSpikePasses();
  registerConversionPasses();
  registerChipPasses();
  registerPipelines();
}
