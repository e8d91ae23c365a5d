//===- LayerPatches.cpp - A layer as a weight matrix ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "LayerPatches.h"

#include "nt/Tuner/Multiply.h"
#include "nt/Tuner/Threads.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace nt;

/// Patches that are gathered before they are added to the Hessians.
static constexpr size_t kChunk = 256;
/// Below it a product of doubles by Eigen is as fast as one of floats.
static constexpr Eigen::Index kSmallBlock = 64;

int64_t nt::fanInOf(FrozenLayer layer) {
  auto type = cast<RankedTensorType>(layer.getFrozenWeights().getType());
  return type.getNumElements() / type.getDimSize(0);
}

std::vector<ChannelGroup> nt::groupChannels(FrozenLayer layer) {
  std::vector<ChannelGroup> groups;
  int64_t last = -1;
  for (int64_t c = 0; c < layer.getNumChannels(); ++c) {
    const int64_t group = layer.getPatchGroupOf(c);
    if (groups.empty() || group != last)
      groups.push_back({c, 0});
    ++groups.back().count;
    last = group;
  }
  return groups;
}

/// Columns of each block of a row of `fanIn` weights.
static std::vector<int64_t> blockSizes(int64_t fanIn, int64_t block) {
  std::vector<int64_t> sizes;
  for (int64_t first = 0; first < fanIn; first += block)
    sizes.push_back(std::min(block, fanIn - first));
  return sizes;
}

Eigen::VectorXd PatchHessian::diagonal() const {
  Eigen::Index columns = 0;
  for (const Eigen::MatrixXd &block : blocks)
    columns += block.cols();
  Eigen::VectorXd result(columns);
  Eigen::Index first = 0;
  for (const Eigen::MatrixXd &block : blocks) {
    result.segment(first, block.cols()) = block.diagonal();
    first += block.cols();
  }
  return result;
}

std::vector<PatchHessian> nt::unitHessians(FrozenLayer layer, size_t groups,
                                           int64_t block) {
  PatchHessian hessian;
  for (int64_t size : blockSizes(fanInOf(layer), block))
    hessian.blocks.push_back(Eigen::MatrixXd::Identity(size, size));
  return std::vector<PatchHessian>(groups, hessian);
}

namespace {

/// Gathers patches of one layer and adds them to the Hessians of its groups.
class HessianBuilder {
public:
  HessianBuilder(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                 const PatchOptions &options);

  /// Positions are those of a channel's neurons.
  void addPatches(const float *sample, ArrayRef<size_t> positions);
  std::vector<PatchHessian> take();

private:
  void gather(size_t group, size_t column, const float *sample,
              size_t position);
  void flush();
  void add(size_t group, size_t block);

  FrozenLayer layer;
  ArrayRef<ChannelGroup> groups;
  PatchOptions options;
  size_t fanIn, positionsOfChannel, filled = 0;
  std::vector<size_t> firstColumn; ///< Of each block.
  std::vector<PatchHessian> hessians;
  /// Patches of each group: [kChunk, fanIn].
  std::vector<float> patches;
};

} // namespace

HessianBuilder::HessianBuilder(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                               const PatchOptions &options)
    : layer(layer), groups(groups), options(options),
      fanIn(static_cast<size_t>(fanInOf(layer))),
      positionsOfChannel(
          static_cast<size_t>(layer.getNumNeurons() / layer.getNumChannels())),
      patches(groups.size() * kChunk * fanIn) {
  PatchHessian hessian;
  size_t first = 0;
  for (int64_t size : blockSizes(static_cast<int64_t>(fanIn), options.block)) {
    firstColumn.push_back(first);
    first += static_cast<size_t>(size);
    hessian.blocks.push_back(Eigen::MatrixXd::Zero(size, size));
  }
  hessians.assign(groups.size(), hessian);
}

void HessianBuilder::gather(size_t group, size_t column, const float *sample,
                            size_t position) {
  float *patch = patches.data() + (group * kChunk + column) * fanIn;
  std::fill_n(patch, fanIn, 0.0f); // Padding gives no synapse.
  const int64_t channel = groups[group].first,
                firstWeight = channel * static_cast<int64_t>(fanIn);
  layer.forEachSynapse(channel * static_cast<int64_t>(positionsOfChannel) +
                           static_cast<int64_t>(position),
                       [&](int64_t input, int64_t weight) {
                         patch[weight - firstWeight] = sample[input];
                       });
}

void HessianBuilder::addPatches(const float *sample,
                                ArrayRef<size_t> positions) {
  while (!positions.empty()) {
    const size_t count = std::min(positions.size(), kChunk - filled);
    tuner::forEachPart(
        options.threads, groups.size() * count, [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i)
            gather(i / count, filled + i % count, sample, positions[i % count]);
        });
    filled += count;
    positions = positions.drop_front(count);
    if (filled == kChunk)
      flush();
  }
}

void HessianBuilder::flush() {
  const size_t blocks = firstColumn.size();
  tuner::forEachPart(options.threads, groups.size() * blocks,
                     [&](size_t begin, size_t end) {
                       for (size_t i = begin; i < end; ++i)
                         add(i / blocks, i % blocks);
                     });
  filled = 0;
}

void HessianBuilder::add(size_t group, size_t block) {
  Eigen::MatrixXd &hessian = hessians[group].blocks[block];
  const Eigen::Index size = hessian.cols();
  using RowMajor =
      Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> all(patches.data() + group * kChunk * fanIn,
                                       static_cast<Eigen::Index>(filled),
                                       static_cast<Eigen::Index>(fanIn));
  if (size <= kSmallBlock) {
    const Eigen::MatrixXd x =
        all.middleCols(static_cast<Eigen::Index>(firstColumn[block]), size)
            .cast<double>();
    hessian.noalias() += x.transpose() * x;
    return;
  }
  const RowMajor x =
      all.middleCols(static_cast<Eigen::Index>(firstColumn[block]), size);
  RowMajor product(size, size);
  tuner::multiply(/*transposeA=*/true, /*transposeB=*/false, size, size, filled,
                  x.data(), x.data(), 0, product.data());
  hessian += product.cast<double>();
}

std::vector<PatchHessian> HessianBuilder::take() {
  if (filled > 0)
    flush();
  // Products of floats are symmetric but for the last bits.
  for (PatchHessian &hessian : hessians)
    for (Eigen::MatrixXd &block : hessian.blocks)
      block = (block + block.transpose()).eval() / 2;
  return std::move(hessians);
}

std::vector<PatchHessian>
nt::patchHessians(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                  const tuner::ActivationStore &samples,
                  const PatchOptions &options) {
  HessianBuilder builder(layer, groups, options);
  const auto positions =
      static_cast<size_t>(layer.getNumNeurons() / layer.getNumChannels());
  const size_t total = samples.samples() * positions,
               count = std::min(total, options.limit);
  std::vector<float> scratch;
  std::vector<size_t> chosen;
  for (size_t k = 0; k < count;) {
    const size_t sample = k * total / count / positions;
    chosen.clear();
    for (; k < count && k * total / count / positions == sample; ++k)
      // Where patches are left out, also step through the positions, so that a
      // stride that divides their number does not always meet the same ones.
      chosen.push_back((k * total / count + (count < total ? k : 0)) %
                       positions);
    builder.addPatches(samples.read(sample, 1, scratch), chosen);
  }
  return builder.take();
}
