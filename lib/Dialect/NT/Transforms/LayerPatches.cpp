//===- LayerPatches.cpp - A layer as a weight matrix ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "LayerPatches.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace nt;

int64_t nt::fanInOf(FrozenLayer layer) {
  auto type = cast<RankedTensorType>(layer.getFrozenWeights().getType());
  return type.getNumElements() / type.getDimSize(0);
}

std::vector<ChannelGroup> nt::groupChannels(FrozenLayer layer) {
  auto synapses = cast<SynapseLayer>(layer.getOperation());
  int64_t fanIn = fanInOf(layer);
  std::vector<std::vector<int64_t>> neurons(synapses.getNumChannels());
  for (int64_t n = 0; n < synapses.getNumNeurons(); ++n)
    neurons[synapses.getChannelOf(n)].push_back(n);

  std::vector<ChannelGroup> groups;
  for (int64_t channel = 0; channel < synapses.getNumChannels(); ++channel) {
    std::vector<Patch> patches;
    for (int64_t neuron : neurons[channel]) {
      Patch &patch = patches.emplace_back();
      synapses.forEachSynapse(neuron, [&](int64_t input, int64_t weight) {
        patch.push_back({input, weight % fanIn});
      });
    }
    if (groups.empty() || groups.back().patches != patches)
      groups.push_back({{}, std::move(patches)});
    groups.back().channels.push_back(channel);
  }
  return groups;
}

Eigen::MatrixXd nt::patchHessian(const ChannelGroup &group, int64_t fanIn,
                                 const std::vector<HostTensor> &samples,
                                 size_t limit) {
  constexpr size_t kChunk = 256;
  size_t total = samples.size() * group.patches.size();
  size_t count = std::min(total, limit);
  Eigen::MatrixXd hessian = Eigen::MatrixXd::Zero(fanIn, fanIn);
  for (size_t start = 0; start < count; start += kChunk) {
    size_t width = std::min(kChunk, count - start);
    Eigen::MatrixXd inputs = Eigen::MatrixXd::Zero(fanIn, width);
    for (size_t k = 0; k < width; ++k) {
      size_t index = (start + k) * total / count;
      const HostTensor &sample = samples[index / group.patches.size()];
      // Where patches are left out, also step through the positions, so that a
      // stride that divides their number does not always meet the same ones.
      size_t position = index + (count < total ? start + k : 0);
      for (PatchEntry entry : group.patches[position % group.patches.size()])
        inputs(entry.column, k) = sample.values[entry.input];
    }
    hessian.selfadjointView<Eigen::Lower>().rankUpdate(inputs);
  }
  return hessian.selfadjointView<Eigen::Lower>();
}
