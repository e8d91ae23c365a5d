//===- SignedInputs.cpp - Synapses of inputs with two lines ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "SignedInputs.h"

#include "nt/Dialect/NT/IR/NTOps.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace nt;

/// As `like` holds its values: a resource, or dense.
static ElementsAttr elementsLike(ElementsAttr like, ArrayRef<int64_t> shape,
                                 ArrayRef<int8_t> values) {
  auto type = RankedTensorType::get(shape, like.getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(like))
    return DenseResourceElementsAttr::get(
        type, (resource.getRawHandle().getKey() + ".signed").str(),
        HeapAsmResourceBlob::allocateAndCopyInferAlign(values));
  return DenseElementsAttr::get(type, values);
}

Synapses nt::ofSignedInputs(const Synapses &synapses) {
  MLIRContext *context = synapses.codes.getContext();
  const std::vector<int8_t> old = *spike::readCodes(synapses.codes);
  SmallVector<int64_t> shape(synapses.codes.getShapedType().getShape());
  const int64_t outputs = shape[0], perOutput = shape[1];
  int64_t taps = 1; // Of one input channel.
  for (int64_t extent : ArrayRef(shape).drop_front(2))
    taps *= extent;
  const int64_t groups = synapses.geometry ? synapses.geometry.getGroups() : 1;
  const int64_t channels = perOutput * groups; // Of the input.

  shape[1] = 2 * channels;
  std::vector<int8_t> codes(outputs * 2 * channels * taps, 0);
  for (int64_t o = 0; o < outputs; ++o) {
    const int64_t firstChannel = o / (outputs / groups) * perOutput;
    for (int64_t i = 0; i < perOutput * taps; ++i) {
      const int8_t code = old[o * perOutput * taps + i];
      const int64_t at = (o * 2 * channels + firstChannel) * taps + i;
      codes[at] = code;
      codes[at + channels * taps] = static_cast<int8_t>(-code);
    }
  }
  Synapses result;
  result.codes = elementsLike(synapses.codes, shape, codes);
  if (synapses.hash)
    result.hash = StringAttr::get(context, hashOfElements(result.codes));
  if (spike::ConvAttr conv = synapses.geometry) {
    SmallVector<int64_t> input(conv.getInput());
    input[0] *= 2;
    result.geometry =
        spike::ConvAttr::get(context, input, conv.getStrides(), conv.getPads(),
                             conv.getDilations(), /*groups=*/1);
  }
  return result;
}
