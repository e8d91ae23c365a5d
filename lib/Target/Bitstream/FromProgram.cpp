//===- FromProgram.cpp - Decoded bitstreams to chip IR --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Bitstream/Bitstream.h"

#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"

#include <map>

using namespace mlir;
using namespace nt;
using namespace nt::chip;
using ntrt::Diag;

static std::string coreName(size_t index) {
  return "core_" + std::to_string(index);
}

/// A tensor<Nxi8> or tensor<Nxi32>.
template <typename T>
static DenseElementsAttr listOf(OpBuilder &builder, ArrayRef<T> values) {
  auto type = RankedTensorType::get({int64_t(values.size())},
                                    builder.getIntegerType(sizeof(T) * 8));
  return DenseElementsAttr::get(type, values);
}

namespace {
/// Builds one program; bitstream in, IR out, nothing checked.
class ProgramBuilder {
public:
  ProgramBuilder(OpBuilder &builder, Location loc, const ntrt::Program &program,
                 const ntrt::DeviceModel &device)
      : loc(loc), program(program), device(device), builder(builder) {
    for (size_t i = 0; i < program.cores.size(); ++i)
      coreNames.push_back(
          FlatSymbolRefAttr::get(builder.getContext(), coreName(i)));
  }

  ProgramOp build();

private:
  template <typename T> DenseElementsAttr list(ArrayRef<T> values) {
    return listOf<T>(builder, values);
  }
  void addCore(size_t index);
  void addInputs();
  void addRoutes();
  void addReadouts();

  Location loc;
  const ntrt::Program &program;
  const ntrt::DeviceModel &device;
  OpBuilder &builder;
  SmallVector<FlatSymbolRefAttr> coreNames;
};
} // namespace

void ProgramBuilder::addCore(size_t index) {
  const ntrt::CoreConfig &core = program.cores[index];
  auto op = builder.create<CoreOp>(
      loc, coreNames[index].getAttr(),
      builder.getDenseI32ArrayAttr({int32_t(core.row), int32_t(core.column)}),
      builder.getI32IntegerAttr(int32_t(core.layer)),
      builder.getI32IntegerAttr(int32_t(core.startSlot)),
      core.isPaired() ? builder.getUnitAttr() : UnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&op.getBody());
  for (auto [domain, dac] : llvm::enumerate(core.synapseDac))
    builder.create<DomainOp>(
        loc, builder.getI32IntegerAttr(int32_t(domain)),
        builder.getI32IntegerAttr(dac),
        builder.getF64FloatAttr(device.synapseDomain.volts(dac)));
  auto arrayType = RankedTensorType::get(
      {int64_t(core.axons), int64_t(core.columns())}, builder.getI8Type());
  ElementsAttr sources;
  if (!core.sources.empty())
    sources = DenseElementsAttr::get(
        RankedTensorType::get(arrayType.getShape(), builder.getI32Type()),
        ArrayRef(llvm::to_vector_of<int32_t>(core.sources)));
  builder.create<ArrayOp>(
      loc, DenseElementsAttr::get(arrayType, ArrayRef<int8_t>(core.codes)),
      sources);
  builder.create<NeuronBankOp>(
      loc,
      list(ArrayRef(reinterpret_cast<const int32_t *>(core.layerNeuron.data()),
                    core.layerNeuron.size())),
      list(ArrayRef(reinterpret_cast<const int8_t *>(core.synapseDomain.data()),
                    core.synapseDomain.size())));
}

void ProgramBuilder::addInputs() {
  struct Lists {
    SmallVector<int32_t> inputs, axons;
  };
  std::map<uint32_t, Lists> byTarget;
  for (const ntrt::InputRoute &route : program.inputRoutes) {
    Lists &lists = byTarget[route.targetCore];
    lists.inputs.push_back(int32_t(route.input));
    lists.axons.push_back(int32_t(route.targetAxon));
  }
  for (auto &[target, lists] : byTarget)
    builder.create<InputOp>(loc, coreNames[target], list<int32_t>(lists.inputs),
                            list<int32_t>(lists.axons));
}

void ProgramBuilder::addRoutes() {
  struct Lists {
    SmallVector<int32_t> neurons, axons;
  };
  std::map<std::pair<uint32_t, uint32_t>, Lists> byPair;
  for (const ntrt::Route &route : program.routes) {
    Lists &lists = byPair[{route.sourceCore, route.targetCore}];
    lists.neurons.push_back(int32_t(route.sourceNeuron));
    lists.axons.push_back(int32_t(route.targetAxon));
  }
  for (auto &[pair, lists] : byPair)
    builder.create<RouteOp>(loc, coreNames[pair.first], coreNames[pair.second],
                            list<int32_t>(lists.neurons),
                            list<int32_t>(lists.axons));
}

