//===- NTVerifiers.cpp - Verifiers of the nt dialect ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every message says what was found, what the limit is and where; a check that
// stands for a hardware or freezing rule cites it (docs/Dialects/NT).
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace nt;

/// Codes are symmetric, so that a sign never changes what is representable; the
/// device's own range (rule H1) is checked where a device is known.
static constexpr int kLargestCode = 127;

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static Type elementTypeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

static LogicalResult verifyResultShape(Operation *op,
                                       ArrayRef<int64_t> expected) {
  ArrayRef<int64_t> found = shapeOf(op->getResult(0));
  if (found == expected)
    return success();
  return op->emitOpError("result has shape [")
         << found << "] where the operands give [" << expected << "]";
}

static LogicalResult verifyRank(Operation *op, Value value, StringRef what,
                                size_t rank) {
  if (shapeOf(value).size() == rank)
    return success();
  return op->emitOpError(what)
         << " has rank " << shapeOf(value).size() << ", must have " << rank;
}

/// Checks a list of window parameters: its length and the least entry.
static LogicalResult verifyWindow(Operation *op, StringRef what,
                                  ArrayRef<int64_t> values, size_t count,
                                  int64_t least) {
  if (values.size() != count)
    return op->emitOpError(what)
           << " has " << values.size() << " entries, must have " << count;
  for (int64_t value : values)
    if (value < least)
      return op->emitOpError(what)
             << " holds " << value << ", must be at least " << least;
  return success();
}

/// Number of positions of a window along one axis; not positive if it does not
/// fit.
static int64_t numPositions(int64_t size, int64_t before, int64_t after,
                            int64_t kernel, int64_t dilation, int64_t stride) {
  int64_t span = dilation * (kernel - 1) + 1;
  int64_t room = size + before + after - span;
  return room < 0 ? 0 : room / stride + 1;
}

static LogicalResult verifyPositions(Operation *op, ArrayRef<int64_t> sizes) {
  for (auto [axis, size] : llvm::enumerate(sizes))
    if (size < 1)
      return op->emitOpError("window is larger than the padded input along "
                             "spatial axis ")
             << axis;
  return success();
}

/// One f32 value a channel.
static LogicalResult verifyPerChannel(Operation *op, Value value,
                                      StringRef what, int64_t channels) {
  if (!elementTypeOf(value).isF32())
    return op->emitOpError(what)
           << " has element type " << elementTypeOf(value) << ", must be f32";
  ArrayRef<int64_t> shape = shapeOf(value);
  if (shape != ArrayRef<int64_t>{channels})
    return op->emitOpError(what) << " has shape [" << shape << "], must be ["
                                 << channels << "], one value a channel";
  return success();
}

//===----------------------------------------------------------------------===//
// FrozenOp
//===----------------------------------------------------------------------===//

LogicalResult FrozenOp::verify() {
  if (getValue().getType() != getType())
    return emitOpError("value has type ")
           << getValue().getType() << ", result has " << getType();

  StringRef hash = getHash();
  if (hash.size() != 32 || !llvm::all_of(hash, [](char c) {
        return llvm::isDigit(c) || (c >= 'a' && c <= 'f');
      }))
    return emitOpError("hash '")
           << hash << "' is not 32 lower-case hex digits (rule F1)";

  if (auto resource = dyn_cast<DenseResourceElementsAttr>(getValue())) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return emitOpError("resource '")
             << resource.getRawHandle().getKey() << "' holds no data";
    int64_t bytes =
        getType().getNumElements() * getType().getElementTypeBitWidth() / 8;
    if (static_cast<int64_t>(blob->getData().size()) != bytes)
      return emitOpError("resource '")
             << resource.getRawHandle().getKey() << "' holds "
             << blob->getData().size() << " bytes, its type takes " << bytes;
    if (getType().getElementType().isInteger(8))
      for (char code : blob->getDataAs<char>())
        if (static_cast<int8_t>(code) < -kLargestCode)
          return emitOpError("code -128 is outside -127..127 (rule H1)");
    return success();
  }

  auto dense = dyn_cast<DenseElementsAttr>(getValue());
  if (!dense)
    return emitOpError("value must be dense or a dense_resource");
  if (getType().getElementType().isInteger(8))
    for (int8_t code : dense.getValues<int8_t>())
      if (code < -kLargestCode)
        return emitOpError("code -128 is outside -127..127 (rule H1)");
  return success();
}

//===----------------------------------------------------------------------===//
// Words and TaskOp
//===----------------------------------------------------------------------===//

