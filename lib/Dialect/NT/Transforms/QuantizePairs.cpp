//===- QuantizePairs.cpp - Codes of layers whose neurons have two columns -===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "QuantizePairs.h"

#include "nt/Dialect/NT/IR/Joins.h"
#include "nt/Mapping/DeviceGrid.h"
#include "nt/Mapping/PairGrid.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"

#include <optional>
#include <set>

using namespace mlir;
using namespace nt;
using ntrt::Diag;

/// Fine steps that a wide code may be off because two LSB currents of a grid do
/// not stand in a whole ratio: half of what rounding takes.
static constexpr double kTolerance = 0.25;

FailureOr<llvm::DenseSet<Operation *>>
nt::pairedLayers(func::FuncOp network, StringRef option,
                 const ntrt::DeviceModel &device) {
  llvm::DenseSet<Operation *> paired;
  if (option.empty())
    return paired;
  const std::vector<FrozenLayer> layers = layersOf(network);
  bool ok = true;
  SmallVector<StringRef> names;
  if (option == "all")
    for (FrozenLayer layer : layers)
      names.push_back(layer.getLayerName());
  else
    option.split(names, '|', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef name : names) {
    auto found = llvm::find_if(layers, [&](FrozenLayer layer) {
      return layer.getLayerName() == name;
    });
    if (found != layers.end()) {
      paired.insert(*found);
      if (joinedLayers(sumOf(*found)).size() > 1) {
        emitDiag(FrozenLayer(*found), Diag::PairStage)
            << "'" << name << "' drives neurons that another layer drives, too";
        ok = false;
      }
      continue;
    }
    std::string known;
    for (FrozenLayer layer : layers)
      known += (known.empty() ? "" : ", ") + layer.getLayerName().str();
    emitDiag(network, Diag::OptionInvalid)
        << "paired names '" << name << "', the layers are " << known;
    ok = false;
  }
  if (device.synapse.maxColumnsPerNeuron() < 2) {
    emitDiag(network, Diag::PairDevice)
        << "paired is '" << option << "', " << device.name
        << " has no synapse/pairing";
    ok = false;
  }
  // Wide codes are rounded in 8 bits.
  if (mapping::largestPairCode(1, device.synapse.maxCode()) > INT8_MAX) {
    emitDiag(network, Diag::PairDevice)
        << "wide codes of two synapses of " << device.synapse.digits
        << " digits do not fit 8 bits";
    ok = false;
  }
  if (!ok)
    return failure();
  return paired;
}

namespace {
/// The two scales of each channel: a point of a grid of one ratio.
struct PairChoice {
  uint32_t ratio = 0;
  std::vector<mapping::PairPoint> points;
  std::vector<double> fineScales; ///< [point]
  mapping::DomainSolution solution;
};
} // namespace

/// Of all whole ratios the one with the least cost.
static FailureOr<PairChoice> chooseScales(const PairedLayer &paired,
                                          const std::vector<double> &scales,
                                          int32_t maxCode, unsigned maxDomains,
                                          unsigned threads) {
  std::optional<PairChoice> best;
  // One domain serves both columns only where their scales are one.
  const uint32_t most = maxDomains > 1 ? 2 * uint32_t(maxCode) + 1 : 1;
  for (uint32_t ratio = 1; ratio <= most; ++ratio) {
    const int32_t largest = mapping::largestPairCode(ratio, maxCode);
    if (largest > INT8_MAX)
      break;
    PairChoice choice;
    choice.ratio = ratio;
    choice.points = mapping::pairPoints(scales, ratio, maxCode, kTolerance);
    if (choice.points.empty())
      continue;
    for (const mapping::PairPoint &point : choice.points)
      choice.fineScales.push_back(scales[point.fine]);
    mapping::DomainProblem problem(
        static_cast<size_t>(paired.weights.rows()), choice.points.size(),
        ratio == 1 ? maxDomains : std::max(1u, maxDomains / 2));
    addCosts(
        problem, paired.groups, threads, [&](size_t group, int64_t channel) {
          return paired.costsOf(group, channel, choice.fineScales, largest);
        });
    ntrt::Result<mapping::DomainSolution> solution = mapping::solve(problem);
    if (!solution)
      return emitDiags(FrozenLayer(paired.layer)->getLoc(),
                       solution.diagnostics());
    choice.solution = std::move(*solution);
    if (!best || choice.solution.cost < best->solution.cost)
      best = std::move(choice);
  }
  // The ratio 1 is that of every DAC code to itself.
  return *best;
}

/// The domains of the columns, two a channel.
static mapping::DomainSolution domainsOf(const PairChoice &choice) {
  std::set<uint32_t> used;
  for (uint32_t point : choice.solution.dac) {
    used.insert(choice.points[point].coarse);
    used.insert(choice.points[point].fine);
  }
  mapping::DomainSolution columns;
  columns.dac.assign(used.begin(), used.end());
  auto domainOf = [&](uint32_t dac) {
    return static_cast<uint32_t>(llvm::lower_bound(columns.dac, dac) -
                                 columns.dac.begin());
  };
  for (uint32_t domain : choice.solution.domainOfChannel) {
    const mapping::PairPoint &point =
        choice.points[choice.solution.dac[domain]];
    columns.domainOfChannel.push_back(domainOf(point.coarse));
    columns.domainOfChannel.push_back(domainOf(point.fine));
  }
  return columns;
}

LogicalResult nt::quantizePairs(const PairedLayer &paired,
                                const ntrt::DeviceModel &device,
                                unsigned maxDomains,
                                const RoundingSettings &settings) {
  FrozenLayer layer = paired.layer;
  const int32_t maxCode = device.synapse.maxCode();
  FailureOr<LayerRanges> ranges = rangesOf(layer);
  const std::vector<double> scales =
      mapping::synapseScales(device, ranges->input, ranges->output, 2);
  FailureOr<PairChoice> choice =
      chooseScales(paired, scales, maxCode, maxDomains, settings.threads);
  if (failed(choice))
    return failure();
  const int32_t largest = mapping::largestPairCode(choice->ratio, maxCode);
  warnUnreachable(layer, largestOf(paired.weights), choice->fineScales,
                  largest);
  FailureOr<std::vector<int8_t>> wide =
      roundCodes(layer, paired.groups, paired.hessians, paired.weights,
                 choice->fineScales, choice->solution, largest, settings);
  if (failed(wide))
    return failure();

  const auto fanIn = static_cast<size_t>(paired.weights.cols());
  std::vector<int8_t> codes(2 * wide->size());
  for (size_t i = 0; i < wide->size(); ++i) {
    const mapping::PairCodes two =
        mapping::splitPairCode((*wide)[i], choice->ratio, maxCode);
    const size_t first = 2 * (i / fanIn) * fanIn + i % fanIn;
    codes[first] = two.coarse;
    codes[first + fanIn] = two.fine;
  }
  layer->setAttr(FrozenLayer::kPaired, UnitAttr::get(layer->getContext()));
  setCodes(layer, codes, domainsOf(*choice), scales,
           "quantize in pairs of ratio " + Twine(choice->ratio) +
               " for device " + device.name);
  // Bounds are those of one ratio.
  layer->removeAttr(kDomainCost);
  return success();
}
