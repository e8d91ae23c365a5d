//===- InspectCommand.cpp - ntc inspect -----------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "Session.h"
#include "Table.h"

#include "nt/Conversion/NTToSpike/SpikingForm.h"
#include "nt/Dialect/NT/IR/NTOps.h"

#include "ntrt/DeviceModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace ntc;
namespace json = llvm::json;

namespace {

/// A layer as neurons and synapses.
struct LayerRow {
  std::string name, kind;
  int64_t neurons = 0, synapses = 0, weights = 0, fanIn = 0, modulation = 0;
};

/// An op that the spiking or the chip stage will refuse.
struct Refusal {
  std::string node, kind, reason;
};

std::string nodeOf(Operation *op) {
  if (auto name = dyn_cast<NameLoc>(op->getLoc()))
    return name.getName().str();
  return "";
}

/// Why an op has no spiking form, and the way out.
std::string whyNotSpiking(Operation *op) {
  if (isa<nt::ClipOp>(op))
    return "a firing rate is never below 0; shift the bound into the bias";
  if (isa<nt::MaxPoolOp>(op))
    return "a maximum of rates is no sum of currents; train with strided "
           "convolutions or average pools";
  if (isa<nt::AvgPoolOp>(op))
    return "it leaves its pads uncounted, so its weights differ by place; set "
           "count_include_pad, or no pads";
  if (isa<nt::AddOp>(op))
    return "it adds what may be below 0, or what something else reads too, or "
           "no activation is behind it; see docs/spiking.md, residual adds";
  if (isa<nt::ConcatOp>(op))
    return "branches side by side are not converted yet";
  if (isa<nt::SoftmaxOp>(op))
    return "it divides by a sum over neurons; end the network with it, where "
           "it is left out";
  if (isa<nt::FakeQuantizeOp>(op))
    return "spikes count in steps of their own; run nt-lower-fake-quantize";
  if (op->getName().getDialectNamespace() == "tosa")
    return "arithmetic on activations is no sum of currents; see "
           "docs/supported-ops.md";
  return "no neuron or synapse computes it";
}

/// Synapses of a layer and the most that one neuron has. Neurons of a channel
/// differ by padding; channels do not.
LayerRow readLayer(nt::FrozenLayer layer) {
  LayerRow row;
  row.name = layer.getLayerName().str();
  row.kind = layer->getName().getStringRef().str();
  row.neurons = layer.getNumNeurons();
  const int64_t channels = layer.getNumChannels();
  for (int64_t neuron = 0; neuron < row.neurons / channels; ++neuron) {
    int64_t inputs = 0;
    layer.forEachSynapse(neuron, [&](int64_t, int64_t) { ++inputs; });
    row.synapses += inputs * channels;
    row.fanIn = std::max(row.fanIn, inputs);
  }
  row.weights = cast<RankedTensorType>(layer.getFrozenWeights().getType())
                    .getNumElements();
  for (Operation *reader : layer->getResult(0).getUsers())
    if (auto modulate = dyn_cast<nt::ModulateOp>(reader))
      row.modulation = modulate.getNumValues();
  return row;
}

/// What the model would need of a device, as far as counting tells.
struct Needs {
  std::vector<Refusal> tooWide; ///< More inputs a neuron than a core's axons.
  int64_t leastCores = 0;
  int64_t cores = 0;
};

Needs needsOf(llvm::ArrayRef<LayerRow> layers,
              const ntrt::DeviceModel &device) {
  Needs needs;
  needs.cores = int64_t(device.gridRows) * device.gridColumns;
  for (const LayerRow &layer : layers) {
    if (layer.fanIn > int64_t(device.coreAxons))
      needs.tooWide.push_back(
          {layer.name, layer.kind,
           llvm::formatv("a neuron has {0} inputs, a core {1} axons (rule H4)",
                         layer.fanIn, device.coreAxons)});
    needs.leastCores +=
        (layer.neurons + device.coreNeurons - 1) / int64_t(device.coreNeurons);
  }
  return needs;
}

json::Array toJson(llvm::ArrayRef<Refusal> refusals) {
  json::Array array;
  for (const Refusal &refusal : refusals)
    array.push_back(json::Object{{"node", refusal.node},
                                 {"op", refusal.kind},
                                 {"reason", refusal.reason}});
  return array;
}

json::Object toJson(llvm::ArrayRef<LayerRow> layers,
                    llvm::ArrayRef<Refusal> refusals) {
  json::Array layerArray;
  for (const LayerRow &layer : layers)
    layerArray.push_back(json::Object{{"name", layer.name},
                                      {"kind", layer.kind},
                                      {"neurons", layer.neurons},
                                      {"synapses", layer.synapses},
                                      {"weights", layer.weights},
                                      {"fan_in", layer.fanIn},
                                      {"modulation_values", layer.modulation}});
  return json::Object{{"layers", std::move(layerArray)},
                      {"refused_by_spiking", toJson(refusals)}};
}

/// Text in a quoted string of the DOT language.
std::string escaped(llvm::StringRef text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\')
      out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

/// The network for Graphviz: layers with their sizes, ops that the spiking
/// stage will refuse in red; constants are left out.
std::string toDot(func::FuncOp network, llvm::ArrayRef<LayerRow> layers) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::DenseMap<Operation *, unsigned> numberOf;
  const LayerRow *layer = layers.begin();
  out << "digraph network {\n  node [shape=box, fontname=\"sans-serif\"];\n"
      << "  input [shape=ellipse, label=\"input\\n"
      << network.getArgument(0).getType() << "\"];\n";
  for (Operation &op : network.getBody().front()) {
    if (op.hasTrait<OpTrait::ConstantLike>() || isa<nt::FrozenOp>(op))
      continue;
    const unsigned number = numberOf.size();
    numberOf[&op] = number;
    const bool isEnd = op.hasTrait<OpTrait::IsTerminator>();
    out << "  n" << number << " [";
    if (isEnd) {
      out << "shape=ellipse, label=\"output";
    } else {
      out << "label=\"" << escaped(nodeOf(&op)) << "\\n" << op.getName();
      if (isa<nt::FrozenLayer>(op)) {
        out << llvm::formatv("\\n{0:N} neurons, {1:N} synapses, fan-in {2:N}",
                             layer->neurons, layer->synapses, layer->fanIn);
        ++layer;
      }
    }
    out << "\"";
    if (!isEnd && !nt::hasSpikingForm(&op))
      out << ", color=red, fontcolor=red";
    out << "];\n";
    for (Value operand : op.getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (!source)
        out << "  input -> n" << number << ";\n";
      else if (auto found = numberOf.find(source); found != numberOf.end())
        out << "  n" << found->second << " -> n" << number << ";\n";
    }
  }
  out << "}\n";
  return text;
}

void printLayers(llvm::ArrayRef<LayerRow> layers) {
  LayerRow total;
  std::vector<std::vector<std::string>> table = {
      {"layer", "op", "neurons", "synapses (MACs)", "fan-in", "weights",
       "modulation values"}};
  auto number = [](int64_t value) {
    return llvm::formatv("{0:N}", value).str();
  };
  for (const LayerRow &layer : layers) {
    table.push_back({layer.name, layer.kind, number(layer.neurons),
                     number(layer.synapses), number(layer.fanIn),
                     number(layer.weights), number(layer.modulation)});
    total.neurons += layer.neurons;
    total.synapses += layer.synapses;
    total.fanIn = std::max(total.fanIn, layer.fanIn);
    total.weights += layer.weights;
    total.modulation += layer.modulation;
  }
  table.push_back({"all", "", number(total.neurons), number(total.synapses),
                   number(total.fanIn), number(total.weights),
                   number(total.modulation)});
  printTable(llvm::outs(), table);
}

} // namespace

