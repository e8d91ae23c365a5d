//===- QuantisedNetwork.cpp - A quantised network as a list of layers -----===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "QuantisedNetwork.h"

#include "nt/Conversion/NTToSpike/SpikingForm.h"

#include "nt/Dialect/NT/IR/Joins.h"
#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace nt;

// What needs no device (counts, indices, signs) the verifiers of nt have
// checked.

/// Room for the rounding of a product and a quotient, nothing else.
static constexpr double kTolerance = 1e-9;

static bool differ(double a, double b) {
  return !(std::abs(a - b) <= kTolerance * std::max(std::abs(a), std::abs(b)));
}

/// A double with all the digits that tell it from its neighbours at kTolerance.
static std::string exactly(double value) {
  return llvm::formatv("{0:e12}", value);
}

/// Units of an activation without its batch dimension.
static ArrayRef<int64_t> unitShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().drop_front();
}

static int64_t units(ArrayRef<int64_t> shape) {
  int64_t product = 1;
  for (int64_t extent : shape)
    product *= extent;
  return product;
}

InFlightDiagnostic QuantisedNetwork::misfit(Operation *op, ntrt::Diag diag) {
  bad = true;
  return emitDiag(op, diag);
}

std::optional<QuantisedNetwork::Signal>
QuantisedNetwork::signalOf(Value value) const {
  auto found = signals.find(value);
  if (found == signals.end())
    return std::nullopt;
  return found->second;
}

LogicalResult QuantisedNetwork::read(ModuleOp module, func::FuncOp function) {
  Block &body = function.getBody().front();
  Value input = body.getArgument(0);
  inputShape = unitShape(input);
  hasSignedInputs = function->hasAttr(kSignedInputs);
  signals[input] = {Signal::Spikes, std::nullopt};
  for (Operation &op : body)
    readOp(&op);

  llvm::append_range(tasks, module.getOps<TaskOp>());
  if (tasks.empty())
    misfit(function, ntrt::Diag::TaskUnknown)
        << "the module has no nt.task, and a population takes its modulation "
           "words from one";
  for (TaskOp task : tasks)
    checkTask(task);
  return failure(bad);
}

bool nt::hasSpikingForm(Operation *op) {
  if (isa<FrozenLayer>(op))
    return isa<DenseOp, ConvOp>(op);
  if (auto clip = dyn_cast<ClipOp>(op))
    return clip.getLower().isZero(); // A rate is never below 0.
  if (auto add = dyn_cast<AddOp>(op))
    return isJoinable(add);
  return isa<NeuronLayer, ModulateOp, ReshapeOp, FrozenOp, func::ReturnOp>(op);
}

