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

#include "llvm/Support/Path.h"

using namespace ntc;

int ntc::runReport(const ReportOptions &options) {
  ntrt::Result<nt::report::Report> read =
      nt::report::readReport(options.directory);
  if (!read)
    return report(read.diagnostics());
  // The same for machines, beside it.
  llvm::StringRef stem = options.output;
  stem.consume_back(".html");
  const std::string json = (stem + ".json").str();
  const llvm::StringRef name = llvm::sys::path::filename(json);
  if (name == "manifest.json" || name == "verify.json")
    return report({{ntrt::Diag::OptionInvalid, "-o " + options.output,
                    json + " is what a report is made from"}});
  return writeText(options.output, nt::report::renderPage(*read)) &&
                 writeText(json, nt::report::renderJson(*read))
             ? kDone
             : kInputFault;
}
