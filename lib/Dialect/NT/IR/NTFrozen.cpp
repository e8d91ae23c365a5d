//===- NTFrozen.cpp - Frozen values and the layers that hold them ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace mlir;
using namespace nt;

//===----------------------------------------------------------------------===//
// Content hash
//===----------------------------------------------------------------------===//

std::string nt::hashOfElements(ElementsAttr value) {
  ArrayRef<char> raw;
  int64_t copies = 1;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      raw = blob->getData();
  } else if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    raw = dense.getRawData();
    // A splat is written out: the hash is of the values, not of their storage.
    if (dense.isSplat())
      copies = dense.getNumElements();
  }

  // Piece by piece: a copy of the largest weights would double the memory.
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (int64_t i = 0; i != copies; ++i)
    XXH3_128bits_update(&state, raw.data(), raw.size());
  std::string type;
  llvm::raw_string_ostream(type) << Type(value.getType());
  XXH3_128bits_update(&state, type.data(), type.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return llvm::utohexstr(hash.high64, /*LowerCase=*/true, /*Width=*/16) +
         llvm::utohexstr(hash.low64, /*LowerCase=*/true, /*Width=*/16);
}

FrozenOp FrozenOp::createHashed(OpBuilder &builder, Location loc,
                                ElementsAttr value, StringRef origin,
                                ArrayAttr derivation) {
  return builder.create<FrozenOp>(loc, value.getType(), value,
                                  builder.getStringAttr(hashOfElements(value)),
                                  builder.getStringAttr(origin), derivation);
}

//===----------------------------------------------------------------------===//
// FrozenLayer, Modulatable, NeuronLayer
//===----------------------------------------------------------------------===//

Value DenseOp::getFrozenWeights() { return getWeights(); }
Value ConvOp::getFrozenWeights() { return getWeights(); }

void DenseOp::setFrozenWeights(Value weights) {
  getWeightsMutable().assign(weights);
}
void ConvOp::setFrozenWeights(Value weights) {
  getWeightsMutable().assign(weights);
}

Value DenseOp::getFrozenBias() { return getBias(); }
Value ConvOp::getFrozenBias() { return getBias(); }

template <typename LayerOp> static void assignBias(LayerOp op, Value bias) {
  if (bias)
    op.getBiasMutable().assign(bias);
  else
    op.getBiasMutable().clear();
}
void DenseOp::setFrozenBias(Value bias) { assignBias(*this, bias); }
void ConvOp::setFrozenBias(Value bias) { assignBias(*this, bias); }

int64_t DenseOp::getPatchGroupOf(int64_t /*channel*/) { return 0; }
int64_t ConvOp::getPatchGroupOf(int64_t channel) {
  return channel /
         (getType().getDimSize(1) / static_cast<int64_t>(getGroups()));
}

StringRef DenseOp::getModulationSite() { return getLayerName(); }
StringRef ConvOp::getModulationSite() { return getLayerName(); }

std::optional<double> ReluOp::getSaturation() { return std::nullopt; }

std::optional<double> ClipOp::getSaturation() {
  // An upper bound of infinity is none.
  if (getUpper().isInfinity())
    return std::nullopt;
  return getUpper().convertToDouble();
}

//===----------------------------------------------------------------------===//
// ModulateOp
//===----------------------------------------------------------------------===//

int64_t ModulateOp::getNumNeurons() {
  ArrayRef<int64_t> shape = getResult().getType().getShape();
  return ShapedType::getNumElements(shape.drop_front());
}

int64_t ModulateOp::getNumValues() {
  if (getGranularity() == Granularity::Neuron)
    return getNumNeurons();
  ArrayRef<int64_t> shape = getResult().getType().getShape();
  return shape.size() < 2 ? 1 : shape[1];
}

int64_t ModulateOp::getChannelOf(int64_t neuron) {
  ArrayRef<int64_t> shape = getResult().getType().getShape();
  return shape.size() < 2
             ? 0
             : neuron / ShapedType::getNumElements(shape.drop_front(2));
}
