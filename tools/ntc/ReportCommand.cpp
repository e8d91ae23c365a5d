//===- ReportCommand.cpp - ntc report -------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"

#include "nt/Target/Report/Report.h"

using namespace ntc;

int ntc::runReport(const ReportOptions &options) {
  ntrt::Result<nt::report::Report> read =
      nt::report::readReport(options.directory);
  if (!read)
    return report(read.diagnostics());
  llvm::StringRef stem = options.output;
  stem.consume_back(".html");
  return writeText(options.output, nt::report::renderPage(*read)) &&
                 writeText((stem + ".json").str(),
                           nt::report::renderJson(*read))
             ? kDone
             : kInputFault;
}
