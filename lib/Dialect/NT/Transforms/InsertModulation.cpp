//===- InsertModulation.cpp - Give layers a supplemental bias -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/Joins.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringMap.h"

namespace nt {
#define GEN_PASS_DEF_INSERTMODULATION
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

struct InsertModulation : nt::impl::InsertModulationBase<InsertModulation> {
  using InsertModulationBase::InsertModulationBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

private:
  LogicalResult run(ModuleOp module);
};

} // namespace

/// Two layers of one name would share their values in every task.
static LogicalResult checkSites(ArrayRef<Modulatable> layers) {
  llvm::StringMap<Operation *> first;
  LogicalResult result = success();
  for (Modulatable layer : layers) {
    auto [entry, isNew] = first.try_emplace(layer.getModulationSite(), layer);
    if (isNew)
      continue;
    emitDiag(layer, ntrt::Diag::TaskSiteTwice)
        << "'" << layer.getModulationSite() << "'";
    result = failure();
  }
  return result;
}

static bool isModulated(Modulatable layer) {
  auto frozen = dyn_cast<FrozenLayer>(*layer);
  return (frozen && siteOf(frozen)) ||
         llvm::any_of(layer->getResult(0).getUsers(),
                      [](Operation *user) { return isa<ModulateOp>(user); });
}

static ModulateOp insertBehind(Modulatable layer, Granularity granularity) {
  OpBuilder builder(layer->getContext());
  builder.setInsertionPointAfter(layer);
  Value result = layer->getResult(0);
  auto site = builder.create<ModulateOp>(
      layer->getLoc(), result.getType(), result,
      builder.getStringAttr(layer.getModulationSite()),
      GranularityAttr::get(builder.getContext(), granularity));
  result.replaceAllUsesExcept(site.getResult(), site);
  return site;
}

static Attribute zerosFor(ModulateOp site) {
  auto type = RankedTensorType::get({site.getNumValues()},
                                    Float32Type::get(site->getContext()));
  return DenseElementsAttr::get(type, 0.0f);
}

/// The task that leaves the network as it came: zeros, classes in order.
static void addSourceTask(ModuleOp module, func::FuncOp network) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  NamedAttrList values;
  network.walk(
      [&](ModulateOp site) { values.set(site.getSite(), zerosFor(site)); });
  const int64_t outputs =
      cast<ShapedType>(network.getResultTypes().front()).getNumElements();
  builder.create<TaskOp>(
      network.getLoc(), builder.getStringAttr("source"),
      builder.getDenseI32ArrayAttr(llvm::to_vector(
          llvm::seq<int32_t>(0, static_cast<int32_t>(outputs)))),
      values.getDictionary(builder.getContext()), DictionaryAttr());
}

LogicalResult InsertModulation::run(ModuleOp module) {
  std::optional<Granularity> shared = symbolizeGranularity(granularity);
  if (!shared)
    emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid)
        << "granularity is '" << granularity << "', must be neuron or channel";
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network) || !shared)
    return failure();
  SmallVector<Modulatable> layers;
  network->walk([&](Modulatable layer) { layers.push_back(layer); });
  if (failed(checkSites(layers)))
    return failure();

  SmallVector<ModulateOp> added;
  for (Modulatable layer : layers)
    if (!isModulated(layer))
      added.push_back(insertBehind(layer, *shared));

  auto tasks = module.getOps<TaskOp>();
  if (tasks.empty()) {
    addSourceTask(module, *network);
    return success();
  }
  for (TaskOp task : tasks) {
    NamedAttrList values(task.getValues());
    for (ModulateOp site : added)
      if (!values.get(site.getSite()))
        values.set(site.getSite(), zerosFor(site));
    task.setValuesAttr(values.getDictionary(&getContext()));
  }
  return success();
}
