//===- Table.h - Plain aligned tables on a terminal -------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_TABLE_H
#define NT_TOOLS_NTC_TABLE_H

#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <string>
#include <vector>

namespace ntc {

/// Rows of equal length, the first one the header; columns as wide as they
/// need.
inline void printTable(llvm::raw_ostream &out,
                       const std::vector<std::vector<std::string>> &rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const auto &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t i = 0; i < rows[r].size(); ++i) {
      out << "  " << rows[r][i];
      if (i + 1 < rows[r].size())
        out.indent(static_cast<unsigned>(widths[i] - rows[r][i].size()));
    }
    out << "\n";
    if (r == 0) {
      for (size_t width : widths)
        out << "  " << std::string(width, '-');
      out << "\n";
    }
  }
}

} // namespace ntc

#endif // NT_TOOLS_NTC_TABLE_H
