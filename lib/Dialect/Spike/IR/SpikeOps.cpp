//===- SpikeOps.cpp - Ops of the spike dialect
//------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/Spike/IR/SpikeOps.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using nt::ConvGeometry;
using nt::emitDiag;
using nt::hashOfElements;
using namespace nt::spike;

/// Types of currents as short as that of a single one: <4>, <4>.
static ParseResult parseCurrents(OpAsmParser &parser,
                                 SmallVectorImpl<Type> &types) {
  return parser.parseCommaSeparatedList([&]() -> ParseResult {
    CurrentType type;
    if (parser.parseCustomTypeWithFallback(type))
      return failure();
    types.push_back(type);
    return success();
  });
}

static void printCurrents(OpAsmPrinter &printer, Operation *, TypeRange types) {
  llvm::interleaveComma(types, printer, [&](Type type) {
    printer.printStrippedAttrOrType(cast<CurrentType>(type));
  });
}

#define GET_OP_CLASSES
#include "nt/Dialect/Spike/IR/SpikeOps.cpp.inc"

/// Reports the codes of `value` that are outside ±limit (rule H1), counted, and
/// the first described by its flat index; fails if there are any.
static LogicalResult verifyCodes(Operation *op, const Twine &what,
                                 ElementsAttr value, int64_t limit) {
  FailureOr<std::vector<int8_t>> codes = readCodes(value);
  if (failed(codes))
    return op->emitOpError() << what << " must be i8 values that are present, "
                             << "found " << value.getShapedType();
  size_t bad = 0, first = 0;
  for (auto [index, code] : llvm::enumerate(*codes))
    if (std::abs(int(code)) > limit && bad++ == 0)
      first = index;
  if (bad == 0)
    return success();
  return emitDiag(op, ntrt::Diag::CodeRange)
         << what << " hold " << bad << " codes outside -" << limit << ".."
         << limit << "; the first, " << int((*codes)[first]) << ", at index "
         << first;
}

//===----------------------------------------------------------------------===//
// NetworkOp
//===----------------------------------------------------------------------===//

LogicalResult NetworkOp::verify() {
  bool bad = false;
  if (getDeviceHash().size() != 16 ||
      !llvm::all_of(getDeviceHash(),
                    [](char digit) { return llvm::isHexDigit(digit); })) {
    emitOpError() << "hash must be 16 hex digits, found \"" << getDeviceHash()
                  << "\"";
    bad = true;
  }
  // An i8 holds a sign and seven digits.
  if (getDigits() < 1 || getDigits() > 7) {
    emitOpError() << "digits must be 1 to 7 (rule H1), found " << getDigits();
    bad = true;
  }
  if (getSlots() < 1) {
    emitDiag(*this, ntrt::Diag::SimSlots) << "found " << getSlots();
    bad = true;
  }
  return failure(bad);
}

LogicalResult NetworkOp::verifyRegions() {
  size_t encoders = llvm::range_size(getBody().getOps<EncodeOp>());
  size_t readouts = llvm::range_size(getBody().getOps<ReadoutOp>());
  if (encoders != 1 || readouts != 1)
    return emitOpError() << "needs one spike.encode and one spike.readout, "
                            "found "
                         << encoders << " and " << readouts;

  llvm::StringMap<Operation *> named;
  for (PopulationOp population : getBody().getOps<PopulationOp>()) {
    auto [place, inserted] =
        named.try_emplace(population.getLayerName(), population);
    if (inserted)
      continue;
    InFlightDiagnostic diagnostic =
        population.emitOpError()
        << "the name \"" << population.getLayerName() << "\" is taken";
    diagnostic.attachNote(place->second->getLoc()) << "by this population";
    return failure();
  }
  return success();
}

EncodeOp NetworkOp::getEncode() {
  auto ops = getBody().getOps<EncodeOp>();
  return ops.empty() ? EncodeOp() : *ops.begin();
}