/// An i8 tensor of one dimension.
static LogicalResult verifyWordField(function_ref<InFlightDiagnostic()> emit,
                                     ElementsAttr value, StringRef what) {
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || !dense.getElementType().isInteger(8) ||
      dense.getType().getRank() != 1)
    return emit() << what << " must be a dense tensor<N x i8>, found "
                  << Type(value.getType());
  return success();
}

LogicalResult WordsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ElementsAttr codes, ElementsAttr domains,
                                DenseI32ArrayAttr dac) {
  if (failed(verifyWordField(emitError, codes, "codes")) ||
      failed(verifyWordField(emitError, domains, "domains")))
    return failure();
  if (codes.getNumElements() != domains.getNumElements())
    return emitError() << codes.getNumElements() << " codes but "
                       << domains.getNumElements()
                       << " domain indices, must be one each a neuron";
  for (auto [neuron, code] : llvm::enumerate(codes.getValues<int8_t>()))
    if (code < -kLargestCode)
      return emitError() << "code " << int(code) << " of neuron " << neuron
                         << " is outside -127..127 (rule H1)";
  for (auto [neuron, domain] : llvm::enumerate(domains.getValues<int8_t>()))
    if (domain < 0 || domain >= dac.size())
      return emitError() << "domain " << int(domain) << " of neuron " << neuron
                         << ", but there are " << dac.size()
                         << " modulation domains (rule H2)";
  for (auto [domain, code] : llvm::enumerate(dac.asArrayRef()))
    if (code < 0)
      return emitError() << "DAC code " << code << " of modulation domain "
                         << domain << " is negative (rule H3)";
  return success();
}

static LogicalResult verifyTaskValues(TaskOp op, NamedAttribute entry) {
  auto values = dyn_cast<DenseElementsAttr>(entry.getValue());
  if (!values || !values.getElementType().isF32() ||
      values.getType().getRank() != 1)
    return op.emitOpError("values of site '")
           << entry.getName().getValue()
           << "' must be a dense tensor<N x f32>, found " << entry.getValue();
  for (auto [index, value] : llvm::enumerate(values.getValues<float>()))
    if (!std::isfinite(value))
      return op.emitOpError("value ")
             << index << " of site '" << entry.getName().getValue()
             << "' is not finite";
  return success();
}

static LogicalResult verifyTaskWords(TaskOp op, NamedAttribute entry) {
  StringRef site = entry.getName().getValue();
  auto words = dyn_cast<WordsAttr>(entry.getValue());
  if (!words)
    return op.emitOpError("words of site '")
           << site << "' must be a #nt.words attribute, found "
           << entry.getValue();
  if (!op.getValues().contains(site))
    return op.emitOpError("words name site '")
           << site << "', which has no values";
  return success();
}

