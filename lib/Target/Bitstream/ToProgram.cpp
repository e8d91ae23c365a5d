//===- ToProgram.cpp - Chip IR to decoded bitstreams ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Bitstream/Bitstream.h"

#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace nt;
using namespace nt::chip;
using ntrt::Diag;

/// Printed volts are decimal text of a double: a reader may round them.
static constexpr double kVoltsTolerance = 1e-6;

std::string chip::hashText(uint64_t hash) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format_hex_no_prefix(hash, 16);
  return text;
}

template <typename T> static std::vector<T> listOf(ElementsAttr elements) {
  SmallVector<int32_t> values = *integersOf(elements);
  return std::vector<T>(values.begin(), values.end());
}

/// Compares the device that the program names with the given one.
static LogicalResult checkDevice(ProgramOp program,
                                 const ntrt::DeviceModel &device) {
  if (program.getDevice() == StringRef(device.name) &&
      program.getDeviceHash() == hashText(device.hash))
    return success();
  return emitDiag(program.getLoc(), Diag::BitDevice)
         << "it was mapped for " << program.getDevice() << " with hash "
         << program.getDeviceHash() << ", but " << device.name << " has hash "
         << hashText(device.hash);
}

/// Rule H3: the volts of each domain are those of its DAC code.
static LogicalResult checkVolts(CoreOp core, const ntrt::DeviceModel &device) {
  bool failing = false;
  const ntrt::DomainModel &model = device.synapseDomain;
  for (DomainOp domain : core.getOps<DomainOp>()) {
    if (domain.getDac() >= model.dacCodes()) {
      failing = true;
      emitDiag(domain.getLoc(), Diag::ChipStructure)
          << "DAC code " << domain.getDac() << ", the DAC has " << model.dacBits
          << " bits (rule H3)";
      continue;
    }
    double volts = model.volts(domain.getDac());
    double found = domain.getVolts().convertToDouble();
    if (std::abs(found - volts) > kVoltsTolerance) {
      failing = true;
      emitDiag(domain.getLoc(), Diag::ChipStructure)
          << found << " V, but DAC code " << domain.getDac() << " gives "
          << volts << " V (rule H3)";
    }
  }
  return failure(failing);
}

static ntrt::CoreConfig toCore(CoreOp core) {
  ntrt::CoreConfig config;
  config.row = uint32_t(core.getRow());
  config.column = uint32_t(core.getColumn());
  config.axons = uint32_t(core.getNumAxons());
  config.neurons = uint32_t(core.getNumNeurons());
  config.columnsPerNeuron = uint32_t(core.getColumnsPerNeuron());
  config.startSlot = core.getStartSlot();
  config.codes = listOf<int8_t>(core.getArray().getCodes());
  if (std::optional<ElementsAttr> sources = core.getArray().getSources())
    config.sources = listOf<ntrt::Sources>(*sources);
  config.synapseDomain = listOf<uint8_t>(core.getNeuronBank().getDomains());
  for (DomainOp domain : core.getOps<DomainOp>())
    config.synapseDac.push_back(uint16_t(domain.getDac()));
  config.layer = core.getLayer();
  config.layerNeuron = listOf<uint32_t>(core.getNeuronBank().getNeurons());
  return config;
}

static void addRoutes(ProgramOp program,
                      const DenseMap<StringAttr, uint32_t> &coreIndex,
                      ntrt::Program &result) {
  for (InputOp input : program.getOps<InputOp>()) {
    uint32_t target = coreIndex.at(input.getTargetAttr().getAttr());
    auto axons = listOf<uint32_t>(input.getAxons());
    for (auto [source, axon] :
         llvm::zip_equal(listOf<uint32_t>(input.getInputs()), axons))
      result.inputRoutes.push_back({source, target, axon});
  }
  for (RouteOp route : program.getOps<RouteOp>()) {
    uint32_t source = coreIndex.at(route.getSourceAttr().getAttr());
    uint32_t target = coreIndex.at(route.getTargetAttr().getAttr());
    auto axons = listOf<uint32_t>(route.getAxons());
    for (auto [neuron, axon] :
         llvm::zip_equal(listOf<uint32_t>(route.getNeurons()), axons))
      result.routes.push_back({source, neuron, target, axon});
  }
  llvm::sort(result.inputRoutes);
  llvm::sort(result.routes);
}

