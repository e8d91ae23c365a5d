//===- BuildEngine.cpp - From an nt network to an engine ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/BuildEngine.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;
using namespace nt;
using tuner::Engine;
using tuner::Layer;
using tuner::SampleShape;

namespace {

/// Shape of a value without its batch dimension.
SampleShape sampleShape(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return SampleShape(type.getShape().drop_front().begin(),
                     type.getShape().end());
}

std::vector<int64_t> toVector(ArrayRef<int64_t> array) { return array.vec(); }

/// Walks a network in order and adds a layer for each op.
class NetworkBuilder {
public:
  explicit NetworkBuilder(tuner::EngineOptions options)
      : engine(std::make_unique<Engine>(options)), hasGains(options.gains) {}

  LogicalResult build(func::FuncOp network);
  /// One op alone; false if the engine cannot run it.
  bool buildStage(Operation *op);
  std::unique_ptr<Engine> take() { return std::move(engine); }

private:
  /// The layer an op becomes, or null if the engine cannot run it.
  Layer *addOp(Operation *op);
  Layer *addAdd(AddOp op);
  std::vector<float> frozen(Value value);
  /// Weights in network units: codes times the scale of their channel.
  /// Of the channels, whatever makes them.
  std::vector<float> weights(FrozenLayer op,
                             std::optional<ElementsAttr> scales);
  Layer *layer(Value value) { return layers.lookup(value); }
  /// The layer's sums times its domains' gains, then its bias.
  Layer *addGain(Layer *sums, FrozenLayer op, std::vector<float> bias);

  std::unique_ptr<Engine> engine;
  bool hasGains;
  llvm::DenseMap<Value, Layer *> layers;
};

} // namespace

std::vector<float> NetworkBuilder::frozen(Value value) {
  if (!value)
    return {};
  ElementsAttr elements = value.getDefiningOp<FrozenOp>().getValue();
  auto copy = [](auto values) {
    return std::vector<float>(values.begin(), values.end());
  };
  if (cast<ShapedType>(elements.getType()).getElementType().isInteger(8))
    return copy(ElementView<int8_t>(elements).values());
  return copy(ElementView<float>(elements).values());
}

std::vector<float> NetworkBuilder::weights(FrozenLayer op,
                                           std::optional<ElementsAttr> scales) {
  std::vector<float> result = frozen(op.getFrozenWeights());
  if (!scales)
    return result;
  const HostTensor scale = toHostTensor(*scales);
  const size_t fanIn = result.size() / scale.values.size();
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<float>(result[i] * scale.values[i / fanIn]);
  return sumColumns(std::move(result), columnsPerNeuron(op), fanIn);
}

Layer *NetworkBuilder::addGain(Layer *sums, FrozenLayer op,
                               std::vector<float> bias) {
  const SampleShape shape = sampleShape(op->getResult(0));
  std::vector<uint32_t> groups(static_cast<size_t>(shape.front()), 0);
  if (auto domains =
          op->getAttrOfType<DenseI32ArrayAttr>(FrozenLayer::kDomainOfChannel))
    groups.assign(domains.asArrayRef().begin(), domains.asArrayRef().end());
  Layer *result = engine->addGain(sums, (op.getLayerName() + kGainSuffix).str(),
                                  std::move(groups));
  if (bias.empty())
    return result;
  const size_t positions = tuner::sizeOf(shape) / bias.size();
  std::vector<float> units(tuner::sizeOf(shape));
  for (size_t u = 0; u < units.size(); ++u)
    units[u] = bias[u / positions];
  return engine->addConstantSum(result, std::move(units));
}

Layer *NetworkBuilder::addAdd(AddOp op) {
  auto lhs = op.getLhs().getDefiningOp<FrozenOp>();
  auto rhs = op.getRhs().getDefiningOp<FrozenOp>();
  if (lhs && rhs)
    return nullptr;
  if (lhs)
    return engine->addConstantSum(layer(op.getRhs()), frozen(op.getLhs()));
  if (rhs)
    return engine->addConstantSum(layer(op.getLhs()), frozen(op.getRhs()));
  return engine->addSum(layer(op.getLhs()), layer(op.getRhs()));
}