LogicalResult TaskOp::verify() {
  if (getClasses().empty())
    return emitOpError("has no classes, must have one an output");
  llvm::DenseSet<int32_t> seen;
  for (auto [output, label] : llvm::enumerate(getClasses())) {
    if (label < 0)
      return emitOpError("class ")
             << label << " of output " << output << " is negative";
    if (!seen.insert(label).second)
      return emitOpError("class ")
             << label << " of output " << output << " is given twice";
  }
  for (NamedAttribute entry : getValues())
    if (failed(verifyTaskValues(*this, entry)))
      return failure();
  if (std::optional<DictionaryAttr> words = getWords())
    for (NamedAttribute entry : *words)
      if (failed(verifyTaskWords(*this, entry)))
        return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// Scales come with codes: i8 weights have one positive scale a channel.
template <typename LayerOp>
static LogicalResult verifyScales(LayerOp op, int64_t channels) {
  Type elementType = elementTypeOf(op.getWeights());
  std::optional<ElementsAttr> scales = op.getScales();
  if (elementType.isInteger(8) != scales.has_value())
    return op.emitOpError("weights have element type ")
           << elementType << (scales ? " but there are" : " but there are no")
           << " scales; codes (i8) and scales come together";
  if (!scales)
    return success();
  auto dense = dyn_cast<DenseElementsAttr>(*scales);
  if (!dense || !dense.getElementType().isF64() ||
      dense.getType().getShape() != ArrayRef<int64_t>{channels})
    return op.emitOpError("scales have type ")
           << Type(scales->getType()) << ", must be a dense tensor<" << channels
           << "xf64>, one a " << (op.getPaired() ? "column" : "channel");
  for (auto [channel, scale] :
       llvm::enumerate(dense.template getValues<double>()))
    if (!(scale > 0) || !std::isfinite(scale))
      return op.emitOpError("scale of channel ")
             << channel << " is not positive and finite";
  return success();
}

/// The rows of a paired layer's codes are two a channel (rule H8).
template <typename LayerOp>
static LogicalResult verifyPaired(LayerOp op, int64_t rows) {
  if (!op.getPaired())
    return success();
  if (!op.getScales())
    return op.emitOpError("is paired, but its weights are no codes (rule H8)");
  if (rows % 2)
    return op.emitOpError("is paired, but its codes have ")
           << rows << " rows, not two a channel (rule H8)";
  return success();
}

/// Ranges are positive; every column (one a channel, or two where the layer is
/// paired) is in a domain that has a DAC code.
template <typename LayerOp>
static LogicalResult verifyDecided(LayerOp op, int64_t channels) {
  if (failed(verifyScales(op, channels)))
    return failure();
  for (auto [range, name] :
       {std::make_pair(op.getInputRange(), LayerOp::kInputRange),
        std::make_pair(op.getOutputRange(), LayerOp::kOutputRange)})
    if (range && (!range->isFinite() || !(range->convertToDouble() > 0)))
      return op.emitOpError() << name << " is not positive and finite";

  std::optional<ArrayRef<int32_t>> domains = op.getDomainOfChannel();
  std::optional<ArrayRef<int32_t>> dac = op.getDomainDac();
  if (domains.has_value() != dac.has_value())
    return op.emitOpError("has ")
           << (domains ? "domain_of_channel without domain_dac"
                       : "domain_dac without domain_of_channel")
           << " (rule H2)";
  if (!domains)
    return success();
  if (!op.getScales())
    return op.emitOpError("has synapse domains but no scales (rule H3)");
  if (static_cast<int64_t>(domains->size()) != channels)
    return op.emitOpError("domain_of_channel has ")
           << domains->size() << " entries, must have " << channels
           << ", one a channel (rule H2)";
  for (auto [channel, domain] : llvm::enumerate(*domains))
    if (domain < 0 || domain >= static_cast<int64_t>(dac->size()))
      return op.emitOpError("channel ")
             << channel << " is in domain " << domain << ", but there are "
             << dac->size() << " synapse domains (rule H2)";
  for (auto [domain, code] : llvm::enumerate(*dac))
    if (code < 0)
      return op.emitOpError("DAC code ") << code << " of synapse domain "
                                         << domain << " is negative (rule H3)";
  return success();
}

LogicalResult DenseOp::verify() {
  if (failed(verifyRank(*this, getInput(), "input", 2)) ||
      failed(verifyRank(*this, getWeights(), "weights", 2)))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput());
  ArrayRef<int64_t> weights = shapeOf(getWeights());
  if (weights[1] != input[1])
    return emitOpError("weights take ")
           << weights[1] << " inputs, the input has " << input[1];
  if (failed(verifyPaired(*this, weights[0])))
    return failure();
  const int64_t channels = weights[0] / columnsPerNeuron(*this);
  if (getBias() && failed(verifyPerChannel(*this, getBias(), "bias", channels)))
    return failure();
  if (failed(verifyResultShape(*this, {input[0], channels})))
    return failure();
  return verifyDecided(*this, weights[0]);
}

LogicalResult ConvOp::verify() {
  if (failed(verifyRank(*this, getInput(), "input", 4)) ||
      failed(verifyRank(*this, getWeights(), "weights", 4)) ||
      failed(verifyWindow(*this, "strides", getStrides(), 2, 1)) ||
      failed(verifyWindow(*this, "pads", getPads(), 4, 0)) ||
      failed(verifyWindow(*this, "dilations", getDilations(), 2, 1)))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput());
  ArrayRef<int64_t> weights = shapeOf(getWeights());
  int64_t groups = getGroups();
  if (groups < 1)
    return emitOpError("groups is ") << groups << ", must be at least 1";
  if (input[1] % groups)
    return emitOpError("input has ")
           << input[1] << " channels, not a multiple of " << groups
           << " groups";
  if (failed(verifyPaired(*this, weights[0])))
    return failure();
  const int64_t channels = weights[0] / columnsPerNeuron(*this);
  if (channels % groups)
    return emitOpError("weights have ")
           << channels << " output channels, not a multiple of " << groups
           << " groups";
  if (weights[1] != input[1] / groups)
    return emitOpError("weights take ")
           << weights[1] << " input channels a group, the input has "
           << input[1] / groups;
  if (getBias() && failed(verifyPerChannel(*this, getBias(), "bias", channels)))
    return failure();

  ArrayRef<int64_t> pads = getPads();
  SmallVector<int64_t> sizes;
  for (int axis : {0, 1})
    sizes.push_back(numPositions(input[2 + axis], pads[axis], pads[2 + axis],
                                 weights[2 + axis], getDilations()[axis],
                                 getStrides()[axis]));
  if (failed(verifyPositions(*this, sizes)) ||
      failed(
          verifyResultShape(*this, {input[0], channels, sizes[0], sizes[1]})))
    return failure();
  return verifyDecided(*this, weights[0]);
}

