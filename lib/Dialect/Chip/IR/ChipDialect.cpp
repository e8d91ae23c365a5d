//===- ChipDialect.cpp - The chip dialect ---------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/Chip/IR/ChipOps.h"

#include "nt/Support/BytecodeStamp.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nt;
using namespace nt::chip;

#include "nt/Dialect/Chip/IR/ChipDialect.cpp.inc"
#include "nt/Dialect/Chip/IR/ChipEnums.cpp.inc"

#define GET_OP_CLASSES
#include "nt/Dialect/Chip/IR/ChipOps.cpp.inc"

void ChipDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "nt/Dialect/Chip/IR/ChipOps.cpp.inc"
      >();
  addInterface(makeBytecodeStamp(this));
}

//===----------------------------------------------------------------------===//
// Reading elements
//===----------------------------------------------------------------------===//

template <typename T>
static std::optional<SmallVector<int32_t>>
readResource(DenseResourceElementsAttr resource) {
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return std::nullopt;
  ArrayRef<char> bytes = blob->getData();
  size_t count = size_t(resource.getType().getNumElements());
  if (bytes.size() != count * sizeof(T))
    return std::nullopt;
  SmallVector<int32_t> values(count);
  for (size_t i = 0; i < count; ++i) {
    T value;
    // The blob may be less aligned than T asks for.
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = value;
  }
  return values;
}

std::optional<SmallVector<int32_t>> chip::integersOf(ElementsAttr elements) {
  Type type = elements.getElementType();
  bool isByte = type.isSignlessInteger(8);
  if (!isByte && !type.isSignlessInteger(32))
    return std::nullopt;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return isByte ? readResource<int8_t>(resource)
                  : readResource<int32_t>(resource);
  auto dense = dyn_cast<DenseIntElementsAttr>(elements);
  if (!dense)
    return std::nullopt;
  if (isByte)
    return llvm::to_vector_of<int32_t>(dense.getValues<int8_t>());
  return llvm::to_vector_of<int32_t>(dense.getValues<int32_t>());
}

//===----------------------------------------------------------------------===//
// Accessors
//===----------------------------------------------------------------------===//

int64_t ProgramOp::getNumOutputs() {
  int64_t outputs = 0;
  for (ReadoutOp readout : getOps<ReadoutOp>())
    outputs += int64_t(readout.getOutputs().size());
  return outputs;
}

ArrayOp CoreOp::getArray() { return *getOps<ArrayOp>().begin(); }

NeuronBankOp CoreOp::getNeuronBank() { return *getOps<NeuronBankOp>().begin(); }

int64_t CoreOp::getNumAxons() {
  return getArray().getCodes().getShapedType().getDimSize(0);
}

int64_t CoreOp::getNumColumns() {
  return getArray().getCodes().getShapedType().getDimSize(1);
}

ProgramOp TaskOp::getProgramOp() {
  return SymbolTable::lookupNearestSymbolFrom<ProgramOp>(*this,
                                                         getProgramAttr());
}
