//===- HandlerTable.h - Versioned handlers of ONNX operators ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_HANDLERTABLE_H
#define NT_LIB_CONVERSION_ONNXTONT_HANDLERTABLE_H

#include "NodeBinder.h"

#include "llvm/ADT/ArrayRef.h"

#include <map>
#include <vector>

namespace nt::onnx_to_nt {

/// The opsets whose operators the handlers know.
constexpr int64_t kOldestOpset = 6;
constexpr int64_t kNewestOpset = 22;

/// Builds what the node means and replaces its results, or reports through the
/// binder why not. A handler reads the attributes first, so that a node's
/// faults are found even where its operands could not be converted.
using Handler = llvm::LogicalResult (*)(NodeBinder &node);

struct VersionedHandler {
  int64_t since;
  Handler handler;
  /// What NT takes of the operator; empty: what the version before did.
  llvm::StringRef limits;
};

/// All handlers by operator type.
class HandlerTable {
public:
  /// The one table.
  static const HandlerTable &get();

  void onOp(llvm::StringRef opType, int64_t since, Handler handler,
            llvm::StringRef limits = {});
  /// Versions of an operator, oldest first; empty if it is unknown.
  llvm::ArrayRef<VersionedHandler> versionsOf(llvm::StringRef opType) const;
  /// The newest handler that is not newer than the opset, or null.
  const VersionedHandler *find(llvm::StringRef opType, int64_t opset) const;
  /// The table in Markdown.
  std::string markdown() const;

private:
  std::map<std::string, std::vector<VersionedHandler>> handlers;
};

void addActivationHandlers(HandlerTable &table);
void addArithmeticHandlers(HandlerTable &table);
void addConstantHandlers(HandlerTable &table);
void addElementwiseHandlers(HandlerTable &table);
void addLinearHandlers(HandlerTable &table);
void addNormalizationHandlers(HandlerTable &table);
void addPoolingHandlers(HandlerTable &table);
void addQuantizedHandlers(HandlerTable &table);
void addRearrangeHandlers(HandlerTable &table);
void addSelectHandlers(HandlerTable &table);
void addShapeHandlers(HandlerTable &table);

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_HANDLERTABLE_H
