//===- Diagnostics.h - Table diagnostics on IR ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_SUPPORT_DIAGNOSTICS_H
#define NT_SUPPORT_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "ntrt/Diagnostics.h"

namespace nt {

/// Emits `error: [NT-XXX-000] title: <streamed detail>` at `loc`, with the
/// remedy as a note. Converts to failure().
mlir::InFlightDiagnostic emitDiag(mlir::Location loc, ntrt::Diag diag);
mlir::InFlightDiagnostic emitDiag(mlir::Operation *op, ntrt::Diag diag);
/// Gives an error that is there its code, title and remedy.
mlir::InFlightDiagnostic describeAs(mlir::InFlightDiagnostic error,
                                    ntrt::Diag diag);
/// The same as a warning, which does not fail the stage.
mlir::InFlightDiagnostic emitDiagWarning(mlir::Location loc, ntrt::Diag diag);

/// Emits every diagnostic of a runtime call at `loc`; returns failure().
mlir::LogicalResult emitDiags(mlir::Location loc,
                              const ntrt::DiagnosticList &diagnostics);

} // namespace nt

#endif // NT_SUPPORT_DIAGNOSTICS_H