ReadoutOp NetworkOp::getReadout() {
  auto ops = getBody().getOps<ReadoutOp>();
  return ops.empty() ? ReadoutOp() : *ops.begin();
}

std::vector<PopulationOp> NetworkOp::getPopulations() {
  auto ops = getBody().getOps<PopulationOp>();
  return {ops.begin(), ops.end()};
}

PopulationOp NetworkOp::getPopulation(StringRef name) {
  for (PopulationOp population : getBody().getOps<PopulationOp>())
    if (population.getLayerName() == name)
      return population;
  return {};
}

ntrt::DeviceModel NetworkOp::getTimeModelOf(PopulationOp population) {
  ntrt::DeviceModel device;
  device.neuron = population.getLif().toNeuronModel();
  device.synapse.pulseWidth_s = getTiming().getPulse_s();
  device.slot_s = getTiming().getSlot_s();
  device.linkLatency_slots = getTiming().getLatency();
  return device;
}

//===----------------------------------------------------------------------===//
// TaskOp
//===----------------------------------------------------------------------===//

WordsAttr TaskOp::getWordsOf(StringRef population) {
  return getWords().getAs<WordsAttr>(population);
}

LogicalResult TaskOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto network =
      symbols.lookupNearestSymbolFrom<NetworkOp>(*this, getNetworkAttr());
  if (!network)
    return emitOpError() << "there is no spike.network " << getNetworkAttr();

  bool bad = false;
  for (PopulationOp population : network.getPopulations()) {
    StringRef name = population.getLayerName();
    WordsAttr words = getWordsOf(name);
    if (!words) {
      emitDiag(*this, ntrt::Diag::TaskMissingSite)
          << "population \"" << name << "\" of " << getNetworkAttr();
      bad = true;
      continue;
    }
    if (words.getCodes().getNumElements() != population.getNumNeurons()) {
      emitDiag(*this, ntrt::Diag::TaskShape)
          << "population \"" << name << "\" has " << population.getNumNeurons()
          << " neurons, the task " << words.getCodes().getNumElements()
          << " words";
      bad = true;
    }
    bad |= failed(verifyCodes(*this, "the words of \"" + name + "\"",
                              words.getCodes(), network.getMaxCode()));
  }
  for (NamedAttribute site : getWords())
    if (!network.getPopulation(site.getName())) {
      emitOpError() << "has words for \"" << site.getName().getValue()
                    << "\", which is no population of " << getNetworkAttr();
      bad = true;
    }
  if (ReadoutOp readout = network.getReadout()) {
    int64_t outputs = readout.getInput().getType().getNumUnits();
    if (static_cast<int64_t>(getClasses().size()) != outputs) {
      emitDiag(*this, ntrt::Diag::TaskShape)
          << "the network has " << outputs << " outputs, the task "
          << getClasses().size() << " classes";
      bad = true;
    }
  }
  for (int32_t label : getClasses())
    if (label < 0) {
      emitDiag(*this, ntrt::Diag::DataLabel)
          << "class " << label << " is below 0";
      bad = true;
    }
  return failure(bad);
}

//===----------------------------------------------------------------------===//
// EncodeOp, PopulationOp, ReadoutOp
//===----------------------------------------------------------------------===//

LogicalResult EncodeOp::verify() {
  if (!getFullScale().isFinite() || getFullScale().convertToDouble() <= 0)
    return emitOpError() << "full_scale must be above 0, found "
                         << getFullScale().convertToDouble();
  ArrayRef<int64_t> shape = getResult().getType().getShape();
  if (isSigned() && (shape.empty() || shape.front() % 2 != 0))
    return emitOpError() << "signed inputs have units in two halves, found "
                         << getResult().getType();
  return success();
}

SmallVector<ConnectOp> PopulationOp::getConnections() {
  SmallVector<ConnectOp> connections;
  for (Value input : getInputs())
    connections.push_back(input.getDefiningOp<ConnectOp>());
  return connections;
}

ConnectOp PopulationOp::getConnection() {
  return getInputs().front().getDefiningOp<ConnectOp>();
}

