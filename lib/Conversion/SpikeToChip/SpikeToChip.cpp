//===- SpikeToChip.cpp - Partition, place and route a spiking network -----===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the network into mapping problems, lets lib/Mapping solve them, and
// writes the solution as a program, which becomes chip IR.
//
//===----------------------------------------------------------------------===//
#include "nt/Conversion/Passes.h"

#include "nt/Dialect/Chip/IR/ChipOps.h"
#include "nt/Dialect/Spike/IR/SpikeOps.h"
#include "nt/Mapping/Limits.h"
#include "nt/Mapping/PartitionProblem.h"
#include "nt/Mapping/PlacementProblem.h"
#include "nt/Support/CoreGroups.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"
#include "nt/Target/Bitstream/Bitstream.h"

#include <map>
#include <numeric>
#include <set>

namespace nt {
#define GEN_PASS_DEF_CONVERTSPIKETOCHIP
#include "nt/Conversion/Passes.h.inc"
} // namespace nt

using namespace mlir;
using namespace nt;
using ntrt::Diag;

//===----------------------------------------------------------------------===//
// Is the network one that the device realises?
//===----------------------------------------------------------------------===//

/// Compares what the network says of the device with the device: the chip has
/// one kind of neuron and one time, and can follow no other.
static LogicalResult checkDevice(spike::NetworkOp network,
                                 const ntrt::DeviceModel &device) {
  if (network.getDevice() != StringRef(device.name) ||
      network.getDeviceHash() != chip::hashText(device.hash))
    return emitDiag(network.getLoc(), Diag::BitDevice)
           << "the network was converted for " << network.getDevice()
           << " with hash " << network.getDeviceHash() << ", but "
           << device.name << " has hash " << chip::hashText(device.hash);

  bool failing = false;
  auto require = [&](bool condition, Operation *op, Diag diag,
                     const Twine &detail) {
    if (!condition)
      failing |= failed(emitDiag(op->getLoc(), diag) << detail);
  };
  spike::TimingAttr timing = network.getTiming();
  require(timing.getSlot_s() == device.slot_s &&
              timing.getPulse_s() == device.synapse.pulseWidth_s &&
              timing.getLatency() == device.linkLatency_slots,
          network, Diag::SpikeParameter, "its timing is not the device's");
  require(int64_t(network.getDigits()) == int64_t(device.synapse.digits),
          network, Diag::CodeRange,
          Twine(network.getDigits()) + " digits, a synapse of the device has " +
              Twine(device.synapse.digits));
  auto lif = spike::LIFAttr::get(network.getContext(), device.neuron);
  for (spike::PopulationOp population : network.getPopulations()) {
    require(population.getLif() == lif, population, Diag::SpikeParameter,
            "the neurons of \"" + population.getLayerName() +
                "\" are not the device's");
    require(population.getConnection().getColumnsPerNeuron() <=
                device.synapse.maxColumnsPerNeuron(),
            population.getConnection(), Diag::PairDevice,
            "\"" + population.getLayerName() + "\" is paired");
    for (spike::ConnectOp joined : population.getConnections())
      require(!joined.getPaired() || population.getConnections().size() == 1,
              joined, Diag::PairStage,
              "neurons of \"" + population.getLayerName() +
                  "\" that several connections drive");
    // Those that join it have the same.
    spike::DomainsAttr domains = population.getConnection().getDomains();
    for (auto [dac, lsb] :
         llvm::zip_equal(domains.getDac(), domains.getLsb().asArrayRef()))
      require(dac >= 0 && uint32_t(dac) < device.synapseDomain.dacCodes() &&
                  lsb == device.synapseDomain.lsbCurrent_A(uint32_t(dac)),
              population.getConnection(), Diag::DomainNoScale,
              "DAC code " + Twine(dac) + " of \"" + population.getLayerName() +
                  "\" does not give the stated LSB current");
  }
  return failure(failing);
}

//===----------------------------------------------------------------------===//
// The mapping of one network
//===----------------------------------------------------------------------===//

