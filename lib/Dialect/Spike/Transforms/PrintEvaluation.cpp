//===- PrintEvaluation.cpp - Simulate samples and print the answers -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Dialect/Spike/Transforms/Passes.h"
#include "nt/Interpreter/SpikeSimulator.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"
#include "ntrt/Dataset.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <numeric>

namespace nt {
#define GEN_PASS_DEF_PRINTSPIKEEVALUATION
#include "nt/Dialect/Spike/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

struct Statistics {
  uint64_t spikes = 0;
  double saturated = 0; ///< Sum of the samples' fractions.
};

struct PrintSpikeEvaluation
    : nt::impl::PrintSpikeEvaluationBase<PrintSpikeEvaluation> {
  using PrintSpikeEvaluationBase::PrintSpikeEvaluationBase;

  void runOnOperation() override {
    if (failed(evaluate()))
      signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  LogicalResult evaluate();
  FailureOr<ntrt::Dataset> loadData(const SpikeSimulator &simulator);
  void printSample(raw_ostream &os, const SpikeSimulator &simulator,
                   const ntrt::Dataset &dataset, size_t index,
                   const SpikeRun &run);
};
} // namespace

FailureOr<ntrt::Dataset>
PrintSpikeEvaluation::loadData(const SpikeSimulator &simulator) {
  Location loc = getOperation().getLoc();
  if (data.empty())
    return emitDiag(loc, ntrt::Diag::OptionInvalid)
           << "data is empty: spike-print-evaluation needs samples";
  ntrt::Normalisation recorded;
  for (auto network : getOperation().getOps<spike::NetworkOp>())
    recorded = inputNormalisationOf(network);
  ntrt::Result<ntrt::Dataset> dataset = ntrt::Dataset::load(data, recorded);
  if (!dataset)
    return emitDiags(loc, dataset.diagnostics());
  if (dataset->sampleSize != simulator.numInputs())
    return emitDiag(loc, ntrt::Diag::DataShape)
           << "a sample has " << dataset->sampleSize
           << " values, the network takes " << simulator.numInputs();
  return std::move(*dataset);
}

void PrintSpikeEvaluation::printSample(raw_ostream &os,
                                       const SpikeSimulator &simulator,
                                       const ntrt::Dataset &dataset,
                                       size_t index, const SpikeRun &run) {
  os << "sample " << index << ": spikes [";
  llvm::interleaveComma(run.counts, os);
  os << "], scores [";
  llvm::interleaveComma(
      run.scores, os, [&](double score) { os << llvm::format("%.4f", score); });
  os << "], class " << run.label;
  if (!dataset.labels.empty())
    os << ", label " << dataset.labels[index];
  os << "\n";
  for (size_t p = 0; p < run.spikes.size(); ++p)
    for (const PopulationSpike &spike : run.spikes[p])
      os << "  " << simulator.populations()[p].name << "[" << spike.neuron
         << "] slot " << spike.slot
         << llvm::format(" time %.6e s margin %.6e V\n", spike.time_s,
                         spike.margin_V);
}

LogicalResult PrintSpikeEvaluation::evaluate() {
  FailureOr<SpikeSimulator> simulator =
      SpikeSimulator::create(getOperation(), task);
  if (failed(simulator))
    return failure();
  FailureOr<ntrt::Dataset> dataset = loadData(*simulator);
  if (failed(dataset))
    return failure();

  const size_t samples = dataset->samples();
  const size_t shown = std::min<size_t>(count, samples);
  size_t right = 0;
  uint32_t slotsRun = 0;
  std::vector<SpikeRun> firstRuns(shown);
  std::vector<Statistics> statistics(simulator->populations().size());
  SpikeRunOptions options;
  options.slots = slots;
  options.recordSpikes = spikes;
  ntrt::Status status = simulator->runMany(
      dataset->values, options, threads,
      [&](size_t index, const SpikeRun &run) {
        slotsRun = run.slots;
        right +=
            !dataset->labels.empty() && run.label == dataset->labels[index];
        for (auto [p, statistic] : llvm::enumerate(statistics)) {
          statistic.spikes +=
              std::accumulate(run.spikeCounts[p].begin(),
                              run.spikeCounts[p].end(), uint64_t(0));
          statistic.saturated += run.saturatedFraction(p);
        }
        if (index < shown)
          firstRuns[index] = run;
      });
  if (!status)
    return emitDiags(getOperation().getLoc(), status.diagnostics());

  raw_ostream &os = llvm::outs();
  for (size_t i = 0; i < shown; ++i)
    printSample(os, *simulator, *dataset, i, firstRuns[i]);
  if (!dataset->labels.empty())
    os << llvm::format("accuracy %.2f %% (%zu of %zu), ",
                       100.0 * right / samples, right, samples);
  else
    os << samples << " samples, ";
  os << slotsRun << " slots\n";
  for (auto [population, statistic] :
       llvm::zip_equal(simulator->populations(), statistics)) {
    double saturated = statistic.saturated / samples;
    os << "population \"" << population.name << "\": "
       << llvm::format("%.4f spikes a slot, %.2f %% of ",
                       static_cast<double>(statistic.spikes) /
                           (double(samples) * slotsRun * population.neurons),
                       100 * saturated)
       << population.neurons << " neurons saturated\n";
    if (saturated > saturationLimit)
      emitDiagWarning(getOperation().getLoc(), ntrt::Diag::SpikeSaturation)
          << "population \"" << population.name
          << "\": " << llvm::formatv("{0:F2}", 100 * saturated).str()
          << " % of the neurons fired in 95 % of the slots or more";
  }
  os.flush();
  return success();
}