FailureOr<ntrt::Program> chip::toProgram(ProgramOp program,
                                         const ntrt::DeviceModel &device) {
  ntrt::Program result;
  result.name = program.getSymName().str();
  result.deviceName = program.getDevice().str();
  result.deviceHash = device.hash;
  result.inputs = program.getInputs();
  result.inputFullScale = program.getFullScale().convertToDouble();
  result.normalisation = inputNormalisationOf(program).canonical();
  result.defaultSlots = program.getSlots();
  // The cases have the numbers of the file format.
  result.readoutKind = static_cast<ntrt::ReadoutKind>(program.getReadout());
  result.encoding = static_cast<ntrt::InputEncoding>(program.getEncoding());

  bool failing = failed(checkDevice(program, device));
  if (program.getDigits() != device.synapse.digits) {
    failing = true;
    emitDiag(program.getLoc(), Diag::CodeRange)
        << program.getDigits() << " digits, a synapse of the device has "
        << device.synapse.digits;
  }
  for (LayerOp layer : program.getOps<LayerOp>())
    result.layers.push_back({layer.getLayerName().str(), layer.getNeurons()});
  DenseMap<StringAttr, uint32_t> coreIndex;
  for (CoreOp core : program.getOps<CoreOp>()) {
    failing |= failed(checkVolts(core, device));
    coreIndex[core.getSymNameAttr()] = uint32_t(result.cores.size());
    result.cores.push_back(toCore(core));
  }
  addRoutes(program, coreIndex, result);
  result.readout.resize(size_t(program.getNumOutputs()));
  for (ReadoutOp readout : program.getOps<ReadoutOp>()) {
    uint32_t core = coreIndex.at(readout.getCoreAttr().getAttr());
    for (auto [neuron, output] :
         llvm::zip_equal(readout.getNeurons(), readout.getOutputs()))
      result.readout[output] = {core, uint32_t(neuron)};
  }
  // What is reported above would be reported once more.
  if (failing)
    return failure();
  if (ntrt::DiagnosticList misfits = ntrt::checkProgram(result, device);
      !misfits.empty())
    return emitDiags(program.getLoc(), misfits);
  return result;
}

FailureOr<ntrt::TaskOverlay> chip::toTask(TaskOp task,
                                          const ntrt::Program &program,
                                          const ntrt::DeviceModel &device) {
  ntrt::TaskOverlay result;
  result.name = task.getSymName().str();
  result.deviceHash = device.hash;
  result.programHash = ntrt::programHash(program, device);
  result.classOfOutput.assign(task.getClasses().begin(),
                              task.getClasses().end());
  result.cores.resize(program.cores.size());

  DenseMap<StringAttr, uint32_t> coreIndex;
  for (auto [index, core] :
       llvm::enumerate(task.getProgramOp().getOps<CoreOp>()))
    coreIndex[core.getSymNameAttr()] = uint32_t(index);
  for (ModulationOp modulation : task.getOps<ModulationOp>()) {
    uint32_t index = coreIndex.at(modulation.getCoreAttr().getAttr());
    ntrt::CoreModulation &core = result.cores[index];
    core.dac.assign(modulation.getDac().begin(), modulation.getDac().end());
    auto domains = listOf<uint8_t>(modulation.getDomains());
    for (auto [code, domain] :
         llvm::zip_equal(listOf<int8_t>(modulation.getCodes()), domains))
      core.words.push_back({domain, code});
  }
  if (ntrt::DiagnosticList misfits = ntrt::checkTask(result, program, device);
      !misfits.empty())
    return emitDiags(task.getLoc(), misfits);
  return result;
}
