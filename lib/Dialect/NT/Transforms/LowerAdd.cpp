//===- LowerAdd.cpp - Residual adds as layers of one population -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenRewrites.h"

#include "nt/Dialect/NT/IR/Joins.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Interpreter/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace nt {
#define GEN_PASS_DEF_LOWERADD
#include "nt/Dialect/NT/Transforms/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {

/// Values of one task at a site that is being made.
using Values = SmallVector<float>;

class AddLowering {
public:
  AddLowering(func::FuncOp network, AddOp root)
      : network(network), root(root), builder(root) {
    network.walk(
        [&](FrozenLayer layer) { names.insert(layer.getLayerName()); });
    auto module = network->getParentOfType<ModuleOp>();
    llvm::append_range(tasks, module.getOps<TaskOp>());
  }

  void run();

private:
  /// Layers between the network's input and a value, on the longest way.
  int64_t depthOf(Value value);
  /// The layer of an addend, without the modulation behind it: the addend's own
  /// layer, or one that passes its rates on.
  FrozenLayer layerFor(Value addend);
  /// Each unit times one.
  FrozenLayer identity(Value rates, StringRef suffix);
  /// A population that sends on what it hears, one slot later.
  Value relay(Value rates);
  /// Puts relays before the layer until it is `depth` deep.
  void feed(FrozenLayer layer, int64_t depth);

  /// A modulation site behind `sum`; its values are the sums of those of the
  /// sites given, which go, in every task.
  Value modulate(Value sum, StringRef name, ArrayRef<ModulateOp> old);
  Values valuesAt(TaskOp task, ModulateOp site, ModulateOp like);

  func::FuncOp network;
  AddOp root;
  OpBuilder builder;
  llvm::StringSet<> names;
  SmallVector<TaskOp> tasks;
  llvm::DenseMap<Value, int64_t> depths;
};

struct LowerAdd : nt::impl::LowerAddBase<LowerAdd> {
  using LowerAddBase::LowerAddBase;
  void runOnOperation() override;
};

} // namespace

int64_t AddLowering::depthOf(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || isa<FrozenOp>(op))
    return 0;
  if (auto known = depths.find(value); known != depths.end())
    return known->second;
  int64_t depth = 0;
  for (Value operand : op->getOperands())
    depth = std::max(depth, depthOf(operand));
  depth += isa<FrozenLayer>(op);
  depths[value] = depth;
  return depth;
}

FrozenLayer AddLowering::identity(Value rates, StringRef suffix) {
  const std::string name = freshName(nameOf(root) + "." + suffix.str(), names);
  auto type = cast<RankedTensorType>(rates.getType());
  const int64_t units = type.getDimSize(1);
  auto frozen = [&](ArrayRef<int64_t> shape, ArrayRef<float> values) {
    auto weights = RankedTensorType::get(shape, builder.getF32Type());
    return FrozenOp::createHashed(builder, root.getLoc(),
                                  DenseElementsAttr::get(weights, values),
                                  name + " (each unit times 1)");
  };
  if (type.getRank() == 2) {
    std::vector<float> diagonal(units * units, 0.0f);
    for (int64_t i = 0; i < units; ++i)
      diagonal[i * units + i] = 1;
    return builder.create<DenseOp>(
        root.getLoc(), type, rates, frozen({units, units}, diagonal),
        /*bias=*/Value(), builder.getStringAttr(name),
        /*scales=*/ElementsAttr(), /*input_range=*/FloatAttr(),
        /*output_range=*/FloatAttr(), /*domain_of_channel=*/DenseI32ArrayAttr(),
        /*domain_dac=*/DenseI32ArrayAttr(), /*paired=*/UnitAttr());
  }
  return builder.create<ConvOp>(
      root.getLoc(), type, rates,
      frozen({units, 1, 1, 1}, std::vector<float>(units, 1.0f)),
      /*bias=*/Value(), builder.getStringAttr(name),
      builder.getDenseI64ArrayAttr({1, 1}),
      builder.getDenseI64ArrayAttr({0, 0, 0, 0}),
      builder.getDenseI64ArrayAttr({1, 1}), builder.getI64IntegerAttr(units),
      /*scales=*/ElementsAttr(), /*input_range=*/FloatAttr(),
      /*output_range=*/FloatAttr(), /*domain_of_channel=*/DenseI32ArrayAttr(),
      /*domain_dac=*/DenseI32ArrayAttr(), /*paired=*/UnitAttr());
}

Value AddLowering::relay(Value rates) {
  FrozenLayer layer = identity(rates, "relay");
  Value sum = layer->getResult(0);
  if (!tasks.empty())
    sum = modulate(sum, layer.getLayerName(), {});
  return builder.create<ReluOp>(root.getLoc(), sum.getType(), sum).getResult();
}

FrozenLayer AddLowering::layerFor(Value addend) {
  if (auto site = addend.getDefiningOp<ModulateOp>())
    addend = site.getInput();
  if (auto layer = addend.getDefiningOp<FrozenLayer>())
    return layer;
  return identity(addend, "shortcut");
}

void AddLowering::feed(FrozenLayer layer, int64_t depth) {
  Value source = layer->getOperand(0);
  for (int64_t at = depthOf(source); at < depth - 1; ++at)
    source = relay(source);
  layer->setOperand(0, source);
}

