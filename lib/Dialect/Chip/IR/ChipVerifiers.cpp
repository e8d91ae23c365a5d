//===- ChipVerifiers.cpp - What a chip program must fulfil ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rules that the text alone can break. What needs the device file is checked by
// chip-verify.
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/Chip/IR/ChipOps.h"

#include "nt/Support/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <map>

using namespace mlir;
using namespace nt;
using namespace nt::chip;
using ntrt::Diag;

/// Codes are held in 8 bits.
static constexpr uint32_t kMaxDigits = 7;

static LogicalResult inconsistent(Operation *op, const Twine &detail) {
  return emitDiag(op->getLoc(), Diag::ChipStructure) << detail;
}

/// Checks that an attribute is a readable tensor of the given rank and width.
static LogicalResult checkElements(Operation *op, ElementsAttr elements,
                                   StringRef what, int64_t rank,
                                   unsigned width) {
  ShapedType type = elements.getShapedType();
  if (!isa<RankedTensorType>(type) || type.getRank() != rank ||
      !type.getElementType().isSignlessInteger(width))
    return emitDiag(op->getLoc(), Diag::ChipStructure)
           << what << " have type " << type << ", expected a tensor of i"
           << width << " of rank " << rank;
  if (!integersOf(elements))
    return inconsistent(op, what + " cannot be read");
  return success();
}

/// Checks that two lists are readable and of equal length.
static LogicalResult checkLists(Operation *op, ElementsAttr lhs,
                                StringRef lhsName, unsigned lhsWidth,
                                ElementsAttr rhs, StringRef rhsName,
                                unsigned rhsWidth) {
  bool failing = failed(checkElements(op, lhs, lhsName, 1, lhsWidth));
  failing |= failed(checkElements(op, rhs, rhsName, 1, rhsWidth));
  if (failing)
    return failure();
  if (lhs.getNumElements() != rhs.getNumElements())
    return inconsistent(op, Twine(lhs.getNumElements()) + " " + lhsName +
                                " but " + Twine(rhs.getNumElements()) + " " +
                                rhsName);
  return success();
}

/// Checks every value against [low, high]; reports the first and how many.
static LogicalResult checkRange(Operation *op, Diag diag, StringRef what,
                                ArrayRef<int32_t> values, int64_t low,
                                int64_t high) {
  auto isOutside = [&](int32_t value) { return value < low || value > high; };
  const int32_t *first = llvm::find_if(values, isOutside);
  if (first == values.end())
    return success();
  int64_t more = llvm::count_if(values, isOutside) - 1;
  InFlightDiagnostic diagnostic = emitDiag(op->getLoc(), diag);
  diagnostic << what << " " << *first << " at position "
             << (first - values.begin()) << ", the range is " << low << " to "
             << high;
  if (more > 0)
    diagnostic << ", and " << more << " more like it";
  return diagnostic;
}

//===----------------------------------------------------------------------===//
// Program
//===----------------------------------------------------------------------===//

LogicalResult ProgramOp::verify() {
  bool failing = false;
  auto require = [&](bool condition, const Twine &detail) {
    if (!condition)
      failing |= failed(inconsistent(*this, detail));
  };
  StringRef hash = getDeviceHash();
  require(hash.size() == 16 && llvm::all_of(hash,
                                            [](char digit) {
                                              return llvm::isDigit(digit) ||
                                                     (digit >= 'a' &&
                                                      digit <= 'f');
                                            }),
          "the device hash \"" + hash +
              "\" is not 16 lower-case hexadecimal digits");
  require(getInputs() > 0, "it has no inputs");
  double fullScale = getFullScale().convertToDouble();
  require(std::isfinite(fullScale) && fullScale > 0,
          "the input's full scale is not positive and finite");
  require(getSlots() > 0, "it runs for 0 slots");
  require(getDigits() >= 1 && getDigits() <= kMaxDigits,
          Twine(getDigits()) + " digits, the range is 1 to " +
              Twine(kMaxDigits));
  return failure(failing);
}

namespace {
/// Checks what ops of one program's body must fulfil together.
class BodyVerifier {
public:
  explicit BodyVerifier(ProgramOp program)
      : program(program), layers(llvm::to_vector(program.getOps<LayerOp>())) {}

