//===- NTToSpike.cpp - A quantised network as LIF populations -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "QuantisedNetwork.h"
#include "SignedInputs.h"

#include "nt/Conversion/Passes.h"
#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"
#include "ntrt/Program.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

namespace nt {
#define GEN_PASS_DEF_CONVERTNTTOSPIKE
#include "nt/Conversion/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;

namespace {
/// Writes a network that QuantisedNetwork has found to be in order.
class SpikeBuilder {
public:
  SpikeBuilder(const QuantisedNetwork &network, const ntrt::DeviceModel &device)
      : network(network), device(device) {}

  spike::NetworkOp buildNetwork(OpBuilder &builder, func::FuncOp function,
                                uint32_t slots, spike::ReadoutKind readout);
  void buildTask(OpBuilder &builder, TaskOp task, spike::NetworkOp parent);

private:
  Value buildConnection(OpBuilder &builder, const QuantisedLayer &layer,
                        Value input);
  Value buildPopulation(OpBuilder &builder, const QuantisedLayer &layer,
                        ValueRange currents);
  /// DAC codes with the currents that the device's curve gives (H3).
  spike::DomainsAttr domains(MLIRContext *context, ArrayRef<int32_t> dac,
                             ntrt::DomainKind kind);

  const QuantisedNetwork &network;
  const ntrt::DeviceModel &device;
};

struct ConvertNTToSpike : nt::impl::ConvertNTToSpikeBase<ConvertNTToSpike> {
  using ConvertNTToSpikeBase::ConvertNTToSpikeBase;