namespace {
class NetworkMapper {
public:
  NetworkMapper(spike::NetworkOp network, ArrayRef<spike::TaskOp> tasks,
                const ntrt::DeviceModel &device)
      : network(network), tasks(tasks), device(device),
        populations(network.getPopulations()) {
    for (auto [index, population] : llvm::enumerate(populations))
      layerOf[population.getResult()] = uint32_t(index);
  }

  /// Replaces the network and its tasks by chip IR.
  LogicalResult run();

private:
  /// Where a neuron of a layer is: core, and its number there.
  struct Seat {
    uint32_t core, neuron;
  };

  /// Neurons of a layer that may share a core, as mapping sees them: those of
  /// the channels of one core group.
  struct Share {
    uint32_t layer = 0;
    std::vector<int64_t> channels;
  };

  std::vector<Share> sharesOf(uint32_t layer);
  mapping::PartitionLayer describe(const Share &share);
  /// The neuron of the layer that is `index` in a share.
  int64_t neuronOf(const Share &share, uint32_t index) {
    const int64_t positions =
        populations[share.layer].getNumNeurons() /
        populations[share.layer].getConnection().getNumChannels();
    return share.channels[index / positions] * positions + index % positions;
  }
  LogicalResult partition();
  LogicalResult place();
  LogicalResult fillCores();
  void route();
  void addReadout();
  ntrt::TaskOverlay overlay(spike::TaskOp task) const;
  LogicalResult check(const std::vector<ntrt::TaskOverlay> &overlays);

  /// One input of a layer: those of all its connections count one after the
  /// other.
  struct LayerInput {
    std::optional<uint32_t> source; ///< A layer; nullopt: the network's inputs.
    uint32_t unit;
  };
  LayerInput inputOf(uint32_t layer, uint32_t input);
  /// Calls visit(input, connection, weight) for the synapses of a neuron.
  void forEachSynapse(spike::PopulationOp population, int64_t neuron,
                      function_ref<void(uint32_t, size_t, int64_t)> visit);
  LogicalResult report(Location loc, const ntrt::DiagnosticList &misfits) {
    return misfits.empty() ? success() : emitDiags(loc, misfits);
  }

  spike::NetworkOp network;
  ArrayRef<spike::TaskOp> tasks;
  const ntrt::DeviceModel &device;
  std::vector<spike::PopulationOp> populations;
  DenseMap<Value, uint32_t> layerOf;
  mapping::PartitionSolution parts;
  /// seats[layer][neuron].
  std::vector<std::vector<Seat>> seats;
  ntrt::Program program;
};
} // namespace

NetworkMapper::LayerInput NetworkMapper::inputOf(uint32_t layer,
                                                 uint32_t input) {
  for (spike::ConnectOp connection : populations[layer].getConnections()) {
    if (const auto inputs = uint32_t(connection.getNumInputs());
        input >= inputs) {
      input -= inputs;
      continue;
    }
    auto found = layerOf.find(connection.getInput());
    if (found == layerOf.end())
      return {std::nullopt, input};
    return {found->second, input};
  }
  llvm_unreachable("an input that no connection has");
}

void NetworkMapper::forEachSynapse(
    spike::PopulationOp population, int64_t neuron,
    function_ref<void(uint32_t, size_t, int64_t)> visit) {
  uint32_t first = 0;
  for (auto [index, connection] :
       llvm::enumerate(population.getConnections())) {
    connection.forEachSynapse(neuron, [&](int64_t input, int64_t weight) {
      visit(first + uint32_t(input), index, weight);
    });
    first += uint32_t(connection.getNumInputs());
  }
}

std::vector<NetworkMapper::Share> NetworkMapper::sharesOf(uint32_t layer) {
  spike::ConnectOp connection = populations[layer].getConnection();
  const ArrayRef<int32_t> groups = coreGroupsOf(connection);
  std::map<int32_t, Share> shares;
  for (int64_t c = 0; c < connection.getNumChannels(); ++c) {
    Share &share = shares[groups.empty() ? 0 : groups[c]];
    share.layer = layer;
    share.channels.push_back(c);
  }
  std::vector<Share> result;
  for (auto &[group, share] : shares)
    result.push_back(std::move(share));
  return result;
}

