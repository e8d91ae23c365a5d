//===- Diagnostics.cpp - The one table of NT's diagnostics ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Diagnostics.h"

using namespace ntrt;

namespace {
struct Entry {
  Diag diag;
  std::string_view code, title, remedy;
};

constexpr Entry kTable[] = {
#define NT_DIAG(id, code, title, remedy) {Diag::id, code, title, remedy},
#include "ntrt/Diagnostics.def"
};

const Entry &entry(Diag diag) { return kTable[static_cast<size_t>(diag)]; }
} // namespace

std::string_view ntrt::diagCode(Diag diag) { return entry(diag).code; }
std::string_view ntrt::diagTitle(Diag diag) { return entry(diag).title; }
std::string_view ntrt::diagRemedy(Diag diag) { return entry(diag).remedy; }

const std::vector<Diag> &ntrt::allDiags() {
  static const std::vector<Diag> diags = [] {
    std::vector<Diag> all;
    for (const Entry &e : kTable)
      all.push_back(e.diag);
    return all;
  }();
  return diags;
}

/// `text` as the content of one Markdown table cell.
static std::string markdownCell(std::string_view text) {
  std::string cell;
  for (char c : text) {
    // '<' would begin an HTML tag and '|' end the cell.
    if (c == '<')
      cell += "&lt;";
    else if (c == '|')
      cell += "\\|";
    else
      cell += c;
  }
  return cell;
}

std::string ntrt::diagnosticsMarkdown() {
  std::string text = "# Diagnostics\n\n"
                     "Made from `runtime/include/ntrt/Diagnostics.def`; do not "
                     "edit. Codes are stable.\n\n"
                     "| code | what it means | what to do about it |\n"
                     "|---|---|---|\n";
  for (const Entry &e : kTable)
    text += "| `" + std::string(e.code) + "` | " + markdownCell(e.title) +
            " | " + markdownCell(e.remedy) + " |\n";
  return text;
}

std::string Diagnostic::str() const {
  std::string text;
  if (!place.empty())
    text += place + ": ";
  text += "error: [" + std::string(diagCode(diag)) + "] ";
  text += diagTitle(diag);
  if (!detail.empty())
    text += ": " + detail;
  text += " (" + std::string(diagRemedy(diag)) + ")";
  return text;
}

std::string ntrt::toString(const DiagnosticList &diagnostics) {
  std::string text;
  for (const Diagnostic &diagnostic : diagnostics)
    text += diagnostic.str() + "\n";
  return text;
}
