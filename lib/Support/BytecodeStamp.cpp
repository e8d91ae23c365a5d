//===- BytecodeStamp.cpp - Whose ops bytecode holds -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Support/BytecodeStamp.h"

#include "nt/Support/Diagnostics.h"

#include "mlir/Bytecode/BytecodeImplementation.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace nt;

namespace {
struct Stamp : DialectVersion {};

class StampedBytecode : public BytecodeDialectInterface {
public:
  explicit StampedBytecode(Dialect *dialect)
      : BytecodeDialectInterface(dialect) {}

  void writeVersion(DialectBytecodeWriter &writer) const override {
    writer.writeVarInt(bytecodeStampOf(getDialect()));
  }

  std::unique_ptr<DialectVersion>
  readVersion(DialectBytecodeReader &reader) const override {
    uint64_t found = 0;
    if (failed(reader.readVarInt(found)))
      return nullptr;
    if (found == bytecodeStampOf(getDialect()))
      return std::make_unique<Stamp>();
    describeAs(reader.emitError(), ntrt::Diag::FileStamp)
        << "ops of dialect '" << getDialect()->getNamespace()
        << "' and their attributes are not those of this build";
    return nullptr;
  }
};
} // namespace

uint64_t nt::bytecodeStampOf(Dialect *dialect) {
  std::vector<std::string> ops;
  for (RegisteredOperationName op :
       dialect->getContext()->getRegisteredOperations()) {
    if (op.getDialectNamespace() != dialect->getNamespace())
      continue;
    std::string &text = ops.emplace_back(op.getStringRef());
    for (StringAttr attribute : op.getAttributeNames())
      (text += ' ') += attribute.getValue();
  }
  llvm::sort(ops);
  return llvm::xxh3_64bits(llvm::join(ops, "\n"));
}

std::unique_ptr<DialectInterface> nt::makeBytecodeStamp(Dialect *dialect) {
  return std::make_unique<StampedBytecode>(dialect);
}
