//===- NTInterfaces.h - What passes ask of ops ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_INTERFACES_NTINTERFACES_H
#define NT_INTERFACES_NTINTERFACES_H

#include "nt/Interpreter/HostTensor.h"

#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"

#include <optional>

namespace nt {
struct EvaluationContext;
} // namespace nt

#include "nt/Interfaces/NTInterfaces.h.inc"

#endif // NT_INTERFACES_NTINTERFACES_H
