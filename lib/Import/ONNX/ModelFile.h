//===- ModelFile.h - A parsed model beside its mapped weights ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_IMPORT_ONNX_MODELFILE_H
#define NT_LIB_IMPORT_ONNX_MODELFILE_H

#include "TensorReader.h"

#include "mlir/IR/Location.h"
#include "llvm/Support/MemoryBuffer.h"

#include <onnx/onnx_pb.h>

#include <memory>
#include <optional>
#include <vector>

namespace nt {

/// An ONNX file, mapped. The bytes of its initialisers stay in the mapping:
/// protobuf parses what is left when they are taken out, so that a weight is
/// copied once, to where it stays.
class ModelFile {
public:
  /// Emits a diagnostic and returns null if the bytes are no model.
  static std::unique_ptr<ModelFile>
  parse(std::unique_ptr<llvm::MemoryBuffer> bytes, mlir::Location loc);

  /// The model without the raw data of its initialisers.
  const onnx::ModelProto &getModel() const { return model; }
  /// The raw data of an initialiser by its place in the graph; nullopt if its
  /// values are in the typed fields.
  std::optional<MappedBytes> getRawData(int initializer) const {
    if (!rawData[initializer])
      return std::nullopt;
    return MappedBytes{*rawData[initializer], buffer.get()};
  }

private:
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  onnx::ModelProto model;
  std::vector<std::optional<llvm::StringRef>> rawData;
};

} // namespace nt

#endif // NT_LIB_IMPORT_ONNX_MODELFILE_H
