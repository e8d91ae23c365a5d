//===- SpikeDialect.cpp - The spike dialect, its types and attributes
//-------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/Spike/IR/SpikeOps.h"

#include "nt/Support/BytecodeStamp.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <charconv>
#include <cmath>

using namespace mlir;
using namespace nt::spike;

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

/// What emitDiag says, where there is no op yet.
static InFlightDiagnostic emitAs(EmitError emitError, ntrt::Diag diag) {
  InFlightDiagnostic diagnostic = emitError();
  diagnostic << "[" << StringRef(ntrt::diagCode(diag)) << "] "
             << StringRef(ntrt::diagTitle(diag)) << ": ";
  diagnostic.attachNote() << StringRef(ntrt::diagRemedy(diag));
  return diagnostic;
}

//===----------------------------------------------------------------------===//
// Parsing and printing
//===----------------------------------------------------------------------===//

FailureOr<APFloat> nt::spike::parseQuantity(AsmParser &parser) {
  double value = 0;
  if (parser.parseFloat(value))
    return failure();
  return APFloat(value);
}

void nt::spike::printQuantity(AsmPrinter &printer, const APFloat &value) {
  char buffer[40];
  char *end = std::to_chars(std::begin(buffer), std::end(buffer),
                            value.convertToDouble())
                  .ptr;
  StringRef digits(buffer, end - buffer);
  // The parser takes a decimal point for what makes a number a float.
  auto [mantissa, exponent] = digits.split('e');
  printer << mantissa << (mantissa.contains('.') ? "" : ".0");
  if (!exponent.empty())
    printer << "e" << exponent;
}

static ParseResult parseShape(AsmParser &parser,
                              SmallVectorImpl<int64_t> &shape) {
  return parser.parseDimensionList(shape, /*allowDynamic=*/false,
                                   /*withTrailingX=*/false);
}

static void printShape(AsmPrinter &printer, ArrayRef<int64_t> shape) {
  printer.printDimensionList(shape);
}

// The generic printer of float arrays keeps six digits only.
static ParseResult parseAmperes(AsmParser &parser, DenseF64ArrayAttr &amperes) {
  SmallVector<double> values;
  auto parseOne = [&]() -> ParseResult {
    FailureOr<APFloat> value = parseQuantity(parser);
    if (failed(value))
      return failure();
    values.push_back(value->convertToDouble());
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne) ||
      parser.parseKeyword("A"))
    return failure();
  amperes = DenseF64ArrayAttr::get(parser.getContext(), values);
  return success();
}

static void printAmperes(AsmPrinter &printer, DenseF64ArrayAttr amperes) {
  printer << '[';
  llvm::interleaveComma(amperes.asArrayRef(), printer, [&](double value) {
    printQuantity(printer, APFloat(value));
  });
  printer << "] A";
}

//===----------------------------------------------------------------------===//
// Generated code
//===----------------------------------------------------------------------===//

#include "nt/Dialect/Spike/IR/SpikeDialect.cpp.inc"
#include "nt/Dialect/Spike/IR/SpikeEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "nt/Dialect/Spike/IR/SpikeTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "nt/Dialect/Spike/IR/SpikeAttributes.cpp.inc"

void SpikeDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "nt/Dialect/Spike/IR/SpikeTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "nt/Dialect/Spike/IR/SpikeAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "nt/Dialect/Spike/IR/SpikeOps.cpp.inc"
      >();
  addInterface(makeBytecodeStamp(this));
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static LogicalResult verifyShape(EmitError emitError, ArrayRef<int64_t> shape) {
  if (shape.empty())
    return emitError() << "a population needs at least one dimension";
  for (int64_t extent : shape)
    if (extent < 1)
      return emitError() << "every dimension of a population must be at least "
                            "1, found "
                         << extent;
  return success();
}

static int64_t product(ArrayRef<int64_t> shape) {
  int64_t units = 1;
  for (int64_t extent : shape)
    units *= extent;
  return units;
}

LogicalResult EventsType::verify(EmitError emitError, ArrayRef<int64_t> shape) {
  return verifyShape(emitError, shape);
}

int64_t EventsType::getNumUnits() const { return product(getShape()); }

LogicalResult CurrentType::verify(EmitError emitError,
                                  ArrayRef<int64_t> shape) {
  return verifyShape(emitError, shape);
}