/// The slot in which a connection's first event can act.
static int64_t earliestOf(ConnectOp connection) {
  // Before the presynaptic neurons start, nothing arrives.
  auto source = connection.getInput().getDefiningOp<PopulationOp>();
  return source ? source.getStartSlot() + 1 : 1;
}

LogicalResult PopulationOp::verify() {
  bool bad = false;
  auto complain = [&]() {
    bad = true;
    return emitOpError();
  };
  if (getInputs().empty())
    return emitOpError() << "must be driven by a spike.connect";
  int64_t earliest = 1;
  bool hasSource = false;
  ConnectOp first;
  for (Value input : getInputs()) {
    auto connection = input.getDefiningOp<ConnectOp>();
    if (!connection)
      return emitOpError() << "must be driven by a spike.connect";
    const int64_t units = connection.getNumNeurons();
    if (units != getNumNeurons())
      complain() << "has " << getNumNeurons() << " neurons for currents of "
                 << units;
    if (!input.hasOneUse())
      complain() << "must be the only one that its connection drives";
    earliest = std::max(earliest, earliestOf(connection));
    hasSource |= earliestOf(connection) > 1;
    if (!first) {
      first = connection;
      continue;
    }
    if (connection.getDomains() != first.getDomains() ||
        connection.getDomainOfChannel() != first.getDomainOfChannel() ||
        connection.getNumChannels() != first.getNumChannels())
      complain() << "takes \"" << connection.getLayerName() << "\" and \""
                 << first.getLayerName()
                 << "\" through one column, but their domains differ";
  }
  if (!getRange().isFinite() || getRange().convertToDouble() <= 0)
    complain() << "range must be above 0, found "
               << getRange().convertToDouble();
  if (static_cast<int64_t>(getStartSlot()) < earliest)
    complain() << "start_slot must be at least " << earliest
               << (hasSource ? ", one after that of its source" : "")
               << ", found " << getStartSlot();
  return failure(bad);
}

LogicalResult ReadoutOp::verify() {
  if (!getInput().getDefiningOp<PopulationOp>())
    return emitOpError() << "must read a spike.population";
  return success();
}

//===----------------------------------------------------------------------===//
// ConnectOp
//===----------------------------------------------------------------------===//

std::optional<ConvGeometry> ConnectOp::getGeometry() {
  ConvAttr conv = getConvAttr();
  if (!conv)
    return std::nullopt;
  ArrayRef<int64_t> kernel = getCodes().getShapedType().getShape();
  ConvGeometry geometry;
  geometry.inChannels = conv.getInput()[0];
  geometry.inHeight = conv.getInput()[1];
  geometry.inWidth = conv.getInput()[2];
  geometry.outChannels = kernel[0] / getColumnsPerNeuron();
  geometry.kernelHeight = kernel[2];
  geometry.kernelWidth = kernel[3];
  geometry.groups = conv.getGroups();
  llvm::copy(conv.getStrides(), geometry.strides.begin());
  llvm::copy(conv.getDilations(), geometry.dilations.begin());
  llvm::copy(conv.getPads(), geometry.pads.begin());
  return geometry;
}

int64_t ConnectOp::getNumInputs() { return getInput().getType().getNumUnits(); }

int64_t ConnectOp::getNumNeurons() {
  return getResult().getType().getNumUnits();
}

int64_t ConnectOp::getNumChannels() {
  return getCodes().getShapedType().getDimSize(0) / getColumnsPerNeuron();
}

int64_t ConnectOp::getChannelOf(int64_t neuron) {
  return neuron / (getNumNeurons() / getNumChannels());
}

void ConnectOp::forEachSynapse(
    int64_t neuron, llvm::function_ref<void(int64_t, int64_t)> visit) {
  if (std::optional<ConvGeometry> geometry = getGeometry())
    return geometry->forEachSynapse(neuron, visit);
  const int64_t inputs = getNumInputs();
  for (int64_t input = 0; input < inputs; ++input)
    visit(input, neuron * inputs + input);
}