mapping::PartitionLayer NetworkMapper::describe(const Share &share) {
  spike::PopulationOp population = populations[share.layer];
  spike::ConnectOp connection = population.getConnection();
  mapping::PartitionLayer layer;
  layer.name = population.getLayerName().str();
  for (spike::ConnectOp each : population.getConnections())
    layer.inputs += uint32_t(each.getNumInputs());
  layer.channels = uint32_t(share.channels.size());
  if (std::optional<ConvGeometry> geometry = connection.getGeometry()) {
    layer.height = uint32_t(geometry->outHeight());
    layer.width = uint32_t(geometry->outWidth());
  }
  for (uint32_t neuron = 0; neuron < layer.neurons(); ++neuron) {
    std::vector<uint32_t> &inputs = layer.inputsOf.emplace_back();
    forEachSynapse(
        population, neuronOf(share, neuron),
        [&](uint32_t input, size_t, int64_t) { inputs.push_back(input); });
    llvm::sort(inputs);
    inputs.erase(llvm::unique(inputs), inputs.end());
  }
  layer.columnsPerNeuron = uint32_t(connection.getColumnsPerNeuron());
  std::set<int32_t> domains;
  for (int64_t channel : share.channels)
    for (int64_t i = 0; i < connection.getColumnsPerNeuron(); ++i)
      domains.insert(
          connection
              .getDomainOfChannel()[channel * connection.getColumnsPerNeuron() +
                                    i]);
  layer.synapseDomains = coreGroupsOf(connection).empty()
                             ? uint32_t(connection.getDomains().getNumDomains())
                             : uint32_t(domains.size());
  for (spike::TaskOp task : tasks)
    layer.modulationDomains =
        std::max(layer.modulationDomains,
                 uint32_t(task.getWordsOf(population.getLayerName())
                              .getDomains()
                              .getNumDomains()));
  return layer;
}

LogicalResult NetworkMapper::partition() {
  mapping::PartitionProblem problem;
  problem.limits = mapping::PartitionLimits::of(device);
  std::vector<Share> shares;
  for (uint32_t layer = 0; layer < populations.size(); ++layer)
    llvm::append_range(shares, sharesOf(layer));
  for (const Share &share : shares)
    problem.layers.push_back(describe(share));
  ntrt::Result<mapping::PartitionSolution> solution = mapping::solve(problem);
  if (!solution)
    return emitDiags(network.getLoc(), solution.diagnostics());
  parts = std::move(*solution);
  for (mapping::CorePart &part : parts.cores) {
    const Share &share = shares[part.layer];
    for (uint32_t &neuron : part.neurons)
      neuron = uint32_t(neuronOf(share, neuron));
    part.layer = share.layer;
  }

  seats.resize(populations.size());
  for (auto [layer, population] : llvm::enumerate(populations))
    seats[layer].resize(size_t(population.getNumNeurons()));
  for (auto [core, part] : llvm::enumerate(parts.cores))
    for (auto [seat, neuron] : llvm::enumerate(part.neurons))
      seats[part.layer][neuron] = {uint32_t(core), uint32_t(seat)};
  return success();
}

/// One axon for each input that any neuron of a core has.
void NetworkMapper::route() {
  for (auto [target, part] : llvm::enumerate(parts.cores)) {
    for (auto [axon, input] : llvm::enumerate(part.inputs)) {
      const auto [source, unit] = inputOf(part.layer, input);
      if (source) {
        Seat seat = seats[*source][unit];
        program.routes.push_back(
            {seat.core, seat.neuron, uint32_t(target), uint32_t(axon)});
      } else {
        program.inputRoutes.push_back({unit, uint32_t(target), uint32_t(axon)});
      }
    }
  }
  llvm::sort(program.routes);
  llvm::sort(program.inputRoutes);
}

