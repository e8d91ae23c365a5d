//===- RandomProgram.h - Programs and tasks to test with --------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_UNITTESTS_RANDOMPROGRAM_H
#define NTRT_UNITTESTS_RANDOMPROGRAM_H

#include "ntrt/Bitstream.h"

#include <algorithm>
#include <random>

namespace ntrt::test {

/// A small device on which random programs are lively.
inline DeviceModel testDevice() {
  DeviceModel device;
  device.name = "test";
  device.hash = 0x1122334455667788u;
  device.synapse.digits = 3;
  device.synapse.pulseWidth_s = 1e-6;
  for (DomainModel *domain :
       {&device.synapseDomain, &device.modulationDomain}) {
    domain->countPerCore = 4;
    domain->dacBits = 6;
    domain->voltsMin = 1;
    domain->voltsMax = 2;
    domain->curveVolts = {1, 2};
    domain->staticPower_W = 3e-6;
  }
  device.synapseDomain.curveAmperes = {5e-9, 1e-7};
  device.modulationDomain.curveAmperes = {1e-10, 2e-9};
  device.neuron.capacitance_F = 1e-12;
  device.neuron.leak_S = 5e-9;
  device.neuron.vRest_V = device.neuron.vReset_V = 0.9;
  device.neuron.vThreshold_V = 1.2;
  device.neuron.vInit_V = 1.05;
  device.neuron.railLow_V = 0;
  device.neuron.railHigh_V = 1.8;
  device.neuron.refractory_s = 1.3e-5;
  device.neuron.reset = ResetKind::Subtract;
  device.coreAxons = 100;
  device.coreNeurons = 80;
  device.gridRows = 3;
  device.gridColumns = 4;
  device.slot_s = 1e-5;
  device.energy = {1e-14, 2e-13, 1e-12, 1e-5};
  return device;
}

class RandomPrograms {
public:
  explicit RandomPrograms(uint32_t seed) : generator(seed) {}

  /// A feed-forward program of three layers on two cores each, with domains,
  /// gaps and several targets a source; half of the cores have pairs of columns
  /// where the device joins them.
  Program program(const DeviceModel &device) {
    Program program;
    program.name = "random";
    program.deviceName = device.name;
    program.deviceHash = device.hash;
    program.inputs = 30;
    program.inputFullScale = 1;
    program.defaultSlots = 20;
    uint32_t layerCount = 3, coresPerLayer = 2;
    for (uint32_t layer = 0; layer < layerCount; ++layer) {
      uint32_t firstCore = uint32_t(program.cores.size());
      program.layers.push_back({"layer" + std::to_string(layer), 0});
      for (uint32_t i = 0; i < coresPerLayer; ++i) {
        addCore(program, device, layer);
        connect(program, layer == 0, firstCore - coresPerLayer, firstCore,
                uint32_t(program.cores.size()) - 1);
      }
    }
    const CoreConfig &last = program.cores.back();
    for (uint32_t n = 0; n < std::min(last.neurons, 5u); ++n)
      program.readout.push_back({uint32_t(program.cores.size()) - 1, n});
    std::sort(program.routes.begin(), program.routes.end());
    std::sort(program.inputRoutes.begin(), program.inputRoutes.end());
    return program;
  }

  /// Every second route becomes one of an input's line for values below 0.
  void signInputs(Program &program) {
    program.encoding = InputEncoding::Signed;
    for (InputRoute &route : program.inputRoutes)
      route.input += below(2) * program.inputs;
    std::sort(program.inputRoutes.begin(), program.inputRoutes.end());
  }

  TaskOverlay task(const Program &program, const DeviceModel &device) {
    TaskOverlay task;
    task.name = "task";
    task.deviceHash = device.hash;
    task.programHash = frozenHash(encodeProgram(program, device));
    for (const CoreConfig &core : program.cores) {
      CoreModulation modulation;
      modulation.dac = dacCodes(device.modulationDomain);
      for (uint32_t n = 0; n < core.neurons; ++n)
        modulation.words.push_back(
            {uint8_t(below(uint32_t(modulation.dac.size()))), code(device)});
      task.cores.push_back(std::move(modulation));
    }
    for (size_t i = 0; i < program.readout.size(); ++i)
      task.classOfOutput.push_back(uint32_t(10 + 2 * i));
    return task;
  }

  std::vector<float> image(uint32_t size) {
    std::vector<float> values(size);
    for (float &value : values)
      value = below(3) ? float(below(1000)) / 900 : 0;
    return values;
  }

  uint32_t below(uint32_t limit) { return generator() % limit; }

private:
  int8_t code(const DeviceModel &device) {
    int32_t limit = device.synapse.maxCode();
    return int8_t(int32_t(below(uint32_t(2 * limit + 1))) - limit);
  }

  std::vector<uint16_t> dacCodes(const DomainModel &domain) {
    std::vector<uint16_t> codes(1 + below(domain.countPerCore));
    for (uint16_t &dac : codes)
      dac = uint16_t(below(domain.dacCodes()));
    return codes;
  }

  void addCore(Program &program, const DeviceModel &device, uint32_t layer) {
    CoreConfig core;
    uint32_t index = uint32_t(program.cores.size());
    core.row = index / device.gridColumns;
    core.column = index % device.gridColumns;
    core.axons = 20 + below(60);
    core.neurons = 10 + below(70);
    if (device.synapse.pairing == ColumnPairing::AdjacentColumns && below(2)) {
      core.columnsPerNeuron = 2;
      core.neurons = (core.neurons + 1) / 2;
    }
    core.layer = layer;
    core.startSlot = 1 + layer * (1 + device.linkLatency_slots);
    core.synapseDac = dacCodes(device.synapseDomain);
    for (uint32_t n = 0; n < core.neurons; ++n) {
      for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
        core.synapseDomain.push_back(
            uint8_t(below(uint32_t(core.synapseDac.size()))));
      core.layerNeuron.push_back(program.layers[layer].neurons++);
    }
    for (uint32_t axon = 0; axon < core.axons; ++axon) {
      bool isEmpty = below(8) == 0;
      for (uint32_t column = 0; column < core.columns(); ++column)
        core.codes.push_back(isEmpty ? int8_t(0) : code(device));
    }
    program.cores.push_back(std::move(core));
  }

  /// Gives most axons of a core a source in the layer before.
  void connect(Program &program, bool isFirst, uint32_t sourcesFrom,
               uint32_t sourcesTo, uint32_t target) {
    for (uint32_t axon = 0; axon < program.cores[target].axons; ++axon) {
      if (below(10) == 0)
        continue;
      if (isFirst) {
        program.inputRoutes.push_back({below(program.inputs), target, axon});
        continue;
      }
      uint32_t source = sourcesFrom + below(sourcesTo - sourcesFrom);
      program.routes.push_back(
          {source, below(program.cores[source].neurons), target, axon});
    }
  }

  std::mt19937 generator;
};

/// Does a diagnostic of this kind contain the text?
inline bool has(const DiagnosticList &diagnostics, Diag diag,
                const std::string &text = "") {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [&](const Diagnostic &diagnostic) {
                       return diagnostic.diag == diag &&
                              diagnostic.str().find(text) != std::string::npos;
                     });
}

} // namespace ntrt::test

#endif // NTRT_UNITTESTS_RANDOMPROGRAM_H
