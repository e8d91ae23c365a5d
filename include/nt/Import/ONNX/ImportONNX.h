//===- ImportONNX.h - ONNX files to generic nodes ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The import is mechanical: it gives no node a meaning. Each becomes one
// nt.onnx_node; convert-onnx-to-nt knows what they do.
//
//===----------------------------------------------------------------------===//
#ifndef NT_IMPORT_ONNX_IMPORTONNX_H
#define NT_IMPORT_ONNX_IMPORTONNX_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

namespace nt {

/// Elements of the largest tensor that a network may compute: a damaged shape
/// must not cost memory. VGG-19's largest has 3.2 million.
constexpr int64_t kMostComputedElements = int64_t(1) << 26;

struct ONNXImportOptions {
  /// Shape of a graph input by its name, for dimensions the model leaves open.
  /// The leading (batch) dimension may also replace a fixed one; an open batch
  /// dimension with no entry here becomes 1.
  llvm::StringMap<llvm::SmallVector<int64_t>> inputShapes;
};

/// Reads an ONNX model into a module with one function @main, which carries
/// `nt.network`. The module's `nt.model` is the file's stem and `nt.opset` the
/// opset of the default domain. Float initialisers become `nt.frozen` (float64
/// is rounded to float32, which the derivation records); integer and boolean
/// ones, such as the shape of a Reshape, become nodes of type "Constant" with a
/// `value` attribute. Every misfit of the file is reported on `context`; null
/// if there is one.
mlir::OwningOpRef<mlir::ModuleOp>
importONNXFile(llvm::StringRef path, mlir::MLIRContext *context,
               const ONNXImportOptions &options = {});

/// The same for bytes already in memory; `path` names them and is where weights
/// in other files are looked for.
mlir::OwningOpRef<mlir::ModuleOp>
importONNX(std::unique_ptr<llvm::MemoryBuffer> bytes, llvm::StringRef path,
           mlir::MLIRContext *context, const ONNXImportOptions &options = {});

} // namespace nt

#endif // NT_IMPORT_ONNX_IMPORTONNX_H