LogicalResult NetworkMapper::place() {
  mapping::PlacementProblem problem;
  problem.rows = device.gridRows;
  problem.columns = device.gridColumns;
  problem.cores = uint32_t(parts.cores.size());
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> events;
  for (const ntrt::Route &route : program.routes)
    ++events[{route.sourceCore, route.targetCore}];
  for (auto &[pair, count] : events)
    problem.flows.push_back({pair.first, pair.second, count});
  ntrt::Result<mapping::PlacementSolution> solution = mapping::solve(problem);
  if (!solution)
    return emitDiags(network.getLoc(), solution.diagnostics());
  for (auto [core, at] : llvm::zip_equal(program.cores, solution->places)) {
    core.row = at.row;
    core.column = at.column;
  }
  return success();
}

/// A domain that a core has not.
static constexpr uint8_t kAbsent = UINT8_MAX;

/// For each synapse domain of a layer, its number on a core: all of them, or
/// those that the core's neurons take where cores have volts of their own.
static std::vector<uint8_t> localDomains(spike::ConnectOp connection,
                                         const mapping::CorePart &part) {
  std::vector<uint8_t> local(
      static_cast<size_t>(connection.getDomains().getNumDomains()), kAbsent);
  if (coreGroupsOf(connection).empty()) {
    std::iota(local.begin(), local.end(), uint8_t(0));
    return local;
  }
  for (uint32_t neuron : part.neurons)
    for (int64_t i = 0; i < connection.getColumnsPerNeuron(); ++i)
      local[static_cast<size_t>(connection.getDomainOf(neuron, i))] = 0;
  uint8_t next = 0;
  for (uint8_t &domain : local)
    if (domain != kAbsent)
      domain = next++;
  return local;
}

LogicalResult NetworkMapper::fillCores() {
  for (const mapping::CorePart &part : parts.cores) {
    spike::PopulationOp population = populations[part.layer];
    spike::ConnectOp connection = population.getConnection();
    std::vector<std::vector<int8_t>> codes; // Of each connection.
    uint32_t inputs = 0;
    for (spike::ConnectOp each : population.getConnections()) {
      FailureOr<std::vector<int8_t>> held = spike::readCodes(each.getCodes());
      if (failed(held))
        return each.emitOpError("has codes that cannot be read");
      codes.push_back(std::move(*held));
      inputs += uint32_t(each.getNumInputs());
    }

    ntrt::CoreConfig &core = program.cores.emplace_back();
    core.axons = uint32_t(part.inputs.size());
    core.neurons = uint32_t(part.neurons.size());
    core.columnsPerNeuron = uint32_t(connection.getColumnsPerNeuron());
    core.startSlot = uint32_t(population.getStartSlot());
    core.layer = part.layer;
    core.layerNeuron = part.neurons;
    const std::vector<uint8_t> localDomain = localDomains(connection, part);
    for (auto [domain, dac] : llvm::enumerate(connection.getDomains().getDac()))
      if (localDomain[domain] != kAbsent)
        core.synapseDac.push_back(uint16_t(dac));
    core.codes.resize(size_t(core.axons) * core.columns());
    std::vector<uint32_t> axonOf(inputs);
    for (auto [axon, input] : llvm::enumerate(part.inputs))
      axonOf[input] = uint32_t(axon);
    for (auto [seat, neuron] : llvm::enumerate(part.neurons)) {
      const uint32_t first = core.columnOf(uint32_t(seat));
      for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
        core.synapseDomain.push_back(
            localDomain[size_t(connection.getDomainOf(neuron, i))]);
      forEachSynapse(
          population, neuron, [&](uint32_t input, size_t from, int64_t weight) {
            for (uint32_t i = 0; i < core.columnsPerNeuron; ++i)
              core.codes[size_t(axonOf[input]) * core.columns() + first + i] =
                  codes[from][size_t(connection.getCodeIndex(weight, i))];
          });
    }
  }
  return success();
}

void NetworkMapper::addReadout() {
  spike::ReadoutOp readout = network.getReadout();
  // The cases have the numbers of the file format.
  program.readoutKind = static_cast<ntrt::ReadoutKind>(readout.getKind());
  for (const Seat &seat : seats[layerOf.at(readout.getInput())])
    program.readout.push_back({seat.core, seat.neuron});
}

