//===- NTDialect.td - The nt dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_TD
#define NT_DIALECT_TD

include "mlir/IR/OpBase.td"

def NT_Dialect : Dialect {
  let name = "nt";
  let cppNamespace = "::nt";
  let summary = "A frozen network and its trainable modulation";
  let description = [{
    The frozen network on static tensors with a leading batch dimension of 1.
    Weights are held by `nt.frozen` with a content hash (rule F1); the only thing a
    task may change is the supplemental bias of `nt.modulate`, whose values live in
    `nt.task` symbols. See docs/Dialects/NT/RationaleNT.md.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
}

class NT_Op<string mnemonic, list<Trait> traits = []>
    : Op<NT_Dialect, mnemonic, traits>;

#endif // NT_DIALECT_TD
