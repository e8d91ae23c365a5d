//===- ExportONNX.h - A network as an ONNX model ----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The way back: a network of the nt dialect, a task's modulation folded into
// it, as an ONNX model that any runtime computes. Frozen tensors keep the names
// and the bytes they were imported with, so that importing the model again
// gives the same content hashes (rule F1).
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_ONNX_EXPORTONNX_H
#define NT_TARGET_ONNX_EXPORTONNX_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace nt {

/// The opset of the default domain that exported models use.
constexpr int64_t kExportOpset = 17;

struct ONNXExportOptions {
  /// Leave the batch dimension open, as "N", where every op of the network
  /// allows it. Closed, it is 1.
  bool openBatch = true;
  /// Begin with the network's normalisation, so that the model takes stored
  /// values; else it takes inputs, and its metadata say how they are made.
  bool normalise = false;
};

/// Writes the module's network as an ONNX model. The network must have no
/// `nt.modulate` (run nt-fold-task first); its weights may be floats or synapse
/// codes, which become a DequantizeLinear. Writes nothing and reports every op
/// that has no ONNX form at its place (NT-EXP-001), or that the model is larger
/// than protobuf holds (NT-EXP-002). The same module gives the same bytes.
llvm::LogicalResult exportONNX(mlir::ModuleOp module,
                               const ONNXExportOptions &options,
                               llvm::raw_ostream &out);

} // namespace nt

#endif // NT_TARGET_ONNX_EXPORTONNX_H
