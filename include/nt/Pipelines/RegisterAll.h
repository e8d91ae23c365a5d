//===- RegisterAll.h - Everything a tool of NT registers --------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_PIPELINES_REGISTERALL_H
#define NT_PIPELINES_REGISTERALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace nt {

/// NT's dialects and the upstream ones its modules use.
void registerAllDialects(mlir::DialectRegistry &registry);
/// NT's passes and pipelines, and the upstream passes they use.
void registerAllPasses();

} // namespace nt

#endif // NT_PIPELINES_REGISTERALL_H