ntrt::TaskOverlay NetworkMapper::overlay(spike::TaskOp task) const {
  ntrt::TaskOverlay result;
  result.name = task.getSymName().str();
  result.deviceHash = device.hash;
  result.classOfOutput.assign(task.getClasses().begin(),
                              task.getClasses().end());
  for (const mapping::CorePart &part : parts.cores) {
    spike::PopulationOp population = populations[part.layer];
    spike::WordsAttr words = task.getWordsOf(population.getLayerName());
    std::vector<int8_t> codes = *spike::readCodes(words.getCodes());
    std::vector<int8_t> domains = *spike::readCodes(words.getDomainOf());
    ntrt::CoreModulation &core = result.cores.emplace_back();
    core.dac.assign(words.getDomains().getDac().begin(),
                    words.getDomains().getDac().end());
    for (uint32_t neuron : part.neurons)
      core.words.push_back({uint8_t(domains[neuron]), codes[neuron]});
  }
  return result;
}

/// Rules H1 to H6 on what was made: the second judge of the mapping.
LogicalResult
NetworkMapper::check(const std::vector<ntrt::TaskOverlay> &overlays) {
  if (failed(report(network.getLoc(), ntrt::checkProgram(program, device))))
    return failure();
  bool failing =
      failed(report(network.getLoc(), mapping::checkLinks(program, device)));
  failing |= failed(
      report(network.getLoc(), mapping::checkSynapseCurrents(program, device)));
  for (auto [task, overlay] : llvm::zip_equal(tasks, overlays))
    failing |= failed(
        report(spike::TaskOp(task).getLoc(),
               mapping::checkModulationCurrents(overlay, program, device)));
  return failure(failing);
}

LogicalResult NetworkMapper::run() {
  spike::EncodeOp encode = network.getEncode();
  program.name = network.getSymName().str();
  program.deviceName = device.name;
  program.deviceHash = device.hash;
  program.inputs = uint32_t(encode.getNumInputs());
  program.encoding = static_cast<ntrt::InputEncoding>(encode.getEncoding());
  program.inputFullScale = encode.getFullScale().convertToDouble();
  program.normalisation = inputNormalisationOf(network).canonical();
  program.defaultSlots = uint32_t(network.getSlots());
  for (spike::PopulationOp population : populations)
    program.layers.push_back({population.getLayerName().str(),
                              uint32_t(population.getNumNeurons())});

  if (failed(partition()) || failed(fillCores()))
    return failure();
  route();
  if (failed(place()))
    return failure();
  addReadout();
  std::vector<ntrt::TaskOverlay> overlays;
  for (spike::TaskOp task : tasks)
    overlays.push_back(overlay(task));
  if (failed(check(overlays)))
    return failure();

  OpBuilder builder(network);
  chip::buildProgram(builder, network.getLoc(), program, device);
  for (auto [task, overlay] : llvm::zip_equal(tasks, overlays))
    chip::buildTask(builder, spike::TaskOp(task).getLoc(), overlay,
                    program.name);
  for (spike::TaskOp task : tasks)
    task.erase();
  network.erase();
  return success();
}

namespace {
struct ConvertSpikeToChip
    : nt::impl::ConvertSpikeToChipBase<ConvertSpikeToChip> {
  using ConvertSpikeToChipBase::ConvertSpikeToChipBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    ntrt::Result<ntrt::DeviceModel> model = ntrt::DeviceModel::load(device);
    if (!model) {
      (void)emitDiags(module.getLoc(), model.diagnostics());
      return signalPassFailure();
    }
    auto networks = llvm::to_vector(module.getOps<spike::NetworkOp>());
    if (networks.empty()) {
      emitDiag(module.getLoc(), Diag::ChipStructure)
          << "the module has no spike.network to map";
      return signalPassFailure();
    }
    bool failing = false;
    for (spike::NetworkOp network : networks) {
      SmallVector<spike::TaskOp> tasks;
      for (auto task : module.getOps<spike::TaskOp>())
        if (task.getNetwork() == network.getSymName())
          tasks.push_back(task);
      if (failed(checkDevice(network, *model)) ||
          failed(NetworkMapper(network, tasks, *model).run()))
        failing = true;
    }
    if (failing)
      signalPassFailure();
  }
};
} // namespace