void ConnectOp::forEachCode(
    int64_t neuron, llvm::function_ref<void(int64_t, int64_t, int64_t)> visit) {
  forEachSynapse(neuron, [&](int64_t input, int64_t weight) {
    for (int64_t column = 0; column < getColumnsPerNeuron(); ++column)
      visit(input, column, getCodeIndex(weight, column));
  });
}

/// Checks that codes, geometry, input and result fit each other.
static LogicalResult verifyShapes(ConnectOp op) {
  ShapedType codes = op.getCodes().getShapedType();
  if (codes.getRank() && codes.getDimSize(0) % op.getColumnsPerNeuron())
    return op.emitOpError()
           << "is paired, but its codes have " << codes.getDimSize(0)
           << " rows, not two a channel (rule H8)";
  const int64_t inputs = op.getInput().getType().getNumUnits();
  const int64_t neurons = op.getResult().getType().getNumUnits();
  ConvAttr conv = op.getConvAttr();
  if (!conv) {
    const int64_t rows = neurons * op.getColumnsPerNeuron();
    if (codes.getRank() != 2 || codes.getDimSize(0) != rows ||
        codes.getDimSize(1) != inputs)
      return op.emitOpError()
             << "a dense connection of " << inputs << " inputs to " << neurons
             << " neurons takes codes of " << rows << "x" << inputs
             << ", found " << codes;
    return success();
  }

  if (codes.getRank() != 4)
    return op.emitOpError() << "a convolution takes codes [O, C / groups, kh, "
                               "kw], found "
                            << codes;
  ConvGeometry geometry = *op.getGeometry();
  if (geometry.inChannels % geometry.groups != 0 ||
      geometry.outChannels % geometry.groups != 0 ||
      codes.getDimSize(1) != geometry.inChannels / geometry.groups)
    return op.emitOpError()
           << "groups (" << geometry.groups
           << ") must divide the channels of the input (" << geometry.inChannels
           << ") and of the output (" << geometry.outChannels
           << "), and the codes' second dimension must be their quotient, "
              "found "
           << codes;
  if (geometry.numInputs() != inputs)
    return op.emitOpError() << "the convolution sees " << geometry.numInputs()
                            << " inputs, its operand has " << inputs;
  if (geometry.outHeight() < 1 || geometry.outWidth() < 1)
    return op.emitOpError() << "the kernel is larger than the padded input";
  if (geometry.numOutputs() != neurons)
    return op.emitOpError()
           << "the convolution gives " << geometry.outChannels << "x"
           << geometry.outHeight() << "x" << geometry.outWidth()
           << " units, its result has " << neurons;
  return success();
}

LogicalResult ConnectOp::verify() {
  bool bad = failed(verifyShapes(*this));
  auto network = (*this)->getParentOfType<NetworkOp>();
  bad |= failed(
      verifyCodes(*this, "the synapses", getCodes(), network.getMaxCode()));

  ArrayRef<int32_t> domains = getDomainOfChannel();
  const int64_t rows = getNumChannels() * getColumnsPerNeuron();
  if (static_cast<int64_t>(domains.size()) != rows) {
    emitOpError() << "domain_of_channel must name one domain for each of the "
                  << rows << (getPaired() ? " columns" : " channels")
                  << ", found " << domains.size();
    bad = true;
  }
  for (auto [channel, domain] : llvm::enumerate(domains))
    if (domain < 0 || domain >= getDomains().getNumDomains()) {
      emitDiag(*this, ntrt::Diag::DomainCount)
          << "channel " << channel << " takes domain " << domain << " of "
          << getDomains().getNumDomains();
      bad = true;
    }
  if (getHash() && *getHash() != hashOfElements(getCodes())) {
    emitDiag(*this, ntrt::Diag::FrozenHash)
        << "\"" << getLayerName() << "\" says " << *getHash() << ", its codes "
        << "give " << hashOfElements(getCodes());
    bad = true;
  }
  return failure(bad);
}
