//===- Limits.cpp - Links and supplies of a mapped chip -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Mapping/Limits.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace nt::mapping;
using ntrt::Diag;
using ntrt::DiagnosticList;

static std::string text(uint64_t number) { return std::to_string(number); }

static std::string decimal(double number) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g", number);
  return buffer;
}

static std::string text(const GridPlace &place) {
  return "[" + std::to_string(place.row) + ", " + std::to_string(place.column) +
         "]";
}

static GridPlace placeOf(const ntrt::CoreConfig &core) {
  return {core.row, core.column};
}

//===----------------------------------------------------------------------===//
// H5: links
//===----------------------------------------------------------------------===//

/// Adds a rate to every link from one place to another: along the row, then
/// along the column, then into the core.
static void addAlong(LinkLoads &loads, GridPlace from, const GridPlace &to,
                     double rate_Hz) {
  auto step = [&](uint32_t &at, uint32_t end) {
    while (at != end) {
      GridPlace before = from;
      at += at < end ? 1u : ~0u;
      loads.rate_Hz[{before, from}] += rate_Hz;
    }
  };
  step(from.column, to.column);
  step(from.row, to.row);
  loads.rate_Hz[{to, to}] += rate_Hz;
}

double LinkLoads::largestRate_Hz() const {
  double largest = 0;
  for (const auto &[link, rate] : rate_Hz)
    largest = std::max(largest, rate);
  return largest;
}

LinkLoads nt::mapping::linkLoads(const ntrt::Program &program,
                                 const ntrt::DeviceModel &device) {
  LinkLoads loads;
  // At most one event a source and slot; a neuron may be slower than that.
  double inputRate = 1 / device.slot_s;
  double neuronRate = std::min(device.neuron.maxRate_Hz, inputRate);

  std::vector<uint32_t> fanOutOfInput(program.inputLines());
  for (const ntrt::InputRoute &route : program.inputRoutes) {
    ++fanOutOfInput[route.input];
    GridPlace to = placeOf(program.cores[route.targetCore]);
    addAlong(loads, to, to, inputRate);
  }
  for (uint32_t fanOut : fanOutOfInput)
    loads.fanOutOfInputs = std::max(loads.fanOutOfInputs, fanOut);

  loads.fanOutOfCore.resize(program.cores.size());
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> fanOut;
  for (const ntrt::Route &route : program.routes) {
    uint32_t axons = ++fanOut[{route.sourceCore, route.sourceNeuron}];
    uint32_t &largest = loads.fanOutOfCore[route.sourceCore];
    largest = std::max(largest, axons);
    addAlong(loads, placeOf(program.cores[route.sourceCore]),
             placeOf(program.cores[route.targetCore]), neuronRate);
  }
  return loads;
}

DiagnosticList nt::mapping::checkLinks(const ntrt::Program &program,
                                       const ntrt::DeviceModel &device) {
  DiagnosticList misfits;
  LinkLoads loads = linkLoads(program, device);
  auto checkFanOut = [&](uint32_t fanOut, const std::string &place) {
    if (fanOut > device.linkFanOut)
      misfits.push_back({Diag::MapFanOut, place,
                         "one of its events goes to " + text(fanOut) +
                             " axons, the limit is " +
                             text(device.linkFanOut)});
  };
  checkFanOut(loads.fanOutOfInputs, "inputs");
  for (size_t i = 0; i < program.cores.size(); ++i)
    checkFanOut(loads.fanOutOfCore[i],
                "core " + text(i) + " (layer " +
                    program.layers[program.cores[i].layer].name + ")");

  uint64_t over = 0;
  std::pair<double, Link> worst = {0, {}};
  for (const auto &[link, rate] : loads.rate_Hz) {
    over += rate > device.linkEventRate_Hz;
    if (rate > worst.first)
      worst = {rate, link};
  }
  if (over > 0) {
    const auto &[rate, link] = worst;
    std::string place =
        link.from == link.to
            ? "link into the core at " + text(link.to)
            : "link from " + text(link.from) + " to " + text(link.to);
    std::string more =
        over > 1 ? "; " + text(over - 1) + " more links exceed it too" : "";
    misfits.push_back({Diag::MapEventRate, place,
                       decimal(rate) + " events a second, the limit is " +
                           decimal(device.linkEventRate_Hz) + more});
  }
  return misfits;
}

//===----------------------------------------------------------------------===//
// H6: supplies
//===----------------------------------------------------------------------===//

std::vector<std::vector<double>>
nt::mapping::synapseCurrents_A(const ntrt::Program &program,
                               const ntrt::DeviceModel &device) {
  std::vector<std::vector<double>> currents;
  for (const ntrt::CoreConfig &core : program.cores) {
    std::vector<uint64_t> units(core.synapseDac.size());
    for (uint32_t axon = 0; axon < core.axons; ++axon)
      for (uint32_t column = 0; column < core.columns(); ++column)
        units[core.synapseDomain[column]] +=
            ntrt::unitsOf(core.sourcesAt(axon, column, device.synapse.digits));
    std::vector<double> &amperes = currents.emplace_back();
    for (size_t domain = 0; domain < units.size(); ++domain)
      amperes.push_back(
          double(units[domain]) *
          device.synapseDomain.lsbCurrent_A(core.synapseDac[domain]));
  }
  return currents;
}

std::vector<std::vector<double>>
nt::mapping::modulationCurrents_A(const ntrt::TaskOverlay &task,
                                  const ntrt::Program &program,
                                  const ntrt::DeviceModel &device) {
  std::vector<std::vector<double>> currents;
  for (size_t c = 0; c < task.cores.size(); ++c) {
    const ntrt::CoreModulation &core = task.cores[c];
    std::vector<uint64_t> units(core.dac.size());
    // Both cells of a pair take the word.
    for (const ntrt::ModulationWord &word : core.words)
      units[word.domain] += uint64_t(std::abs(int(word.code))) *
                            program.cores[c].columnsPerNeuron;
    std::vector<double> &amperes = currents.emplace_back();
    for (size_t domain = 0; domain < units.size(); ++domain)
      amperes.push_back(double(units[domain]) *
                        device.modulationDomain.lsbCurrent_A(core.dac[domain]));
  }
  return currents;
}

static DiagnosticList
checkCurrents(const std::vector<std::vector<double>> &currents,
              const ntrt::Program &program, double limit_A, const char *kind) {
  DiagnosticList misfits;
  for (size_t core = 0; core < currents.size(); ++core)
    for (size_t domain = 0; domain < currents[core].size(); ++domain)
      if (currents[core][domain] > limit_A)
        misfits.push_back({Diag::MapDomainCurrent,
                           "core " + text(core) + " (layer " +
                               program.layers[program.cores[core].layer].name +
                               "), " + kind + " domain " + text(domain),
                           decimal(currents[core][domain]) +
                               " A, the limit is " + decimal(limit_A) + " A"});
  return misfits;
}

DiagnosticList
nt::mapping::checkSynapseCurrents(const ntrt::Program &program,
                                  const ntrt::DeviceModel &device) {
  return checkCurrents(synapseCurrents_A(program, device), program,
                       device.synapseDomain.supplyLimit_A, "synapse");
}

DiagnosticList
nt::mapping::checkModulationCurrents(const ntrt::TaskOverlay &task,
                                     const ntrt::Program &program,
                                     const ntrt::DeviceModel &device) {
  return checkCurrents(modulationCurrents_A(task, program, device), program,
                       device.modulationDomain.supplyLimit_A, "modulation");
}
