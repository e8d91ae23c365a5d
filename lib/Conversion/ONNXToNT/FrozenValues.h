//===- FrozenValues.h - Recorded changes to frozen tensors ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_FROZENVALUES_H
#define NT_LIB_CONVERSION_ONNXTONT_FROZENVALUES_H

#include "nt/Dialect/NT/IR/NTOps.h"

#include <vector>

namespace nt::onnx_to_nt {

/// The values of a float32 frozen tensor, row-major.
std::vector<float> valuesOf(FrozenOp op);

/// A frozen tensor made from `base`: its origin, its derivation and `step`
/// added to it (rule F1).
FrozenOp derive(mlir::OpBuilder &builder, FrozenOp base,
                llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<float> values,
                llvm::StringRef step);

/// The values spread to `shape` as ONNX (and NumPy) broadcast `from`, whose
/// rank must be that of `shape`; nullopt if a dimension is neither equal nor 1.
std::optional<std::vector<float>> broadcast(llvm::ArrayRef<float> values,
                                            llvm::ArrayRef<int64_t> from,
                                            llvm::ArrayRef<int64_t> shape);

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_FROZENVALUES_H
