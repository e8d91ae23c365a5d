//===- PartitionSolver.cpp - Tiles and greedy runs over cores -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/PartitionProblem.h"

#include <algorithm>
#include <optional>
#include <tuple>

using namespace nt::mapping;
using ntrt::Diag;
using ntrt::DiagnosticList;

namespace {
/// Cuts of one layer into boxes of channels x height x width.
struct Tile {
  uint32_t channels, height, width;
  uint64_t cores;
};

/// A layer's split and what it costs.
struct Split {
  std::vector<std::vector<uint32_t>> parts;
  uint64_t axons = 0;

  bool betterThan(const std::optional<Split> &other) const {
    if (!other)
      return true;
    return std::pair(parts.size(), axons) <
           std::pair(other->parts.size(), other->axons);
  }
};

/// Splits one layer whose neurons each fit a core.
class LayerSolver {
public:
  LayerSolver(const PartitionLayer &layer, const PartitionLimits &limits)
      : layer(layer), limits(limits), stamps(layer.inputs) {}

  std::vector<std::vector<uint32_t>> solve();

private:
  uint32_t neuronAt(uint32_t c, uint32_t y, uint32_t x) const {
    return (c * layer.height + y) * layer.width + x;
  }
  std::vector<Tile> candidates() const;
  std::optional<Split> cut(const Tile &tile);
  Split greedy(const std::vector<uint32_t> &order);
  void consider(std::optional<Split> split) {
    if (split && split->betterThan(best))
      best = std::move(split);
  }

  /// The union of inputs of the part being built: a stamp per input.
  void openPart() { ++stamp, axons = 0; }
  /// Inputs of a neuron that are not in the union yet.
  uint64_t newInputs(uint32_t neuron) const {
    return uint64_t(std::count_if(
        layer.inputsOf[neuron].begin(), layer.inputsOf[neuron].end(),
        [&](uint32_t input) { return stamps[input] != stamp; }));
  }
  void join(uint32_t neuron) {
    for (uint32_t input : layer.inputsOf[neuron])
      if (stamps[input] != stamp) {
        stamps[input] = stamp;
        ++axons;
      }
  }

  const PartitionLayer &layer;
  const PartitionLimits &limits;
  std::vector<uint32_t> stamps;
  uint32_t stamp = 0;
  uint64_t axons = 0;
  std::optional<Split> best;
};
} // namespace