  LogicalResult verify() {
    for (Operation &op : *program.getBody().begin())
      if (!isa<LayerOp, CoreOp, InputOp, RouteOp, ReadoutOp>(op))
        fail(&op, "an op of another kind in the body of a program");
    if (layers.empty())
      fail(program, "it has no layers");
    // The cores come first: routes and read-outs name them.
    for (CoreOp core : program.getOps<CoreOp>())
      verifyCore(core);
    if (cores.empty())
      fail(program, "it has no cores");
    for (InputOp input : program.getOps<InputOp>())
      verifyInput(input);
    for (RouteOp route : program.getOps<RouteOp>())
      verifyRoute(route);
    verifyReadouts();
    return failure(failing);
  }

private:
  struct CoreInfo {
    int64_t neurons;
    /// The op that drives each axon.
    SmallVector<Operation *> driver;
  };

  void fail(Operation *op, const Twine &detail) {
    failing |= failed(inconsistent(op, detail));
  }
  CoreInfo *coreOf(Operation *op, FlatSymbolRefAttr name) {
    auto found = cores.find(name.getAttr());
    if (found != cores.end())
      return &found->second;
    fail(op, "there is no core @" + name.getValue());
    return nullptr;
  }
  void verifyCore(CoreOp core);
  void verifyInput(InputOp input);
  void verifyRoute(RouteOp route);
  void verifyReadouts();
  void drive(Operation *op, CoreInfo &target, ElementsAttr axons);

  ProgramOp program;
  SmallVector<LayerOp> layers;
  DenseMap<StringAttr, CoreInfo> cores;
  std::map<std::pair<int32_t, int32_t>, CoreOp> coreAt;
  bool failing = false;
};
} // namespace

void BodyVerifier::verifyCore(CoreOp core) {
  cores[core.getSymNameAttr()] = {core.getNumNeurons(),
                                  SmallVector<Operation *>(core.getNumAxons())};

  auto [other, isNew] =
      coreAt.try_emplace({core.getRow(), core.getColumn()}, core);
  if (!isNew) {
    InFlightDiagnostic diagnostic =
        emitDiag(core.getLoc(), Diag::ChipStructure);
    diagnostic << "the place [" << core.getRow() << ", " << core.getColumn()
               << "] is taken";
    diagnostic.attachNote(other->second.getLoc())
        << "by @" << other->second.getSymName();
    failing = true;
  }
  failing |= failed(checkRange(core.getArray(), Diag::CodeRange, "code",
                               *integersOf(core.getArray().getCodes()),
                               -program.getMaxCode(), program.getMaxCode()));
  if (core.getLayer() >= layers.size())
    return fail(core, "it holds layer " + Twine(core.getLayer()) +
                          ", the program has " + Twine(layers.size()));
  failing |= failed(
      checkRange(core.getNeuronBank(), Diag::ChipStructure, "layer neuron",
                 *integersOf(core.getNeuronBank().getNeurons()), 0,
                 int64_t(layers[core.getLayer()].getNeurons()) - 1));
}

/// Marks axons as driven; an axon outside the core or driven twice is a fault.
void BodyVerifier::drive(Operation *op, CoreInfo &target, ElementsAttr axons) {
  SmallVector<int32_t> indices = *integersOf(axons);
  if (failed(checkRange(op, Diag::ChipStructure, "axon", indices, 0,
                        int64_t(target.driver.size()) - 1))) {
    failing = true;
    return;
  }
  for (int32_t axon : indices) {
    Operation *&driver = target.driver[axon];
    if (driver) {
      InFlightDiagnostic diagnostic =
          emitDiag(op->getLoc(), Diag::ChipStructure);
      diagnostic << "axon " << axon << " has a source already";
      diagnostic.attachNote(driver->getLoc()) << "it is driven here";
      failing = true;
      return;
    }
    driver = op;
  }
}

void BodyVerifier::verifyInput(InputOp input) {
  failing |= failed(checkRange(input, Diag::ChipStructure, "input",
                               *integersOf(input.getInputs()), 0,
                               program.getInputLines() - 1));
  if (CoreInfo *target = coreOf(input, input.getTargetAttr()))
    drive(input, *target, input.getAxons());
}

