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

/// Gathers the patches that the groups of one layer read.
class PatchGatherer {
public:
  PatchGatherer(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                unsigned threads)
      : layer(layer), groups(groups), threads(threads),
        fanIn(static_cast<size_t>(fanInOf(layer))),
        positionsOfChannel(static_cast<size_t>(layer.getNumNeurons() /
                                               layer.getNumChannels())),
        patches(groups.size() * kChunk * fanIn) {}

  /// Puts the patches of one sample behind the `filled` ones of each group.
  /// Positions are those of a channel's neurons.
  void gather(const float *sample, ArrayRef<size_t> positions, size_t filled);
  /// [kChunk, fanIn].
  const float *ofGroup(size_t group) const {
    return patches.data() + group * kChunk * fanIn;
  }

private:
  void gather(size_t group, size_t column, const float *sample,
              size_t position);

  FrozenLayer layer;
  ArrayRef<ChannelGroup> groups;
  unsigned threads;
  size_t fanIn, positionsOfChannel;
  std::vector<float> patches;
};

/// Adds products of patches of one network with those of another, or of the
/// same, to the moments of a layer's groups.
class MomentBuilder {
public:
  MomentBuilder(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                const PatchOptions &options);

  /// The first `filled` patches of each group, transposed times those of the
  /// second network.
  void add(const PatchGatherer &left, const PatchGatherer &right,
           size_t filled);
  std::vector<PatchHessian> take(bool symmetric);

private:
  void addBlock(size_t group, size_t block, const float *left,
                const float *right, size_t filled);

  PatchOptions options;
  size_t groupCount, fanIn;
  std::vector<size_t> firstColumn; ///< Of each block.
  std::vector<PatchHessian> moments;
  /// Sums of the patches of both networks, and how many they are.
  std::vector<Eigen::VectorXd> leftSums, rightSums;
  size_t patchCount = 0;
};

} // namespace

void PatchGatherer::gather(size_t group, size_t column, const float *sample,
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

void PatchGatherer::gather(const float *sample, ArrayRef<size_t> positions,
                           size_t filled) {
  const size_t count = positions.size();
  tuner::forEachPart(
      threads, groups.size() * count, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i)
          gather(i / count, filled + i % count, sample, positions[i % count]);
      });
}

MomentBuilder::MomentBuilder(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                             const PatchOptions &options)
    : options(options), groupCount(groups.size()),
      fanIn(static_cast<size_t>(fanInOf(layer))),
      leftSums(groups.size(), Eigen::VectorXd::Zero(fanInOf(layer))),
      rightSums(leftSums) {
  PatchHessian zeros;
  size_t first = 0;
  for (int64_t size : blockSizes(static_cast<int64_t>(fanIn), options.block)) {
    firstColumn.push_back(first);
    first += static_cast<size_t>(size);
    zeros.blocks.push_back(Eigen::MatrixXd::Zero(size, size));
  }
  moments.assign(groups.size(), zeros);
}

void MomentBuilder::add(const PatchGatherer &left, const PatchGatherer &right,
                        size_t filled) {
  const size_t blocks = firstColumn.size();
  tuner::forEachPart(
      options.threads, groupCount * blocks, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i)
          addBlock(i / blocks, i % blocks, left.ofGroup(i / blocks),
                   right.ofGroup(i / blocks), filled);
      });
  patchCount += filled;
}

void MomentBuilder::addBlock(size_t group, size_t block, const float *left,
                             const float *right, size_t filled) {
  Eigen::MatrixXd &moment = moments[group].blocks[block];
  const Eigen::Index size = moment.cols();
  using RowMajor =
      Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  auto columnsOf = [&](const float *patches) {
    return Eigen::Map<const RowMajor>(patches,
                                      static_cast<Eigen::Index>(filled),
                                      static_cast<Eigen::Index>(fanIn))
        .middleCols(static_cast<Eigen::Index>(firstColumn[block]), size);
  };
  if (options.centred) {
    const auto first = static_cast<Eigen::Index>(firstColumn[block]);
    leftSums[group].segment(first, size) +=
        columnsOf(left).colwise().sum().transpose().cast<double>();
    rightSums[group].segment(first, size) +=
        columnsOf(right).colwise().sum().transpose().cast<double>();
  }
  if (size <= kSmallBlock) {
    const Eigen::MatrixXd x = columnsOf(left).cast<double>(),
                          y = columnsOf(right).cast<double>();
    moment.noalias() += x.transpose() * y;
    return;
  }
  const RowMajor x = columnsOf(left), y = columnsOf(right);
  RowMajor product(size, size);
  tuner::multiply(/*transposeA=*/true, /*transposeB=*/false, size, size, filled,
                  x.data(), y.data(), 0, product.data());
  moment += product.cast<double>();
}

