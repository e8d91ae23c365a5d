//===- GraphBuilder.h - Nodes and values of an ONNX graph -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TARGET_ONNX_GRAPHBUILDER_H
#define NT_LIB_TARGET_ONNX_GRAPHBUILDER_H

#include "nt/Dialect/NT/IR/NTOps.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <onnx/onnx_pb.h>

#include <string>

namespace nt::onnx_export {

/// Builds a graph whose values and nodes have names of their own, near to those
/// of the model that was imported.
class GraphBuilder {
public:
  explicit GraphBuilder(onnx::GraphProto &graph) : graph(graph) {}

  /// A name that no value has yet: `wanted`, or with a number behind.
  std::string makeName(llvm::StringRef wanted);
  /// Gives a value of the IR its name in the graph.
  void bind(mlir::Value value, std::string name);
  /// The name of a value that is bound.
  const std::string &nameOf(mlir::Value value) const;

  /// A node without outputs yet, named after `op`.
  onnx::NodeProto &node(llvm::StringRef opType, mlir::Operation *op,
                        llvm::ArrayRef<std::string> inputs);
  /// Ends `node` as the one that computes the result of `op`.
  void finish(onnx::NodeProto &node, mlir::Operation *op);
  /// Ends `node` with an output that another node reads; returns its name.
  std::string intermediate(onnx::NodeProto &node);

  /// Initialisers; each returns its name.
  std::string floats(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<float> values);
  std::string integers(llvm::StringRef name, llvm::ArrayRef<int64_t> values);
  std::string scalar(llvm::StringRef name, float value);
  /// A frozen tensor: float32, or int8 codes.
  std::string frozen(llvm::StringRef name, mlir::ElementsAttr value);
  /// One value of an 8-bit type.
  std::string byte(llvm::StringRef name, int64_t value, bool isSigned);

  static void attribute(onnx::NodeProto &node, llvm::StringRef name,
                        int64_t value);
  static void attribute(onnx::NodeProto &node, llvm::StringRef name,
                        float value);
  static void attribute(onnx::NodeProto &node, llvm::StringRef name,
                        llvm::ArrayRef<int64_t> values);

private:
  onnx::TensorProto &initializer(llvm::StringRef name,
                                 onnx::TensorProto::DataType type,
                                 llvm::ArrayRef<int64_t> shape);

  onnx::GraphProto &graph;
  llvm::StringSet<> valueNames, nodeNames;
  llvm::DenseMap<mlir::Value, std::string> names;
};

/// What the user calls an op: a layer's name, or the node name of its location.
std::string nameOfOp(mlir::Operation *op);

/// Adds the nodes of one op; false, with the reason, if it has no ONNX form.
using Emitter = bool (*)(mlir::Operation *op, GraphBuilder &graph,
                         std::string &reason);
/// By the name of the op.
using EmitterTable = llvm::StringMap<Emitter>;

void addNTEmitters(EmitterTable &table);
void addTosaEmitters(EmitterTable &table);

} // namespace nt::onnx_export

#endif // NT_LIB_TARGET_ONNX_GRAPHBUILDER_H