int ntc::runInspect(const InspectOptions &options) {
  std::optional<ntrt::DeviceModel> device;
  if (!options.device.empty()) {
    ntrt::Result<ntrt::DeviceModel> loaded =
        ntrt::DeviceModel::load(options.device);
    if (!loaded)
      return report(loaded.diagnostics());
    device = std::move(*loaded);
  }
  Session session;
  OwningOpRef<ModuleOp> module =
      session.load(options.model, options.inputShapes);
  if (!module)
    return kInputFault;
  for (const char *pipeline :
       {"nt-import-pipeline", "nt-normalize-pipeline", "nt-modulate-pipeline"})
    if (failed(session.run(*module, pipeline)))
      return kInputFault;

  std::vector<LayerRow> layers;
  std::vector<Refusal> refusals;
  for (auto function : module->getOps<func::FuncOp>())
    for (Operation &op : function.getBody().front()) {
      if (auto layer = dyn_cast<nt::FrozenLayer>(op))
        layers.push_back(readLayer(layer));
      if (!nt::hasSpikingForm(&op) && !op.hasTrait<OpTrait::ConstantLike>())
        refusals.push_back({nodeOf(&op), op.getName().getStringRef().str(),
                            whyNotSpiking(&op)});
    }

  if (!options.dot.empty())
    for (auto function : module->getOps<func::FuncOp>())
      if (!writeText(options.dot, toDot(function, layers)))
        return kInputFault;

  json::Object object = toJson(layers, refusals);
  std::optional<Needs> needs;
  if (device) {
    needs = needsOf(layers, *device);
    object["device"] = json::Object{
        {"name", device->name},
        {"least_cores", needs->leastCores},
        {"cores", needs->cores},
        {"layers_too_wide", static_cast<int64_t>(needs->tooWide.size())},
        {"refused_by_chip", toJson(needs->tooWide)}};
  }
  if (options.json) {
    llvm::outs() << llvm::formatv("{0:2}\n", json::Value(std::move(object)));
    return kDone;
  }
  printLayers(layers);
  for (const Refusal &refusal : refusals)
    llvm::outs() << "\n  no spiking form: " << refusal.kind << " of node '"
                 << refusal.node << "': " << refusal.reason;
  llvm::outs() << (refusals.empty()
                       ? "\n  every operator has a spiking form\n"
                       : "\n  (it runs in float; no chip stage takes it)\n");
  if (!needs)
    return kDone;
  llvm::outs() << llvm::formatv(
      "  {0}: at least {1} of {2} cores; {3} of {4} layers have more inputs "
      "a neuron than the {5} axons of a core\n",
      device->name, needs->leastCores, needs->cores, needs->tooWide.size(),
      layers.size(), device->coreAxons);
  for (const Refusal &refusal : needs->tooWide)
    llvm::outs() << "    does not fit a core: layer '" << refusal.node
                 << "': " << refusal.reason << "\n";
  return kDone;
}