  void runOnOperation() override {
    if (failed(convert()))
      signalPassFailure();
  }

private:
  LogicalResult convert();
};
} // namespace

spike::DomainsAttr SpikeBuilder::domains(MLIRContext *context,
                                         ArrayRef<int32_t> dac,
                                         ntrt::DomainKind kind) {
  SmallVector<double> lsb_A;
  for (int32_t code : dac)
    lsb_A.push_back(device.domain(kind).lsbCurrent_A(code));
  return spike::DomainsAttr::get(context, dac,
                                 DenseF64ArrayAttr::get(context, lsb_A));
}

Value SpikeBuilder::buildConnection(OpBuilder &builder,
                                    const QuantisedLayer &layer, Value input) {
  MLIRContext *context = builder.getContext();
  Location loc = layer.op->getLoc();
  StringAttr name = builder.getStringAttr(layer.name);
  Synapses synapses{layer.codes, layer.codesHash, {}};
  if (auto conv = dyn_cast<ConvOp>(layer.op))
    synapses.geometry = spike::ConvAttr::get(
        context, layer.inputShape, conv.getStrides(), conv.getPads(),
        conv.getDilations(), conv.getGroups());
  if (network.hasSignedInputs && !layer.source)
    synapses = ofSignedInputs(synapses);
  auto connection = builder.create<spike::ConnectOp>(
      loc, spike::CurrentType::get(context, layer.outputShape), input, name,
      columnsPerNeuron(layer.op) > 1 ? builder.getUnitAttr() : UnitAttr(),
      synapses.geometry, synapses.codes, synapses.hash,
      builder.getDenseI32ArrayAttr(layer.domainOfChannel),
      domains(context, layer.domainDac, ntrt::DomainKind::Synapse));
  if (auto groups = layer.op->getAttr(kCoreGroups))
    connection->setAttr(kCoreGroups, groups);
  return connection;
}

Value SpikeBuilder::buildPopulation(OpBuilder &builder,
                                    const QuantisedLayer &layer,
                                    ValueRange currents) {
  MLIRContext *context = builder.getContext();
  // An input is heard of one slot later; the spike of a neuron takes the link's
  // latency besides.
  const int64_t start =
      1 + (layer.depth - 1) * (1 + int64_t(device.linkLatency_slots));
  return builder.create<spike::PopulationOp>(
      layer.op->getLoc(), spike::EventsType::get(context, layer.outputShape),
      currents, builder.getStringAttr(layer.name),
      spike::LIFAttr::get(context, device.neuron),
      builder.getI64IntegerAttr(start),
      builder.getF64FloatAttr(layer.outputRange));
}

/// The model's name if the module knows it, else the function's.
static StringAttr networkName(func::FuncOp function) {
  auto module = function->getParentOfType<ModuleOp>();
  if (auto model = module->getAttrOfType<StringAttr>("nt.model"))
    return model;
  return function.getSymNameAttr();
}

spike::NetworkOp SpikeBuilder::buildNetwork(OpBuilder &builder,
                                            func::FuncOp function,
                                            uint32_t slots,
                                            spike::ReadoutKind readout) {
  MLIRContext *context = builder.getContext();
  auto parent = builder.create<spike::NetworkOp>(
      function.getLoc(), networkName(function),
      builder.getStringAttr(device.name),
      builder.getStringAttr(spike::hashToHex(device.hash)),
      builder.getI64IntegerAttr(device.synapse.digits),
      builder.getI64IntegerAttr(slots),
      spike::TimingAttr::get(context, APFloat(device.slot_s),
                             APFloat(device.synapse.pulseWidth_s),
                             device.linkLatency_slots));
  recordInputNormalisation(parent, inputNormalisationOf(function));
  OpBuilder body = OpBuilder::atBlockEnd(&parent.getBody().emplaceBlock());
  SmallVector<int64_t> units(network.inputShape);
  if (network.hasSignedInputs)
    units.front() *= 2;
  Value input = body.create<spike::EncodeOp>(
      function.getLoc(), spike::EventsType::get(context, units),
      network.hasSignedInputs ? spike::Encoding::Signed
                              : spike::Encoding::Regular,
      APFloat(network.inputFullScale));
  // Joined layers may come before or behind the one that they join.
  SmallVector<Value> outputs(network.layers.size());
  auto connect = [&](size_t index) {
    const QuantisedLayer &layer = network.layers[index];
    return buildConnection(body, layer,
                           layer.source ? outputs[*layer.source] : input);
  };
  for (auto [index, layer] : llvm::enumerate(network.layers)) {
    if (layer.isJoined)
      continue;
    SmallVector<Value> currents{connect(index)};
    for (size_t joined : layer.joined)
      currents.push_back(connect(joined));
    outputs[index] = buildPopulation(body, layer, currents);
  }
  body.create<spike::ReadoutOp>(function.getLoc(), readout,
                                outputs[network.readout]);
  return parent;
}

void SpikeBuilder::buildTask(OpBuilder &builder, TaskOp task,
                             spike::NetworkOp parent) {
  MLIRContext *context = builder.getContext();
  NamedAttrList words;
  for (const QuantisedLayer &layer : network.layers) {
    if (layer.isJoined)
      continue;
    auto old = task.getWords()->getAs<WordsAttr>(layer.name);
    words.set(layer.name,
              spike::WordsAttr::get(context, old.getCodes(), old.getDomains(),
                                    domains(context, old.getDac(),
                                            ntrt::DomainKind::Modulation)));
  }
  builder.create<spike::TaskOp>(
      task.getLoc(), task.getSymNameAttr(), FlatSymbolRefAttr::get(parent),
      task.getClassesAttr(), words.getDictionary(context));
}

/// Ranges and words know nothing of what a leak or a hard reset takes.
static void warnUncorrected(Location loc, const ntrt::DeviceModel &device) {
  // Below, full test sets lose nothing to it (docs/spiking.md).
  constexpr double kNoticedLeak = 0.01;
  const ntrt::NeuronModel &neuron = device.neuron;
  const double leak =
      1 - std::exp(-neuron.leak_S * device.slot_s / neuron.capacitance_F);
  std::string what;
  if (neuron.reset == ntrt::ResetKind::Hard)
    what = "its neurons reset hard, and charge above threshold is lost";
  if (leak >= kNoticedLeak)
    what += llvm::formatv(
        "{0}a leak takes {1:f1} % of the membrane's distance from rest in a "
        "slot, the limit is {2:f0} %",
        what.empty() ? "" : "; ", 100 * leak, 100 * kNoticedLeak);
  if (!what.empty())
    emitDiagWarning(loc, ntrt::Diag::SpikeUncorrected)
        << device.name << ": " << what;
}

LogicalResult ConvertNTToSpike::convert() {
  ModuleOp module = getOperation();
  bool bad = false;
  auto badOption = [&]() {
    bad = true;
    return emitDiag(module.getLoc(), ntrt::Diag::OptionInvalid);
  };
  std::optional<spike::ReadoutKind> kind = spike::symbolizeReadoutKind(readout);
  if (!kind)
    badOption() << "readout is \"" << readout
                << "\", not count, membrane or first";
  if (slots < 1 || slots > ntrt::kMaxSlots)
    badOption() << "slots is " << slots.getValue() << ", not 1.."
                << ntrt::kMaxSlots;
  if (device.empty())
    badOption() << "device is not given";
  if (bad)
    return failure();

  ntrt::Result<ntrt::DeviceModel> model = ntrt::DeviceModel::load(device);
  if (!model)
    return emitDiags(module.getLoc(), model.diagnostics());
  FailureOr<func::FuncOp> function = findNetwork(module);
  if (failed(function))
    return failure();
  QuantisedNetwork network(*model);
  if (failed(network.read(module, *function)))
    return failure();
  if (!fitted)
    warnUncorrected(function->getLoc(), *model);

  SpikeBuilder writer(network, *model);
  OpBuilder builder(*function);
  spike::NetworkOp parent =
      writer.buildNetwork(builder, *function, slots, *kind);
  for (TaskOp task : network.tasks) {
    builder.setInsertionPoint(task);
    writer.buildTask(builder, task, parent);
  }
  for (TaskOp task : network.tasks)
    task.erase();
  (*function).erase();
  return success();
}
