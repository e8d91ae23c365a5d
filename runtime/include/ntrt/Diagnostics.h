//===- Diagnostics.h - Stable diagnostic codes and results ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every misfit any stage can report has one entry in Diagnostics.def; this file
// gives it a type, and gives fallible functions their return type.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_DIAGNOSTICS_H
#define NTRT_DIAGNOSTICS_H

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ntrt {

/// One enumerator for each entry of Diagnostics.def.
enum class Diag {
#define NT_DIAG(id, code, title, remedy) id,
#include "ntrt/Diagnostics.def"
};

/// The stable code printed for a diagnostic, e.g. "NT-ONNX-001".
std::string_view diagCode(Diag diag);
/// What the diagnostic means, one clause.
std::string_view diagTitle(Diag diag);
/// What the user can do about it, one sentence.
std::string_view diagRemedy(Diag diag);
/// Every diagnostic in the order of the table; docs/diagnostics.md is made from
/// it.
const std::vector<Diag> &allDiags();
/// The table as the Markdown of docs/diagnostics.md.
std::string diagnosticsMarkdown();

/// One misfit: which rule, where, and what was found against which limit.
struct Diagnostic {
  Diag diag;
  /// File, node, op, field or line: as near to the user's input as is known.
  std::string place;
  /// What was found and what the limit is; the title and remedy come from the
  /// table.
  std::string detail;

  /// "place: error: [NT-XXX-000] title: detail (remedy)".
  std::string str() const;
};

using DiagnosticList = std::vector<Diagnostic>;

/// All diagnostics of a list, one a line.
std::string toString(const DiagnosticList &diagnostics);

/// Either a value or at least one diagnostic.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::move(value)) {}
  Result(Diagnostic diagnostic)
      : state(DiagnosticList{std::move(diagnostic)}) {}
  Result(DiagnosticList diagnostics) : state(std::move(diagnostics)) {
    assert(!std::get<1>(state).empty() && "a failure needs a diagnostic");
  }
  explicit operator bool() const { return state.index() == 0; }
  T &operator*() { return std::get<0>(state); }
  const T &operator*() const { return std::get<0>(state); }
  T *operator->() { return &std::get<0>(state); }
  const T *operator->() const { return &std::get<0>(state); }
  const DiagnosticList &diagnostics() const { return std::get<1>(state); }

private:
  std::variant<T, DiagnosticList> state;
};

/// The result of a function with nothing to return.
struct Done {};
using Status = Result<Done>;

} // namespace ntrt

#endif // NTRT_DIAGNOSTICS_H
