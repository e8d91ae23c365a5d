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

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class MemoryBuffer;
} // namespace llvm

namespace onnx {
class SparseTensorProto;
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

/// The bytes of other files that the tensors of a model take. No two may share
/// one: a small model could name the same gigabyte a thousand times.
class ExternalRanges {
public:
  /// Takes [begin, end) of the file for `owner`; the tensor it overlaps, if
  /// any.
  std::optional<std::string> take(llvm::StringRef file, uint64_t begin,
                                  uint64_t end, const std::string &owner);

private:
  struct Range {
    uint64_t end;
    std::string owner;
  };
  /// By file, then by the first byte.
  std::map<std::string, std::map<uint64_t, Range>> ranges;
};

/// Bytes of a mapped file. Pages that were read may be given back.
struct MappedBytes {
  llvm::StringRef bytes;
  const llvm::MemoryBuffer *mapping = nullptr;
};

/// Where the tensors of one model may be.
struct TensorStore {
  llvm::StringRef folder; ///< The model's.
  ExternalRanges external;
};

/// Reads float (16, bfloat16, 32, 64), integer and bool tensors, held inside
/// the model (`rawData` if given, else the message's fields) or in a file of
/// the model's folder. Emits NT-ONNX-007 at `loc` and fails for other types,
/// data whose size is not that of its dimensions, a file outside the folder and
/// bytes that another tensor takes; `what` names the tensor.
mlir::FailureOr<TensorValues> readTensor(const onnx::TensorProto &tensor,
                                         std::optional<MappedBytes> rawData,
                                         TensorStore &store, mlir::Location loc,
                                         const llvm::Twine &what);

/// Reads a sparse tensor of floats as a dense one: indices are places in the
/// flat tensor, rising, or one row of coordinates a value.
mlir::FailureOr<TensorValues>
readSparseTensor(const onnx::SparseTensorProto &tensor, TensorStore &store,
                 mlir::Location loc, const llvm::Twine &what);

} // namespace nt

#endif // NT_LIB_IMPORT_ONNX_TENSORREADER_H