int64_t CurrentType::getNumUnits() const { return product(getShape()); }

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult TimingAttr::verify(EmitError emitError, APFloat slot,
                                 APFloat pulse, uint32_t latency) {
  double slot_s = slot.convertToDouble(), pulse_s = pulse.convertToDouble();
  if (!slot.isFinite() || slot_s <= 0)
    return emitAs(emitError, ntrt::Diag::SpikeParameter)
           << "slot must be above 0 s, found " << slot_s << " s";
  if (!pulse.isFinite() || pulse_s <= 0 || pulse_s > slot_s)
    return emitAs(emitError, ntrt::Diag::SpikeParameter)
           << "pulse must be above 0 s and at most the slot, " << slot_s
           << " s, found " << pulse_s << " s";
  return success();
}

LIFAttr LIFAttr::get(MLIRContext *context, const ntrt::NeuronModel &neuron) {
  return get(context, APFloat(neuron.capacitance_F), APFloat(neuron.leak_S),
             APFloat(neuron.vRest_V), APFloat(neuron.vReset_V),
             APFloat(neuron.vThreshold_V), APFloat(neuron.vInit_V),
             APFloat(neuron.railLow_V), APFloat(neuron.railHigh_V),
             APFloat(neuron.refractory_s),
             neuron.reset == ntrt::ResetKind::Hard ? Reset::Hard
                                                   : Reset::Subtract);
}

ntrt::NeuronModel LIFAttr::toNeuronModel() const {
  ntrt::NeuronModel neuron;
  neuron.capacitance_F = getCapacitance().convertToDouble();
  neuron.leak_S = getLeak().convertToDouble();
  neuron.vRest_V = getVRest().convertToDouble();
  neuron.vReset_V = getVReset().convertToDouble();
  neuron.vThreshold_V = getVTh().convertToDouble();
  neuron.vInit_V = getVInit().convertToDouble();
  neuron.railLow_V = getRailLow().convertToDouble();
  neuron.railHigh_V = getRailHigh().convertToDouble();
  neuron.refractory_s = getTRef().convertToDouble();
  neuron.reset = getReset() == Reset::Hard ? ntrt::ResetKind::Hard
                                           : ntrt::ResetKind::Subtract;
  return neuron;
}

LogicalResult LIFAttr::verify(EmitError emitError, APFloat capacitance,
                              APFloat leak, APFloat vRest, APFloat vReset,
                              APFloat vTh, APFloat vInit, APFloat railLow,
                              APFloat railHigh, APFloat tRef, Reset) {
  bool bad = false;
  auto complain = [&]() {
    bad = true;
    return emitAs(emitError, ntrt::Diag::SpikeParameter);
  };
  const std::pair<StringRef, const APFloat *> all[] = {
      {"capacitance", &capacitance},
      {"leak", &leak},
      {"v_rest", &vRest},
      {"v_reset", &vReset},
      {"v_th", &vTh},
      {"v_init", &vInit},
      {"rail_low", &railLow},
      {"rail_high", &railHigh},
      {"t_ref", &tRef}};
  for (const auto &[name, value] : all)
    if (!value->isFinite())
      complain() << name << " is not finite";
  if (bad)
    return failure();

  if (capacitance.convertToDouble() <= 0)
    complain() << "capacitance must be above 0 F";
  if (leak.convertToDouble() < 0)
    complain() << "leak must not be below 0 S";
  if (tRef.convertToDouble() < 0)
    complain() << "t_ref must not be below 0 s";
  auto ascending = [&](StringRef lowName, const APFloat &low,
                       StringRef highName, const APFloat &high, bool strict) {
    double lowV = low.convertToDouble(), highV = high.convertToDouble();
    if (lowV < highV || (!strict && lowV == highV))
      return;
    complain() << lowName << " (" << lowV << " V) must be "
               << (strict ? "below " : "at most ") << highName << " (" << highV
               << " V)";
  };
  ascending("v_reset", vReset, "v_th", vTh, true);
  ascending("v_init", vInit, "v_th", vTh, true);
  ascending("rail_low", railLow, "v_reset", vReset, false);
  ascending("rail_low", railLow, "v_rest", vRest, false);
  ascending("rail_low", railLow, "v_init", vInit, false);
  ascending("v_rest", vRest, "rail_high", railHigh, false);
  ascending("v_th", vTh, "rail_high", railHigh, false);
  return failure(bad);
}