void QuantisedNetwork::readOp(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case<FrozenLayer>([&](FrozenLayer layer) { readLayer(layer); })
      .Case<NeuronLayer>([&](NeuronLayer layer) { readActivation(layer); })
      .Case<AddOp>([&](AddOp add) { readAdd(add); })
      .Case<ModulateOp>([&](ModulateOp modulate) { readModulate(modulate); })
      .Case<ReshapeOp>([&](ReshapeOp reshape) {
        // Units keep their row-major order.
        if (std::optional<Signal> signal = signalOf(reshape.getInput()))
          signals[reshape.getResult()] = *signal;
      })
      .Case<FrozenOp>([](FrozenOp) {})
      .Case<func::ReturnOp>([&](func::ReturnOp op) { readReturn(op); })
      .Default([&](Operation *other) {
        auto diagnostic = misfit(other, ntrt::Diag::SpikeUnsupported)
                          << other->getName();
        if (auto node = dyn_cast<NameLoc>(other->getLoc()))
          diagnostic << " of node '" << node.getName().getValue() << "'";
      });
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

void QuantisedNetwork::readLayer(FrozenLayer op) {
  Value input = op->getOperand(0);
  Value result = op->getResult(0);
  if (!hasSpikingForm(op)) {
    misfit(op, ntrt::Diag::SpikeUnsupported)
        << op->getName() << " \"" << op.getLayerName() << "\"";
    return;
  }
  QuantisedLayer layer;
  layer.op = op;
  layer.name = op.getLayerName();
  layer.inputShape = unitShape(input);
  layer.outputShape = unitShape(result);
  std::optional<Signal> signal = signalOf(input);
  if (signal && signal->kind != Signal::Spikes)
    misfit(op, ntrt::Diag::SpikeUnsupported)
        << "layer \"" << op.getLayerName() << "\" reads the sums of \""
        << layers[*signal->layer].name
        << "\" with no activation between, and only spikes can be sent";
  if (signal && signal->layer) {
    layer.source = signal->layer;
    layer.depth = layers[*signal->layer].depth + 1;
  }
  readDecisions(op, layer);

  // The ranges on both sides of a wire must be one.
  if (signal && !signal->layer) {
    bool first = llvm::none_of(
        layers, [](const QuantisedLayer &other) { return !other.source; });
    if (first)
      inputFullScale = layer.inputRange;
  }
  double feeding =
      layer.source ? layers[*layer.source].outputRange : inputFullScale;
  if (signal && differ(layer.inputRange, feeding))
    misfit(op, ntrt::Diag::SpikeNotQuantised)
        << "layer \"" << op.getLayerName() << "\" has input_range "
        << exactly(layer.inputRange) << ", what feeds it has "
        << exactly(feeding);
  signals[result] = {Signal::Sum, layers.size()};
  layers.push_back(layer);
}

void QuantisedNetwork::readDecisions(FrozenLayer op, QuantisedLayer &layer) {
  SmallVector<StringRef> missing;
  auto frozen = op.getFrozenWeights().getDefiningOp<FrozenOp>();
  if (frozen && frozen.getValue().getElementType().isSignlessInteger(8)) {
    layer.codes = frozen.getValue();
    layer.codesHash = frozen.getHashAttr();
  } else {
    missing.push_back("i8 codes");
  }
  auto range = [&](StringRef attribute, double &value) {
    auto attr = op->getAttrOfType<FloatAttr>(attribute);
    if (attr && attr.getValue().isFinite() && attr.getValueAsDouble() > 0)
      value = attr.getValueAsDouble();
    else
      missing.push_back(attribute);
  };
  range(FrozenLayer::kInputRange, layer.inputRange);
  range(FrozenLayer::kOutputRange, layer.outputRange);
  auto integers = [&](StringRef attribute, ArrayRef<int32_t> &value) {
    if (auto attr = op->getAttrOfType<DenseI32ArrayAttr>(attribute))
      value = attr;
    else
      missing.push_back(attribute);
  };
  integers(FrozenLayer::kDomainOfChannel, layer.domainOfChannel);
  integers(FrozenLayer::kDomainDac, layer.domainDac);
  if (!op->getAttrOfType<ElementsAttr>(FrozenLayer::kScales))
    missing.push_back(FrozenLayer::kScales);
  if (!missing.empty())
    misfit(op, ntrt::Diag::SpikeNotQuantised)
        << "layer \"" << layer.name << "\" lacks " << llvm::join(missing, ", ");
  if (op.getFrozenBias())
    misfit(op, ntrt::Diag::SpikeNotQuantised)
        << "layer \"" << layer.name
        << "\" still has a bias operand; domain assignment moves it into the "
           "modulation words";
  if (missing.empty()) {
    checkDomains(layer);
    checkScales(layer);
  }
}

void QuantisedNetwork::checkDac(Operation *op, const Twine &what,
                                ArrayRef<int32_t> dac, size_t onCore,
                                const ntrt::DomainModel &domain) {
  if (dac.empty() || onCore > domain.countPerCore)
    misfit(op, ntrt::Diag::DomainCount)
        << what << ": " << onCore << " domains, the device has 1.."
        << domain.countPerCore << " a core";
  for (auto [index, code] : llvm::enumerate(dac))
    if (static_cast<uint32_t>(code) >= domain.dacCodes())
      misfit(op, ntrt::Diag::DomainNoScale)
          << what << ": domain " << index << " has DAC code " << code
          << ", the device's are 0.." << domain.dacCodes() - 1;
}

void QuantisedNetwork::checkDomains(const QuantisedLayer &layer) {
  std::string what = ("layer \"" + layer.name + "\"").str();
  checkDac(layer.op, what, layer.domainDac,
           domainsOfCore(coreGroupsOf(layer.op), layer.domainOfChannel,
                         layer.domainDac.size()),
           device.synapseDomain);
  if (columnsPerNeuron(layer.op) > device.synapse.maxColumnsPerNeuron())
    misfit(layer.op, ntrt::Diag::PairDevice)
        << what << " is paired, " << device.name << " joins no columns";
  FailureOr<std::vector<int8_t>> codes = spike::readCodes(layer.codes);
  if (failed(codes)) {
    misfit(layer.op, ntrt::Diag::SpikeNotQuantised)
        << what << ": the values of its codes are missing";
    return;
  }
  const int limit = device.synapse.maxCode();
  size_t outside = llvm::count_if(
      *codes, [&](int8_t code) { return std::abs(int(code)) > limit; });
  if (outside != 0)
    misfit(layer.op, ntrt::Diag::CodeRange)
        << what << ": " << outside << " codes outside -" << limit << ".."
        << limit;
}

void QuantisedNetwork::checkScales(const QuantisedLayer &layer) {
  auto scales = layer.op->getAttrOfType<ElementsAttr>(FrozenLayer::kScales);
  HostTensor values = toHostTensor(scales);
  for (auto [channel, domain] : llvm::enumerate(layer.domainOfChannel)) {
    const uint32_t dac = layer.domainDac[domain];
    if (dac >= device.synapseDomain.dacCodes())
      continue; // Reported with the domains.
    double lsb_A = device.synapseDomain.lsbCurrent_A(dac);
    double realised =
        device.synapseStep(lsb_A,
                           static_cast<uint32_t>(columnsPerNeuron(layer.op))) *
        layer.outputRange / layer.inputRange;
    if (!differ(values.values[channel], realised))
      continue;
    // One for the layer: a wrong device gives as many as there are channels.
    misfit(layer.op, ntrt::Diag::DomainNoScale)
        << "layer \"" << layer.name
        << "\": " << (columnsPerNeuron(layer.op) > 1 ? "column " : "channel ")
        << channel << " has scale " << exactly(values.values[channel])
        << ", domain " << domain << " at DAC code " << dac << " of "
        << device.name << " gives " << exactly(realised);
    return;
  }
}

/// Sums of layers that join before their modulation are one population's.
void QuantisedNetwork::readAdd(AddOp op) {
  std::optional<Signal> lhs = signalOf(op.getLhs()),
                        rhs = signalOf(op.getRhs());
  if (!lhs || !rhs)
    return;
  if (joinedLayers(op.getResult()).empty()) {
    misfit(op, ntrt::Diag::SpikeUnsupported)
        << "nt.add of what is not the sums of layers, which nothing else "
           "reads (nt-lower-add)";
    return;
  }
  QuantisedLayer &first = layers[*lhs->layer];
  signals[op.getResult()] = {Signal::Sum, lhs->layer};
  SmallVector<size_t> added{*rhs->layer};
  llvm::append_range(added, layers[*rhs->layer].joined);
  for (size_t index : added) {
    QuantisedLayer &layer = layers[index];
    first.joined.push_back(index);
    layer.isJoined = true;
    if (layer.depth != first.depth)
      misfit(op, ntrt::Diag::SpikeUnsupported)
          << "layer \"" << layer.name << "\" is " << layer.depth
          << " layers deep and joins \"" << first.name << "\", which is "
          << first.depth << " deep: their spikes come in different slots";
    if (layer.domainDac != first.domainDac ||
        layer.domainOfChannel != first.domainOfChannel)
      misfit(op, ntrt::Diag::DomainNoScale)
          << "layer \"" << layer.name << "\" and \"" << first.name
          << "\" drive the same neurons and have different domains";
    if (differ(layer.outputRange, first.outputRange))
      misfit(op, ntrt::Diag::SpikeNotQuantised)
          << "layer \"" << layer.name << "\" has output_range "
          << exactly(layer.outputRange) << ", \"" << first.name
          << "\", which it joins, has " << exactly(first.outputRange);
  }
  layers[*rhs->layer].joined.clear();
}

//===----------------------------------------------------------------------===//
// Modulation, activations, result
//===----------------------------------------------------------------------===//

void QuantisedNetwork::readModulate(ModulateOp op) {
  std::optional<Signal> signal = signalOf(op.getInput());
  if (!signal)
    return;
  signals[op.getResult()] = {Signal::Modulated, signal->layer};
  if (signal->kind == Signal::Sum &&
      layers[*signal->layer].name == op.getSite())
    return;
  misfit(op, ntrt::Diag::SpikeUnsupported)
      << "the modulation of \"" << op.getSite()
      << "\" must stand right behind the layer of that name";
}

void QuantisedNetwork::readActivation(NeuronLayer op) {
  std::optional<Signal> signal = signalOf(op->getOperand(0));
  if (!signal)
    return;
  signals[op->getResult(0)] = {Signal::Spikes, signal->layer};
  if (signal->kind == Signal::Spikes) {
    misfit(op, ntrt::Diag::SpikeUnsupported)
        << op->getName() << " behind an activation, or on the network's input";
    return;
  }
  if (!hasSpikingForm(op))
    misfit(op, ntrt::Diag::SpikeUnsupported)
        << "a firing rate is never below 0, the clip's lower bound is "
        << cast<ClipOp>(*op).getLower().convertToDouble();
  std::optional<double> saturation = op.getSaturation();
  if (!saturation)
    return;
  const QuantisedLayer &layer = layers[*signal->layer];
  if (*saturation < layer.outputRange * (1 - kTolerance))
    misfit(op, ntrt::Diag::SpikeUnsupported)
        << "layer \"" << layer.name << "\" is clipped at " << *saturation
        << ", below its output_range of " << layer.outputRange
        << ", at which a rate saturates";
  else if (*saturation > layer.outputRange * (1 + kTolerance))
    emitDiagWarning(op->getLoc(), ntrt::Diag::SpikeSaturation)
        << "layer \"" << layer.name << "\" is clipped at " << *saturation
        << ", its rate saturates at its output_range of " << layer.outputRange;
}

void QuantisedNetwork::readReturn(func::ReturnOp op) {
  if (op.getNumOperands() != 1) {
    misfit(op, ntrt::Diag::SpikeUnsupported)
        << "the network must return one value";
    return;
  }
  std::optional<Signal> signal = signalOf(op.getOperand(0));
  if (!signal)
    return;
  if (!signal->layer) {
    misfit(op, ntrt::Diag::SpikeUnsupported) << "the network returns its input";
    return;
  }
  readout = *signal->layer;
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

void QuantisedNetwork::checkTask(TaskOp task) {
  for (const QuantisedLayer &layer : layers)
    if (!layer.isJoined)
      checkWords(task, layer);
  if (layers.empty())
    return;
  const int64_t outputs = units(layers[readout].outputShape);
  if (static_cast<int64_t>(task.getClasses().size()) != outputs)
    misfit(task, ntrt::Diag::TaskShape)
        << "the network has " << outputs << " outputs, task @"
        << task.getSymName() << " " << task.getClasses().size() << " classes";
}

void QuantisedNetwork::checkWords(TaskOp task, const QuantisedLayer &layer) {
  StringRef site = layer.name;
  std::string what =
      ("task @" + task.getSymName() + ", site \"" + site + "\"").str();
  DictionaryAttr all = task.getWordsAttr();
  auto words = all ? all.getAs<WordsAttr>(site) : WordsAttr();
  if (!words) {
    misfit(task, ntrt::Diag::TaskMissingSite) << what << " has no words";
    return;
  }
  const int64_t neurons = units(layer.outputShape);
  if (words.getCodes().getNumElements() != neurons)
    misfit(task, ntrt::Diag::TaskShape)
        << what << " has " << words.getCodes().getNumElements() << " words for "
        << neurons << " neurons";
  checkDac(task, what, words.getDac(), words.getDac().size(),
           device.modulationDomain);

  FailureOr<std::vector<int8_t>> codes = spike::readCodes(words.getCodes());
  if (failed(codes)) {
    misfit(task, ntrt::Diag::TaskShape)
        << what << ": the values of its codes are missing";
    return;
  }
  const int limit = device.synapse.maxCode();
  size_t outside = llvm::count_if(
      *codes, [&](int8_t code) { return std::abs(int(code)) > limit; });
  if (outside != 0)
    misfit(task, ntrt::Diag::CodeRange)
        << what << ": " << outside << " codes outside -" << limit << ".."
        << limit;
}
