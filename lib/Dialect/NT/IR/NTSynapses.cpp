//===- NTSynapses.cpp - Which input feeds which neuron --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/LayerGeometry.h"
#include "nt/Dialect/NT/IR/NTOps.h"

using namespace mlir;
using namespace nt;

/// Number of units of an activation: its elements without the batch.
static int64_t numUnits(Value activation) {
  return ShapedType::getNumElements(
      cast<RankedTensorType>(activation.getType()).getShape().drop_front());
}

//===----------------------------------------------------------------------===//
// DenseOp
//===----------------------------------------------------------------------===//

int64_t DenseOp::getNumInputs() { return numUnits(getInput()); }
int64_t DenseOp::getNumNeurons() { return numUnits(getResult()); }
int64_t DenseOp::getNumChannels() { return numUnits(getResult()); }
int64_t DenseOp::getChannelOf(int64_t neuron) { return neuron; }

void DenseOp::forEachSynapse(int64_t neuron,
                             llvm::function_ref<void(int64_t, int64_t)> visit) {
  const int64_t inputs = getNumInputs();
  for (int64_t input = 0; input < inputs; ++input)
    visit(input, neuron * inputs + input);
}

//===----------------------------------------------------------------------===//
// ConvOp
//===----------------------------------------------------------------------===//

ConvGeometry nt::geometryOf(ConvOp op) {
  ArrayRef<int64_t> input = op.getInput().getType().getShape();
  ArrayRef<int64_t> weights =
      cast<RankedTensorType>(op.getWeights().getType()).getShape();
  ArrayRef<int64_t> strides = op.getStrides(), dilations = op.getDilations(),
                    pads = op.getPads();
  ConvGeometry geometry;
  geometry.inChannels = input[1];
  geometry.inHeight = input[2];
  geometry.inWidth = input[3];
  geometry.outChannels = weights[0] / columnsPerNeuron(op);
  geometry.kernelHeight = weights[2];
  geometry.kernelWidth = weights[3];
  geometry.groups = op.getGroups();
  geometry.strides = {strides[0], strides[1]};
  geometry.dilations = {dilations[0], dilations[1]};
  geometry.pads = {pads[0], pads[1], pads[2], pads[3]};
  return geometry;
}

ConvGeometry nt::geometryOf(FrozenLayer layer) {
  if (auto conv = dyn_cast<ConvOp>(*layer))
    return geometryOf(conv);
  ConvGeometry geometry;
  geometry.inChannels = layer.getNumInputs();
  geometry.outChannels = layer.getNumNeurons();
  return geometry;
}

int64_t ConvOp::getNumInputs() { return numUnits(getInput()); }
int64_t ConvOp::getNumNeurons() { return numUnits(getResult()); }
int64_t ConvOp::getNumChannels() { return getType().getDimSize(1); }
int64_t ConvOp::getChannelOf(int64_t neuron) {
  return geometryOf(*this).channelOf(neuron);
}

void ConvOp::forEachSynapse(int64_t neuron,
                            llvm::function_ref<void(int64_t, int64_t)> visit) {
  geometryOf(*this).forEachSynapse(neuron, visit);
}
