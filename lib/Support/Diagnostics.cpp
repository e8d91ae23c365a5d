//===- Diagnostics.cpp - Table diagnostics on IR --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Support/Diagnostics.h"

#include "mlir/IR/Operation.h"

using namespace mlir;

static InFlightDiagnostic describe(InFlightDiagnostic diagnostic,
                                   ntrt::Diag diag, Location noteLoc) {
  diagnostic << "[" << StringRef(ntrt::diagCode(diag)) << "] "
             << StringRef(ntrt::diagTitle(diag)) << ": ";
  diagnostic.attachNote(noteLoc) << StringRef(ntrt::diagRemedy(diag));
  return diagnostic;
}

InFlightDiagnostic nt::describeAs(InFlightDiagnostic error, ntrt::Diag diag) {
  const Location loc = error.getUnderlyingDiagnostic()->getLocation();
  return describe(std::move(error), diag, loc);
}

InFlightDiagnostic nt::emitDiag(Location loc, ntrt::Diag diag) {
  return describe(emitError(loc), diag, loc);
}

InFlightDiagnostic nt::emitDiag(Operation *op, ntrt::Diag diag) {
  return describe(op->emitError(), diag, op->getLoc());
}

InFlightDiagnostic nt::emitDiagWarning(Location loc, ntrt::Diag diag) {
  return describe(emitWarning(loc), diag, loc);
}

LogicalResult nt::emitDiags(Location loc,
                            const ntrt::DiagnosticList &diagnostics) {
  for (const ntrt::Diagnostic &diagnostic : diagnostics) {
    InFlightDiagnostic inFlight = emitDiag(loc, diagnostic.diag);
    if (!diagnostic.place.empty())
      inFlight << diagnostic.place << ": ";
    inFlight << diagnostic.detail;
  }
  return failure();
}