LogicalResult ConvAttr::verify(EmitError emitError, ArrayRef<int64_t> input,
                               ArrayRef<int64_t> strides,
                               ArrayRef<int64_t> pads,
                               ArrayRef<int64_t> dilations, int64_t groups) {
  if (input.size() != 3 || strides.size() != 2 || pads.size() != 4 ||
      dilations.size() != 2)
    return emitError() << "a convolution takes 3 input dimensions, 2 strides, "
                          "4 pads and 2 dilations, found "
                       << input.size() << ", " << strides.size() << ", "
                       << pads.size() << " and " << dilations.size();
  auto positive = [](int64_t value) { return value > 0; };
  if (!llvm::all_of(input, positive) || !llvm::all_of(strides, positive) ||
      !llvm::all_of(dilations, positive) || groups < 1)
    return emitError()
           << "input, strides, dilations and groups must be at least 1";
  if (llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return emitError() << "pads must not be negative";
  return success();
}

LogicalResult DomainsAttr::verify(EmitError emitError, ArrayRef<int32_t> dac,
                                  DenseF64ArrayAttr lsb) {
  if (dac.empty())
    return emitError() << "needs at least one domain";
  if (static_cast<size_t>(lsb.size()) != dac.size())
    return emitError() << "every domain needs one DAC code and one LSB current "
                          "(rule H3), found "
                       << dac.size() << " codes and " << lsb.size()
                       << " currents";
  for (auto [index, code] : llvm::enumerate(dac))
    if (code < 0)
      return emitError() << "domain " << index << " has DAC code " << code
                         << ", below 0 (rule H3)";
  for (auto [index, amperes] : llvm::enumerate(lsb.asArrayRef()))
    if (!std::isfinite(amperes) || amperes <= 0)
      return emitError() << "the LSB current of domain " << index
                         << " must be above 0 A (rule H3), found " << amperes
                         << " A";
  return success();
}

LogicalResult WordsAttr::verify(EmitError emitError, ElementsAttr codes,
                                ElementsAttr domainOf, DomainsAttr domains) {
  for (const auto &[name, value] :
       {std::pair("codes", codes), std::pair("domain_of", domainOf)})
    if (value.getShapedType().getRank() != 1 ||
        !value.getElementType().isSignlessInteger(8))
      return emitError() << "`" << name
                         << "` must be an i8 tensor of one "
                            "dimension, found "
                         << value.getShapedType();
  if (codes.getNumElements() != domainOf.getNumElements())
    return emitError() << "one code and one domain a neuron, found "
                       << codes.getNumElements() << " codes and "
                       << domainOf.getNumElements() << " domains";
  FailureOr<std::vector<int8_t>> indices = readCodes(domainOf);
  if (failed(indices))
    return emitError() << "the values of `domain_of` are missing";
  for (auto [neuron, domain] : llvm::enumerate(*indices))
    if (domain < 0 || domain >= domains.getNumDomains())
      return emitAs(emitError, ntrt::Diag::DomainCount)
             << "neuron " << neuron << " takes domain " << int(domain) << " of "
             << domains.getNumDomains();
  return success();
}

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

FailureOr<std::vector<int8_t>> nt::spike::readCodes(ElementsAttr value) {
  if (!value.getElementType().isSignlessInteger(8))
    return failure();
  const size_t size = value.getNumElements();
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    if (dense.isSplat())
      return std::vector<int8_t>(size, dense.getSplatValue<int8_t>());
    auto values = dense.getValues<int8_t>();
    return std::vector<int8_t>(values.begin(), values.end());
  }
  if (auto resource = dyn_cast<DenseI8ResourceElementsAttr>(value)) {
    std::optional<ArrayRef<int8_t>> values = resource.tryGetAsArrayRef();
    if (!values || values->size() != size)
      return failure();
    return std::vector<int8_t>(values->begin(), values->end());
  }
  return failure();
}

std::string nt::spike::hashToHex(uint64_t hash) {
  std::string digits = llvm::utohexstr(hash, /*LowerCase=*/true);
  return std::string(16 - digits.size(), '0') + digits;
}
