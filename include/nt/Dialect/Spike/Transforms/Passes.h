//===- Passes.h - Passes on the spike dialect --------------------*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_SPIKE_TRANSFORMS_PASSES_H
#define NT_DIALECT_SPIKE_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace nt {

#define GEN_PASS_DECL
#include "nt/Dialect/Spike/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "nt/Dialect/Spike/Transforms/Passes.h.inc"

} // namespace nt

#endif // NT_DIALECT_SPIKE_TRANSFORMS_PASSES_H