/// The values of a site, one for each that `like` takes.
Values AddLowering::valuesAt(TaskOp task, ModulateOp site, ModulateOp like) {
  Values result(like.getNumValues(), 0.0f);
  auto held = task.getValues().getAs<ElementsAttr>(site.getSite());
  if (!held)
    return result; // nt-calibrate names it.
  const HostTensor values = toHostTensor(held);
  const bool perNeuron = site.getGranularity() == Granularity::Neuron;
  for (auto [index, value] : llvm::enumerate(result)) {
    size_t from = index;
    if (!perNeuron && like.getGranularity() == Granularity::Neuron)
      from = site.getChannelOf(index);
    if (from < values.values.size())
      value = static_cast<float>(values.values[from]);
  }
  return result;
}

Value AddLowering::modulate(Value sum, StringRef name,
                            ArrayRef<ModulateOp> old) {
  const bool perChannel = llvm::all_of(old, [](ModulateOp site) {
    return site.getGranularity() == Granularity::Channel;
  });
  auto site = builder.create<ModulateOp>(
      root.getLoc(), sum.getType(), sum, builder.getStringAttr(name),
      GranularityAttr::get(builder.getContext(), perChannel
                                                     ? Granularity::Channel
                                                     : Granularity::Neuron));
  for (TaskOp task : tasks) {
    Values total(site.getNumValues(), 0.0f);
    NamedAttrList values(task.getValues());
    for (ModulateOp from : old) {
      for (auto [value, added] :
           llvm::zip_equal(total, valuesAt(task, from, site)))
        value += added;
      values.erase(from.getSite());
    }
    auto type = RankedTensorType::get({site.getNumValues()},
                                      Float32Type::get(builder.getContext()));
    values.set(name, DenseElementsAttr::get(type, ArrayRef(total)));
    task.setValuesAttr(values.getDictionary(builder.getContext()));
  }
  return site.getResult();
}

/// Whether the layer of an addend reads the network's inputs.
static bool readsInput(Value addend) {
  if (auto site = addend.getDefiningOp<ModulateOp>())
    addend = site.getInput();
  if (auto layer = addend.getDefiningOp<FrozenLayer>())
    addend = layer->getOperand(0);
  while (auto reshape = addend.getDefiningOp<ReshapeOp>())
    addend = reshape.getInput();
  return isa<BlockArgument>(addend);
}

void AddLowering::run() {
  // A relay passes on what is never below 0, which inputs may be.
  int64_t depth = 0, depthOfInputs = 0;
  for (Value addend : addendsOf(root)) {
    const int64_t here = depthOf(addend) + isRate(addend);
    depth = std::max(depth, here);
    if (readsInput(addend))
      depthOfInputs = here;
  }
  if (depthOfInputs != 0 && depthOfInputs != depth)
    return;

  SmallVector<FrozenLayer> layers, shortcuts;
  SmallVector<ModulateOp> sites;
  for (Value addend : addendsOf(root)) {
    if (auto site = addend.getDefiningOp<ModulateOp>())
      sites.push_back(site);
    (isRate(addend) ? shortcuts : layers).push_back(layerFor(addend));
  }
  // The deepest of the model's own layers gives the population its name.
  auto depthOfLayer = [&](FrozenLayer layer) {
    return depthOf(layer->getResult(0));
  };
  auto deepest = std::max_element(layers.begin(), layers.end(),
                                  [&](FrozenLayer a, FrozenLayer b) {
                                    return depthOfLayer(a) < depthOfLayer(b);
                                  });
  if (deepest != layers.end())
    std::rotate(layers.begin(), deepest, deepest + 1);
  layers.append(shortcuts);
  for (FrozenLayer layer : layers)
    feed(layer, depth);
  // They follow each other, for passes that take them together.
  for (FrozenLayer layer : layers)
    layer->moveBefore(root);
  Value sum = layers.front()->getResult(0);
  for (FrozenLayer layer : ArrayRef(layers).drop_front())
    sum = builder.create<AddOp>(root.getLoc(), sum.getType(), sum,
                                layer->getResult(0));
  if (!tasks.empty())
    sum = modulate(sum, layers.front().getLayerName(), sites);

  root.getResult().replaceAllUsesWith(sum);
  // The old tree: each op once nothing reads it.
  SmallVector<Operation *> old{root};
  while (!old.empty()) {
    Operation *op = old.pop_back_val();
    SmallVector<Value> operands(op->getOperands());
    op->erase();
    for (Value operand : operands)
      if (Operation *feeds = operand.getDefiningOp();
          isa_and_nonnull<AddOp, ModulateOp>(feeds) && feeds->use_empty())
        old.push_back(feeds);
  }
}

void LowerAdd::runOnOperation() {
  FailureOr<func::FuncOp> network = findNetwork(getOperation());
  if (failed(network))
    return signalPassFailure();
  // Lowered from the input on, so that depths are those of lowered adds.
  SmallVector<AddOp> roots;
  network->walk([&](AddOp add) {
    Operation *reader =
        add.getResult().hasOneUse() ? *add.getResult().user_begin() : nullptr;
    if (isa_and_nonnull<NeuronLayer, func::ReturnOp>(reader) && isJoinable(add))
      roots.push_back(add);
  });
  for (AddOp root : roots)
    AddLowering(*network, root).run();
}
