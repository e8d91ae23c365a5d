//===- MonteCarloCommand.cpp - ntc montecarlo -----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Options.h"
#include "RealChip.h"
#include "Session.h"

#include "nt/Support/Progress.h"

#include "ntrt/MonteCarlo.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace ntc;

int ntc::runMonteCarlo(const MonteCarloOptions &options) {
  std::optional<Artefacts> artefacts =
      Artefacts::read(options.device, options.program, {options.task});
  if (!artefacts)
    return kInputFault;
  ntrt::Result<ntrt::Dataset> data =
      ntrt::Dataset::load(options.data, artefacts->program.normalisation);
  if (!data)
    return report(data.diagnostics());
  ntrt::DeviceModel device = artefacts->device;
  leaveOut(device, options.without);

  ntrt::MonteCarloOptions run;
  run.seed = options.seed;
  run.chips = options.chips;
  run.slots = options.slots;
  run.threads = options.threads;
  run.path = options.output;
  nt::ProgressBar bar("chips", options.chips, /*enabled=*/!options.json);
  ntrt::Result<ntrt::MonteCarloResult> result = ntrt::runMonteCarlo(
      artefacts->program, artefacts->tasks.front(), device, *data, run,
      [&](const ntrt::ChipResult &chip) { bar.update(chip.chip + 1); });
  if (!result)
    return report(result.diagnostics());

  if (options.json) {
    llvm::json::Array quantiles;
    for (const ntrt::Quantile &q : result->quantiles)
      quantiles.push_back(llvm::json::Object{{"p", q.p},
                                             {"percent", q.value},
                                             {"low", q.low},
                                             {"high", q.high},
                                             {"confidence", q.confidence}});
    llvm::outs() << llvm::formatv(
        "{0:2}\n", llvm::json::Value(llvm::json::Object{
                       {"chips", static_cast<int64_t>(result->chips.size())},
                       {"resumed", static_cast<int64_t>(result->resumed)},
                       {"images", static_cast<int64_t>(data->samples())},
                       {"ideal_percent", result->idealPercent},
                       {"mean_percent", result->mean},
                       {"deviation_percent", result->deviation},
                       {"quantiles", std::move(quantiles)}}));
    return kDone;
  }
  llvm::outs() << llvm::formatv(
      "{0} chips of {1}, {2} images each ({3} chips were in {4})\n"
      "  ideal chip  {5:f2} %\n"
      "  mean        {6:f2} %, standard deviation {7:f2}\n",
      result->chips.size(), device.name, data->samples(), result->resumed,
      options.output, result->idealPercent, result->mean, result->deviation);
  for (const ntrt::Quantile &q : result->quantiles)
    llvm::outs() << llvm::formatv(
        "  {0,2:f0} % of the chips are at or below {1:f2} % ({2:f2} to {3:f2}, "
        "{4:f1} % confidence)\n",
        100 * q.p, q.value, q.low, q.high, 100 * q.confidence);
  return kDone;
}
