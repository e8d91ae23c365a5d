//===- FrozenRewrites.h - New frozen values from old ones -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_DIALECT_NT_TRANSFORMS_FROZENREWRITES_H
#define NT_LIB_DIALECT_NT_TRANSFORMS_FROZENREWRITES_H

#include "nt/Dialect/NT/IR/NTOps.h"

#include "llvm/ADT/StringSet.h"

namespace nt {

/// What a user calls an op: a layer's name, the ONNX node name of its location,
/// or else the op's name.
std::string nameOf(mlir::Operation *op);

/// `base`, made unique among the `taken` names, to which it is added.
std::string freshName(const std::string &base, llvm::StringSet<> &taken);

/// Derivation of a value made from `source` by `step`: the earlier steps, the
/// hash that it had, and the new step. `source` may be null.
mlir::ArrayAttr extendDerivation(FrozenOp source, mlir::Builder &builder,
                                 const llvm::Twine &step);

/// An f32 value of `type`, rounded from doubles; a resource (named after
/// `resourceName`) if `source` is one, else dense.
mlir::ElementsAttr roundedElements(FrozenOp source,
                                   llvm::StringRef resourceName,
                                   mlir::RankedTensorType type,
                                   llvm::ArrayRef<double> values);

/// Erases `value`'s op if it is an `nt.frozen` that nothing reads any more.
void eraseIfUnused(mlir::Value value);

} // namespace nt

#endif // NT_LIB_DIALECT_NT_TRANSFORMS_FROZENREWRITES_H
