//===- ExportCommand.cpp - ntc export -------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Target/ONNX/ExportONNX.h"

#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace ntc;

int ntc::runExport(const ExportOptions &options) {
  if (!options.task.empty() && !checkTaskName(options.task))
    return kInputFault;
  Session session;
  OwningOpRef<ModuleOp> module = session.load(options.input, {});
  if (!module)
    return kInputFault;
  const std::optional<Stage> stage = stageOf(*module);
  if (!stage && failed(session.run(*module, "nt-import-pipeline")))
    return kInputFault;
  if (stage && *stage > Stage::AssignDomains)
    return report({{ntrt::Diag::ExportUnsupported, options.input,
                    "the module is of stage '" + nameOf(*stage).str() + "'"}});
  // A module with tasks has modulation, which becomes biases.
  const bool hasTasks = !module->getOps<nt::TaskOp>().empty();
  if ((hasTasks || !options.task.empty()) &&
      failed(session.run(*module, "nt-fold-task{task=" + options.task + "}")))
    return kInputFault;

  bool isRefused = false;
  llvm::Error error = llvm::writeToOutput(
      options.output, [&](llvm::raw_ostream &stream) -> llvm::Error {
        nt::ONNXExportOptions exportOptions;
        exportOptions.openBatch = !options.closedBatch;
        exportOptions.normalise = options.normalise;
        isRefused = failed(nt::exportONNX(*module, exportOptions, stream));
        // An error leaves the file that was there as it was.
        return isRefused ? llvm::createStringError("not exported")
                         : llvm::Error::success();
      });
  if (!error)
    return kDone;
  const std::string reason = llvm::toString(std::move(error));
  if (!isRefused)
    report({{ntrt::Diag::FileNotWritten, options.output, reason}});
  return kInputFault;
}
