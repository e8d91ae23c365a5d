//===- NodeBinder.h - Checked access to an ONNX node ------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_NODEBINDER_H
#define NT_LIB_CONVERSION_ONNXTONT_NODEBINDER_H

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Support/Diagnostics.h"

#include "llvm/ADT/StringSet.h"

#include <optional>

namespace nt::onnx_to_nt {

/// What a handler sees of its node: attributes and operands of checked kind. A
/// misfit is reported at once and remembered; the getter then returns something
/// harmless, so that a handler can read everything and ask `usable()` once.
class NodeBinder {
public:
  /// `layerNames` holds the names given to layers so far.
  NodeBinder(OnnxNodeOp node, llvm::StringSet<> &layerNames);

  OnnxNodeOp getNode() { return node; }
  mlir::Location getLoc() { return node.getLoc(); }
  /// Inserts in front of the node.
  mlir::OpBuilder &getBuilder() { return builder; }

  /// Reports a misfit; the detail streamed into it follows the node's name,
  /// operator and opset.
  mlir::InFlightDiagnostic fail(ntrt::Diag diag);
  bool hasFailed() const { return reported; }
  /// Whether everything read so far was there and right. False without a report
  /// if an operand comes from a node that could not be converted.
  bool usable() const { return !reported && !poisoned; }

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  mlir::Attribute attribute(llvm::StringRef name);
  int64_t integer(llvm::StringRef name, int64_t byDefault);
  double real(llvm::StringRef name, double byDefault);
  std::string string(llvm::StringRef name, llvm::StringRef byDefault);
  std::optional<llvm::SmallVector<int64_t>> integers(llvm::StringRef name);
  /// An integer attribute of which NT takes one value only.
  void expect(llvm::StringRef name, int64_t byDefault, int64_t supported);
  /// Says that attributes make no difference to inference.
  void ignore(llvm::ArrayRef<llvm::StringRef> names);
  /// Reports every attribute that no getter asked for.
  void refuseUnreadAttributes();

  //===--------------------------------------------------------------------===//
  // Operands and results
  //===--------------------------------------------------------------------===//

  bool hasOperand(unsigned index);
  unsigned numOperands() { return node.getInputs().size(); }
  /// A float tensor, computed or frozen; null if it is unusable.
  mlir::TypedValue<mlir::RankedTensorType> activation(unsigned index);
  /// The same, or a constant of integers as floats.
  mlir::TypedValue<mlir::RankedTensorType> number(unsigned index);
  /// A frozen tensor (NT-ONNX-009 otherwise); null if it is unusable.
  FrozenOp frozen(unsigned index, llvm::StringRef what);
  /// A constant integer tensor (NT-ONNX-009 otherwise).
  std::optional<llvm::SmallVector<int64_t>>
  constantIntegers(unsigned index, llvm::StringRef what);
  /// Reports results from `first` on that something uses.
  void refuseResultsFrom(unsigned first);
  /// Counts `axis` from the front; reports one outside the rank.
  bool resolveAxis(int64_t &axis, int64_t rank);
  /// Reports a shape that is negative (NT-ONNX-008) or larger than any tensor
  /// of a classifier (NT-ONNX-015); ask before anything of it is allocated.
  bool checkSize(llvm::ArrayRef<int64_t> shape);
  /// Replaces the node, which has one result, by constant integers.
  void replaceByConstant(mlir::DenseElementsAttr value);
  /// Replaces the first result, or another one; reports a value that is too
  /// large.
  void replace(mlir::Value value, unsigned result = 0);

  /// The node's name, made unique among the layers.
  std::string makeLayerName();

private:
  mlir::Value operand(unsigned index);

  OnnxNodeOp node;
  mlir::OpBuilder builder;
  llvm::StringSet<> &layerNames;
  llvm::StringSet<> readAttributes;
  bool reported = false;
  bool poisoned = false;
};

/// The integers of a "Constant" node that has no float value; null for any
/// other value.
mlir::DenseIntElementsAttr integerConstant(mlir::Value value);

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_NODEBINDER_H
