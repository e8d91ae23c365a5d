//===- Passes.h - Conversions between dialects ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_CONVERSION_PASSES_H
#define NT_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace nt {

#define GEN_PASS_DECL
#include "nt/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "nt/Conversion/Passes.h.inc"

} // namespace nt

#endif // NT_CONVERSION_PASSES_H