static uint64_t ceilDiv(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

/// The even sizes ceil(n / k), largest first: what n splits into evenly.
static std::vector<uint32_t> evenSizes(uint32_t n, uint32_t limit) {
  std::vector<uint32_t> sizes;
  for (uint32_t k = 1; k <= n; ++k) {
    uint32_t size = uint32_t(ceilDiv(n, k));
    if (size <= limit && (sizes.empty() || sizes.back() != size))
      sizes.push_back(size);
  }
  return sizes;
}

/// Tiles that hold no more neurons than a core, fewest cores first.
std::vector<Tile> LayerSolver::candidates() const {
  std::vector<Tile> tiles;
  const uint32_t most = limits.neuronsOf(layer);
  for (uint32_t c : evenSizes(layer.channels, most))
    for (uint32_t h : evenSizes(layer.height, most / c))
      for (uint32_t w : evenSizes(layer.width, most / c / h))
        tiles.push_back({c, h, w,
                         ceilDiv(layer.channels, c) * ceilDiv(layer.height, h) *
                             ceilDiv(layer.width, w)});
  // A total order, so that the result is the same everywhere: few cores, then
  // whole channels, then flat boxes.
  auto key = [](const Tile &tile) {
    return std::tuple(tile.cores, ~tile.channels, tile.height, tile.width);
  };
  std::sort(tiles.begin(), tiles.end(),
            [&](const Tile &a, const Tile &b) { return key(a) < key(b); });
  return tiles;
}

/// The layer cut into tiles; nullopt if one has more inputs than axons.
std::optional<Split> LayerSolver::cut(const Tile &tile) {
  Split split;
  for (uint32_t y0 = 0; y0 < layer.height; y0 += tile.height)
    for (uint32_t x0 = 0; x0 < layer.width; x0 += tile.width)
      for (uint32_t c0 = 0; c0 < layer.channels; c0 += tile.channels) {
        std::vector<uint32_t> &part = split.parts.emplace_back();
        openPart();
        uint32_t c1 = std::min(layer.channels, c0 + tile.channels);
        uint32_t y1 = std::min(layer.height, y0 + tile.height);
        uint32_t x1 = std::min(layer.width, x0 + tile.width);
        for (uint32_t c = c0; c < c1; ++c)
          for (uint32_t y = y0; y < y1; ++y)
            for (uint32_t x = x0; x < x1; ++x) {
              part.push_back(neuronAt(c, y, x));
              join(part.back());
              if (axons > limits.coreAxons)
                return std::nullopt;
            }
        split.axons += axons;
      }
  return split;
}

/// Adds neurons in the given order to a core while they fit, then opens one
/// more.
Split LayerSolver::greedy(const std::vector<uint32_t> &order) {
  Split split;
  for (uint32_t neuron : order) {
    bool fits = !split.parts.empty() &&
                split.parts.back().size() < limits.neuronsOf(layer) &&
                axons + newInputs(neuron) <= limits.coreAxons;
    if (!fits) {
      split.axons += split.parts.empty() ? 0 : axons;
      split.parts.emplace_back();
      openPart();
    }
    split.parts.back().push_back(neuron);
    join(neuron);
  }
  split.axons += axons;
  return split;
}

std::vector<std::vector<uint32_t>> LayerSolver::solve() {
  std::vector<uint32_t> rowMajor, channelLast;
  for (uint32_t neuron = 0; neuron < layer.neurons(); ++neuron)
    rowMajor.push_back(neuron);
  for (uint32_t y = 0; y < layer.height; ++y)
    for (uint32_t x = 0; x < layer.width; ++x)
      for (uint32_t c = 0; c < layer.channels; ++c)
        channelLast.push_back(neuronAt(c, y, x));
  // Ties go to the tile: regular cuts read better and spread evenly.
  for (const Tile &tile : candidates()) {
    if (best && tile.cores > best->parts.size())
      break;
    consider(cut(tile));
  }
  consider(greedy(rowMajor));
  consider(greedy(channelLast));
  return std::move(best->parts);
}

/// The distinct inputs of a part, increasing.
static std::vector<uint32_t> inputsOf(const std::vector<uint32_t> &part,
                                      const PartitionLayer &layer) {
  std::vector<bool> isUsed(layer.inputs);
  for (uint32_t neuron : part)
    for (uint32_t input : layer.inputsOf[neuron])
      isUsed[input] = true;
  std::vector<uint32_t> inputs;
  for (uint32_t input = 0; input < layer.inputs; ++input)
    if (isUsed[input])
      inputs.push_back(input);
  return inputs;
}

/// Can the layer be split at all? check() has reported why not.
static bool isSplittable(const PartitionLayer &layer,
                         const PartitionLimits &limits) {
  return layer.columnsPerNeuron > 0 && limits.neuronsOf(layer) > 0 &&
         layer.neurons() > 0 && layer.neurons() == layer.inputsOf.size() &&
         std::all_of(layer.inputsOf.begin(), layer.inputsOf.end(),
                     [&](const std::vector<uint32_t> &inputs) {
                       return inputs.size() <= limits.coreAxons &&
                              (inputs.empty() || inputs.back() < layer.inputs);
                     });
}

ntrt::Result<PartitionSolution>
nt::mapping::solve(const PartitionProblem &problem) {
  DiagnosticList misfits = problem.check();
  const PartitionLimits &limits = problem.limits;
  if (limits.coreAxons == 0 || limits.coreNeurons == 0)
    return misfits;

  PartitionSolution solution;
  std::string needs;
  bool isComplete = true;
  for (uint32_t i = 0; i < problem.layers.size(); ++i) {
    const PartitionLayer &layer = problem.layers[i];
    if (!isSplittable(layer, limits)) {
      isComplete = false;
      continue;
    }
    std::vector<std::vector<uint32_t>> parts =
        LayerSolver(layer, limits).solve();
    needs += (needs.empty() ? "" : ", ") + layer.name + " " +
             std::to_string(parts.size());
    for (std::vector<uint32_t> &part : parts) {
      std::vector<uint32_t> inputs = inputsOf(part, layer);
      solution.cores.push_back({i, std::move(part), std::move(inputs)});
    }
  }
  if (solution.cores.size() > limits.cores)
    misfits.push_back({Diag::MapCores, "network",
                       (isComplete ? "it needs " : "it needs more than ") +
                           std::to_string(solution.cores.size()) + " cores (" +
                           needs + "), the device has " +
                           std::to_string(limits.cores) + " of " +
                           std::to_string(limits.coreAxons) + " axons and " +
                           std::to_string(limits.coreNeurons) + " neurons"});
  if (!misfits.empty())
    return misfits;
  if (DiagnosticList wrong = problem.verify(solution); !wrong.empty())
    return wrong;
  return solution;
}
