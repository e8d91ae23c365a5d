//===- FrozenValues.cpp - Recorded changes to frozen tensors --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenValues.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace nt;

std::vector<float> onnx_to_nt::valuesOf(FrozenOp op) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue())) {
    ArrayRef<float> data =
        resource.getRawHandle().getBlob()->getDataAs<float>();
    return {data.begin(), data.end()};
  }
  auto data = cast<DenseElementsAttr>(op.getValue()).getValues<float>();
  return {data.begin(), data.end()};
}

/// Where the base is a resource, the derived tensor is one of the same name;
/// the context makes the name unique.
static ElementsAttr hold(FrozenOp base, RankedTensorType type,
                         ArrayRef<float> values) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(base.getValue());
  if (!resource || values.empty())
    return DenseElementsAttr::get(type, values);
  return DenseResourceElementsAttr::get(
      type, resource.getRawHandle().getKey(),
      HeapAsmResourceBlob::allocateAndCopyInferAlign(values));
}

FrozenOp onnx_to_nt::derive(OpBuilder &builder, FrozenOp base,
                            ArrayRef<int64_t> shape, ArrayRef<float> values,
                            StringRef step) {
  SmallVector<Attribute> derivation;
  if (ArrayAttr before = base.getDerivationAttr())
    llvm::append_range(derivation, before);
  derivation.push_back(builder.getStringAttr(step));
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return FrozenOp::createHashed(builder, base.getLoc(),
                                hold(base, type, values), base.getOrigin(),
                                builder.getArrayAttr(derivation));
}

std::optional<std::vector<float>>
onnx_to_nt::broadcast(ArrayRef<float> values, ArrayRef<int64_t> from,
                      ArrayRef<int64_t> shape) {
  assert(from.size() == shape.size() && "ranks are made equal first");
  // Stride of each axis in `values`; none where it repeats.
  SmallVector<int64_t> strides(shape.size(), 0);
  int64_t stride = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (from[axis] != shape[axis] && from[axis] != 1)
      return std::nullopt;
    strides[axis] = from[axis] == 1 ? 0 : stride;
    stride *= from[axis];
  }
  std::vector<float> result(ShapedType::getNumElements(shape));
  for (size_t flat = 0; flat != result.size(); ++flat) {
    int64_t rest = flat, source = 0;
    for (size_t axis = shape.size(); axis-- > 0;) {
      source += rest % shape[axis] * strides[axis];
      rest /= shape[axis];
    }
    result[flat] = values[source];
  }
  return result;
}