void BodyVerifier::verifyRoute(RouteOp route) {
  if (CoreInfo *source = coreOf(route, route.getSourceAttr()))
    failing |= failed(checkRange(route, Diag::ChipStructure, "neuron",
                                 *integersOf(route.getNeurons()), 0,
                                 source->neurons - 1));
  if (CoreInfo *target = coreOf(route, route.getTargetAttr()))
    drive(route, *target, route.getAxons());
}

void BodyVerifier::verifyReadouts() {
  int64_t outputs = program.getNumOutputs();
  if (outputs == 0)
    return fail(program, "it has no outputs");
  SmallVector<bool> named(outputs);
  for (ReadoutOp readout : program.getOps<ReadoutOp>()) {
    if (CoreInfo *core = coreOf(readout, readout.getCoreAttr()))
      failing |= failed(checkRange(readout, Diag::ChipStructure, "neuron",
                                   readout.getNeurons(), 0, core->neurons - 1));
    if (failed(checkRange(readout, Diag::ChipStructure, "output",
                          readout.getOutputs(), 0, outputs - 1))) {
      failing = true;
      continue;
    }
    for (int32_t output : readout.getOutputs()) {
      if (named[output])
        fail(readout, "output " + Twine(output) + " is read twice");
      named[output] = true;
    }
  }
}

LogicalResult ProgramOp::verifyRegions() {
  return BodyVerifier(*this).verify();
}

LogicalResult LayerOp::verify() {
  if (getNeurons() == 0)
    return inconsistent(*this, "it has no neurons");
  return success();
}

//===----------------------------------------------------------------------===//
// Core
//===----------------------------------------------------------------------===//

LogicalResult CoreOp::verifyRegions() {
  bool failing = false;
  auto require = [&](bool condition, const Twine &detail) {
    if (!condition)
      failing |= failed(inconsistent(*this, detail));
    return condition;
  };
  require(getPlace().size() == 2 &&
              llvm::all_of(getPlace(), [](int32_t at) { return at >= 0; }),
          "its place is not [row, column] of the grid");
  require(getStartSlot() >= 1, "it starts before slot 1");
  for (Operation &op : *getBody().begin())
    require(isa<DomainOp, ArrayOp, NeuronBankOp>(op),
            "an op of another kind in the body of a core: " +
                op.getName().getStringRef());

  auto arrays = llvm::to_vector(getOps<ArrayOp>());
  auto banks = llvm::to_vector(getOps<NeuronBankOp>());
  require(arrays.size() == 1, Twine(arrays.size()) + " arrays, it has one");
  require(banks.size() == 1, Twine(banks.size()) + " neuron banks, it has one");
  if (failing)
    return failure();

  uint32_t domains = 0;
  for (DomainOp domain : getOps<DomainOp>())
    require(domain.getIndex() == domains++,
            "its domains are not numbered 0, 1, 2, ... in order");
  int64_t neurons = getNumNeurons();
  require(neurons > 0, "it has no neurons");
  require(getNumColumns() % getColumnsPerNeuron() == 0,
          "pairs of an array of " + Twine(getNumColumns()) +
              " columns (rule H8)");
  require(banks[0].getNeurons().getNumElements() == neurons,
          "a bank of " + Twine(banks[0].getNeurons().getNumElements()) +
              " neurons for an array of " + Twine(getNumColumns()) +
              " columns");
  failing |= failed(checkRange(banks[0], Diag::MapDomains, "synapse domain",
                               *integersOf(banks[0].getDomains()), 0,
                               int64_t(domains) - 1));
  return failure(failing);
}

LogicalResult DomainOp::verify() {
  double volts = getVolts().convertToDouble();
  if (!std::isfinite(volts) || volts < 0)
    return inconsistent(*this, "its volts are not a supply (rule H3)");
  if (getDac() > UINT16_MAX)
    return inconsistent(*this, "DAC code " + Twine(getDac()) +
                                   ", the largest is 65535 (rule H3)");
  return success();
}

