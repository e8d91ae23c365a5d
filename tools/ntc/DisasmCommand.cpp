//===- DisasmCommand.cpp - ntc disasm -------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Options.h"
#include "Session.h"

#include "nt/Target/Bitstream/Bitstream.h"

#include "mlir/IR/Location.h"

using namespace ntc;

int ntc::runDisasm(const DisasmOptions &options) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(options.device, options.program, options.tasks);
  if (!artefacts)
    return kInputFault;
  Session session;
  mlir::OwningOpRef<mlir::ModuleOp> module = nt::chip::fromProgram(
      mlir::FileLineColLoc::get(session.context(), options.program, 0, 0),
      artefacts->program, artefacts->tasks, artefacts->device);
  if (!module)
    return kInputFault;
  if (!options.output.empty())
    return failed(session.write(*module, options.output)) ? kInputFault : kDone;
  module->print(llvm::outs());
  return kDone;
}