void ProgramBuilder::addReadouts() {
  struct Lists {
    SmallVector<int32_t> neurons, outputs;
  };
  std::map<uint32_t, Lists> byCore;
  for (auto [output, neuron] : llvm::enumerate(program.readout)) {
    Lists &lists = byCore[neuron.core];
    lists.neurons.push_back(int32_t(neuron.neuron));
    lists.outputs.push_back(int32_t(output));
  }
  for (auto &[core, lists] : byCore)
    builder.create<ReadoutOp>(loc, coreNames[core],
                              builder.getDenseI32ArrayAttr(lists.neurons),
                              builder.getDenseI32ArrayAttr(lists.outputs));
}

ProgramOp ProgramBuilder::build() {
  auto op = builder.create<ProgramOp>(
      loc, builder.getStringAttr(program.name),
      builder.getStringAttr(program.deviceName),
      builder.getStringAttr(hashText(program.deviceHash)),
      builder.getI32IntegerAttr(int32_t(program.inputs)),
      EncodingAttr::get(builder.getContext(),
                        static_cast<Encoding>(program.encoding)),
      builder.getF64FloatAttr(program.inputFullScale),
      ReadoutKindAttr::get(builder.getContext(),
                           static_cast<ReadoutKind>(program.readoutKind)),
      builder.getI32IntegerAttr(int32_t(program.defaultSlots)),
      builder.getI32IntegerAttr(int32_t(device.synapse.digits)));
  recordInputNormalisation(op, program.normalisation);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&op.getBody());
  for (const ntrt::Layer &layer : program.layers)
    builder.create<LayerOp>(loc, builder.getStringAttr(layer.name),
                            builder.getI32IntegerAttr(int32_t(layer.neurons)));
  for (size_t i = 0; i < program.cores.size(); ++i)
    addCore(i);
  addInputs();
  addRoutes();
  addReadouts();
  return op;
}

ProgramOp chip::buildProgram(OpBuilder &builder, Location loc,
                             const ntrt::Program &program,
                             const ntrt::DeviceModel &device) {
  return ProgramBuilder(builder, loc, program, device).build();
}

TaskOp chip::buildTask(OpBuilder &builder, Location loc,
                       const ntrt::TaskOverlay &task, StringRef programName) {
  SmallVector<int32_t> classes =
      llvm::to_vector_of<int32_t>(task.classOfOutput);
  auto op = builder.create<TaskOp>(
      loc, builder.getStringAttr(task.name),
      FlatSymbolRefAttr::get(builder.getContext(), programName),
      builder.getDenseI32ArrayAttr(classes));
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&op.getBody());
  for (auto [index, core] : llvm::enumerate(task.cores)) {
    SmallVector<int32_t> dac = llvm::to_vector_of<int32_t>(core.dac);
    SmallVector<int8_t> codes, domains;
    for (const ntrt::ModulationWord &word : core.words) {
      codes.push_back(word.code);
      domains.push_back(int8_t(word.domain));
    }
    builder.create<ModulationOp>(
        loc, FlatSymbolRefAttr::get(builder.getContext(), coreName(index)),
        builder.getDenseI32ArrayAttr(dac), listOf<int8_t>(builder, codes),
        listOf<int8_t>(builder, domains));
  }
  return op;
}

OwningOpRef<ModuleOp> chip::fromProgram(Location loc,
                                        const ntrt::Program &program,
                                        ArrayRef<ntrt::TaskOverlay> tasks,
                                        const ntrt::DeviceModel &device) {
  bool failing = false;
  if (program.name.empty()) {
    failing = true;
    emitDiag(loc, Diag::ChipStructure) << "the program has no name";
  }
  llvm::StringSet<> names = {StringRef(program.name)};
  for (const ntrt::TaskOverlay &task : tasks) {
    if (task.name.empty()) {
      failing = true;
      emitDiag(loc, Diag::ChipStructure) << "a task has no name";
    } else if (!names.insert(task.name).second) {
      failing = true;
      emitDiag(loc, Diag::TaskExists)
          << "\"" << task.name << "\" names a program or task already";
    }
  }
  if (failing)
    return nullptr;

  loc.getContext()->loadDialect<ChipDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  buildProgram(builder, loc, program, device);
  for (const ntrt::TaskOverlay &task : tasks)
    buildTask(builder, loc, task, program.name);
  if (failed(verify(*module)))
    return nullptr;
  return module;
}