LogicalResult ArrayOp::verify() {
  if (failed(checkElements(*this, getCodes(), "codes", 2, 8)))
    return failure();
  if (!getSourcesAttr())
    return success();
  if (failed(checkElements(*this, *getSources(), "sources", 2, 32)))
    return failure();
  if (getSources()->getShapedType().getShape() !=
      getCodes().getShapedType().getShape())
    return inconsistent(*this, "sources have another shape than codes");
  return success();
}

LogicalResult NeuronBankOp::verify() {
  bool failing = failed(checkElements(*this, getNeurons(), "neurons", 1, 32));
  failing |= failed(checkElements(*this, getDomains(), "domains", 1, 8));
  if (failing)
    return failure();
  const int64_t columns =
      cast<CoreOp>((*this)->getParentOp()).getColumnsPerNeuron();
  const int64_t neurons = getNeurons().getNumElements();
  if (getDomains().getNumElements() != neurons * columns)
    return inconsistent(*this, Twine(neurons) + (columns > 1 ? " paired" : "") +
                                   " neurons but " +
                                   Twine(getDomains().getNumElements()) +
                                   " domains");
  return success();
}

//===----------------------------------------------------------------------===//
// Routes and read-out
//===----------------------------------------------------------------------===//

LogicalResult InputOp::verify() {
  return checkLists(*this, getInputs(), "inputs", 32, getAxons(), "axons", 32);
}

LogicalResult RouteOp::verify() {
  return checkLists(*this, getNeurons(), "neurons", 32, getAxons(), "axons",
                    32);
}

LogicalResult ReadoutOp::verify() {
  if (getNeurons().size() != getOutputs().size())
    return inconsistent(*this, Twine(getNeurons().size()) + " neurons but " +
                                   Twine(getOutputs().size()) + " outputs");
  return success();
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

LogicalResult ModulationOp::verify() {
  if (failed(checkLists(*this, getCodes(), "codes", 8, getDomains(), "domains",
                        8)))
    return failure();
  bool failing = failed(checkRange(*this, Diag::ChipStructure, "DAC code",
                                   getDac(), 0, UINT16_MAX));
  failing |= failed(checkRange(*this, Diag::MapDomains, "modulation domain",
                               *integersOf(getDomains()), 0,
                               int64_t(getDac().size()) - 1));
  return failure(failing);
}

LogicalResult TaskOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto program =
      symbols.lookupNearestSymbolFrom<ProgramOp>(*this, getProgramAttr());
  if (!program)
    return inconsistent(*this, "there is no program @" + getProgram());

  bool failing = false;
  auto fail = [&](Operation *op, const Twine &detail) {
    failing |= failed(inconsistent(op, detail));
  };
  if (int64_t(getClasses().size()) != program.getNumOutputs())
    fail(*this, Twine(getClasses().size()) + " classes for a program with " +
                    Twine(program.getNumOutputs()) + " outputs");
  failing |= failed(checkRange(*this, Diag::ChipStructure, "class",
                               getClasses(), 0, INT32_MAX));

  DenseMap<StringAttr, ModulationOp> seen;
  for (Operation &op : *getBody().begin()) {
    auto modulation = dyn_cast<ModulationOp>(op);
    if (!modulation) {
      fail(&op, "an op of another kind in the body of a task");
      continue;
    }
    StringAttr name = modulation.getCoreAttr().getAttr();
    auto core = dyn_cast_or_null<CoreOp>(symbols.lookupSymbolIn(program, name));
    if (!core) {
      fail(modulation, "there is no core @" + modulation.getCore());
      continue;
    }
    if (!seen.try_emplace(name, modulation).second)
      fail(modulation, "@" + modulation.getCore() + " is modulated twice");
    if (modulation.getCodes().getNumElements() != core.getNumNeurons())
      fail(modulation, Twine(modulation.getCodes().getNumElements()) +
                           " words for a core with " +
                           Twine(core.getNumNeurons()) + " neurons");
    failing |= failed(checkRange(modulation, Diag::CodeRange, "code",
                                 *integersOf(modulation.getCodes()),
                                 -program.getMaxCode(), program.getMaxCode()));
  }
  for (CoreOp core : program.getOps<CoreOp>())
    if (!seen.contains(core.getSymNameAttr()))
      fail(*this, "it has no modulation for @" + core.getSymName());
  return failure(failing);
}
