//===- NTDialect.cpp - The nt dialect -------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"

#include "TosaEvaluate.h"

#include "nt/Support/BytecodeStamp.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/InputNormalisation.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nt;

#include "nt/Dialect/NT/IR/NTDialect.cpp.inc"
#include "nt/Dialect/NT/IR/NTEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "nt/Dialect/NT/IR/NTAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "nt/Dialect/NT/IR/NTOps.cpp.inc"

void NTDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nt/Dialect/NT/IR/NTAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nt/Dialect/NT/IR/NTOps.cpp.inc"
      >();
  // General tensor arithmetic of a model is tosa's.
  attachTosaEvaluation(*getContext());
  addInterface(makeBytecodeStamp(this));
}

LogicalResult NTDialect::verifyOperationAttribute(Operation *op,
                                                  NamedAttribute attribute) {
  if (attribute.getName() == kInputNormalisation)
    return verifyInputNormalisation(op, attribute.getValue());
  if (attribute.getName() == kSignedInputs &&
      !isa<UnitAttr>(attribute.getValue()))
    return op->emitOpError() << kSignedInputs << " must be a unit, found "
                             << attribute.getValue();
  if (attribute.getName() == kTaskGains)
    return verifyTaskGains(op, attribute.getValue());
  if (attribute.getName() == kCoreGroups)
    return verifyCoreGroups(op, attribute.getValue());
  return success();
}
