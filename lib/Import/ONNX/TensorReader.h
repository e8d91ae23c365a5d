//===- TensorReader.h - Values of ONNX tensors ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_IMPORT_ONNX_TENSORREADER_H
#define NT_LIB_IMPORT_ONNX_TENSORREADER_H

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"

#include <optional>
#include <vector>

namespace llvm {
class MemoryBuffer;
} // namespace llvm

namespace onnx {
class TensorProto;
} // namespace onnx

namespace nt {

/// The values of one ONNX tensor: floats if its type is a float type, integers
/// otherwise.
struct TensorValues {
  mlir::RankedTensorType type;
  mlir::AsmResourceBlob floats;
  std::vector<int64_t> integers;
  /// Name of the element type in the model, e.g. "INT8".
  llvm::StringRef elementType;
  /// The model holds float64, rounded here.
  bool roundedFromDouble = false;

  bool isFloat() const { return type.getElementType().isF32(); }
  mlir::DenseElementsAttr toAttribute() const;
};

/// Bytes of a mapped file. Pages that were read may be given back.
struct MappedBytes {
  llvm::StringRef bytes;
  const llvm::MemoryBuffer *mapping = nullptr;
};

/// Reads float (16, bfloat16, 32, 64), integer and bool tensors, held inside
/// the model (`rawData` if given, else the message's fields) or in a file of
/// `folder`, which is the model's. Emits NT-ONNX-007 at `loc` and fails for
/// other types, data whose size is not that of its dimensions, and a file
/// outside the folder; `what` names the tensor.
mlir::FailureOr<TensorValues>
readTensor(const onnx::TensorProto &tensor, std::optional<MappedBytes> rawData,
           llvm::StringRef folder, mlir::Location loc, const llvm::Twine &what);

} // namespace nt

#endif // NT_LIB_IMPORT_ONNX_TENSORREADER_H