Layer *NetworkBuilder::addOp(Operation *op) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  return llvm::TypeSwitch<Operation *, Layer *>(op)
      .Case([&](DenseOp dense) {
        std::vector<float> bias = frozen(dense.getBias());
        Layer *sums = engine->addDense(layer(dense.getInput()),
                                       weights(dense, dense.getScales()),
                                       hasGains ? std::vector<float>() : bias);
        return hasGains ? addGain(sums, dense, std::move(bias)) : sums;
      })
      .Case([&](ConvOp conv) {
        tuner::ConvParameters p;
        p.weightShape = toVector(
            cast<RankedTensorType>(conv.getWeights().getType()).getShape());
        p.weightShape[0] /= columnsPerNeuron(conv);
        p.strides = toVector(conv.getStrides());
        p.pads = toVector(conv.getPads());
        p.dilations = toVector(conv.getDilations());
        p.groups = static_cast<int64_t>(conv.getGroups());
        std::vector<float> bias = frozen(conv.getBias());
        Layer *sums = engine->addConv(layer(conv.getInput()),
                                      sampleShape(conv.getResult()), p,
                                      weights(conv, conv.getScales()),
                                      hasGains ? std::vector<float>() : bias);
        return hasGains ? addGain(sums, conv, std::move(bias)) : sums;
      })
      .Case([&](ModulateOp modulate) {
        return engine->addModulate(
            layer(modulate.getInput()), modulate.getSite().str(),
            modulate.getGranularity() == Granularity::Channel);
      })
      .Case([&](ReluOp relu) {
        return engine->addClip(layer(relu.getInput()), 0.0f, infinity);
      })
      .Case([&](ClipOp clip) {
        return engine->addClip(
            layer(clip.getInput()),
            static_cast<float>(clip.getLower().convertToDouble()),
            static_cast<float>(clip.getUpper().convertToDouble()));
      })
      .Case([&](MaxPoolOp pool) {
        return engine->addPool(
            layer(pool.getInput()), sampleShape(pool.getResult()),
            {toVector(pool.getKernel()), toVector(pool.getStrides()),
             toVector(pool.getPads()), false, false});
      })
      .Case([&](AvgPoolOp pool) {
        return engine->addPool(
            layer(pool.getInput()), sampleShape(pool.getResult()),
            {toVector(pool.getKernel()), toVector(pool.getStrides()),
             toVector(pool.getPads()), true, pool.getCountIncludePad()});
      })
      .Case([&](AddOp add) { return addAdd(add); })
      .Case([&](tosa::AddOp add) -> Layer * {
        Layer *lhs = layer(add.getInput1()), *rhs = layer(add.getInput2());
        if (!lhs || !rhs || add.getInput1().getType() != add.getType() ||
            add.getInput2().getType() != add.getType())
          return nullptr;
        return engine->addSum(lhs, rhs);
      })
      .Case([&](ConcatOp concat) -> Layer * {
        if (concat.getAxis() != 1)
          return nullptr;
        std::vector<Layer *> inputs;
        for (Value input : concat.getInputs())
          inputs.push_back(layer(input));
        return engine->addConcat(std::move(inputs),
                                 sampleShape(concat.getResult()));
      })
      .Case([&](ReshapeOp reshape) {
        return engine->addReshape(layer(reshape.getInput()),
                                  sampleShape(reshape.getResult()));
      })
      .Default([](Operation *) { return nullptr; });
}

LogicalResult NetworkBuilder::build(func::FuncOp network) {
  BlockArgument argument = network.getArgument(0);
  layers[argument] = engine->addInput(sampleShape(argument));
  bool ok = true;
  for (Operation &op : network.getBody().front().without_terminator()) {
    if (isa<FrozenOp>(op))
      continue;
    // The last op gives scores without its softmax.
    if (isa<SoftmaxOp>(op) && llvm::all_of(op.getUsers(), [](Operation *user) {
          return user->hasTrait<OpTrait::IsTerminator>();
        }))
      continue;
    const bool inputsKnown = llvm::all_of(op.getOperands(), [&](Value value) {
      return layers.contains(value) || value.getDefiningOp<FrozenOp>();
    });
    Layer *added = inputsKnown ? addOp(&op) : nullptr;
    if (added) {
      layers[op.getResult(0)] = added;
      continue;
    }
    if (inputsKnown)
      emitDiag(&op, ntrt::Diag::TuneUnsupported)
          << "'" << op.getName().getStringRef() << "' cannot be run in batches";
    ok = false;
  }
  return success(ok);
}

bool NetworkBuilder::buildStage(Operation *op) {
  Value activation = activationOf(op);
  if (!activation || op->getNumResults() != 1)
    return false;
  layers[activation] = engine->addInput(sampleShape(activation));
  return addOp(op) != nullptr;
}

Value nt::activationOf(Operation *op) {
  Value activation;
  for (Value operand : op->getOperands()) {
    if (operand.getDefiningOp<FrozenOp>())
      continue;
    if (activation)
      return {};
    activation = operand;
  }
  return activation;
}

std::unique_ptr<Engine> nt::buildStage(Operation *op,
                                       tuner::EngineOptions options) {
  NetworkBuilder builder(options);
  return builder.buildStage(op) ? builder.take() : nullptr;
}

FailureOr<std::unique_ptr<Engine>>
nt::buildEngine(ModuleOp module, tuner::EngineOptions options) {
  FailureOr<func::FuncOp> network = findNetwork(module);
  if (failed(network))
    return failure();
  NetworkBuilder builder(options);
  if (failed(builder.build(*network)))
    return failure();
  return builder.take();
}

void nt::loadTask(Engine &engine, TaskOp task) {
  auto gains = task->getAttrOfType<DictionaryAttr>(kTaskGains);
  for (tuner::Site &site : engine.sites()) {
    const bool isGain = site.kind == tuner::Site::Kind::Gain;
    std::fill(site.values.begin(), site.values.end(), isGain ? 1.0f : 0.0f);
    const DictionaryAttr from = isGain ? gains : task.getValues();
    if (auto values =
            from ? from.getAs<ElementsAttr>(site.name) : ElementsAttr()) {
      const HostTensor host = toHostTensor(values);
      for (size_t i = 0; i < site.values.size() && i < host.values.size(); ++i)
        site.values[i] = static_cast<float>(host.values[i]);
    }
  }
}
