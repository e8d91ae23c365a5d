//===- TaskWords.cpp - A task's modulation words as values ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TaskWords.h"

#include "nt/Dialect/NT/IR/Joins.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Mapping/DeviceGrid.h"
#include "nt/Mapping/ModulationProblem.h"
#include "nt/Support/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <tuple>

using namespace mlir;
using namespace nt;
using ntrt::Diag;

void SiteWords::makeLevels(int32_t maxCode) {
  std::vector<std::pair<float, Word>> all;
  for (auto [domain, code] : llvm::enumerate(dac))
    for (int32_t k = -maxCode; k <= maxCode; ++k)
      // One form for "no current", as nt-assign-domains gives it.
      if (k != 0 || domain == 0)
        all.push_back({static_cast<float>(k * steps[code]),
                       {static_cast<int8_t>(k), static_cast<int8_t>(domain)}});
  llvm::sort(all, [](const auto &a, const auto &b) {
    return std::tie(a.first, a.second.domain) <
           std::tie(b.first, b.second.domain);
  });
  levels.clear();
  words.clear();
  for (const auto &[level, word] : all) {
    if (!levels.empty() && levels.back() == level)
      continue;
    levels.push_back(level);
    words.push_back(word);
  }
}

SiteWords::Word SiteWords::wordOf(float value) const {
  auto at = std::lower_bound(levels.begin(), levels.end(), value);
  assert(at != levels.end() && *at == value && "not a level");
  return words[at - levels.begin()];
}

LogicalResult nt::checkDac(Operation *task, const SiteWords &words) {
  for (int32_t code : words.dac)
    if (code < 0 || static_cast<size_t>(code) >= words.steps.size())
      return emitDiag(task, Diag::DomainNoScale)
             << "site '" << words.site << "' has DAC code " << code
             << ", the device has 0 to " << words.steps.size() - 1;
  return success();
}

FailureOr<SiteWords> nt::withVoltsFor(Location loc, SiteWords site,
                                      ArrayRef<float> targets,
                                      const ntrt::DeviceModel &device) {
  mapping::ModulationProblem problem;
  problem.targets.assign(targets.begin(), targets.end());
  problem.steps = site.steps;
  problem.maxCode = device.synapse.maxCode();
  problem.maxDomains = device.modulationDomain.countPerCore;
  ntrt::Result<mapping::ModulationSolution> solution = mapping::solve(problem);
  if (!solution)
    return emitDiags(loc, solution.diagnostics());
  site.dac.assign(solution->dac.begin(), solution->dac.end());
  site.makeLevels(problem.maxCode);
  return site;
}

FailureOr<std::vector<SiteWords>> nt::wordsOf(TaskOp task,
                                              ArrayRef<ModulateOp> sites,
                                              const ntrt::DeviceModel &device) {
  std::vector<SiteWords> result;
  bool ok = true;
  for (ModulateOp op : sites) {
    auto attr = task.getWords()
                    ? task.getWords()->getAs<WordsAttr>(op.getSite())
                    : WordsAttr();
    if (!attr) {
      emitDiag(task, Diag::TaskNoWords) << "task '" << task.getSymName()
                                        << "', site '" << op.getSite() << "'";
      ok = false;
      continue;
    }
    const std::vector<FrozenLayer> layers = joinedLayers(op.getInput());
    Operation *layer = layers.empty()
                           ? op.getOperation()
                           : FrozenLayer(layers.front()).getOperation();
    auto range = layer->getAttrOfType<FloatAttr>(FrozenLayer::kOutputRange);
    if (!range || !(range.getValueAsDouble() > 0)) {
      emitDiag(layer, Diag::QuantNoRange)
          << "the layer of site '" << op.getSite() << "' lacks "
          << FrozenLayer::kOutputRange;
      ok = false;
      continue;
    }
    SiteWords words;
    words.site = op.getSite().str();
    words.dac.assign(attr.getDac().asArrayRef().begin(),
                     attr.getDac().asArrayRef().end());
    words.steps = mapping::modulationSteps(device, range.getValueAsDouble());
    if (failed(checkDac(task, words))) {
      ok = false;
      continue;
    }
    words.makeLevels(device.synapse.maxCode());
    const HostTensor codes = toHostTensor(attr.getCodes()),
                     domains = toHostTensor(attr.getDomains());
    for (auto [code, domain] : llvm::zip_equal(codes.values, domains.values))
      words.values.push_back(static_cast<float>(
          code * words.steps[words.dac[static_cast<size_t>(domain)]]));
    result.push_back(std::move(words));
  }
  if (!ok)
    return failure();
  return result;
}

void nt::storeWords(TaskOp task, ArrayRef<SiteWords> sites) {
  Builder builder(task.getContext());
  NamedAttrList values(task.getValues()), words(task.getWordsAttr());
  for (const SiteWords &site : sites) {
    SmallVector<int8_t> codes, domains;
    for (float value : site.values) {
      const SiteWords::Word word = site.wordOf(value);
      codes.push_back(word.code);
      domains.push_back(word.domain);
    }
    const auto size = static_cast<int64_t>(site.values.size());
    auto byteType = RankedTensorType::get({size}, builder.getI8Type());
    auto floatType = RankedTensorType::get({size}, builder.getF32Type());
    words.set(
        site.site,
        WordsAttr::get(task.getContext(),
                       DenseElementsAttr::get(byteType, ArrayRef(codes)),
                       DenseElementsAttr::get(byteType, ArrayRef(domains)),
                       builder.getDenseI32ArrayAttr(site.dac)));
    values.set(site.site,
               DenseElementsAttr::get(floatType, ArrayRef(site.values)));
  }
  task.setValuesAttr(values.getDictionary(task.getContext()));
  task.setWordsAttr(words.getDictionary(task.getContext()));
}