/// Takes the share of the mean away. An input that is the same in all patches
/// leaves nothing but rounding.
static void centre(Eigen::MatrixXd &block, const Eigen::VectorXd &leftSum,
                   const Eigen::VectorXd &rightSum, size_t patches,
                   bool symmetric) {
  constexpr double constant = 1e-6;
  const Eigen::VectorXd before = block.diagonal();
  block.noalias() -=
      leftSum * rightSum.transpose() / static_cast<double>(patches);
  if (!symmetric)
    return;
  for (Eigen::Index i = 0; i < block.rows(); ++i)
    if (block(i, i) <= constant * before(i)) {
      block.row(i).setZero();
      block.col(i).setZero();
    }
}

std::vector<PatchHessian> MomentBuilder::take(bool symmetric) {
  for (size_t g = 0; g < groupCount; ++g)
    for (size_t b = 0; b < firstColumn.size(); ++b) {
      Eigen::MatrixXd &block = moments[g].blocks[b];
      const auto first = static_cast<Eigen::Index>(firstColumn[b]);
      if (options.centred && patchCount > 0)
        centre(block, leftSums[g].segment(first, block.rows()),
               rightSums[g].segment(first, block.rows()), patchCount,
               symmetric);
      // Products of floats are symmetric but for the last bits.
      if (symmetric)
        block = (block + block.transpose()).eval() / 2;
    }
  return std::move(moments);
}

/// Calls visit(sample, positions) for the patches that the options take.
static void forEachChosen(FrozenLayer layer, size_t samples,
                          const PatchOptions &options,
                          function_ref<void(size_t, ArrayRef<size_t>)> visit) {
  const auto positions =
      static_cast<size_t>(layer.getNumNeurons() / layer.getNumChannels());
  const bool all = options.samples == PatchOptions::Samples::All;
  const size_t offset = options.samples == PatchOptions::Samples::Odd ? 1 : 0,
               taken = all ? samples : (samples + 1 - offset) / 2;
  const size_t total = taken * positions,
               count = std::min(total, options.limit);
  std::vector<size_t> chosen;
  for (size_t k = 0; k < count;) {
    const size_t sample = k * total / count / positions;
    chosen.clear();
    for (; k < count && k * total / count / positions == sample; ++k)
      // Where patches are left out, also step through the positions, so that a
      // stride that divides their number does not always meet the same ones.
      chosen.push_back((k * total / count + (count < total ? k : 0)) %
                       positions);
    visit(all ? sample : 2 * sample + offset, chosen);
  }
}

/// Gathers the chosen patches of some networks in chunks; flush(filled) is
/// called for each.
static void forEachChunk(FrozenLayer layer,
                         ArrayRef<const tuner::ActivationStore *> networks,
                         ArrayRef<PatchGatherer *> gatherers,
                         const PatchOptions &options,
                         function_ref<void(size_t)> flush) {
  std::vector<std::vector<float>> scratch(networks.size());
  size_t filled = 0;
  forEachChosen(
      layer, networks.front()->samples(), options,
      [&](size_t sample, ArrayRef<size_t> positions) {
        while (!positions.empty()) {
          const size_t count = std::min(positions.size(), kChunk - filled);
          for (size_t i = 0; i < networks.size(); ++i)
            gatherers[i]->gather(networks[i]->read(sample, 1, scratch[i]),
                                 positions.take_front(count), filled);
          filled += count;
          positions = positions.drop_front(count);
          if (filled == kChunk) {
            flush(filled);
            filled = 0;
          }
        }
      });
  if (filled > 0)
    flush(filled);
}

std::vector<PatchHessian>
nt::patchHessians(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                  const tuner::ActivationStore &samples,
                  const PatchOptions &options) {
  MomentBuilder builder(layer, groups, options);
  PatchGatherer gatherer(layer, groups, options.threads);
  forEachChunk(layer, {&samples}, {&gatherer}, options,
               [&](size_t filled) { builder.add(gatherer, gatherer, filled); });
  return builder.take(/*symmetric=*/true);
}

std::vector<PatchMoments>
nt::patchMoments(FrozenLayer layer, ArrayRef<ChannelGroup> groups,
                 const tuner::ActivationStore &reference,
                 const tuner::ActivationStore &current,
                 const PatchOptions &options) {
  MomentBuilder hessians(layer, groups, options),
      crosses(layer, groups, options);
  PatchGatherer was(layer, groups, options.threads),
      is(layer, groups, options.threads);
  forEachChunk(layer, {&reference, &current}, {&was, &is}, options,
               [&](size_t filled) {
                 hessians.add(is, is, filled);
                 crosses.add(was, is, filled);
               });
  std::vector<PatchMoments> result;
  for (auto [hessian, cross] :
       llvm::zip_equal(hessians.take(/*symmetric=*/true),
                       crosses.take(/*symmetric=*/false)))
    result.push_back({std::move(hessian), std::move(cross)});
  return result;
}
