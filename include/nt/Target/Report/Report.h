//===- Report.h - The HTML report -------------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_REPORT_REPORT_H
#define NT_TARGET_REPORT_REPORT_H

#include "nt/Target/Report/ReportData.h"

#include <string>

namespace nt::report {

/// One self-contained HTML page, also well-formed XML: style and pictures
/// inside, no script, nothing fetched.
std::string renderPage(const Report &report);
/// The same for machines, as report.json: per model its stages, agreement,
/// accuracies, learning curves and sizes; what is not known is left out or
/// null.
std::string renderJson(const Report &report);

} // namespace nt::report

#endif // NT_TARGET_REPORT_REPORT_H
