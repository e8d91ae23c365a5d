//===- FoldTask.cpp - Fold a task's modulation into frozen biases ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenRewrites.h"

#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace nt {
#define GEN_PASS_DEF_FOLDTASK
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

struct FoldTask : nt::impl::FoldTaskBase<FoldTask> {
  using FoldTaskBase::FoldTaskBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult run(ModuleOp module);
  FailureOr<TaskOp> findTask(ModuleOp module);
};

} // namespace

FailureOr<TaskOp> FoldTask::findTask(ModuleOp module) {
  SmallVector<TaskOp> tasks(module.getOps<TaskOp>());
  if (task.empty() && tasks.size() == 1)
    return tasks.front();
  if (task.empty())
    return emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
           << "nt-fold-task needs task=<name>: the module has " << tasks.size()
           << " tasks";
  for (TaskOp op : tasks)
    if (op.getSymName() == task)
      return op;
  return emitDiag(module.getLoc(), ntrt::Diag::TaskUnknown) << "@" << task;
}

/// The values of every site under the task; all misfits are named.
static LogicalResult checkSites(TaskOp task, ArrayRef<ModulateOp> sites) {
  LogicalResult result = success();
  for (ModulateOp site : sites) {
    auto values = task.getValues().getAs<ElementsAttr>(site.getSite());
    if (!values) {
      emitDiag(site, ntrt::Diag::TaskMissingSite)
          << "@" << task.getSymName() << " has none for '" << site.getSite()
          << "'";
      result = failure();
    } else if (values.getNumElements() != site.getNumValues()) {
      emitDiag(site, ntrt::Diag::TaskShape)
          << "@" << task.getSymName() << " has " << values.getNumElements()
          << " values for '" << site.getSite() << "', which takes "
          << site.getNumValues();
      result = failure();
    }
  }
  return result;
}

/// The layer whose bias can take the site's values, or null: it feeds the site
/// alone, and there is one value for each of its channels.
static FrozenLayer layerForBias(ModulateOp site) {
  auto layer = site.getInput().getDefiningOp<FrozenLayer>();
  if (!layer || !site.getInput().hasOneUse() ||
      layer.getNumChannels() != site.getNumValues())
    return {};
  if (Value bias = layer.getFrozenBias())
    if (!bias.getDefiningOp<FrozenOp>())
      return {};
  return layer;
}

static void foldIntoBias(FrozenLayer layer, const HostTensor &values,
                         const Twine &origin, const Twine &step) {
  Value oldBias = layer.getFrozenBias();
  FrozenOp source = oldBias ? oldBias.getDefiningOp<FrozenOp>() : FrozenOp();
  std::vector<double> bias = values.values;
  if (source) {
    const HostTensor before = toHostTensor(source.getValue());
    for (size_t c = 0; c < bias.size(); ++c)
      bias[c] += before.values[c];
  }
  OpBuilder builder(layer);
  auto type = RankedTensorType::get({static_cast<int64_t>(bias.size())},
                                    builder.getF32Type());
  layer.setFrozenBias(FrozenOp::createHashed(
      builder, layer->getLoc(),
      roundedElements(source, layer.getLayerName().str() + ".bias", type, bias),
      source ? source.getOrigin().str() : origin.str(),
      extendDerivation(source, builder, step)));
  eraseIfUnused(oldBias);
}

/// The site's values as a constant of the shape of its result.
static FrozenOp constantOf(ModulateOp site, const HostTensor &values,
                           const Twine &origin, const Twine &step) {
  std::vector<double> spread(site.getNumNeurons());
  const bool perNeuron = site.getGranularity() == Granularity::Neuron;
  for (size_t i = 0; i < spread.size(); ++i)
    spread[i] = values.values[perNeuron ? i : site.getChannelOf(i)];
  OpBuilder builder(site);
  return FrozenOp::createHashed(
      builder, site.getLoc(), roundedElements({}, {}, site.getType(), spread),
      origin.str(), extendDerivation({}, builder, step));
}

LogicalResult FoldTask::run(ModuleOp module) {
  FailureOr<func::FuncOp> network = findNetwork(module);
  FailureOr<TaskOp> chosen = findTask(module);
  if (failed(network) || failed(chosen))
    return failure();
  SmallVector<ModulateOp> sites(network->getOps<ModulateOp>());
  if (failed(checkSites(*chosen, sites)))
    return failure();
  // A gain scales a domain's supply; in weights it would not be frozen (F1).
  if (failed(refuseGains(*chosen)))
    return failure();

  for (ModulateOp site : sites) {
    const HostTensor values =
        toHostTensor(chosen->getValues().getAs<ElementsAttr>(site.getSite()));
    const std::string origin =
        ("task @" + chosen->getSymName() + " site " + site.getSite()).str();
    const std::string step =
        ("modulation of task @" + chosen->getSymName() + " folded in").str();
    if (FrozenLayer layer = layerForBias(site)) {
      foldIntoBias(layer, values, origin, step);
      site.getResult().replaceAllUsesWith(site.getInput());
    } else {
      FrozenOp constant = constantOf(site, values, origin, step);
      OpBuilder builder(site);
      site.getResult().replaceAllUsesWith(
          builder
              .create<AddOp>(site.getLoc(), site.getType(), site.getInput(),
                             constant)
              .getResult());
    }
    site.erase();
  }
  module->setAttr("nt.classes", chosen->getClassesAttr());
  for (TaskOp op : llvm::make_early_inc_range(module.getOps<TaskOp>()))
    op.erase();
  return success();
}