LogicalResult BatchNormOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  if (input.size() < 2)
    return emitOpError("input has rank ")
           << input.size() << ", must have at least 2";
  // The parameters have one type; the first speaks for all.
  if (failed(verifyPerChannel(*this, getScale(), "scale", input[1])))
    return failure();
  double epsilon = getEpsilon().convertToDouble();
  if (!(epsilon >= 0) || !std::isfinite(epsilon))
    return emitOpError("epsilon is not finite and at least zero");
  return success();
}

//===----------------------------------------------------------------------===//
// Activations, pools, shapes
//===----------------------------------------------------------------------===//

LogicalResult ClipOp::verify() {
  if (getLower().isNaN() || getUpper().isNaN())
    return emitOpError("a bound is not a number");
  double lower = getLower().convertToDouble();
  double upper = getUpper().convertToDouble();
  if (lower > upper)
    return emitOpError("lower bound ")
           << lower << " is above upper bound " << upper;
  return success();
}

static LogicalResult verifyAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError("axis ") << axis << " is outside 0.." << rank - 1;
}

LogicalResult FakeQuantizeOp::verify() {
  if (!(getScale().convertToDouble() > 0) || getScale().isInfinity())
    return emitOpError("scale must be positive and finite");
  if (getRange().size() != 2 || getRange()[0] >= getRange()[1])
    return emitOpError("range must be two integers, the lower one first");
  const int64_t zeroPoint = getZeroPointAttr().getInt();
  if (zeroPoint < getRange()[0] || zeroPoint > getRange()[1])
    return emitOpError("zero point ") << zeroPoint << " is outside the range";
  return success();
}

LogicalResult SoftmaxOp::verify() {
  return verifyAxis(*this, getAxis(), getType().getRank());
}

template <typename PoolOp> static LogicalResult verifyPool(PoolOp op) {
  ArrayRef<int64_t> kernel = op.getKernel(), strides = op.getStrides(),
                    pads = op.getPads();
  if (failed(verifyRank(op, op.getInput(), "input", 4)) ||
      failed(verifyWindow(op, "kernel", kernel, 2, 1)) ||
      failed(verifyWindow(op, "strides", strides, 2, 1)) ||
      failed(verifyWindow(op, "pads", pads, 4, 0)))
    return failure();
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  SmallVector<int64_t> sizes;
  for (int axis : {0, 1}) {
    // A window of padding alone would have no value.
    for (int64_t pad : {pads[axis], pads[2 + axis]})
      if (pad >= kernel[axis])
        return op.emitOpError("pad ")
               << pad << " is not smaller than the kernel, " << kernel[axis]
               << ", along spatial axis " << axis;
    sizes.push_back(numPositions(input[2 + axis], pads[axis], pads[2 + axis],
                                 kernel[axis], /*dilation=*/1, strides[axis]));
  }
  if (failed(verifyPositions(op, sizes)))
    return failure();
  return verifyResultShape(op, {input[0], input[1], sizes[0], sizes[1]});
}

LogicalResult MaxPoolOp::verify() { return verifyPool(*this); }
LogicalResult AvgPoolOp::verify() { return verifyPool(*this); }

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("has no inputs, must have at least 1");
  SmallVector<int64_t> expected(shapeOf(getInputs().front()));
  int64_t axis = getAxis();
  if (failed(verifyAxis(*this, axis, expected.size())))
    return failure();
  expected[axis] = 0;
  for (auto [index, input] : llvm::enumerate(getInputs())) {
    ArrayRef<int64_t> shape = shapeOf(input);
    SmallVector<int64_t> wanted = expected;
    if (shape.size() == wanted.size())
      wanted[axis] = shape[axis];
    if (shape != ArrayRef(wanted))
      return emitOpError("input ")
             << index << " has shape [" << shape
             << "], which differs from that "
             << "of input 0, [" << shapeOf(getInputs().front())
             << "], not only along axis " << axis;
    expected[axis] += shape[axis];
  }
  return verifyResultShape(*this, expected);
}

LogicalResult ReshapeOp::verify() {
  int64_t from = getInput().getType().getNumElements();
  int64_t to = getType().getNumElements();
  if (from != to)
    return emitOpError("input has ")
           << from << " elements, result has " << to << "; must be equal";
  return success();
}
